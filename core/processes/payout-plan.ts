/** From a balance to a committed payout: debit, request and coins in one append, or nothing (wallet 5.2). */
import { createHash } from 'node:crypto'
import { asMsat, isRefundable, type Payout, type Session, type Share, wholeSats, wish } from '../../events'
import { limits } from '../limits'
import { beginGathering } from './coin-gathering'
import { floorsOf } from './floor'
import { coinlessClaim, payingClaim } from './melt-types'
import { type Found, findCoins, type Owed, type Place, placesOf, type Step } from './payout-coins'
import type { PayoutDeps, Refund } from './payout-types'

/** `moved`: balance, coins or counters changed meanwhile; the caller reckons again. */
export type Planned = { readonly payout: string } | Extract<Refund, { refused: string }> | { readonly moved: true }

/** A refund's stream: of one session, one balance, one try. */
export const refundId = (session: string, balanceVersion: number, attempt: number): string =>
  `payout-${createHash('sha256').update(`refund\n${session}\n${balanceVersion}\n${attempt}`).digest('hex').slice(0, 32)}`

export type Asked = {
  readonly payout: string
  readonly try: number
  readonly session: string
  readonly state: Session
  readonly requestId: string
}

export async function planRefund(asked: Asked, deps: PayoutDeps): Promise<Planned> {
  const { state } = asked
  const hindrance = await hindered(asked, deps)
  if (hindrance !== undefined) return { refused: hindrance }
  const wanted = wholeSats(state.balanceMsat)
  if (wanted < 1) return { refused: state.balanceMsat > 0 ? 'too-small' : 'nothing' }
  let unreachable: Extract<Found, { unreachable: string }> | undefined
  let lower: { readonly place: Place; readonly sats: number } | undefined
  for (const place of placesOf(inOrder(state.shares, state.latest?.purse), deps)) {
    const found = await findCoins(place, owedFrom(asked, wanted, place.purse), deps)
    if ('step' in found || 'gather' in found)
      return ask(asked, owedFrom(asked, wanted, place.purse), 'step' in found ? found.step : undefined, deps)
    if ('unreachable' in found) unreachable ??= found
    else if (found.onlyFees && found.mostMsat >= 1000 * ((lower?.sats ?? 0) + 1))
      lower = { place, sats: wholeSats(found.mostMsat) }
  }
  // A customer is not told that his refund began while a mint that could pay it just does not answer.
  if (unreachable !== undefined)
    return { refused: unreachable.unreachable === 'limited' ? 'mint-limited' : 'mint-down' }
  if (lower !== undefined && onlyFeesLack(state, lower.place.purse)) return lowered(asked, lower, deps)
  return ask(asked, owedFrom(asked, wanted, state.latest?.purse ?? ''), undefined, deps)
}

/** What stands in the way of any refund of this key, whatever its mints say. */
async function hindered({ session, state }: Asked, deps: PayoutDeps) {
  if (!isRefundable(state, deps.now())) return 'revoked'
  // The owner gave it to himself without a step-up: by requests alone it may leave (P-38).
  if (state.test === true) return 'nothing'
  if (deps.heldMsat(session) > 0) return 'requests-ongoing'
  return (await deps.isDepositOpen(session)) ? 'deposit-open' : undefined
}

/** The whole sats of the balance, gross: fees come out of them, and what was not used comes back (wallet 5.4). */
export async function planLightningRefund(asked: Asked & { readonly to: string }, deps: PayoutDeps): Promise<Planned> {
  const { state, to } = asked
  const hindrance = await hindered(asked, deps)
  if (hindrance !== undefined) return { refused: hindrance }
  const sats = wholeSats(state.balanceMsat)
  if (sats <= limits.lightningAsideSat) return { refused: state.balanceMsat > 0 ? 'too-small' : 'nothing' }
  let unreachable: Extract<Found, { unreachable: string }> | undefined
  for (const place of await ablestFirst(
    placesOf(inOrder(state.shares, state.latest?.purse), deps),
    asked,
    sats,
    deps,
  )) {
    const keyset = await place.desk.outputKeyset(place.unit)
    if ('unreachable' in keyset) unreachable ??= keyset
    else return ask(asked, owedFrom(asked, sats, place.purse), undefined, deps, to)
  }
  return { refused: unreachable?.unreachable === 'limited' ? 'mint-limited' : 'mint-down' }
}

/**
 * Purses whose coins, with the owner's money there in place of what lies elsewhere, cover it now come first (wallet 5.2).
 * What is true then is asked again in the lane that locks the coins.
 */
async function ablestFirst(
  places: readonly Place[],
  asked: Asked,
  sats: number,
  deps: PayoutDeps,
): Promise<readonly Place[]> {
  if (places.length < 2) return places
  const floors = await floorsOf(deps)
  const isAble = ({ purse }: Place) => {
    const elsewhere = owedFrom(asked, sats, purse).shares.filter((share) => share.purse !== purse)
    const elsewhereMsat = elsewhere.reduce((msat, share) => msat + share.msat, 0)
    const floor = floors.get(purse)
    return floor !== undefined && floor.freeMsat >= sats * 1000 && floor.spendableMsat >= elsewhereMsat
  }
  return [...places.filter(isAble), ...places.filter((place) => !isAble(place))]
}

