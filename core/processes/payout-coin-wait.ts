/** A payout that was asked for without coins looks for them until it has them (wallet 5.2, W-15). */
import type { Payout } from '../../events'
import { limits } from '../limits'
import { planRequested } from './payout-plan'
import type { PayoutDeps } from './payout-types'

const bringsMoney = new Set([
  'deposit.settled',
  'session.charged',
  'payout.ready',
  'payout.claimed',
  'swap.settled',
  'mint.resumed',
  'wallet.purse-merged',
  'drain.round-ended',
])

/** Answers a function that resolves once the payout has coins, or needs none any more. */
export function createCoinWait(deps: PayoutDeps & { readonly isStopping: () => boolean }) {
  const { engine, log, trace } = deps

  /** Coins come with deposits, room with the owner's earnings: looked for after each, never given up (wallet 5.2, W-15). */
  async function untilCoins(payout: string): Promise<void> {
    let backOffMs: number = limits.driveFirstMs
    while (!deps.isStopping()) {
      const state = await engine.state('payout', payout)
      if (state.is !== 'requested' || (await planInLane(payout, state))) return
      if (backOffMs === limits.driveFirstMs) trace.warn('A refund waits for coins', { payout, msat: state.wish.msat })
      await untilBooksChange(backOffMs)
      backOffMs = Math.min(backOffMs * 2, limits.driveMostMs)
    }
  }

  /** The owner's money may be needed where it lies in several purses; change and most refunds need none of it. */
  function planInLane(payout: string, state: Extract<Payout, { is: 'requested' }>): Promise<boolean> {
    const { sessionId, shares } = state.wish
    const [first] = shares
    const isOwn = sessionId !== undefined && shares.length === 1 && first !== undefined
    return (isOwn ? deps.purseLanes.of(first.purse) : deps.ownerLane)(() =>
      planRequested(payout, state, { ...deps, patienceMs: limits.laneMintMs }),
    )
  }

  /** At least a second, so that a busy log is not asked after every charge; at most `mostMs`. */
  async function untilBooksChange(mostMs: number): Promise<void> {
    let end: () => void = () => undefined
    const changed = new Promise<void>((resolve) => {
      end = log.onCommit((events) => {
        if (events.some(({ type }) => bringsMoney.has(type))) resolve()
      })
    })
    await deps.pause(limits.driveFirstMs)
    await Promise.race([changed, deps.pause(mostMs)])
    end()
  }

  return untilCoins
}
