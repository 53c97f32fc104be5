/** Asks the mints whether our free coins are still ours (wallet 9.8): nightly, and after a log was found to be behind. */
import { type CoinRow, type TrustedMint, wish } from '../../events'
import { limits } from '../limits'
import { allDoubted } from './doubted-coins'
import type { MintDesk } from './mint-desk'
import { inMsat, type RecoverDeps, statesOf } from './recover-types'

/** `strange`: some of what is lost may not have been handed out before the log was put back (wallet 12.4). */
type Lost = { lostMsat: number; pending: number; strange?: boolean }

const meta = { actor: 'node', door: 'node' } as const
const batch = 100

export type Audits = {
  /** One mint now. `isExplained`: a restored log knows why coins of it are gone; else its mint is suspended for them. */
  readonly run: (mint: TrustedMint, isExplained: boolean) => Promise<Lost>
  readonly start: () => void
  readonly stop: () => void
}

export function createAudits(deps: RecoverDeps & { readonly mints: () => readonly TrustedMint[] }): Audits {
  let timers: ReturnType<typeof setTimeout>[] = []

  async function run(mint: TrustedMint, isExplained: boolean): Promise<Lost> {
    const lost: Lost = { lostMsat: 0, pending: 0 }
    const desk = deps.desk(mint).as('audit')
    // A coin that was taken for a payment meanwhile is looked at again, as what it is then.
    for (let tries = 0; tries < limits.auditTries && !(await audit(mint, desk, lost, deps)); tries += 1)
      lost.pending = 0
    if (lost.strange === true && !isExplained) await desk.suspend('own-coin-spent', 'audit')
    return { lostMsat: lost.lostMsat, pending: lost.pending }
  }

  async function round(): Promise<void> {
    for (const mint of deps.mints())
      await run(mint, false).catch((error: unknown) =>
        deps.trace.warn('The coins at a mint could not be audited', { mint: mint.url, why: String(error) }),
      )
  }

  return {
    run,
    start() {
      timers = [setTimeout(() => void round(), limits.auditFirstMs), setInterval(() => void round(), limits.auditMs)]
    },
    stop() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/** Free coins that are spent elsewhere are booked as lost (wallet 9.8); false: something did not answer, or moved. */
export async function audit(mint: TrustedMint, desk: MintDesk, sums: Lost, deps: RecoverDeps): Promise<boolean> {
  for (const unit of ['sat', 'msat'] as const)
    if (!(await auditPurse(`${mint.mintId}/${unit}`, desk, sums, deps))) return false
  return true
}

/** The same of one purse. */
export async function auditPurse(purse: string, desk: MintDesk, sums: Lost, deps: RecoverDeps): Promise<boolean> {
  const free = (await deps.log.coins(purse)).filter(
    ({ state, seedId }) => state === 'free' && seedId === deps.wallet.seedId,
  )
  for (let from = 0; from < free.length; from += batch) {
    const part = free.slice(from, from + batch)
    const states = await statesOf(part, desk, deps.wallet)
    if (states === undefined) return false
    sums.pending += states.filter((state) => state === 'PENDING').length
    const spent = part.filter((_, index) => states[index] === 'SPENT')
    if (spent.length === 0) continue
    if (!(await allDoubted(spent, deps.log))) sums.strange = true
    if (!(await lose(purse, spent, states, deps))) return false
    sums.lostMsat += inMsat(purse, spent)
  }
  return true
}

async function lose(
  purse: string,
  coins: readonly CoinRow[],
  states: readonly string[],
  { engine, now, trace }: RecoverDeps,
): Promise<boolean> {
  const count = (wanted: string) => states.filter((state) => state === wanted).length
  const look = { at: now(), unspent: count('UNSPENT'), pending: count('PENDING'), spent: count('SPENT'), restored: 0 }
  trace.error('Coins of this wallet were spent by somebody else', { purse, coins: coins.length })
  const outcome = await engine.execute(
    wish('mint', `mint-${purse.split('/')[0]}`, {
      do: 'lose-coins',
      purse,
      coins,
      evidence: { kind: 'audit', looks: [look], sends: 0 },
    }),
    { meta, moves: coins.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'free', to: 'spent' })) },
  )
  return 'position' in outcome
}
