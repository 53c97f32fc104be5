/** One queue per mint: a mint that hangs, limits or is down delays nobody at another one (wallet 9.4). */
import { limits } from '../limits'
import type { MintAnswer } from '../money/mint-request'

export type MintHealth = {
  readonly state: 'unknown' | 'connected' | 'limited' | 'down'
  /** Unix ms of the last answer. */
  readonly at: number | undefined
  readonly roundTripMs: number | undefined
  readonly failures: number
  /** Unix ms until which the mint asked for quiet. */
  readonly pausedUntil: number
}

export type MintQueue = {
  /** Runs a call when its turn comes; `undefined`: the queue is full or the mint asked for quiet, nothing was sent. */
  readonly run: <Value>(call: () => Promise<MintAnswer<Value>>) => Promise<MintAnswer<Value> | undefined>
  readonly health: () => MintHealth
  readonly isDown: () => boolean
}

export function createMintQueue(now: () => number): MintQueue {
  const waiting: (() => void)[] = []
  let running = 0
  let health: MintHealth = { state: 'unknown', at: undefined, roundTripMs: undefined, failures: 0, pausedUntil: 0 }
  let lastTryAt = 0

  async function run<Value>(call: () => Promise<MintAnswer<Value>>): Promise<MintAnswer<Value> | undefined> {
    if (now() < health.pausedUntil || waiting.length >= limits.mintQueue) return undefined
    if (running >= limits.mintCalls) await new Promise<void>((go) => waiting.push(go))
    // Whoever waited meets what was learnt meanwhile: a mint that asked for quiet gets it.
    if (now() < health.pausedUntil) {
      waiting.shift()?.()
      return undefined
    }
    running += 1
    const started = now()
    lastTryAt = started
    try {
      const answer = await call()
      health = after(health, answer, started, now())
      return answer
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }

  return {
    run,
    health: () => health,
    // One call every half minute finds out whether it is back.
    isDown: () => health.state === 'down' && now() - lastTryAt < limits.mintProbeMs,
  }
}

function after(health: MintHealth, answer: MintAnswer<unknown>, startedAt: number, endedAt: number): MintHealth {
  if (answer.is === 'done' || answer.is === 'rejected')
    return { state: 'connected', at: endedAt, roundTripMs: endedAt - startedAt, failures: 0, pausedUntil: 0 }
  if (answer.is === 'later' && !answer.notSent)
    return {
      ...health,
      state: 'limited',
      at: endedAt,
      pausedUntil: endedAt + (answer.retryAfterMs ?? limits.mintPauseMs),
    }
  const failures = health.failures + 1
  return { ...health, failures, state: failures >= limits.mintFailures ? 'down' : health.state }
}
