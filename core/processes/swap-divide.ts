/**
 * What a mint takes only in parts (wallet 8.1). Coins that were in a request are freed by a swap of their own alone
 * (W-06): each part is a fence of some of them, one after the other, and once the first was processed the whole can
 * never be.
 */
import { type Coin, type Inline, type Payout, type Swap, type Wish, wish } from '../../events'
import { limits } from '../limits'
import { feeOf, sum } from './coin-choice'
import { inputCap } from './input-cap'
import { fencing } from './payout-cancel'
import { factsOf, type Place, placesOf } from './payout-coins'
import type { PayoutDeps } from './payout-types'
import { draftSwap } from './swap-plan'
import type { SwapDeps } from './swap-types'

/** What else one append writes. */
export type Beside = { readonly wishes: readonly Wish[]; readonly inline: Inline }

type Whole = {
  readonly purse: string
  /** Coins that its request held locked. */
  readonly inputs: readonly Coin[]
  readonly is: Payout['is'] | Swap['is']
  /** What a fence is itself a part of. */
  readonly parent: string | undefined
}

/** Begins with the first part; whoever asked sends nothing while it is open. Answers whether it could. */
export async function divide(operation: string, deps: PayoutDeps): Promise<boolean> {
  const whole = await wholeOf(operation, deps)
  if (whole === undefined || whole.inputs.length <= limits.swapInputsLeast) return false
  const [place] = placesOf([whole.purse], deps)
  if (place === undefined) return false
  const parts = Math.max(2, Math.ceil(whole.inputs.length / (await inputCap(place.mint.mintId, deps))))
  const facts = await factsOf(place, deps)
  const groups = dealt(whole.inputs, parts)
  if (groups.some((group) => sum(group) <= feeOf(group, facts))) return false
  const [inputs = []] = groups
  const wanted = { reason: 'fence' as const, parent: operation, inputs, added: [], sendUnits: 0 }
  const draft = await draftSwap(place, wanted, deps)
  if (!('swap' in draft)) return false
  const outcome = await deps.engine.execute(draft.wish, {
    ...draft.inline,
    meta: { actor: 'node', door: 'node' },
    claims: [...(draft.inline.claims ?? []), fencing(operation, draft.swap)],
  })
  return 'position' in outcome
}

/**
 * What the append writes beside the fence that settles: the next part of what it was a part of, or the end of that.
 * undefined: the mint does not answer, so nothing is settled yet.
 */
export async function afterFence(
  swapId: string,
  fence: Extract<Swap, { is: 'planned' }>['plan'],
  deps: SwapDeps,
): Promise<Beside | undefined> {
  const wishes: Wish[] = []
  const releases: { kind: string; key: string }[] = []
  for (let parent = fence.parent; parent !== undefined; ) {
    const whole = await wholeOf(parent, deps)
    if (whole === undefined) break
    if (whole.is === 'planned' && parent.startsWith('swap-')) {
      const evidence = { kind: 'divided', looks: [], sends: 1 }
      wishes.push(wish('swap', parent, { do: 'reject', why: 'divided', evidence }))
      releases.push({ kind: 'swap', key: parent }, fencing(parent, swapId))
    }
    const left = await stillLocked(whole, fence.inputs, deps)
    if (left.length > 0) {
      const next = await draftPart(parent, whole, left, deps)
      if (next === undefined) return undefined
      return { wishes: [...wishes, next.wish], inline: { ...next.inline, releases } }
    }
    if (parent.startsWith('payout-')) {
      const cancelled = await deps.cancelled(parent, swapId)
      return {
        wishes: [...wishes, ...cancelled.wishes],
        inline: { ...cancelled.inline, releases: [...releases, ...(cancelled.inline.releases ?? [])] },
      }
    }
    parent = whole.parent
  }
  return { wishes, inline: { releases } }
}

/** Whether somebody plans it anew: what it is a part of still holds all of its coins (W-07). */
export async function isPlannedAnew(
  fence: Extract<Swap, { is: 'planned' }>['plan'],
  deps: PayoutDeps,
): Promise<boolean> {
  const whole = fence.parent === undefined ? undefined : await wholeOf(fence.parent, deps)
  if (whole === undefined || !['planned', 'lightning'].includes(whole.is)) return false
  return (await stillLocked(whole, [], deps)).length === whole.inputs.length
}

/** The next part of what is left; undefined: its mint does not answer. */
async function draftPart(parent: string, { purse }: Whole, left: readonly Coin[], deps: PayoutDeps) {
  const [place] = placesOf([purse], deps)
  if (place === undefined) return undefined
  const inputs = await firstPart(left, place, deps)
  const draft = await draftSwap(place, { reason: 'fence', parent, inputs, added: [], sendUnits: 0 }, deps)
  return 'swap' in draft ? draft : undefined
}

/** As many of these as its mint takes in one request, where possible all. */
export async function firstPart(coins: readonly Coin[], { mint }: Place, deps: PayoutDeps): Promise<readonly Coin[]> {
  const parts = Math.ceil(coins.length / (await inputCap(mint.mintId, deps)))
  return parts < 2 ? coins : (dealt(coins, parts)[0] ?? [])
}

/** Each part gets its turn of large and small coins, so that each is worth its own fee where the whole was. */
const dealt = (coins: readonly Coin[], parts: number): readonly (readonly Coin[])[] => {
  const sorted = coins.toSorted((a, b) => b.amount - a.amount)
  return Array.from({ length: parts }, (_, n) => sorted.filter((_, index) => index % parts === n))
}

async function stillLocked({ purse, inputs }: Whole, settled: readonly Coin[], { log }: PayoutDeps) {
  if (inputs.length === settled.length) return []
  const keyOf = ({ keysetId, counter }: Pick<Coin, 'keysetId' | 'counter'>) => `${keysetId} ${counter}`
  const locked = new Set((await log.coins(purse)).filter(({ state }) => state === 'locked').map(keyOf))
  for (const coin of settled) locked.delete(keyOf(coin))
  return inputs.filter((coin) => locked.has(keyOf(coin)))
}

async function wholeOf(stream: string, { engine }: PayoutDeps): Promise<Whole | undefined> {
  if (stream.startsWith('swap-')) {
    const state = await engine.state('swap', stream)
    if (state.is === 'unknown') return undefined
    const { purse, reason, inputs, added, parent } = state.plan
    // A reclaim's inputs are out; only coins that were added to it are locked.
    const locked = reason === 'reclaim' ? added : [...inputs, ...added]
    return { purse, inputs: locked, is: state.is, parent: reason === 'fence' ? parent : undefined }
  }
  const state = await engine.state('payout', stream)
  const plan = state.is === 'planned' ? state.plan : state.is === 'lightning' ? planOf(state.lightning) : undefined
  return plan === undefined ? undefined : { purse: plan.purse, inputs: plan.inputs, is: state.is, parent: undefined }
}

const planOf = (lightning: Extract<Payout, { is: 'lightning' }>['lightning']) =>
  'plan' in lightning ? lightning.plan : undefined
