/** payouts.toToken, payouts.showToken, payouts.quote: the owner takes his money out as a Cashu token. */
import { z } from 'zod'
import { satText, shownSat, wish } from '../../../events'
import { limits } from '../../limits'
import { leftOf } from '../../processes/daily-out'
import type { DrainRefused } from '../../processes/drain-types'
import type { LightningWithdrawal, WithdrawalRefused } from '../../processes/withdrawals'
import { type CommandContext, command, commandStream, type No, query, type RunContext } from '../command'

export const mint = z.string().min(1).max(500)
export const unit = z.enum(['sat', 'msat']).default('sat')
/** Whole units of `unit`. */
export const sat = z.int().min(1).max(2_100_000_000_000_000)
/** Wallet 5.4: how people are told that a payout by token stands. */
export const tokenStates = {
  unknown: 'unknown',
  requested: 'prepared',
  planned: 'sent',
  ready: 'uncollected',
  claimed: 'collected',
  ended: 'takenBack',
  rejected: 'failed',
} as const

export const payoutId = z.string().regex(/^[0-9a-f]{32}$/, 'expected the 32 hex digits of a payout')

type Wanted = { readonly mint?: string | undefined; readonly unit: 'sat' | 'msat'; readonly sat: number }
export const inMsat = ({ unit, sat }: Pick<Wanted, 'unit' | 'sat'>): number => (unit === 'sat' ? sat * 1000 : sat)

const withToken = z.object({
  payout: z.string(),
  mint: z.string(),
  /** Once, and again for ten minutes under the same command id. */
  token: z.string().optional(),
  /** Why there is no token. */
  sentence: z.string().optional(),
})

export const payoutsToToken = command({
  name: 'payouts.toToken',
  aliases: ['withdraw.token'],
  role: 'owner',
  stepUp: 'S',
  class: 'P',
  lane: 'coins',
  in: z.object({ mint: mint.optional(), unit, sat }),
  out: withToken,
  secondWay: async (params, context) => codeFor(inMsat(params), `to a token ${fromWhere(params)}`, context),
  warm: ({ mint, unit }, { node }) => node.money.warm({ mint, unit }),
  async run(params, context) {
    const { execute, node } = context
    const beyond = await beyondDay(inMsat(params), context)
    if (beyond !== undefined) return beyond
    const draft = await node.money.draftToken(askedBy(params, context))
    if (!('payout' in draft)) return no(draft)
    const outcome = await execute(draft.wishes, draft.inline)
    return 'refused' in outcome ? outcome : { payout: draft.payout.slice('payout-'.length), mint: draft.mint }
  },
  async reveal(result, context) {
    const { node, now } = context
    const [first] = await node.log.read(`payout-${result.payout}`, 0, 1)
    if (first === undefined) return result
    const gone = now - first.at > limits.oneTimeSecretMs
    const { msat } = first.data as { readonly msat: number }
    if (gone) return { ...result, sentence: 'The token is not shown here any more: payouts.showToken shows it again.' }
    if (isTooMuchByNostr(msat, context))
      return { ...result, sentence: 'A token of this size does not go over Nostr: look at it in the dashboard.' }
    const found = await node.money.follow(`payout-${result.payout}`, node.settings('network.mintWaitS') * 1000)
    if (found !== undefined) return { ...result, token: found.token }
    return { ...result, sentence: await whyNoToken(result.payout, node) }
  },
})

async function whyNoToken(payout: string, node: RunContext['node']): Promise<string> {
  const state = await node.engine.state('payout', `payout-${payout}`)
  if (state.is === 'ended') return 'It was taken back: its token is worth nothing any more.'
  if (state.is !== 'rejected') return 'The mint has not answered yet. Send the same command again for the token.'
  if (state.reason === 'coins-gone') return 'It failed: its coins were spent elsewhere, and no token was made.'
  const why = state.reason === 'cancelled' ? 'It was cancelled' : 'It failed, the mint could not be reached'
  return `${why}: nothing left, and the money is the owner’s as before. For a token ask anew, by another command.`
}

export const payoutsShowToken = command({
  name: 'payouts.showToken',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  in: z.object({ payout: payoutId }),
  out: z.object({ payout: z.string(), token: z.string().optional() }),
  async run({ payout }, context) {
    const { node, execute } = context
    const state = await node.engine.state('payout', `payout-${payout}`)
    if (state.is === 'unknown') return { notFound: `payout ${payout}` }
    if (state.wish.purpose !== 'withdraw-token') return { refused: 'payout-not-yours' }
    if (state.is !== 'ready') return { refused: 'payout-has-no-token', state: state.is }
    if (isTooMuchByNostr(state.wish.msat, context))
      return { refused: 'too-much-by-nostr', maxSat: node.settings('security.maxTokenByNostrSat') }
    const outcome = await execute(wish('payout', `payout-${payout}`, { do: 'hand', to: 'dashboard' }))
    return 'refused' in outcome ? outcome : { payout }
  },
  async reveal(result, { node }) {
    const found = await node.money.follow(`payout-${result.payout}`, 0)
    return found === undefined ? result : { ...result, token: found.token }
  },
})

