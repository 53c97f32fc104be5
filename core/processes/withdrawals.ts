/**
 * The owner's withdrawals by token (wallet 5.2, 15): reckoned here, committed with the command that asks for them, and
 * driven by the payout process like any other.
 */
import { createHash } from 'node:crypto'
import { asMsat, type Inline, type TrustedMint, type Wish, wholePartsUp, wish } from '../../events'
import { limits } from '../limits'
import { readDestination } from '../money/pay-request'
import { coverCoins } from './coin-choice'
import { leaving } from './daily-out'
import { type Floor, floorsOf } from './floor'
import { inputCap } from './input-cap'
import { coinlessClaim, payingClaim } from './melt-types'
import { factsOf, findCoins, msatPer, type Place, placesOf, type Step, unitsOf } from './payout-coins'
import type { PayoutDeps } from './payout-types'

export type Withdrawal = {
  /** Identity of the command that asks: the same command is the same payout. */
  readonly command: string
  /** Id or URL; undefined: where the owner has most. */
  readonly mint: string | undefined
  readonly unit: 'sat' | 'msat'
  /** Whole units. */
  readonly units: number
  /** Who asks, and by which door. */
  readonly by: string
  readonly door: string
}

/** The numbers behind a no, in msat (R-019). */
export type BelowFloor = {
  readonly refused: 'below-floor'
  readonly spendableMsat: number
  readonly owedMsat: number
  readonly inFlightMsat: number
  readonly feesMsat: number
}
export type WithdrawalRefused =
  | BelowFloor
  | { readonly refused: 'mint-unknown' | 'destination-unusable' }
  | { readonly refused: 'invoice-amount-differs'; readonly invoiceMsat: number | null }
  | { readonly unreachable: 'down' | 'limited' | 'suspended' }

/** What the command's own append writes, and the payout that it makes. */
export type WithdrawalDraft = {
  readonly payout: string
  readonly wishes: readonly Wish[]
  readonly inline: Inline
  readonly feeMsat: number
  readonly mint: string
}

export const withdrawalId = (command: string): string =>
  `payout-${createHash('sha256').update(`withdraw\n${command}`).digest('hex').slice(0, 32)}`

/** Call it in the owner lane, and append what it answers before the lane is left. */
export async function draftTokenWithdrawal(
  asked: Withdrawal,
  deps: PayoutDeps,
): Promise<WithdrawalDraft | WithdrawalRefused> {
  const floors = await floorsOf(deps)
  const place = placeOf(asked, floors, deps)
  if (place === undefined) return { refused: 'mint-unknown' }
  const { purse, unit, mint } = place
  const msat = asked.units * msatPer(unit)
  const floor = floors.get(purse)
  if (floor === undefined || msat > floor.spendableMsat) return belowFloor(floor)
  const payout = withdrawalId(asked.command)
  const shares = [{ purse, msat: asMsat(msat) }]
  const found = await findCoins(place, { payout, msat, shares }, deps)
  if ('unreachable' in found) return found
  if ('mostMsat' in found) return belowFloor({ ...floor, spendableMsat: Math.min(floor.spendableMsat, found.mostMsat) })
  // Coins that are put together first are looked for by the payout itself.
  const { command, inline } = 'step' in found ? found.step : { command: undefined, inline: waitsForCoins(payout) }
  const feeMsat = 'gather' in found ? found.feeMsat : feeOfStep(found.step, unit)
  if (msat + feeMsat > floor.spendableMsat)
    return belowFloor({ ...floor, spendableMsat: Math.max(0, floor.spendableMsat - feeMsat) })
  const out = await leaving(payout, { msat, door: asked.door }, deps)
  return {
    payout,
    mint: mint.url,
    feeMsat,
    wishes: [
      wish('payout', payout, {
        do: 'request',
        wish: { purpose: 'withdraw-token', try: 1, by: asked.by, requestId: asked.command, msat, shares },
      }),
      ...(command === undefined ? [] : [wish('payout', payout, command)]),
    ],
    inline: {
      ...inline,
      claims: [...(inline.claims ?? []), ...out.claims],
      releases: [...(inline.releases ?? []), ...out.releases],
    },
  }
}

const feeOfStep = ({ command }: Step, unit: 'sat' | 'msat'): number =>
  command.do === 'plan' ? command.plan.attempt.feeUnits * msatPer(unit) : 0

