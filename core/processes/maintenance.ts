/** Swaps that keep the wallet in order (wallet 5.5): few coins where there are many, none under keysets that ended. */
import type { CoinLot, TrustedMint } from '../../events'
import { limits } from '../limits'
import { countOf, firstOf, signerOf } from './coin-choice'
import { expiredKeysets } from './expired-keysets'
import { inputCap } from './input-cap'
import { type Place, placesOf } from './payout-coins'
import type { PayoutDeps } from './payout-types'
import { draftSwap } from './swap-plan'

export type Maintenance = {
  /** One look at every purse; answers how many swaps it began. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

/** Its fees come out of what paying everyone out would cost, which is set aside (wallet 15). */
export function createMaintenance(
  deps: PayoutDeps,
  bounds: { readonly coinsInPurse: number; readonly coinsAtOnce: number } = limits,
): Maintenance {
  const { engine, log, now, trace } = deps
  const { coinsInPurse, coinsAtOnce } = bounds
  let timer: ReturnType<typeof setInterval> | undefined

  async function round(): Promise<number> {
    let begun = 0
    const busy = await purses()
    for (const mint of deps.mints())
      for (const unit of mint.units) {
        const purse = `${mint.mintId}/${unit}`
        const [place] = placesOf([purse], deps)
        // One at a time in each purse: coins that are locked say nothing yet.
        if (place !== undefined && !busy.has(purse) && (await tidy(place, mint))) begun += 1
      }
    return begun
  }

  /** Purses in which such a swap is open. */
  async function purses(): Promise<ReadonlySet<string>> {
    const open = new Set<string>()
    for (const { key, owner } of await log.claims('swap')) {
      const state = owner === 'consolidate' || owner === 'leave-keyset' ? await engine.state('swap', key) : undefined
      if (state?.is === 'planned') open.add(state.plan.purse)
    }
    return open
  }

  async function tidy(place: Place, mint: TrustedMint): Promise<boolean> {
    if (await place.desk.isSuspended()) return false
    const { free } = await log.held(place.purse)
    const most = Math.min(coinsAtOnce, await inputCap(mint.mintId, deps))
    const leaving = await ofEndedKeysets(free, place, mint)
    if (leaving.length > 0) return begin(place, 'leave-keyset', firstOf(leaving, most))
    if (countOf(free) <= coinsInPurse) return false
    const smallest = free.toSorted((a, b) => a.amount - b.amount)
    return begin(place, 'consolidate', firstOf(smallest, most))
  }

  /** Soonest end first; inside its last week the operator hears of it. */
  async function ofEndedKeysets(free: readonly CoinLot[], { desk, unit }: Place, mint: TrustedMint) {
    const listed = await desk.keysets()
    const young = await desk.outputKeyset(unit)
    if ('unreachable' in listed || 'unreachable' in young) return []
    const keysets = new Map(listed.map((keyset) => [keyset.id, keyset]))
    const endOf = (lot: CoinLot) => keysets.get(signerOf(lot))?.finalExpiry ?? Number.POSITIVE_INFINITY
    const expired = await expiredKeysets(mint.mintId, engine)
    const soonS = now() / 1000 + limits.keysetEndsSoonMs / 1000
    const leaving = free
      // There is no other keyset to go to: swapped for ever, its fee would eat them.
      .filter((coin) => signerOf(coin) !== young.id)
      // Its mint takes none of them any more: they wait for the owner's word (wallet 8.1).
      .filter((coin) => !expired.has(signerOf(coin)))
      .filter((coin) => keysets.get(signerOf(coin))?.active === false || endOf(coin) < soonS)
      .toSorted((a, b) => endOf(a) - endOf(b) || a.amount - b.amount)
    const [first] = leaving
    if (first !== undefined && endOf(first) < now() / 1000 + limits.keysetAlertS)
      trace.error('Coins of ours lie under a keyset that ends within a week', {
        mint: mint.url,
        keyset: signerOf(first),
      })
    return leaving
  }

  async function begin(place: Place, reason: 'consolidate' | 'leave-keyset', lots: readonly CoinLot[]) {
    const inputs = await log.freeCoins(place.purse, lots)
    const draft = await draftSwap(place, { reason, inputs, added: [], sendUnits: 0 }, deps)
    // A mint that does not answer, or a value that its own fee would eat: looked at again.
    if (!('swap' in draft)) return false
    const done = await engine.execute(draft.wish, { ...draft.inline, meta: { actor: 'node', door: 'node' } })
    return 'position' in done
  }

  return {
    round,
    start() {
      const run = () => void round().catch((error: unknown) => trace.warn('Maintenance', { why: String(error) }))
      timer = setInterval(run, limits.maintenanceMs)
    },
    stop() {
      clearInterval(timer)
    },
  }
}