/** All money lies here, and only the fee of its own swap is missing: what the coins can pay is paid, the rest stays. */
async function lowered(
  asked: Asked,
  { place, sats }: { readonly place: Place; readonly sats: number },
  deps: PayoutDeps,
): Promise<Planned> {
  const owed = owedFrom(asked, Math.min(sats, wholeSats(asked.state.balanceMsat)), place.purse)
  const found = await findCoins(place, owed, deps)
  if ('gather' in found) return ask(asked, owed, undefined, deps)
  return 'step' in found ? ask(asked, owed, found.step, deps) : { moved: true }
}

const onlyFeesLack = ({ balanceMsat, shares }: Session, purse: string): boolean => shares[purse] === balanceMsat

/** The purse of the latest deposit first, then by share. */
const inOrder = (shares: Session['shares'], first: string | undefined): readonly string[] =>
  Object.entries(shares)
    .sort(([a, x], [b, y]) => Number(b === first) - Number(a === first) || y - x || (a < b ? -1 : 1))
    .map(([purse]) => purse)

function owedFrom({ payout, state }: Asked, sats: number, first: string): Owed {
  let left = sats * 1000
  const shares: Share[] = []
  for (const purse of inOrder(state.shares, first)) {
    const take = Math.min(left, state.shares[purse] ?? 0)
    if (take > 0) shares.push({ purse, msat: asMsat(take) })
    left -= take
  }
  return { payout, msat: sats * 1000, shares }
}

/** Debit and request, with the coins locked or handed over if any were found: one commit (W-01, W-11, W-13). */
async function ask(asked: Asked, owed: Owed, step: Step | undefined, deps: PayoutDeps, to?: string): Promise<Planned> {
  const { payout, session, state, requestId } = asked
  const { msat, shares } = owed
  await deps.stopHere('payout: before the request')
  const outcome = await deps.engine.execute(
    [
      wish('session', session, () => ({
        do: 'debit',
        payoutId: payout,
        shares,
        balanceVersion: state.credits,
        heldMsat: deps.heldMsat(session),
      })),
      wish('payout', payout, {
        do: 'request',
        wish: {
          purpose: to === undefined ? 'refund' : 'refund-lightning',
          ...(to === undefined ? {} : { destination: to }),
          sessionId: session,
          balanceVersion: state.credits,
          try: asked.try,
          by: session,
          requestId,
          msat,
          shares: [...shares],
        },
      }),
      ...(step === undefined ? [] : [wish('payout', payout, step.command)]),
    ],
    {
      meta: { actor: session, door: 'public', cause: requestId },
      ...step?.inline,
      claims: [
        ...(step?.inline.claims ?? []),
        ...(to === undefined ? [] : [payingClaim(payout), coinlessClaim(payout)]),
        ...(to === undefined && step === undefined ? [{ kind: 'coinless', key: payout, owner: 'payout' }] : []),
      ],
    },
  )
  await deps.stopHere('payout: after the request')
  // Somebody who asked at the same instant was first: this call joins.
  if ('position' in outcome || outcome.refused === 'payout-exists') return { payout }
  if (outcome.refused === 'session-revoked' || outcome.refused === 'session-ended') return { refused: 'revoked' }
  return outcome.refused === 'requests-ongoing' ? { refused: 'requests-ongoing' } : { moved: true }
}

type Requested = Extract<Payout, { is: 'requested' }>

/** A payout that found no coins when it was asked for looks again; answers whether it has them now. */
export async function planRequested(payout: string, state: Requested, deps: PayoutDeps): Promise<boolean> {
  for (let race = 0; race < limits.refundRaces; race += 1) {
    const planned = await planOnce(payout, state, deps)
    if (planned !== 'raced') return planned === 'planned'
  }
  return false
}

async function planOnce(payout: string, state: Requested, deps: PayoutDeps): Promise<'planned' | 'no-coins' | 'raced'> {
  const { msat, shares, by, requestId } = state.wish
  const byPurse = Object.fromEntries(shares.map(({ purse, msat }) => [purse, msat]))
  for (const place of placesOf(inOrder(byPurse, shares[0]?.purse), deps)) {
    const found = await findCoins(place, { payout, msat, shares }, deps)
    if ('gather' in found && (await beginGathering(place, payout, found.gather, deps)) > 0) return 'no-coins'
    if (!('step' in found)) continue
    const { command, inline } = found.step
    await deps.stopHere('payout: before the coins')
    const outcome = await deps.engine.execute(wish('payout', payout, command), {
      meta: { actor: by, door: 'node', cause: requestId },
      ...inline,
      releases: [{ kind: 'coinless', key: payout }],
    })
    await deps.stopHere('payout: after the coins')
    // Somebody else had these coins or counters first, or planned this very payout: it is looked at again.
    if ('position' in outcome) return 'planned'
    // Its purse was merged into another one meanwhile: looked at again there.
    if (outcome.refused === 'shares-merged') return 'no-coins'
    return outcome.guard === undefined ? 'planned' : 'raced'
  }
  return 'no-coins'
}
