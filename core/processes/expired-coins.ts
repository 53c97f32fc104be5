/**
 * Coins of ours whose keyset their mint calls expired (wallet 8.1, 12003): what it still takes comes back by fences, the
 * rest waits until the owner gives it up as lost (`wallet.confirmLoss`). Our clock is no verdict (W-17): the mint's word is.
 */
import {
  type Coin,
  type CoinLot,
  type Inline,
  type Mint,
  type Swap,
  type TrustedMint,
  type Wish,
  wish,
} from '../../events'
import { countOf, signerOf, sum } from './coin-choice'
import type { Verdict } from './drive-types'
import { expiredKeysets } from './expired-keysets'
import { lateLook } from './late-look'
import { fencing } from './payout-cancel'
import { type Place, placesOf } from './payout-coins'
import type { PayoutDeps } from './payout-types'
import { afterFence, firstPart } from './swap-divide'
import { draftSwap } from './swap-plan'
import type { SwapDeps } from './swap-types'

const meta = { actor: 'node', door: 'node' } as const

/** A swap of coins of ours that was refused with 12003: what may still live is fenced first; of one keyset, it waits. */
export async function swapExpired(
  operation: string,
  { purse, inputs, added }: Extract<Swap, { is: 'planned' }>['plan'],
  deps: PayoutDeps,
): Promise<Verdict> {
  const [place] = placesOf([purse], deps)
  if (place === undefined) return 'wait'
  const { keysets } = await deps.engine.state('mint', streamOf(purse))
  const groups = byKeyset([...inputs, ...added], keysets)
  if (groups.length > 1 && (await fenceFirst(operation, groups, place, deps))) return 'closed'
  const keysetId = signerOf(groups.at(-1)?.[0] ?? { keysetId: '' })
  const learnt = await deps.engine.execute(
    wish('mint', streamOf(purse), { do: 'learn-expired', keysetId, operation }),
    { meta },
  )
  if ('position' in learnt)
    deps.trace.error('A mint calls coins of ours expired: its owner decides', { operation, keysetId })
  return 'rest'
}

/** A payout that was refused so: its coins are fenced by keyset, and its money goes back with the last of them. */
export async function payoutExpired(
  payout: string,
  { purse, inputs }: { readonly purse: string; readonly inputs: readonly Coin[] },
  deps: PayoutDeps,
): Promise<Verdict> {
  const [place] = placesOf([purse], deps)
  if (place === undefined) return 'wait'
  const { keysets } = await deps.engine.state('mint', streamOf(purse))
  return (await fenceFirst(payout, byKeyset(inputs, keysets), place, deps)) ? 'closed' : 'wait'
}

/** The first group that is worth its own fee. */
async function fenceFirst(
  operation: string,
  groups: readonly (readonly Coin[])[],
  place: Place,
  deps: PayoutDeps,
): Promise<boolean> {
  for (const group of groups) {
    const inputs = await firstPart(group, place, deps)
    const wanted = { reason: 'fence' as const, parent: operation, inputs, added: [], sendUnits: 0 }
    const draft = await draftSwap(place, wanted, deps)
    if (!('swap' in draft)) continue
    const claims = [...(draft.inline.claims ?? []), fencing(operation, draft.swap)]
    return 'position' in (await deps.engine.execute(draft.wish, { ...draft.inline, meta, claims }))
  }
  return false
}

const streamOf = (purse: string) => `mint-${purse.split('/')[0]}`

/** Coins by who signed them, what ends last first: it is the likeliest to live. */
const byKeyset = (coins: readonly Coin[], keysets: Mint['keysets']): readonly (readonly Coin[])[] => {
  const endOf = (id: string) => keysets[id]?.finalExpiry ?? Number.POSITIVE_INFINITY
  return [...Map.groupBy(coins, signerOf)].toSorted(([a], [b]) => endOf(b) - endOf(a)).map(([, group]) => group)
}

