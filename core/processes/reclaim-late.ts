/**
 * A refund that was to be made again (wallet 5.2), called collected because its coins were spent, while its mint had
 * processed our own swap: the new token is its customer's, and waits for him (wallet 9.8, 15).
 */
import { type Coin, remakes, type Swap, type WalletAttempt, wish } from '../../events'
import { sum } from './coin-choice'
import { coinsFrom } from './coins-from'
import type { LateEnd } from './deposit-late'
import type { Wallet } from './deposit-types'
import type { Look } from './evidence'
import type { MintDesk } from './mint-desk'
import { type RecoverDeps, statesOf } from './recover-types'
import { sealedToken } from './token-text'

type Plan = Extract<Swap, { is: 'rejected' }>['plan']
type Won = Look['restored'][number]
export type ReissueDeps = RecoverDeps & { readonly wallet: Wallet }

/** The plan of a swap that was given up and, if it was processed, made a customer's token again; undefined: no such. */
export async function lostRemake(
  operation: string,
  { engine }: Pick<RecoverDeps, 'engine'>,
): Promise<Plan | undefined> {
  if (!operation.startsWith('swap-')) return undefined
  const state = await engine.state('swap', operation)
  if (state.is !== 'rejected' || !remakes(state.plan)) return undefined
  const payout = await engine.state('payout', state.plan.parent ?? '')
  const isOfIt = (payout.is === 'ready' || payout.is === 'claimed') && isSame(payout.ready.send, state.plan.inputs)
  return isOfIt ? state.plan : undefined
}

/** `won`: the attempt of which the mint returned every signature, beside inputs that are all spent. */
export async function reissueLate(
  swap: string,
  plan: Plan,
  { attempt, signatures }: Won,
  desk: MintDesk,
  deps: ReissueDeps,
): Promise<LateEnd> {
  const { wallet, trace } = deps
  // Coins that were added for the fee may be under way still (W-10).
  if (await isFenced(swap, deps)) return 'later'
  // A second try is under way, of the same coins: how it ends is told first.
  if ((await deps.log.claimedBy('reclaiming', plan.parent ?? '')) !== undefined) return 'later'
  const coins = await coinsFrom(attempt, signatures, desk, wallet)
  if ('unreachable' in coins) return 'later'
  const states = 'lie' in coins ? undefined : await statesOf(coins, desk, wallet)
  if ('lie' in coins || states?.some((state) => state !== 'UNSPENT')) {
    await desk.suspend('lie' in coins ? 'lied' : 'own-coin-spent', swap)
    return 'later'
  }
  if (states === undefined) return 'later'
  const part = (wanted: string) => coins.filter((_, index) => attempt.outputs[index]?.part === wanted)
  const done = await booked(swap, plan, { attempt, send: part('send'), keep: part('keep') }, deps)
  if (done)
    trace.warn('A refund that was made again is its customer’s: its mint was late', { swap, payout: plan.parent })
  return done ? 'settled' : 'later'
}

type Made = { readonly attempt: WalletAttempt; readonly send: readonly Coin[]; readonly keep: readonly Coin[] }

async function booked(swap: string, plan: Plan, { attempt, send, ...made }: Made, deps: ReissueDeps): Promise<boolean> {
  const { engine, log, wallet } = deps
  const { purse, mint, inputs, added, parent = '' } = plan
  const held = await log.coins(purse)
  const still = (coins: readonly Coin[], state: 'out' | 'locked') =>
    coins.filter((coin) => held.some((one) => isSame([one], [coin]) && one.state === state))
  const locked = still(added, 'locked')
  // Of coins that were given up as lost meanwhile no fee was paid: what came back for them is found by a search.
  const keep = locked.length === added.length ? made.keep : []
  const spent = (from: 'out' | 'locked') => (coin: Coin) => ({
    keysetId: coin.keysetId,
    counter: coin.counter,
    from,
    to: 'spent' as const,
  })
  const token = sealedToken({ mint, unit: purse.endsWith('/sat') ? 'sat' : 'msat', coins: send }, wallet)
  const { n: attemptN, seedId } = attempt
  const uncollected = { kind: 'uncollected', key: parent }
  await deps.stopHere('reclaim: before it is found')
  const outcome = await engine.execute(
    [
      wish('swap', swap, { do: 'settle', attemptN, seedId, send, keep, lockedUnits: sum(locked) }),
      wish('payout', parent, { do: 'reissue', swapId: swap, seedId, send, token: token.ref, isLate: true }),
    ],
    {
      meta: { actor: 'node', door: 'node' },
      coins: [
        ...send.map((coin) => ({ ...coin, seedId, purse, state: 'out' as const })),
        ...keep.map((coin) => ({ ...coin, seedId, purse, state: 'free' as const })),
      ],
      moves: [...still(inputs, 'out').map(spent('out')), ...locked.map(spent('locked'))],
      seal: [token],
      releases: [uncollected],
      claims: [{ ...uncollected, owner: 'payout' }],
    },
  )
  await deps.stopHere('reclaim: after it is found')
  return 'position' in outcome
}

async function isFenced(swap: string, { engine, log }: RecoverDeps): Promise<boolean> {
  for (const { key, owner } of await log.claims('swap')) {
    const state = owner === 'fence' ? await engine.state('swap', key) : undefined
    if (state?.is === 'planned' && state.plan.parent === swap) return true
  }
  return false
}

type Ref = Pick<Coin, 'keysetId' | 'counter'>
export const isSame = (some: readonly Ref[], others: readonly Ref[]): boolean =>
  some.length === others.length &&
  some.every(({ keysetId, counter }) => others.some((one) => one.keysetId === keysetId && one.counter === counter))
