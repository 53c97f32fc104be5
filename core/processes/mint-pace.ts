/** How fast a mint is asked after it limited us (wallet 9.4): half the rate that met it, doubled after each clean minute. */
import { limits } from '../limits'

export type Pace = {
  /** A call begins now. `isMoney`: one that moves money or makes a quote; mints count those apart. */
  readonly began: (isMoney: boolean) => void
  /** The mint answered 429; nothing is asked before `quietUntil` (unix ms), and slower from then on. */
  readonly limited: (quietUntil: number) => void
  /** ms until such a call may begin; 0: now. */
  readonly waitMs: (isMoney: boolean) => number
  /** undefined: nothing holds it up. */
  readonly callsPerMinute: () => number | undefined
}

/** `perMinute` as it was when the mint limited us; at most a call for each lane is saved up. */
type Bucket = { readonly perMinute: number; readonly tokens: number }
type Limit = {
  /** Unix ms: the end of the quiet that the mint asked for. */
  readonly since: number
  /** Unix ms of the newest refill. */
  readonly at: number
  readonly calls: Bucket
  readonly money: Bucket
}

const minuteMs = 60_000

export function createPace(now: () => number): Pace {
  /** Calls of the last minute. */
  const begun: { readonly at: number; readonly isMoney: boolean }[] = []
  let limit: Limit | undefined

  /** How often the rate was doubled by now, as a factor. */
  const factor = ({ since }: Limit): number => 2 ** Math.min(20, Math.floor(Math.max(0, now() - since) / minuteMs))

  /** The limit as it stands now; it ends where no four calls at once could reach it. */
  function refilled(): Limit | undefined {
    if (limit === undefined) return undefined
    const by = factor(limit)
    const at = Math.max(now(), limit.at)
    const minutes = (at - limit.at) / minuteMs
    const fill = ({ perMinute, tokens }: Bucket): Bucket => ({
      perMinute,
      tokens: Math.min(limits.mintCalls, tokens + minutes * perMinute * by),
    })
    const { since, calls, money } = limit
    limit =
      calls.perMinute * by >= limits.mintRateMost ? undefined : { since, at, calls: fill(calls), money: fill(money) }
    return limit
  }

  function forgetOld(): void {
    while (begun.length >= limits.mintRateMost || (begun[0] !== undefined && now() - begun[0].at >= minuteMs))
      begun.shift()
  }

  return {
    began(isMoney) {
      forgetOld()
      begun.push({ at: now(), isMoney })
      const held = refilled()
      if (held === undefined) return
      const spent = (bucket: Bucket): Bucket => ({ ...bucket, tokens: bucket.tokens - 1 })
      limit = { ...held, calls: spent(held.calls), money: isMoney ? spent(held.money) : held.money }
    },
    limited(quietUntil) {
      forgetOld()
      const half = (met: number, least: number): Bucket => ({
        perMinute: Math.max(least, Math.floor(met / 2)),
        tokens: 1,
      })
      limit = {
        since: quietUntil,
        at: quietUntil,
        calls: half(begun.length, limits.mintRateLeast),
        money: half(begun.filter((call) => call.isMoney).length, limits.mintMoneyRateLeast),
      }
    },
    waitMs(isMoney) {
      const held = refilled()
      if (held === undefined) return 0
      const missing = ({ perMinute, tokens }: Bucket) =>
        Math.max(0, Math.ceil(((1 - tokens) / (perMinute * factor(held))) * minuteMs))
      return Math.max(missing(held.calls), isMoney ? missing(held.money) : 0)
    },
    callsPerMinute() {
      const held = refilled()
      return held === undefined ? undefined : held.calls.perMinute * factor(held)
    },
  }
}
