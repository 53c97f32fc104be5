/**
 * Customers' tokens that nobody collected and whose keyset ends soon are made again by the node itself (wallet 5.2): as
 * `refunds.makeAgain` would, one swap each, so that whoever comes late finds coins that his mint still takes.
 */
import type { Payout } from '../../events'
import { limits } from '../limits'
import { signerOf } from './coin-choice'
import { expiredKeysets } from './expired-keysets'
import { placesOf, within } from './payout-coins'
import type { PayoutDeps } from './payout-types'
import { draftReclaim } from './reclaims'

export type RefundRemaking = {
  /** One look at all that nobody collected; answers how many it began to make again. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

const dayS = 24 * 3600

type Ready = Extract<Payout, { is: 'ready' }>['ready']
/** Whether a token of so many coins has one whose keyset ends soon, with another to go to. */
type EndsSoon = (send: Ready['send']) => boolean

export function createRefundRemaking(deps: PayoutDeps & { readonly isBalanced: () => boolean }): RefundRemaking {
  const { engine, log, now, trace } = deps
  const patience = { patienceMs: limits.laneMintMs }
  /** Unix ms of the last try, by payout: what cannot be made again holds nobody up who is behind it. */
  const tried = new Map<string, number>()
  const isRested = (payout: string) => now() - (tried.get(payout) ?? Number.NEGATIVE_INFINITY) >= limits.refundTryMs
  /** Purses whose operator was told that the owner's money there does not bear the fees. */
  const told = new Set<string>()
  let timer: ReturnType<typeof setInterval> | undefined

  async function round(): Promise<number> {
    if (!deps.isBalanced()) return 0
    const waiting = new Set((await log.claims('uncollected')).map(({ key }) => key))
    // One that is being made again waits no more, and does once more where that came to nothing: no sooner is it its turn.
    for (const payout of tried.keys()) if (!waiting.has(payout) && isRested(payout)) tried.delete(payout)
    /** By purse, as its mint lists its keysets now; undefined: it does not answer. */
    const ends = new Map<string, EndsSoon | undefined>()
    let begun = 0
    let tries = 0
    for (const payout of waiting) {
      if (tries >= limits.refundsTriedAtOnce) break
      if (!isRested(payout)) continue
      const state = await engine.state('payout', payout)
      if (state.is !== 'ready' || state.wish.sessionId === undefined) continue
      const { purse, send } = state.ready
      if (!ends.has(purse)) ends.set(purse, await endsAt(purse))
      const endsSoon = ends.get(purse)
      if (endsSoon?.(send) !== true) continue
      tries += 1
      const end = await deps.ownerLane(() => makeAgain(payout, endsSoon))
      if (end === 'silent') ends.set(purse, undefined)
      if (end === 'begun' || end === 'left') tried.set(payout, now())
      if (end === 'begun') begun += 1
    }
    return begun
  }

  /** What its mint calls expired it would not take, and without a keyset to go to a swap would only cost its fee. */
  async function endsAt(purse: string): Promise<EndsSoon | undefined> {
    const [place] = placesOf([purse], deps)
    if (place === undefined) return undefined
    const { desk, unit, mint } = place
    const listed = await within(desk.keysets(), patience)
    const young = await within(desk.outputKeyset(unit), patience)
    if ('unreachable' in listed || 'unreachable' in young) return undefined
    const expired = await expiredKeysets(mint.mintId, engine)
    const nowS = now() / 1000
    const soonS = nowS + limits.keysetRemakeS
    const youngEndS = young.finalExpiry ?? Number.POSITIVE_INFINITY
    const ending = new Set(
      listed
        .filter(({ finalExpiry: endS }) => endS !== undefined && endS > nowS && endS <= soonS && endS < youngEndS)
        .filter(({ id }) => !expired.has(id))
        .map(({ id }) => id),
    )
    return (send) => send.some((coin) => ending.has(signerOf(coin)))
  }

  /** In the owner lane: whether it is to be made again is asked again there. `raced`: somebody else took what it needs. */
  async function makeAgain(payout: string, endsSoon: EndsSoon): Promise<'begun' | 'left' | 'silent' | 'raced'> {
    const state = await engine.state('payout', payout)
    if (!deps.isBalanced() || state.is !== 'ready' || !endsSoon(state.ready.send)) return 'left'
    const { purse } = state.ready
    const why = `its keyset ends within ${limits.keysetRemakeS / dayS} days`
    const asked = { payout, into: 'reissued', by: 'node', why } as const
    const draft = await draftReclaim(asked, { ...deps, ...patience })
    if (!('swap' in draft)) {
      if ('refused' in draft && isOfMoney(draft.refused)) tell(purse, payout, draft.refused)
      return 'unreachable' in draft ? 'silent' : 'left'
    }
    const done = await engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'node', door: 'node' } })
    if ('refused' in done) return 'raced'
    told.delete(purse)
    trace.info('A refund whose keyset ends soon is made again', { payout, swap: draft.swap })
    return 'begun'
  }

  function tell(purse: string, payout: string, why: string): void {
    if (told.has(purse)) return
    told.add(purse)
    trace.warn('A refund whose keyset ends soon is not made again: the owner’s money there does not pay its fee', {
      payout,
      purse,
      why,
    })
  }

  return {
    round,
    start() {
      const look = () => void round().catch((error: unknown) => trace.error('Ending refunds', { why: String(error) }))
      timer = setInterval(look, limits.refundRemakingMs)
    },
    stop() {
      clearInterval(timer)
    },
  }
}

const isOfMoney = (refused: string): boolean => refused === 'below-floor' || refused === 'no-coins-for-the-fee'
