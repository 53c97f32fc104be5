/** Whether a restored copy is the node that it was made of: every event read, every sum compared, every seal opened (P-29). */
import { type CoinRow, type Log, type TrustedMint, verifyLog } from '../../events'
import type { Database } from '../database/pglite'
import { limits } from '../limits'
import type { Vault } from '../money/vault'
import type { Wallet } from '../processes/deposit-types'
import type { MintDesk } from '../processes/mint-desk'
import { statesOf } from '../processes/recover-types'

export type Inspected = {
  /** Each a sentence without any content. */
  readonly problems: readonly string[]
  readonly balancesEqual: boolean
  readonly events: number
}

export async function inspect(sql: Database, log: Log, vault: Vault): Promise<Inspected> {
  const verdict = await verifyLog(log)
  const off = await pursesOff(log)
  const closed = await sealsThatStayShut(sql, vault)
  const problems = [
    ...verdict.problems,
    ...off.map((purse) => `the coins of ${purse} are not what its books say`),
    ...(closed === 0 ? [] : [`${closed} sealed rows do not open with this secret key`]),
  ]
  const balancesEqual = off.length === 0 && !verdict.problems.some((problem) => problem.startsWith('the sheet says'))
  return { problems, balancesEqual, events: verdict.events }
}

/** Purses whose coins are worth something else than free, locked and out together. */
async function pursesOff(log: Log): Promise<readonly string[]> {
  const { sheet, coins } = await log.books()
  const perUnit = (purse: string) => (purse.endsWith('/sat') ? 1000n : 1n)
  const held = (purse: string) =>
    sheet
      .filter((row) => row.purse === purse && ['free', 'locked', 'out'].includes(row.account))
      .reduce((sum, row) => sum + row.msat, 0n)
  const worth = (purse: string) => (coins.find((row) => row.purse === purse)?.units ?? 0n) * perUnit(purse)
  return [...new Set([...sheet, ...coins].map(({ purse }) => purse))].filter((purse) => held(purse) !== worth(purse))
}

async function sealsThatStayShut(sql: Database, vault: Vault): Promise<number> {
  let shut = 0
  let after = ''
  for (;;) {
    const rows = await sql.query<{ ref: string; bytes: Uint8Array }>(
      'select ref, bytes from vault where ref > $1 order by ref limit $2',
      [after, limits.backupFrameRows],
    )
    for (const { ref, bytes } of rows) if (vault.open(ref, bytes) === undefined) shut += 1
    const last = rows.at(-1)?.ref
    if (last === undefined) return shut
    after = last
  }
}

export type Audit = {
  readonly checked: number
  readonly spent: number
  /** Spent at the mint, and free as far as is known here. */
  readonly unexplained: number
  /** Mints that did not say it of every coin. */
  readonly silent: readonly string[]
}

/** Free coins of the copy at their mints. `isSpentSince`: what the living log knows of a coin that is spent by now. */
export async function auditCoins(
  log: Log,
  mints: readonly TrustedMint[],
  hands: {
    readonly wallet: Pick<Wallet, 'derive' | 'yOf'>
    readonly desk: (mint: { readonly mintId: string; readonly url: string }) => Pick<MintDesk, 'call' | 'client'>
    readonly isSpentSince: (coins: readonly CoinRow[]) => Promise<(coin: CoinRow) => boolean>
  },
): Promise<Audit> {
  let [checked, spent, unexplained] = [0, 0, 0]
  const silent: string[] = []
  for (const mint of mints)
    for (const unit of ['sat', 'msat'] as const) {
      const free = (await log.coins(`${mint.mintId}/${unit}`)).filter(({ state }) => state === 'free')
      for (let from = 0; from < free.length; from += limits.backupCoins) {
        const part = free.slice(from, from + limits.backupCoins)
        const states = await statesOf(part, hands.desk(mint), hands.wallet)
        if (states === undefined) {
          silent.push(mint.url)
          break
        }
        const gone = part.filter((_, index) => states[index] !== 'UNSPENT')
        const explained = await hands.isSpentSince(gone)
        checked += part.length
        spent += gone.length
        unexplained += gone.filter((coin) => !explained(coin)).length
      }
    }
  return { checked, spent, unexplained, silent: [...new Set(silent)] }
}
