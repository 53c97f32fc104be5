/**
 * The floor of wallet 15: what of each purse is the owner's to spend. Owed balances, open claims and the cost of paying
 * everyone out are below it, for every principal and on every path.
 */
import { type Engine, feeLeftMsat, type Holdings, type Log, type Payout, type TrustedMint } from '../../events'
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
  /** Never negative, and never above what all purses together can bear; nothing while customers' money is moved. */
  readonly spendableMsat: number
  /** What is free above all of this, the owner's own reserve not counted; negative where customers' coins are missing. */
  readonly overMsat: number
  /** The same of all purses together, where a mint that is not believed counts only if negative. */
  readonly allMsat: number
}

export type FloorDeps = {
  readonly engine: Engine
  readonly log: Log
  readonly mints: () => readonly TrustedMint[]
  /** `sweep.keepSat`, in msat. */
  readonly keepMsat: () => number
}

/** Of one instant; by purse. A purse that holds and owes nothing has no row. */
export async function floorsOf(deps: FloorDeps): Promise<ReadonlyMap<string, Floor>> {
  const holdings = await deps.log.holdings()
  const open = await openByPurse(holdings, deps)
  const drains = await drainsOf(deps)
  const parts = await Promise.all(
    [...new Set(holdings.sheet.map(({ purse }) => purse))].map((purse) => partsOf(purse, holdings, open, deps)),
  )
  // A mint that is not believed adds nothing to what the other purses must bear, but takes from it.
  const allMsat = parts.reduce((sum, { overMsat, counts }) => sum + (counts ? overMsat : Math.min(0, overMsat)), 0)
  return new Map(
    parts.map(({ counts: _, ...floor }) => {
      const arrivedMsat = drains.arrivedMsat.get(floor.purse) ?? 0
      const bearableMsat = Math.min(floor.overMsat - floor.keepMsat - arrivedMsat, allMsat - drains.feesMsat)
      const spendableMsat = drains.isMoving ? 0 : Math.max(0, bearableMsat)
      return [floor.purse, { ...floor, spendableMsat, allMsat }]
    }),
  )
}

/** Customers' coins are between two mints (wallet 15): while they are, nothing of the owner's leaves anywhere. */
export const isAnyMoving = async (deps: Pick<FloorDeps, 'engine' | 'log'>): Promise<boolean> =>
  (await drainsOf(deps)).isMoving

/**
 * What open drains to other mints hold back: coins that arrived in a purse for customers whose shares have not followed
 * yet, and fees that rounds to come may take.
 */
async function drainsOf({ engine, log }: Pick<FloorDeps, 'engine' | 'log'>) {
  const arrivedMsat = new Map<string, number>()
  let isMoving = false
  let feesMsat = 0
  for (const { owner } of await log.claims(drainKind)) {
    const state = await engine.state('drain', owner)
    if (state.is !== 'open' || !('purse' in state.plan.to)) continue
    const { purse } = state.plan.to
    isMoving ||= state.round?.deposit !== undefined
    arrivedMsat.set(purse, (arrivedMsat.get(purse) ?? 0) + Math.max(0, state.arrivedMsat - state.mergedMsat))
    if (state.stopped === undefined) feesMsat += feeLeftMsat(state)
  }
  return { isMoving, arrivedMsat, feesMsat }
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
