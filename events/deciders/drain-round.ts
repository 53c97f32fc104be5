/** How much one round of a drain takes, so that coins, fees and the floor can bear it (wallet 5.6, 15). All in msat. */
import { wholePartsUp } from '../schema/money'

export type RoundFacts = {
  /** What amount and fees together may take of the coins. */
  readonly bearableMsat: number
  /** What of it may be amount: more than that is promised to others, or another mint's invoices end there. */
  readonly mostMsat: number
  /** Below it the other mint makes no invoice. */
  readonly leastMsat: number
  /** Fees of the coins that the payment takes. */
  readonly inputFeeMsat: number
  /** What the drain may still spend on fees, and what of the owner's money can bear them. */
  readonly feeLeftMsat: number
  readonly ownersMsat: number
  /** Millionths of an amount that its mint sets aside for the way. */
  readonly reservePpm: number
  /** Nothing has moved yet: a quote that wants more than was reckoned with is not paid, but reckoned with. */
  readonly isFirst: boolean
}
export type NoRound = 'empty' | 'fee-limit' | 'below-floor'
export type RoundAmount = { readonly msat: number; readonly maxFeeMsat: number } | { readonly whyNot: NoRound }

/** Two sat, or one percent, where its mint has not asked for more (wallet 5.4). */
export const usualReservePpm = 10_000
const leastReserveMsat = 2000
const satMsat = 1000
/** Whole sat: every receiver of an invoice can take them. */
const whole = (msat: number) => msat - (msat % satMsat)

export function roundAmount(facts: RoundFacts): RoundAmount {
  const { bearableMsat, inputFeeMsat } = facts
  const feeCapMsat = whole(Math.max(0, Math.min(facts.feeLeftMsat, facts.ownersMsat)))
  const tooDear = facts.feeLeftMsat < facts.ownersMsat ? 'fee-limit' : 'below-floor'
  const fees = (msat: number) => reserveOf(msat, facts) + inputFeeMsat
  const byCoins = whole(Math.max(0, Math.min(bearableMsat - fees(bearableMsat), facts.mostMsat)))
  // A payment that costs as much as it moves leaves the money where it is.
  if (byCoins < facts.leastMsat || byCoins <= fees(byCoins)) return { whyNot: 'empty' }
  const byFees = whole(Math.min(byCoins, largestFor(feeCapMsat - inputFeeMsat, facts)))
  if (byFees < Math.max(satMsat, facts.leastMsat) || byFees <= fees(byFees)) return { whyNot: tooDear }
  const maxFeeMsat = Math.min(feeCapMsat, whole(bearableMsat - byFees))
  return { msat: byFees, maxFeeMsat: facts.isFirst ? Math.min(maxFeeMsat, fees(byFees)) : maxFeeMsat }
}

/** Coins that no drain moves, wherever to and whatever it may cost: each of its payments would cost what it moves. */
export const isWorthless = (msat: number, inputFeeMsat: number): boolean =>
  'whyNot' in
  roundAmount({
    bearableMsat: msat,
    mostMsat: msat - inputFeeMsat,
    leastMsat: 0,
    inputFeeMsat,
    feeLeftMsat: Number.MAX_SAFE_INTEGER,
    ownersMsat: Number.MAX_SAFE_INTEGER,
    reservePpm: usualReservePpm,
    isFirst: false,
  })

export type CarryFacts = {
  /** What has to arrive so that customers' balances can follow. */
  readonly needMsat: number
  /** Of one invoice of the other mint. */
  readonly mostMsat: number
  /** The coins for it, as rounds can take them, with the fee that they cost as inputs. */
  readonly loads: readonly { readonly msat: number; readonly inputFeeMsat: number }[]
  readonly reservePpm: number
}

/** What its rounds may cost by what is set aside for each, as far as it can be known before any money is sent. */
export function feesToCarry(facts: CarryFacts): { readonly feesMsat: number; readonly rounds: number } {
  const mostMsat = Math.max(satMsat, whole(facts.mostMsat))
  let leftMsat = facts.needMsat
  let feesMsat = 0
  let rounds = 0
  for (const { msat, inputFeeMsat } of facts.loads) {
    const ableMsat = whole(msat - inputFeeMsat - reserveOf(Math.min(msat, leftMsat), facts))
    const amountMsat = Math.min(leftMsat, ableMsat)
    if (amountMsat <= 0) continue
    const fullRounds = wholePartsUp(amountMsat, mostMsat) - 1
    feesMsat += inputFeeMsat + fullRounds * reserveOf(mostMsat, facts)
    feesMsat += reserveOf(amountMsat - fullRounds * mostMsat, facts)
    rounds += fullRounds + 1
    leftMsat -= amountMsat
  }
  return { feesMsat, rounds }
}

/** In whole sat, rounded up. */
function reserveOf(msat: number, { reservePpm }: Pick<RoundFacts, 'reservePpm'>): number {
  const perSat = million * BigInt(satMsat)
  const sat = (BigInt(Math.max(0, msat)) * BigInt(reservePpm) + perSat - 1n) / perSat
  return Math.max(leastReserveMsat, Number(sat) * satMsat)
}

/** The largest amount whose reserve is at most this. */
function largestFor(reserveMsat: number, { reservePpm }: RoundFacts): number {
  if (reserveMsat < leastReserveMsat) return 0
  const largest = (BigInt(whole(reserveMsat)) * million) / BigInt(reservePpm)
  return largest > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(largest)
}
const million = 1_000_000n

/** Millionths, rounded up: what a mint set aside for this amount. */
export const ppmOf = (partMsat: number, msat: number): number =>
  Number((BigInt(partMsat) * million + BigInt(msat) - 1n) / BigInt(msat))
