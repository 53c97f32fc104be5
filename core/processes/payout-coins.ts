/** Where a payout is paid from, and the step that takes the coins there: handed over, or locked for a swap (wallet 5.2, 15). */
import {
  type CoinRow,
  type CoinsHeld,
  type Inline,
  type PayoutCommand,
  type Share,
  type TrustedMint,
  type WalletAttempt,
  wholeParts,
} from '../../events'
import { limits } from '../limits'
import { chooseCoins, choosing, coinOf, countOf, type KeysetFacts, sum } from './coin-choice'
import type { Groups } from './coin-gather'
import { newOutputs } from './deposit-plan'
import { anyDoubted } from './doubted-coins'
import { expiredKeysets } from './expired-keysets'
import { floorsOf } from './floor'
import { inputCap } from './input-cap'
import { amountsFor, rungsLacking } from './ladder'
import type { KnownKeyset, MintDesk } from './mint-desk'
import type { PayoutDeps } from './payout-types'
import { sealedToken } from './token-text'

export type Place = {
  readonly mint: TrustedMint
  readonly desk: MintDesk
  readonly purse: string
  readonly unit: 'sat' | 'msat'
}
/** Money that a payout owes, by the purses in which it lies. */
export type Owed = { readonly payout: string; readonly msat: number; readonly shares: readonly Share[] }
export type Step = { readonly command: PayoutCommand; readonly inline: Inline }
export type Found =
  | { readonly step: Step }
  /** Payable once these coins are put together, for so much in fees. */
  | { readonly gather: Groups; readonly feeMsat: number }
  /** The coins here can pay this much and no more. */
  /** `onlyFees`: all of it lies here and nothing is under way; what is missing is the fee of its own swap. */
  | { readonly mostMsat: number; readonly onlyFees: boolean }
  | { readonly unreachable: 'down' | 'limited' | 'suspended' }

export const msatPer = (unit: 'sat' | 'msat'): number => (unit === 'sat' ? 1000 : 1)
/** Whole units of a purse; `msat` is a multiple of its unit wherever money leaves. */
export const unitsOf = (unit: 'sat' | 'msat', msat: number): number => wholeParts(msat, msatPer(unit))

/** Purses in the order given, as far as their mint is trusted. */
export function placesOf(purses: readonly string[], deps: PayoutDeps): readonly Place[] {
  return purses.flatMap((purse) => {
    const [mintId, unit] = purse.split('/')
    const mint = deps.mints().find((one) => one.mintId === mintId)
    if (mint === undefined || (unit !== 'sat' && unit !== 'msat')) return []
    return [{ mint, desk: deps.desk(mint), purse, unit }]
  })
}

/** The step that pays `owed` from here, if the coins and the owner's money here can bear it. */
export async function findCoins(place: Place, owed: Owed, deps: PayoutDeps): Promise<Found> {
  const { purse, unit, desk } = place
  const closed = await within(desk.mayPlan(unit), deps)
  if (closed !== undefined) return closed
  const facts = await factsOf(place, deps)
  const here = owed.shares.find((share) => share.purse === purse)?.msat ?? 0
  const moved = owed.shares.filter((share) => share.purse !== purse)
  const elsewhere = moved.reduce((msat, share) => msat + share.msat, 0)
  if (elsewhere > 0) {
    const spendable = (await floorsOf(deps)).get(purse)?.spendableMsat ?? 0
    if (spendable < elsewhere) return { mostMsat: here + spendable, onlyFees: false }
  }
  const cap = await inputCap(place.mint.mintId, deps)
  const choosingBy = (known: KeysetFacts) =>
    choosing(
      purse,
      (held: CoinsHeld) => ({ ...chooseCoins(held.free, unitsOf(unit, owed.msat), known, cap), held }),
      deps,
    )
  const whole = await choosingBy(facts)
  const isHeld = whole.is === 'exact' && (await anyDoubted(whole.coins, deps.log))
  const choice = isHeld ? await choosingBy({ ...facts, mayLeave: () => false }) : whole
  if (choice.is === 'too-little') {
    const { free, hasLocked } = choice.held
    const onlyFees = !hasLocked && sum(free) * msatPer(unit) >= owed.msat
    return { mostMsat: choice.most * msatPer(unit), onlyFees }
  }
  if (choice.is === 'exact') return { step: exactStep(place, owed, choice.coins, moved, deps) }
  const keyset = await within(desk.outputKeyset(unit), deps)
  if ('unreachable' in keyset) {
    const exact = choice.is === 'gather' ? (choice.exact ?? []) : []
    const coins = exact.length === 0 ? [] : await deps.log.freeCoins(purse, exact)
    // Where others took some of them meanwhile, there is no exact match any more.
    const isWhole = coins.length > 0 && coins.length === countOf(exact) && !(await anyDoubted(coins, deps.log))
    return isWhole ? { step: exactStep(place, owed, coins, moved, deps) } : keyset
  }
  if (choice.is === 'gather') return { gather: choice.groups, feeMsat: choice.feeUnits * msatPer(unit) }
  return { step: await swapStep(place, owed, choice, keyset, moved, deps) }
}