/** What of one keyset waits for the owner's word, in one purse. */
export type Expired = {
  readonly purse: string
  readonly keysetId: string
  readonly msat: number
  readonly free: readonly CoinLot[]
  /** Swaps that hold the others locked, by their streams. */
  readonly swaps: readonly string[]
}

/** Empty where the mint never called a keyset expired; coins that are out are their holders'. */
export async function expiredAt(mint: TrustedMint, { engine, log }: PayoutDeps): Promise<readonly Expired[]> {
  const expired = await expiredKeysets(mint.mintId, engine)
  const found: Expired[] = []
  for (const unit of expired.size === 0 ? [] : mint.units) {
    const purse = `${mint.mintId}/${unit}`
    const held = await log.held(purse)
    for (const [keysetId, operations] of expired) {
      const free = held.free.filter((lot) => signerOf(lot) === keysetId)
      const swaps: string[] = []
      let units = sum(free)
      for (const operation of operations) {
        const plan = await waitingPlan(operation, purse, { engine, log })
        if (plan === undefined) continue
        swaps.push(operation)
        units += sum([...plan.inputs, ...plan.added])
      }
      if (units > 0) found.push({ purse, keysetId, msat: units * (unit === 'sat' ? 1000 : 1), free, swaps })
    }
  }
  return found
}

/** undefined: it has ended, something else decides over its coins, or they are not ours to lose. */
async function waitingPlan(operation: string, purse: string, { engine, log }: Pick<PayoutDeps, 'engine' | 'log'>) {
  const state = await engine.state('swap', operation)
  if (state.is !== 'planned' || state.plan.purse !== purse || state.plan.reason === 'reclaim') return undefined
  return (await log.claimedBy('fencing', operation)) === undefined ? state.plan : undefined
}

export type LossDraft = { readonly wishes: readonly Wish[]; readonly inline: Inline }

/**
 * What the append writes that gives it up, and of fences that go on in parts the first: customers' payouts that held some
 * of it go back to their keys.
 */
export async function draftLoss({ purse, free, swaps }: Expired, deps: SwapDeps): Promise<LossDraft | undefined> {
  const evidence = { kind: 'keyset-expired', looks: [], sends: 0, lastCode: 12003 }
  const parts: LossDraft[] = []
  for (const swap of swaps) {
    const plan = await waitingPlan(swap, purse, deps)
    if (plan === undefined) return undefined
    const beside = plan.reason === 'fence' ? await afterFence(swap, plan, deps) : { wishes: [], inline: {} }
    if (beside === undefined) return undefined
    // Two next parts would take the same counters: the second waits for a word of its own.
    if (hasNextPart(beside) && parts.some(hasNextPart)) continue
    const late = lateLook(swap, purse, deps.now())
    parts.push(beside, {
      wishes: [wish('swap', swap, { do: 'reject', why: 'expired', evidence })],
      inline: {
        claims: late.claims,
        releases: [...late.releases, { kind: 'swap', key: swap }],
        moves: movesOf([...plan.inputs, ...plan.added], 'locked'),
      },
    })
  }
  const coins = free.length === 0 ? [] : await deps.log.freeCoins(purse, free)
  if (coins.length < countOf(free)) return undefined
  const lost = wish('mint', streamOf(purse), { do: 'lose-coins', purse, coins, evidence })
  parts.push({ wishes: coins.length === 0 ? [] : [lost], inline: { moves: movesOf(coins, 'free') } })
  const all = <Key extends keyof Inline>(key: Key) => parts.flatMap(({ inline }) => (inline[key] ?? []) as never[])
  return {
    wishes: parts.flatMap(({ wishes }) => wishes),
    inline: {
      claims: all('claims'),
      releases: all('releases'),
      cursors: all('cursors'),
      moves: all('moves'),
      seal: all('seal'),
    },
  }
}

const hasNextPart = ({ inline }: LossDraft): boolean => (inline.cursors ?? []).length > 0

const movesOf = (coins: readonly Pick<Coin, 'keysetId' | 'counter'>[], from: 'locked' | 'free') =>
  coins.map(({ keysetId, counter }) => ({ keysetId, counter, from, to: 'spent' as const }))