const waitsForCoins = (payout: string): Inline => ({ claims: [{ kind: 'coinless', key: payout, owner: 'payout' }] })

export type LightningWithdrawal = Withdrawal & {
  /** Address, LNURL or invoice. */
  readonly to: string
  /** Fees beside the amount; undefined: two units, or one percent. */
  readonly maxFeeMsat: number | undefined
}

/** Amount and the most that fees may take are reserved from the floor; what the fees do not take stays the owner's. */
export async function draftLightningWithdrawal(
  asked: LightningWithdrawal,
  deps: PayoutDeps,
): Promise<(WithdrawalDraft & { readonly inputFeeMsat: number }) | WithdrawalRefused> {
  const destination = readDestination(asked.to)
  if (destination === undefined) return { refused: 'destination-unusable' }
  const floors = await floorsOf(deps)
  const place = placeOf(asked, floors, deps)
  if (place === undefined) return { refused: 'mint-unknown' }
  const { purse, unit, mint } = place
  const msat = asked.units * msatPer(unit)
  if (destination.is === 'invoice' && destination.invoice.amountMsat !== msat)
    return { refused: 'invoice-amount-differs', invoiceMsat: destination.invoice.amountMsat ?? null }
  // Two units or one percent, in whole units: so mints count their reserve.
  const feeMsat = asked.maxFeeMsat ?? Math.max(limits.lightningAsideSat, wholePartsUp(asked.units, 100)) * msatPer(unit)
  if ((await deps.engine.state('mint', `mint-${mint.mintId}`)).suspended !== undefined)
    return { unreachable: 'suspended' }
  const floor = floors.get(purse)
  if (floor === undefined || msat + feeMsat > floor.spendableMsat) return belowFloor(floor)
  const payout = withdrawalId(asked.command)
  const out = await leaving(payout, { msat, door: asked.door }, deps)
  return {
    payout,
    mint: mint.url,
    feeMsat,
    inputFeeMsat: await inputFeeMsat(place, asked.units + unitsOf(unit, feeMsat), deps),
    wishes: [
      wish('payout', payout, {
        do: 'request',
        wish: {
          purpose: 'withdraw-lightning',
          try: 1,
          by: asked.by,
          requestId: asked.command,
          msat,
          shares: [{ purse, msat: asMsat(msat) }],
          maxFeeMsat: feeMsat,
          destination: asked.to.trim(),
        },
      }),
    ],
    inline: { ...out, claims: [payingClaim(payout), coinlessClaim(payout), ...out.claims] },
  }
}

/** What the mint takes for the coins of so many units themselves, as they lie now. */
async function inputFeeMsat(place: Place, units: number, deps: PayoutDeps): Promise<number> {
  const { free } = await deps.log.held(place.purse)
  const cover = coverCoins(free, units, await factsOf(place, deps), await inputCap(place.mint.mintId, deps))
  return (cover?.feeUnits ?? 0) * msatPer(place.unit)
}

/** Asks the mint beforehand for what the lane must not wait for; a mint that does not answer is heard of there. */
export async function warmMint(asked: Pick<Withdrawal, 'mint' | 'unit'>, deps: PayoutDeps): Promise<void> {
  const place = placeOf(asked, await floorsOf(deps), deps)
  await place?.desk.outputKeyset(place.unit)
}

function placeOf(
  { mint, unit }: Pick<Withdrawal, 'mint' | 'unit'>,
  floors: ReadonlyMap<string, Floor>,
  deps: PayoutDeps,
): Place | undefined {
  const isWanted = (one: TrustedMint) => mint === undefined || one.mintId === mint || one.url === mint
  const purses = deps
    .mints()
    .filter(isWanted)
    .map(({ mintId }) => `${mintId}/${unit}`)
    .sort((a, b) => (floors.get(b)?.spendableMsat ?? 0) - (floors.get(a)?.spendableMsat ?? 0))
  return placesOf(purses.slice(0, 1), deps)[0]
}

export function belowFloor(floor: Floor | undefined): BelowFloor {
  const { spendableMsat = 0, owedMsat = 0, openMsat = 0, transitMsat = 0, feesMsat = 0 } = floor ?? {}
  return { refused: 'below-floor', spendableMsat, owedMsat, inFlightMsat: openMsat + transitMsat, feesMsat }
}