/** Fees and ends of keysets as the mint tells them, or as they were pinned while it does not answer. */
export async function factsOf({ mint, desk }: Place, deps: PayoutDeps): Promise<KeysetFacts> {
  const { engine, now } = deps
  const listed = await within(desk.keysets(), deps)
  const { keysets: pinned } = await engine.state('mint', `mint-${mint.mintId}`)
  const expired = await expiredKeysets(mint.mintId, engine)
  const told = new Map('unreachable' in listed ? [] : listed.map((keyset) => [keyset.id, keyset]))
  const of = (id: string) => told.get(id) ?? pinned[id]
  const endsBefore = (now() + limits.keysetEndsSoonMs) / 1000
  return {
    feePpk: (id) => of(id)?.feePpk ?? 0,
    mayLeave: (id) => (of(id)?.finalExpiry ?? Number.POSITIVE_INFINITY) > endsBefore,
    isExpired: (id) => expired.has(id),
  }
}

/** A mint that hangs holds up nobody else's money for longer than the lane's patience (wallet 9.4). */
export function within<Value>(
  asked: Promise<Value>,
  { patienceMs }: Pick<PayoutDeps, 'patienceMs'>,
): Promise<Value | { readonly unreachable: 'down' }> {
  if (patienceMs === undefined) return asked
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<{ readonly unreachable: 'down' }>((resolve) => {
    timer = setTimeout(resolve, patienceMs, { unreachable: 'down' })
  })
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}

const moves = (coins: readonly CoinRow[], to: 'locked' | 'out') =>
  coins.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'free' as const, to }))

/** No swap, no fee, no call: the token is sealed in the very commit that asks for it (W-16, W-01). */
function exactStep(
  { mint, purse, unit }: Place,
  { payout }: Owed,
  coins: readonly CoinRow[],
  moved: readonly Share[],
  { wallet }: PayoutDeps,
): Step {
  const send = [...coins].sort((a, b) => a.amount - b.amount || a.counter - b.counter)
  const token = sealedToken({ mint: mint.url, unit, coins: send }, wallet)
  return {
    command: {
      do: 'match',
      ready: {
        purse,
        mint: mint.url,
        moved: [...moved],
        seedId: wallet.seedId,
        send: send.map(coinOf),
        keep: [],
        feeUnits: 0,
        token: token.ref,
        exactMatch: true,
      },
    },
    inline: {
      moves: moves(send, 'out'),
      seal: [token],
      claims: [{ kind: 'uncollected', key: payout, owner: 'payout' }],
    },
  }
}

async function swapStep(
  { mint, purse, unit }: Place,
  { payout, msat }: Owed,
  { coins, feeUnits }: { readonly coins: readonly CoinRow[]; readonly feeUnits: number },
  keyset: KnownKeyset,
  moved: readonly Share[],
  deps: PayoutDeps,
): Promise<Step> {
  const sendUnits = unitsOf(unit, msat)
  const keepUnits = sum(coins) - sendUnits - feeUnits
  const made = await payoutAttempt(
    { n: 1, sendUnits, keepUnits, feeUnits, purse, leaving: coins, keyset, skip: 0 },
    deps,
  )
  const plan = { purse, mint: mint.url, moved: [...moved], inputs: coins.map(coinOf), attempt: made.attempt }
  return {
    command: { do: 'plan', plan },
    inline: {
      moves: moves(coins, 'locked'),
      cursors: [made.cursor],
      claims: [{ kind: 'swapping', key: payout, owner: 'payout' }],
    },
  }
}

/** Outputs to hand out and outputs to keep, in one wire order: the mint cannot tell which is which (W-02). */
export async function payoutAttempt(
  wanted: {
    readonly n: number
    readonly sendUnits: number
    readonly keepUnits: number
    /** Units of what is kept that get coins of their own. */
    readonly keepApart?: number
    /** Outputs at most. */
    readonly most?: number
    readonly feeUnits: number
    readonly purse: string
    /** Free coins that go into it; those that are locked or out are none of the purse's ladder any more. */
    readonly leaving: readonly Pick<CoinRow, 'amount'>[]
    readonly keyset: KnownKeyset
    readonly skip: number
  },
  deps: Pick<PayoutDeps, 'log' | 'wallet' | 'ladder'>,
) {
  const {
    n,
    sendUnits,
    keepUnits,
    keepApart = 0,
    most = limits.outputs,
    feeUnits,
    purse,
    leaving,
    keyset,
    skip,
  } = wanted
  const apart = Math.min(keepApart, keepUnits)
  const fixed = [...amountsFor(sendUnits, keyset).map(sent), ...amountsFor(apart, keyset).map(kept)]
  const lacking = await rungsLacking(purse, keyset, leaving, deps)
  const ladder = amountsFor(keepUnits - apart, keyset, lacking, most - fixed.length).map(kept)
  const parts = [...fixed, ...ladder].sort((a, b) => a.amount - b.amount)
  const { from, outputs, cursor } = await newOutputs({ parts, keyset, skip }, deps)
  const attempt: WalletAttempt = { n, seedId: deps.wallet.seedId, keysetId: keyset.id, from, outputs, feeUnits }
  return { attempt, cursor }
}

const sent = (amount: number) => ({ amount, part: 'send' as const })
const kept = (amount: number) => ({ amount, part: 'keep' as const })
