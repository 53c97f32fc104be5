/** Asks the sources for BTC/USD and keeps the rate in force (contract 2.6). */
import { nextRate, noRate, type Rate, toDecimal } from '../../events'
import { limits } from '../limits'

export type BtcPrice = {
  /** The last good rate while it is young enough; `usdPerBtc` is exact decimal text, `at` Unix ms. */
  readonly current: () => { readonly usdPerBtc: string; readonly at: number } | undefined
  /** One round now; calls while one runs share it. The next round follows by itself. */
  readonly ask: () => Promise<void>
  /** By how much our clock was ahead of the nearest one among the sources that were asked last, and when (Unix ms). */
  readonly clock: () => { readonly skewMs: number; readonly at: number } | undefined
  readonly stop: () => void
}

export function createBtcPrice(deps: {
  readonly sources: () => readonly string[]
  readonly refreshMs: () => number
  readonly maxAgeMs: () => number
  readonly now: () => number
  readonly userAgent: string
  /** Told after a round when a rate became known, or the last good one too old. */
  readonly changed?: (isKnown: boolean) => void
}): BtcPrice {
  const { now } = deps
  let rate: Rate = noRate
  let text: string | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined
  let stopped = false
  let wasKnown = false
  let clock: ReturnType<BtcPrice['clock']>

  function current() {
    const { good } = rate
    return good === undefined || text === undefined || now() - good.at > deps.maxAgeMs()
      ? undefined
      : { usdPerBtc: text, at: good.at }
  }

  async function round(): Promise<void> {
    const skews: number[] = []
    const told = (date: string | null) => {
      // A date is cut to its second, which began half a second ago on average.
      const skewMs = now() - Date.parse(date ?? '') - 500
      if (Number.isFinite(skewMs)) skews.push(skewMs)
    }
    const answers = await Promise.all(deps.sources().map((source) => askSource(source, deps.userAgent, told)))
    if (stopped) return
    const [nearest] = skews.sort((a, b) => Math.abs(a) - Math.abs(b))
    if (nearest !== undefined) clock = { skewMs: nearest, at: now() }
    rate = nextRate(rate, answers, now())
    text = rate.good === undefined ? undefined : toDecimal(rate.good.usdPerBtc)
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), deps.refreshMs())
    const isKnown = current() !== undefined
    if (isKnown !== wasKnown) {
      wasKnown = isKnown
      deps.changed?.(isKnown)
    }
  }

  // A second round beside the first must not confirm the first one's jump.
  function ask(): Promise<void> {
    running ??= round().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    current,
    ask,
    clock: () => clock,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** What a source says, unread; undefined for anything but a readable 2xx answer. */
async function askSource(source: string, userAgent: string, told: (date: string | null) => void): Promise<unknown> {
  if (source.startsWith('fixed:')) return source.slice('fixed:'.length)
  try {
    const response = await fetch(source, {
      redirect: 'error',
      signal: AbortSignal.timeout(limits.rateAskMs),
      headers: { accept: 'application/json', 'user-agent': userAgent },
    })
    told(response.headers.get('date'))
    const body = response.ok ? await readBounded(response) : await response.body?.cancel()
    return body === undefined ? undefined : priceIn(JSON.parse(body))
  } catch {
    return undefined
  }
}

/** Reads no more than the bound, whatever length was announced. */
async function readBounded(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limits.rateBodyBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
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
