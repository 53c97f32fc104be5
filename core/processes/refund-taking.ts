/**
 * Refunds past their age are taken by the node itself where the owner switched that on (wallet 5.2, P-30): as
 * `refunds.take` would, one swap each, above whatever the mint says of their coins, and recorded as the node's own act.
 */
import { limits } from '../limits'
import type { PayoutDeps } from './payout-types'
import { draftReclaim, tokenAgeMs } from './reclaims'

export type TakeWishes = { readonly isOn: boolean; readonly days: number }

export type RefundTaking = {
  /** One look at all that nobody collected; answers how many it began to take. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

const dayMs = 24 * 3600_000

export function createRefundTaking(
  deps: PayoutDeps & { readonly wishes: () => TakeWishes; readonly isBalanced: () => boolean },
): RefundTaking {
  const { engine, log, now, trace } = deps
  /** Unix ms of the last try, by payout: what cannot be taken holds nobody up who is behind it. */
  const tried = new Map<string, number>()
  let timer: ReturnType<typeof setInterval> | undefined

  async function round(): Promise<number> {
    if (!deps.wishes().isOn || !deps.isBalanced()) return 0
    const waiting = new Set((await log.claims('uncollected')).map(({ key }) => key))
    for (const payout of tried.keys()) if (!waiting.has(payout)) tried.delete(payout)
    const silent = new Set<string>()
    let begun = 0
    let tries = 0
    for (const payout of waiting) {
      if (tries >= limits.refundsTriedAtOnce) break
      if (now() - (tried.get(payout) ?? Number.NEGATIVE_INFINITY) < limits.refundTryMs) continue
      const state = await engine.state('payout', payout)
      if (state.is !== 'ready' || state.wish.sessionId === undefined || silent.has(state.ready.mint)) continue
      if (!(await isOld(payout))) continue
      tries += 1
      const end = await deps.ownerLane(() => take(payout))
      if (end === 'taken') begun += 1
      else if (end === 'silent') silent.add(state.ready.mint)
      else tried.set(payout, now())
    }
    return begun
  }

  const isOld = async (payout: string): Promise<boolean> =>
    ((await tokenAgeMs(payout, deps)) ?? 0) >= deps.wishes().days * dayMs

  /** In the owner lane: what the owner wants, and how old the token is, is asked again there. */
  async function take(payout: string): Promise<'taken' | 'left' | 'silent'> {
    if (!deps.wishes().isOn || !deps.isBalanced() || !(await isOld(payout))) return 'left'
    const why = `uncollected for ${deps.wishes().days} days`
    const asked = { payout, into: 'swept', by: 'node', why } as const
    const draft = await draftReclaim(asked, { ...deps, patienceMs: limits.laneMintMs })
    if (!('swap' in draft)) return 'unreachable' in draft ? 'silent' : 'left'
    const done = await engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'node', door: 'node' } })
    if ('refused' in done) return 'left'
    trace.info('A refund that nobody collected is taken', { payout, swap: draft.swap })
    return 'taken'
  }

  return {
    round,
    start() {
      const look = () => void round().catch((error: unknown) => trace.error('Old refunds', { why: String(error) }))
      timer = setInterval(look, limits.refundTakingMs)
    },
    stop() {
      clearInterval(timer)
    },
  }
}
