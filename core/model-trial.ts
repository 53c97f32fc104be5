/** A test call by the operator: the same way and prices as a customer's, charged to nobody, its text kept nowhere (D-044). */
import { chargeFor, readUsage } from '../events'
import { limits } from './limits'
import type { Settings } from './settings'
import type { Stock } from './stock'
import { callUpstream } from './upstream/call'
import { createPriceCache, needsRate, type Offer } from './upstream/offers'
import { nothingSeen, seeChunk } from './upstream/seen'

export type Trial = {
  readonly ok: boolean
  /** HTTP status of the upstream; null where none came. */
  readonly status: number | null
  readonly ms: number
  readonly usage?: { readonly input: number; readonly output: number }
  /** What a customer would have paid. */
  readonly costMsat?: number
  readonly sentence: string
}
export type NoTrial = { readonly refused: 'model-unknown' | 'model-not-sellable' | 'price-unavailable' }

const answerTokens = 50

export function createTrials(deps: {
  readonly stock: Pick<Stock, 'book' | 'target'>
  readonly settings: Settings
  readonly rate: () => string | undefined
  readonly userAgent: string
}) {
  const pricesOf = createPriceCache()

  function priced(offer: Offer, answer: Readonly<Record<string, unknown>>) {
    const seen = seeChunk(nothingSeen, answer)
    const buckets = seen.usage === undefined ? undefined : readUsage(seen.usage, offer.kind)
    if (buckets === undefined) return undefined
    const { costMsat } = chargeFor({
      buckets,
      images: 0,
      prices: pricesOf(offer, deps.rate()),
      minimumMsat: deps.settings('pricing.minRequestMsat'),
      fixedMsat: offer.prices.fixedMsat,
      free: offer.prices.source === 'free',
      holdMsat: Number.MAX_SAFE_INTEGER,
      billing: { by: 'list' },
    })
    const input = buckets.input + buckets.cacheRead + buckets.cacheWrite + buckets.cacheWrite1h
    return { usage: { input, output: buckets.output }, costMsat }
  }

  return async (upstreamId: string, model: string, text: string): Promise<Trial | NoTrial> => {
    const offer = deps.stock.book().all.find((one) => one.upstreamId === upstreamId && one.listedId === model)
    if (offer === undefined) return { refused: 'model-unknown' }
    if (offer.state !== 'sellable') return { refused: 'model-not-sellable' }
    if (needsRate(offer) && deps.rate() === undefined) return { refused: 'price-unavailable' }
    const startedAt = performance.now()
    const attempt = await callUpstream(deps.stock.target(offer), {
      path: '/chat/completions',
      body: JSON.stringify({
        model: offer.upstreamModel,
        messages: [{ role: 'user', content: text }],
        max_tokens: answerTokens,
      }),
      stream: false,
      userAgent: deps.userAgent,
      openAiBeta: undefined,
      bounds: { firstByteMs: limits.modelTestMs, idleMs: limits.modelTestMs, totalMs: limits.modelTestMs },
      clientGone: new AbortController().signal,
      drainMs: limits.modelTestMs,
    })
    const ms = Math.round(performance.now() - startedAt)
    if (attempt.is === 'answer') {
      const cost = priced(offer, attempt.json)
      return { ok: true, status: attempt.status, ms, ...cost, sentence: `${offer.upstream} answered in ${ms} ms.` }
    }
    if (attempt.is === 'stream') {
      attempt.abort()
      return {
        ok: true,
        status: 200,
        ms,
        sentence: `${offer.upstream} streams after ${ms} ms, where none was asked for.`,
      }
    }
    const why = attempt.is === 'next' ? attempt.why : attempt.error.message
    return {
      ok: false,
      status: attempt.status,
      ms,
      sentence: `${offer.upstream} did not answer: ${why.slice(0, 200)}. Nothing was charged.`,
    }
  }
}

export type Trials = ReturnType<typeof createTrials>