export const payoutsQuote = query({
  name: 'payouts.quote',
  aliases: ['withdraw.quote'],
  in: z.object({ mint: mint.optional(), unit, sat, to: z.string().max(2000).optional() }),
  out: z.object({
    feeMaxSat: z.number(),
    mineAfterMsat: z.int(),
    /** Unix seconds. */
    expires: z.int(),
    refusal: z.record(z.string(), z.unknown()).optional(),
  }),
  async run(params, context) {
    const { node, now } = context
    await node.money.warm({ mint: params.mint, unit: params.unit })
    const wanted = askedBy(params, context)
    const { to } = params
    const draft = await (to === undefined ? node.money.draftToken(wanted) : draftPayment({ ...wanted, to }, node))
    const mineMsat = (await node.log.sheet())
      .filter(({ account }) => account.startsWith('owner:'))
      .reduce((msat, row) => msat - Number(row.msat), 0)
    const expires = Math.floor(now / 1000) + quoteLivesS
    if (!('payout' in draft)) return { feeMaxSat: 0, mineAfterMsat: mineMsat, expires, refusal: { ...no(draft) } }
    return {
      feeMaxSat: shownSat(draft.feeMsat),
      mineAfterMsat: mineMsat - inMsat(params) - draft.feeMsat,
      expires,
    }
  },
})

const quoteLivesS = 60

/** The usual bound is on what Lightning takes; what the coins themselves cost comes on top, or small amounts never go. */
async function draftPayment(wanted: Omit<LightningWithdrawal, 'maxFeeMsat'>, { money }: RunContext['node']) {
  const usual = await money.draftLightning({ ...wanted, maxFeeMsat: undefined })
  if (!('inputFeeMsat' in usual) || usual.inputFeeMsat === 0) return usual
  return money.draftLightning({ ...wanted, maxFeeMsat: usual.feeMsat + usual.inputFeeMsat })
}

const fromWhere = ({ mint }: Wanted) => (mint === undefined ? 'from where the owner has most' : `from ${mint}`)

export function askedBy({ mint, unit, sat }: Wanted, { principal, door, commandId, node }: RunContext) {
  const url = mint === undefined ? undefined : (node.mints.normalise(mint)?.url ?? mint)
  return { command: commandStream(principal.admin, commandId), mint: url, unit, units: sat, by: principal.name, door }
}

export function no(refused: WithdrawalRefused | DrainRefused): No {
  if ('refused' in refused) return refused
  const sentences = {
    down: 'The mint does not answer.',
    limited: 'The mint asks to wait.',
    suspended: 'This mint is suspended: nothing is planned there until its owner resumes it.',
  } as const
  return { trouble: 'later', sentence: `${sentences[refused.unreachable]} Nothing was done.` }
}

/** every payout by Nostr, and larger ones by HTTP; who sits at the machine itself is not asked. */
export async function codeFor(msat: number, what: string, { door, node }: RunContext): Promise<string | undefined> {
  const asks =
    (door === 'nostr' && node.settings('security.nostrCode')) ||
    (door === 'http' && msat > node.settings('security.codeAboveSat') * 1000)
  return asks ? `Withdraw ${satText(msat)} ${what}` : undefined
}

/** what left in the last 24 hours, all doors together, and those by Nostr once more. */
export async function beyondDay(msat: number, { node, door, now }: CommandContext) {
  const rows = await node.money.outOfLastDay()
  const checks = [
    { rows, limitSat: node.settings('security.dailyOutSat') },
    ...(door === 'nostr'
      ? [{ rows: rows.filter((row) => row.door === 'nostr'), limitSat: node.settings('security.dailyNostrSat') }]
      : []),
  ]
  for (const check of checks) {
    const left = leftOf(check.limitSat * 1000, check.rows)
    if (msat <= left) continue
    const until = (check.rows[0]?.atMs ?? now) + limits.dailyOutMs
    return { refused: 'daily-limit' as const, leftMsat: left, until: Math.ceil(until / 1000) }
  }
  return undefined
}

const isTooMuchByNostr = (msat: number, { door, node }: RunContext): boolean =>
  door === 'nostr' && msat > node.settings('security.maxTokenByNostrSat') * 1000
