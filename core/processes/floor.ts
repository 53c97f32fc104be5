/**
 * The floor of wallet 15: what of each purse is the owner's to spend. Owed balances, open claims and the cost of paying
 * everyone out are below it, for every principal and on every path.
 */
import {
  type Engine,
  feeLeftMsat,
  type Holdings,
  type Log,
  type OpenDrain,
  type Payout,
  type Round,
  type TrustedMint,
} from '../../events'
import { limits } from '../limits'
import { drainKind } from './drain-types'

export type Floor = {
  readonly purse: string
  /** Coins at hand, neither locked nor handed out; all figures are msat. */
  readonly freeMsat: number
  /** Customers' balances here, and what was found and belongs to somebody unknown. */
  readonly owedMsat: number
  /** Open payouts that hold no coins yet: customers' by amount, the owner's with their fees. */
  readonly openMsat: number
  /** What swapping all free coins would cost. */
  readonly feesMsat: number
  /** The owner's own reserve (`sweep.keepSat`). */
  readonly keepMsat: number
  /**
   * Never negative, and never above what all purses together can bear; nothing while customers' money is moved, and
   * nothing of the purse that it leaves until it has arrived.
   */
  readonly spendableMsat: number
  /** What is free above all of this, the owner's own reserve not counted; negative where customers' coins are missing. */
  readonly overMsat: number
  /** The same of all purses together, where a mint that is not believed counts only if negative. */
  readonly allMsat: number
  /** The same less what open drains may still cost: several spends in one append share it. */
  readonly allBearableMsat: number
  /** Of what is free here: it arrived for customers whose balances have not followed yet. */
  readonly arrivedMsat: number
  /** Of all purses together: owed, and no coin of any purse, until the other mint signs it. */
  readonly transitMsat: number
}

export type FloorDeps = {
  readonly engine: Engine
  readonly log: Log
  readonly mints: () => readonly TrustedMint[]
  /** `sweep.keepSat`, in msat. */
  readonly keepMsat: () => number
  /** Unix ms. */
  readonly now: () => number
}

/** Of one instant; by purse. A purse that holds and owes nothing has no row. */
export async function floorsOf(deps: FloorDeps): Promise<ReadonlyMap<string, Floor>> {
  // Coins before drains: what arrives between the two looks is held back already, and not counted yet.
  const holdings = await deps.log.holdings()
  const open = await openByPurse(holdings, deps)
  const drains = await drainsOf(deps)
  const parts = await Promise.all(
    [...new Set(holdings.sheet.map(({ purse }) => purse))].map((purse) => partsOf(purse, holdings, open, deps)),
  )
  // A mint that is not believed adds nothing to what the other purses must bear, but takes from it.
  const allMsat = parts.reduce((sum, { overMsat, counts }) => sum + (counts ? overMsat : Math.min(0, overMsat)), 0)
  const transitMsat = drains.transits
    .filter(({ round, arrivedMsat }) => arrivedMsat === 0 && !holdings.coinless.includes(round.payout))
    .reduce((sum, { round }) => sum + round.msat, 0)
  const isFrozen = drains.transits.some(freezes(deps))
  return new Map(
    parts.map(({ counts: _, ...floor }) => {
      const arrivedMsat = drains.arrivedMsat.get(floor.purse) ?? 0
      const allBearableMsat = allMsat - drains.feesMsat
      const ownMsat = Math.min(floor.overMsat - floor.keepMsat - arrivedMsat, allBearableMsat)
      const isClosed = isFrozen || drains.leaving.has(floor.purse)
      const spendableMsat = isClosed ? 0 : Math.max(0, ownMsat)
      return [floor.purse, { ...floor, spendableMsat, allMsat, allBearableMsat, arrivedMsat, transitMsat }]
    }),
  )
}

/** Customers' coins are between two mints (wallet 15): while they are, nothing of the owner's leaves anywhere. */
export const isAnyMoving = async (deps: Pick<FloorDeps, 'engine' | 'log' | 'now'>): Promise<boolean> =>
  (await drainsOf(deps)).transits.some(freezes(deps))

/**
 * Only so long as a payment usually takes: a mint that keeps what it calls paid holds up nobody else (P-17). From then
 * on the sums stand as if it never arrives, as they do anyway: its coins are no purse's, its customers are still owed.
 */
