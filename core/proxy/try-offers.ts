/** Offers in order until one answers: none after the first byte to the client (contract 8.2, 8.3). */
import type { Charged } from '../../events'
import { type Attempt, callUpstream, type Failure } from '../upstream/call'
import type { Offer } from '../upstream/offers'
import { type Admitted, changeHold, worstCase } from './admission'
import { forwardedBody } from './body-fields'
import { callerOf } from './caller'
import type { PublicNode, PublicRequest } from './node-port'
import { type Ahead, readAhead } from './read-ahead'
import { type PublicError, publicError } from './refusals'

export type Served = { readonly offer: Offer; readonly attempt: Exclude<Tries, Failure>; readonly admitted: Admitted }
/** A stream may have been read ahead. */
type Tries = Attempt | Ahead

/** What was tried, who served if any did, and what the client hears if none did. */
export type Tried = {
  readonly attempts: Charged['attempts']
  readonly last: Offer
  readonly admitted: Admitted
} & ({ readonly served: Served } | { readonly served: undefined; readonly problem: PublicError })

export async function tryOffers(node: PublicNode, call: PublicRequest, first: Admitted): Promise<Tried> {
  const attempts: Charged['attempts'] = []
  let admitted = first
  let last = first.offers[0] as Offer
  let allLimited = true
  let shortestWaitMs = Number.POSITIVE_INFINITY
  let lastStatus: number | null = null
  for (const offer of inOrder(node, first.offers)) {
    if (attempts.length >= node.settings('network.maxAttempts')) break
    // A client that left before anything was sent costs nothing, and nobody would read the answer (contract 6.9).
    if (call.request.signal.aborted) break
    const rest = node.cooling.restsUntil(offer)
    if (rest?.rateLimited === true) {
      shortestWaitMs = Math.min(shortestWaitMs, rest.until - node.now())
      continue
    }
    const held = raised(node, admitted, offer)
    if (held === undefined) continue
    admitted = held
    // The last resort is asked by one request at a time, the others are answered at once (contract 8.4).
    const endTurn = rest === undefined ? () => undefined : node.cooling.takeTurn(offer)
    if (endTurn === undefined) continue
    last = offer
    node.holds.moved(admitted.hold, offer.upstream)
    const attempt = await tryOne(node, call, admitted, offer, attempts).finally(endTurn)
    if (attempt.is !== 'next') return { attempts, served: { offer, attempt, admitted }, last, admitted }
    lastStatus = attempt.status
    allLimited &&= attempt.rateLimited
    if (attempt.rateLimited) shortestWaitMs = Math.min(shortestWaitMs, attempt.coolMs ?? 10_000)
  }
  const limited = allLimited && Number.isFinite(shortestWaitMs)
  const problem = limited
    ? rateLimit(admitted.model, shortestWaitMs)
    : publicError('UPSTREAM_UNAVAILABLE', { model: admitted.model }, { details: { upstream_status: lastStatus } })
  return { attempts, served: undefined, last, problem, admitted }
}

async function tryOne(
  node: PublicNode,
  call: PublicRequest,
  admitted: Admitted,
  offer: Offer,
  attempts: Charged['attempts'],
): Promise<Tries> {
  const { fields, body } = admitted
  const startedAt = performance.now()
  const seconds = (
    key:
      | 'network.connectS'
      | 'network.firstByteStreamS'
      | 'network.firstByteBodyS'
      | 'network.idleS'
      | 'network.totalS',
  ) => node.settings(key) * 1000
  await node.stopHere('inference: before the upstream')
  const opened = await callUpstream(node.target(offer), {
    path: '/chat/completions',
    body: forwardedBody(body, offer),
    stream: fields.stream,
    userAgent: `routstr-node/${node.version}`,
    openAiBeta: call.request.headers.get('openai-beta') ?? undefined,
    bounds: {
      firstByteMs: fields.stream ? seconds('network.firstByteStreamS') : seconds('network.firstByteBodyS'),
      connectMs: seconds('network.connectS'),
      idleMs: seconds('network.idleS'),
      totalMs: seconds('network.totalS'),
    },
    clientGone: call.request.signal,
    drainMs: node.settings('network.drainS') * 1000,
  })
  const { signal } = call.request
  const isBuffered = opened.is === 'stream' && admitted.oneShot?.isLive === false
  const attempt: Tries = isBuffered ? await readAhead(opened, signal) : opened
  const ms = Math.round(performance.now() - startedAt)
  const status = attempt.is === 'stream' ? 200 : attempt.status
  attempts.push({
    upstream: offer.upstream,
    model: offer.upstreamModel,
    status,
    ...(attempt.is === 'next' ? { why: attempt.why.slice(0, 100) } : {}),
    ms,
  })
  if (attempt.is === 'next') noteFailure(node, call, offer, attempt, ms)
  else {
    node.cooling.succeeded(offer)
    node.noteUpstream(offer.upstreamId, 'connected', `${offer.upstream} answered.`)
    if (attempt.is === 'rejected')
      node.trace.warn('Upstream request failed', {
        requestId: call.id,
        upstream: offer.upstream,
        model: offer.model,
        status,
        ms,
        ...callerOf(node, call),
      })
  }
  return attempt
}

function noteFailure(node: PublicNode, call: PublicRequest, offer: Offer, failure: Failure, ms: number): void {
  node.cooling.failed(offer, failure.cool, failure.coolMs, failure.rateLimited)
  node.trace.warn('Upstream request failed', {
    requestId: call.id,
    upstream: offer.upstream,
    model: offer.model,
    status: failure.status,
    why: failure.why,
    ms,
    ...callerOf(node, call),
  })
  if (failure.alert === 'refused-key')
    node.noteUpstream(offer.upstreamId, 'refused-key', `${offer.upstream} refused our key (status ${failure.status}).`)
  else if (!failure.rateLimited && failure.alert === undefined)
    node.noteUpstream(offer.upstreamId, 'down', `${offer.upstream} failed: ${failure.why}.`)
}

/** Offers at rest come last, and only one of them is tried at a time. */
function inOrder(node: PublicNode, offers: readonly Offer[]): readonly Offer[] {
  const awake = offers.filter((offer) => node.cooling.restsUntil(offer) === undefined)
  return [...awake, ...offers.filter((offer) => !awake.includes(offer))]
}

/** A larger promise for a dearer offer; undefined: the session cannot afford it. */
function raised(node: PublicNode, admitted: Admitted, offer: Offer): Admitted | undefined {
  const needMsat = worstCase(node, offer, node.pricesOf(offer, admitted.usdPerBtc), admitted.measure, admitted.fields)
  // Of a one-shot payment all is held (contract 7.1): there is nothing more to be had.
  if (admitted.oneShot !== undefined) return needMsat <= admitted.hold.amountMsat ? admitted : undefined
  if (needMsat === admitted.hold.amountMsat) return admitted
  const hold = changeHold(node, admitted.hold, needMsat)
  return 'refused' in hold ? undefined : { ...admitted, hold }
}

const rateLimit = (model: string, waitMs: number): PublicError => {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return publicError(
    'UPSTREAM_RATE_LIMIT',
    { model },
    { details: { model, retry_after_seconds: seconds }, retryAfterS: seconds },
  )
}
