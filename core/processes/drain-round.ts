/** One round of a drain (wallet 5.6, 15): its amount by coins, floor and fees, and the append that begins both its ends. */
import {
  asMsat,
  type CoinLot,
  feeLeftMsat,
  feesToCarry,
  type OpenDrain,
  roundAmount,
  wholePartsUp,
  wish,
} from '../../events'
import { limits } from '../limits'
import { countOf, feeOf, firstOf, largestFirst, payingOf, sum } from './coin-choice'
import { leaving } from './daily-out'
import { bearableMsat, owedIn } from './drain-merge'
import { keptMsat } from './drain-open'
import { type Carry, type DrainDeps, moveDepositId, moveId, type NotNow, type RoundDraft } from './drain-types'
import { type Floor, floorsOf, isAnyMoving } from './floor'
import { inputCap } from './input-cap'
import { coinlessClaim, payingClaim } from './melt-types'
import { tooMuchThere } from './mint-cap'
import type { Unreachable } from './mint-desk'
import { factsOf, msatPer, type Place, placesOf, unitsOf, within } from './payout-coins'

/** What a round is reckoned from; `lots` largest coins first, of which it takes `cap` at most. */
type Round = {
  readonly place: Place
  readonly target: Target
  readonly floor: Floor
  readonly lots: readonly CoinLot[]
  /** Of customers and owner, to another mint. */
  readonly movableMsat: number
  readonly cap: number
}

/** Where it goes, and between which amounts. */
type Target = { readonly place?: Place; readonly leastMsat: number; readonly mostMsat: number }

/** Call it in the owner lane, and append what it answers before the lane is left. */
export async function draftRound(drain: string, state: OpenDrain, deps: DrainDeps): Promise<RoundDraft | NotNow> {
  const { plan } = state
  if (!deps.isBalanced()) return { whyNot: 'books-unbalanced' }
  // A round is an owner's spend like any other: it waits for the coins of another drain (wallet 15).
  if (await isAnyMoving(deps)) return { whyNot: 'other-drain' }
  const [place] = placesOf([plan.purse], deps)
  if (place === undefined) return { whyNot: 'mint-suspended' }
  const closed = await isClosed(place, deps)
  if (closed !== undefined) return { whyNot: `mint-${closed}` }
  const target = await targetOf(state, deps)
  if ('whyNot' in target) return target
  const floors = await floorsOf(deps)
  const floor = floors.get(plan.purse)
  if (floor === undefined) return { whyNot: 'empty' }
  const { free, hasLocked } = await deps.log.held(plan.purse)
  const movable = movableMsat(floor, await keptMsat(floor, deps), hasLocked)
  const cap = Math.min(limits.drainCoins, await inputCap(place.mint.mintId, deps))
  const lots = largestFirst(payingOf(free, await factsOf(place, deps)))
  const round = { place, target, floor, lots, movableMsat: movable, cap }
  const amount = roundAmount(await factsAt(state, round, deps))
  if ('whyNot' in amount && amount.whyNot !== 'fee-limit') return { ...amount, floor }
  const carry = await carryOf(state, round, floors, deps)
  // Half of it moved would leave balances here and their coins there (wallet 5.6).
  const isTooDear = isUnmoved(state) && carry !== undefined && carry.feesMsat > feeLeftMsat(state)
  if ('whyNot' in amount || isTooDear) return { whyNot: 'fee-limit', floor, carry }
  return begun(drain, state, { ...amount, target }, deps)
}

/** Asked beforehand where the caller can wait, so that the lane does not. */
export async function isClosed(place: Place, deps: DrainDeps): Promise<Unreachable['unreachable'] | undefined> {
  if (await place.desk.isSuspended()) return 'suspended'
  const keyset = await within(place.desk.outputKeyset(place.unit), deps)
  return 'unreachable' in keyset ? keyset.unreachable : undefined
}

/** The other mint takes it as it would take a deposit: open, below its cap, and between its bounds. */
async function targetOf({ plan }: OpenDrain, deps: DrainDeps): Promise<Target | NotNow> {
  const { to } = plan
  if ('address' in to) {
    const leftMsat = await deps.leftTodayMsat(plan.door)
    return leftMsat === 0 ? { whyNot: 'daily-limit' } : { leastMsat: 0, mostMsat: leftMsat }
  }
  const [place] = placesOf([to.purse], deps)
  if (place === undefined || (await tooMuchThere(place, deps)) !== undefined) return { whyNot: 'target-closed' }
  const closed = await isClosed(place, deps)
  if (closed !== undefined) return { whyNot: `target-${closed}` }
  const { desk, unit } = place
  if (desk.invoices() === undefined)
    await within(
      desk.learnInfo().then(() => ({})),
      deps,
    )
  const bounds = desk.invoices()?.find((one) => one.unit === unit)
  if (bounds === undefined) return { whyNot: desk.invoices() === undefined ? 'target-down' : 'target-closed' }
  const { least = 0, most = Number.MAX_SAFE_INTEGER / 1000 } = bounds
  return { place, leastMsat: least * msatPer(unit), mostMsat: Math.floor(most) * msatPer(unit) }
}

/**
 * To a mint customers' coins go too, and only the fees are the owner's; to an address what the floor leaves. The
 * largest coins first: no mint takes any number of them.
 */
