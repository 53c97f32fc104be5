/** Asks the sources for BTC/USD and keeps the rate in force (contract 2.6). */
import { nextRate, noRate, type Rate, toDecimal } from '../../events'
import { limits } from '../limits'

export type BtcPrice = {
  /** The last good rate while it is young enough; `usdPerBtc` is exact decimal text. */
  readonly current: () => { readonly usdPerBtc: string; readonly at: number } | undefined
  /** One round now. */
  readonly ask: () => Promise<void>
  readonly stop: () => void
}

export function createBtcPrice(deps: {
  readonly sources: () => readonly string[]
  readonly refreshMs: () => number
  readonly maxAgeMs: () => number
  readonly now: () => number
  readonly userAgent: string
}): BtcPrice {
  const { now } = deps
  let rate: Rate = noRate
  let text: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  async function ask(): Promise<void> {
    const answers = await Promise.all(deps.sources().map((source) => askSource(source, deps.userAgent)))
    rate = nextRate(rate, answers, now())
    text = rate.good === undefined ? undefined : toDecimal(rate.good.usdPerBtc)
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(() => void ask(), deps.refreshMs())
  }

  return {
    current() {
      const { good } = rate
      return good === undefined || text === undefined || now() - good.at > deps.maxAgeMs()
        ? undefined
        : { usdPerBtc: text, at: good.at }
    },
    ask,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** What a source says, unread; undefined for anything but a readable 2xx answer. */
async function askSource(source: string, userAgent: string): Promise<unknown> {
  if (source.startsWith('fixed:')) return source.slice('fixed:'.length)
  try {
    const response = await fetch(source, {
      redirect: 'error',
      signal: AbortSignal.timeout(limits.rateAskMs),
      headers: { accept: 'application/json', 'user-agent': userAgent },
    })
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > limits.rateBodyBytes) return undefined
    const body = await response.text()
    return body.length > limits.rateBodyBytes ? undefined : priceIn(JSON.parse(body))
  } catch {
    return undefined
  }
}

/** The body's shape decides who speaks: Kraken, Coinbase, else a plain price. */
function priceIn(body: unknown): unknown {
  const { result, data, price } = body as {
    result?: Record<string, { c?: unknown[] }>
    data?: { amount?: unknown }
    price?: unknown
  }
  if (typeof result === 'object' && result !== null) return Object.values(result)[0]?.c?.[0]
  if (typeof data === 'object' && data !== null) return data.amount
  return price
}