export const freezes =
  ({ now }: Pick<FloorDeps, 'now'>) =>
  ({ sinceMs }: Transit): boolean =>
    now() - sinceMs < limits.transitFreezeMs

/** A round under way to another mint; `sinceMs`: when it began. */
type Transit = { readonly round: Round; readonly sinceMs: number; readonly arrivedMsat: number }

/** undefined: nothing of this drain is between two mints. */
export async function transitOf(
  { round }: Pick<OpenDrain, 'round'>,
  { engine }: Pick<FloorDeps, 'engine'>,
): Promise<Transit | undefined> {
  if (round?.deposit === undefined) return undefined
  const deposit = await engine.state('deposit', round.deposit)
  const invoice = deposit.is === 'invoice' ? deposit.invoice : undefined
  const arrivedMsat = invoice?.is === 'settled' ? invoice.amountMsat : 0
  return { round, sinceMs: invoice?.plan.at ?? Number.POSITIVE_INFINITY, arrivedMsat }
}

/**
 * What open drains to other mints hold back: coins that arrived in a purse for customers whose shares have not followed
 * yet, fees that rounds to come may take, and the purses that a round leaves.
 */
async function drainsOf({ engine, log }: Pick<FloorDeps, 'engine' | 'log'>) {
  const arrivedMsat = new Map<string, number>()
  const leaving = new Set<string>()
  const transits: Transit[] = []
  let feesMsat = 0
  for (const { owner } of await log.claims(drainKind)) {
    const state = await engine.state('drain', owner)
    if (state.is !== 'open' || !('purse' in state.plan.to)) continue
    const { plan } = state
    const transit = await transitOf(state, { engine })
    if (transit !== undefined) {
      leaving.add(plan.purse)
      transits.push(transit)
    }
    // What has arrived of a round is held back before the round tells it.
    const heldMsat = Math.max(0, state.arrivedMsat - state.mergedMsat) + (transit?.arrivedMsat ?? 0)
    arrivedMsat.set(state.plan.to.purse, (arrivedMsat.get(state.plan.to.purse) ?? 0) + heldMsat)
    if (state.stopped === undefined) feesMsat += feeLeftMsat(state)
  }
  return { transits, leaving, arrivedMsat, feesMsat }
}

async function openByPurse({ coinless }: Holdings, { engine }: FloorDeps): Promise<ReadonlyMap<string, number>> {
  const open = new Map<string, number>()
  for (const stream of coinless) {
    const state: Payout = await engine.state('payout', stream)
    if (state.is === 'unknown') continue
    const { shares, maxFeeMsat = 0, sessionId } = state.wish
    for (const { purse, msat } of shares) open.set(purse, (open.get(purse) ?? 0) + msat)
    const [first] = shares
    if (sessionId === undefined && first !== undefined) open.set(first.purse, (open.get(first.purse) ?? 0) + maxFeeMsat)
  }
  return open
}

async function partsOf(
  purse: string,
  { sheet, free }: Holdings,
  open: ReadonlyMap<string, number>,
  { engine, mints, keepMsat }: FloorDeps,
) {
  const [mintId = '', unit] = purse.split('/')
  const of = (...accounts: readonly string[]) =>
    sheet
      .filter((row) => row.purse === purse && accounts.includes(row.account))
      .reduce((msat, row) => msat + Number(row.msat), 0)
  const { keysets, suspended } = await engine.state('mint', `mint-${mintId}`)
  const ppk = free
    .filter((coins) => coins.purse === purse)
    .reduce((sum, { keysetId, coins }) => sum + coins * (keysets[keysetId]?.feePpk ?? 0), 0)
  const freeMsat = of('free')
  const owedMsat = -of('customers', 'unattributed')
  const openMsat = open.get(purse) ?? 0
  const feesMsat = Math.ceil(ppk / 1000) * (unit === 'sat' ? 1000 : 1)
  return {
    purse,
    freeMsat,
    owedMsat,
    openMsat,
    feesMsat,
    keepMsat: keepMsat(),
    overMsat: freeMsat - owedMsat - openMsat - feesMsat,
    counts: suspended === undefined && mints().some((mint) => mint.mintId === mintId),
  }
}