async function factsAt(state: OpenDrain, { place, target, floor, lots, movableMsat, cap }: Round, deps: DrainDeps) {
  const coins = firstOf(lots, cap)
  const perUnit = msatPer(place.unit)
  const { feesMsat, spendableMsat, allMsat } = floor
  const isMove = target.place !== undefined
  const mostMsat = Math.min(target.mostMsat, state.mostMsat ?? Number.MAX_SAFE_INTEGER)
  return {
    bearableMsat: Math.min(sum(coins) * perUnit, isMove ? movableMsat : spendableMsat),
    mostMsat: Math.min(mostMsat, isMove ? movableMsat - feesMsat : spendableMsat),
    leastMsat: target.leastMsat,
    inputFeeMsat: feeOf(coins, await factsOf(place, deps)) * perUnit,
    feeLeftMsat: feeLeftMsat(state),
    ownersMsat: isMove ? allMsat : spendableMsat,
    reservePpm: state.reservePpm,
    isFirst: isMove && isUnmoved(state),
  }
}

/**
 * Coins that open payouts are about to take stay. Where they are not enough for them, since the others were moved before
 * somebody asked for his, they follow: he is paid where all of it lies.
 */
const movableMsat = ({ freeMsat }: Floor, kept: number, hasLocked: boolean): number =>
  kept > freeMsat && !hasLocked ? freeMsat : freeMsat - kept

/** Nothing has arrived since the command. */
const isUnmoved = ({ plan, arrivedMsat }: OpenDrain): boolean => arrivedMsat === (plan.carriedMsat ?? 0)

/** What it may cost until customers' balances can follow: what the owner has at the other mint stands for some of them. */
async function carryOf(
  { plan, arrivedMsat, mergedMsat, reservePpm }: OpenDrain,
  { place, target, floor, lots, movableMsat, cap }: Round,
  floors: Awaited<ReturnType<typeof floorsOf>>,
  deps: DrainDeps,
): Promise<Carry | undefined> {
  if ('address' in plan.to) return undefined
  const there = floors.get(plan.to.purse)
  const { sharesMsat, promisedMsat } = await owedIn(plan.purse, deps)
  const coveredMsat = there === undefined ? 0 : Math.max(0, bearableMsat(there, arrivedMsat - mergedMsat))
  const needMsat = Math.min(sharesMsat + promisedMsat - coveredMsat, movableMsat - floor.feesMsat)
  const perUnit = msatPer(place.unit)
  const facts = await factsOf(place, deps)
  const loads: { msat: number; inputFeeMsat: number }[] = []
  let left = lots
  for (let msat = 0; msat < needMsat && left.length > 0; ) {
    const coins = coinsFor(needMsat - msat, { lots: left, perUnit, cap })
    loads.push({ msat: sum(coins) * perUnit, inputFeeMsat: feeOf(coins, facts) * perUnit })
    msat += sum(coins) * perUnit
    left = without(left, countOf(coins))
  }
  return feesToCarry({ needMsat, mostMsat: target.mostMsat, loads, reservePpm })
}

/** The first so many that are worth it, at most those of one round. */
function coinsFor(
  msat: number,
  { lots, perUnit, cap }: Pick<Round, 'lots' | 'cap'> & { readonly perUnit: number },
): readonly CoinLot[] {
  let coins = 0
  let units = 0
  for (const lot of lots) {
    const wanted = Math.max(0, wholePartsUp(msat, perUnit) - units)
    const more = Math.min(lot.coins, cap - coins, wholePartsUp(wanted, lot.amount))
    if (more <= 0) break
    coins += more
    units += more * lot.amount
  }
  return firstOf(lots, coins)
}

/** All but the first so many. */
function without(lots: readonly CoinLot[], coins: number): readonly CoinLot[] {
  let gone = coins
  return lots.flatMap((lot) => {
    const taken = Math.min(gone, lot.coins)
    gone -= taken
    return taken === lot.coins ? [] : [{ ...lot, coins: lot.coins - taken }]
  })
}

/** The payout, the deposit that it pays, and the round that ties them: one append, before anything is asked (W-01). */
async function begun(
  drain: string,
  { plan, rounds }: OpenDrain,
  { msat, maxFeeMsat, target }: { readonly msat: number; readonly maxFeeMsat: number; readonly target: Target },
  deps: DrainDeps,
): Promise<RoundDraft> {
  const n = rounds + 1
  const payout = moveId(drain, n)
  const { place } = target
  const deposit = place === undefined ? undefined : moveDepositId(drain, n)
  const tied = deposit === undefined ? {} : { deposit }
  const move =
    place === undefined || deposit === undefined
      ? undefined
      : deps.invoices.draftMove({
          deposit,
          payout,
          mint: place.mint,
          unit: place.unit,
          units: unitsOf(place.unit, msat),
          requestId: drain,
        })
  // Between two mints of this node nothing leaves it.
  const out = move === undefined ? await leaving(payout, { msat, door: plan.door }, deps) : undefined
  return {
    msat,
    wishes: [
      wish('drain', drain, {
        do: 'begin-round',
        round: { n, payout, ...tied, msat: asMsat(msat), maxFeeMsat: asMsat(maxFeeMsat) },
      }),
      wish('payout', payout, {
        do: 'request',
        wish: {
          purpose: 'move',
          try: n,
          by: plan.by,
          requestId: drain,
          msat,
          shares: [{ purse: plan.purse, msat: asMsat(msat) }],
          maxFeeMsat,
          destination: 'address' in plan.to ? plan.to.address : plan.to.mint,
          ...tied,
        },
      }),
      ...(move === undefined ? [] : [move.wish]),
    ],
    inline: {
      claims: [payingClaim(payout), coinlessClaim(payout), ...(out?.claims ?? []), ...(move?.inline.claims ?? [])],
      releases: out?.releases ?? [],
    },
  }
}
