/** overview.wallet: the list behind each figure of the Wallet Summary, whose total is that figure (D-022, D-025). */
import { z } from 'zod'
import { heldAccounts, listBalances, owedAccounts, ownersTokens } from '../../../events'
import { query, type RunContext } from '../command'
import { numberOf } from '../rows'
import { purseSums } from './purse-sums'

const parts = ['total', 'users', 'yours', 'available'] as const
type Part = (typeof parts)[number]

/** Accounts of the books; `issued`: the owner's own tokens, `held` and `owed`: sums of a purse, `spendable`: above its floor. */
const whats = [
  'free',
  'locked',
  'out',
  'issued',
  'customers',
  'promised',
  'unattributed',
  'held',
  'owed',
  'spendable',
] as const
type Row = { readonly purse: string; readonly what: string; readonly msat: number }

export const overviewWallet = query({
  name: 'overview.wallet',
  in: z.object({ part: z.enum(parts).default('total') }),
  out: z.object({
    part: z.enum(parts),
    rows: z.array(
      z.object({
        mint: z.string(),
        unit: z.string(),
        what: z.enum(whats),
        /** Signed: what is taken off is below 0. */
        msat: z.int(),
      }),
    ),
    totals: z.object({ msat: z.int() }),
  }),
  async run({ part }, context) {
    const { mints } = await context.node.engine.state('node', 'node')
    const found = (await rowsOf(part, context)).filter(({ msat }) => msat !== 0)
    return {
      part,
      rows: found.map(({ purse, what, msat }) => {
        const [mintId = '', unit = ''] = purse.split('/')
        const mint = mints.find((one) => one.mintId === mintId)?.url ?? mintId
        return { mint, unit, what: what as (typeof whats)[number], msat }
      }),
      totals: { msat: found.reduce((sum, { msat }) => sum + msat, 0) },
    }
  },
})

async function rowsOf(part: Part, { node }: RunContext): Promise<readonly Row[]> {
  const { sql } = node.views
  switch (part) {
    case 'total': {
      const held = await inAccounts(sql, heldAccounts, 1)
      const own = (await ownersTokens(sql)).map(({ purse, msat }) => ({ purse, what: 'issued', msat: -numberOf(msat) }))
      return [...held, ...own]
    }
    case 'users':
      return inAccounts(sql, owedAccounts, -1)
    case 'yours':
      return [...(await purseSums(sql))].flatMap(([purse, { totalMsat, owedMsat }]) => [
        { purse, what: 'held', msat: totalMsat },
        { purse, what: 'owed', msat: -owedMsat },
      ])
    case 'available':
      return [...(await node.money.floors()).values()].map(({ purse, spendableMsat: msat }) => ({
        purse,
        what: 'spendable',
        msat,
      }))
    default:
      return part satisfies never
  }
}

/** Claims stand below 0 in the books. */
async function inAccounts(
  sql: RunContext['node']['views']['sql'],
  accounts: readonly string[],
  sign: 1 | -1,
): Promise<readonly Row[]> {
  const rows = (await listBalances(sql)).filter(({ account }) => accounts.includes(account))
  return rows.map(({ purse, account, msat }) => ({ purse, what: account, msat: sign * numberOf(msat) }))
}
