/** A paid chat completion: admit, forward, try the next offer before the first byte, bill, answer (architecture 5). */
import type { Charged } from '../../events'
import { type Attempt, callUpstream, type Failure } from '../upstream/call'
import type { Offer } from '../upstream/offers'
import { nothingSeen, type Seen, seeChunk } from '../upstream/seen'
import { type Admitted, admit, changeHold, isPublicError, worstCase } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { forwardedBody } from './body-fields'
import { chatStream } from './chat-stream'
import { costHeaders, paidChatBody } from './cost'
import type { PublicNode, PublicRequest } from './node-port'
import { type PublicError, publicError } from './refusals'
import { settle } from './settle'

type Served = { readonly offer: Offer; readonly attempt: Exclude<Attempt, Failure>; readonly admitted: Admitted }
type Tried = {
  readonly attempts: Charged['attempts']
  readonly served: Served | undefined
  readonly last: Offer
  readonly problem: PublicError
  readonly admitted: Admitted
}

export async function chatCompletions(node: PublicNode, call: PublicRequest): Promise<Response> {
  const admitted = await admit(node, call, 'chat')
  if (isPublicError(admitted)) {
    if (admitted.logAs !== undefined)
      node.trace.info(admitted.logAs, {
        requestId: call.id,
        path: call.path,
        status: admitted.status,
        code: admitted.error.code,
      })
    return errorAnswer(admitted, call.id, call.headers)
  }
  const startedAt = node.now()
  try {
    const tried = await tryOffers(node, call, admitted)
    if (tried.served === undefined) return await failed(node, call, tried, startedAt)
    return await answer(node, call, { ...tried, served: tried.served }, startedAt)
  } catch (error) {
    node.holds.release(admitted.hold)
    throw error
  }
}

/** Candidates in order, none after the first byte to the client (contract 8.2, 8.3). */
async function tryOffers(node: PublicNode, call: PublicRequest, first: Admitted): Promise<Tried> {
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
    last = offer
    const attempt = await tryOne(node, call, admitted, offer, attempts)
    if (attempt.is !== 'next')
      return { attempts, served: { offer, attempt, admitted }, last, problem: publicError('internal_error'), admitted }
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
): Promise<Attempt> {
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
  const attempt = await callUpstream(node.target(offer), {
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

async function failed(node: PublicNode, call: PublicRequest, tried: Tried, startedAt: number): Promise<Response> {
  const { attempts, last, problem, admitted } = tried
  if (attempts.length === 0) node.holds.release(admitted.hold)
  else
    await settle(node, call, admitted, {
      outcome: 'failed',
      status: problem.status,
      seen: nothingSeen,
      offer: last,
      attempts,
      startedAt,
      firstByteAt: undefined,
      stream: admitted.fields.stream,
    })
  return errorAnswer(problem, call.id, call.headers)
}

type Won = Tried & { readonly served: Served }

async function answer(
  node: PublicNode,
  call: PublicRequest,
  { served, attempts }: Won,
  startedAt: number,
): Promise<Response> {
  const { offer, attempt, admitted } = served
  const provider = node.settings('network.exposeProvider') ? offer.kind : undefined
  const headers = provider === undefined ? call.headers : { ...call.headers, 'x-routstr-provider': provider }
  const firstByteAt = node.now()
  const ended = (outcome: 'answered' | 'failed' | 'left', status: number, seen: Seen) =>
    settle(node, call, admitted, {
      outcome,
      status,
      seen,
      offer,
      attempts,
      startedAt,
      firstByteAt,
      stream: admitted.fields.stream,
    })
  switch (attempt.is) {
    case 'rejected': {
      await ended('failed', attempt.status, nothingSeen)
      return errorAnswer(rejection(attempt), call.id, { ...headers, 'x-routstr-error-scope': 'upstream' })
    }
    case 'answer': {
      const left = call.request.signal.aborted
      const cost = await ended(left ? 'left' : 'answered', 200, {
        ...seeChunk(nothingSeen, attempt.json),
        complete: true,
      })
      if (cost === undefined) return errorAnswer(publicError('settlement_failed'), call.id, headers)
      return jsonAnswer(paidChatBody(attempt.json, { cost, model: admitted.model, provider }), {
        ...headers,
        ...costHeaders(cost),
      })
    }
    case 'stream': {
      const stream = chatStream({
        events: attempt.events,
        abort: attempt.abort,
        model: admitted.model,
        provider,
        requestId: call.id,
        keepaliveMs: node.settings('network.keepaliveS') * 1000,
        drainMs: node.settings('network.drainS') * 1000,
        async settle(seen, ending) {
          const cost = await ended(ending === 'complete' ? 'answered' : ending, 200, seen)
          return cost === undefined ? { ok: false, error: publicError('settlement_failed').error } : { ok: true, cost }
        },
      })
      return new Response(stream, {
        headers: {
          ...headers,
          'content-type': 'text/event-stream',
          'cache-control': 'no-cache',
          'x-accel-buffering': 'no',
        },
      })
    }
    default:
      return attempt satisfies never
  }
}

/** Types that only this node may use are never taken over from an upstream (contract 1.7). */
const reserved = new Set(
  'authentication_error token_already_spent invalid_token untrusted_mint mint_error mint_unreachable mint_rate_limited cashu_error insufficient_quota minimum_balance_required token_consumed api_error payment_error not_found invalid_model payment_in_progress refund_swept session_frozen'.split(
    ' ',
  ),
)

function rejection({ status, error }: Extract<Attempt, { is: 'rejected' }>): PublicError {
  const type = error.type === undefined || reserved.has(error.type) ? 'invalid_request_error' : error.type
  return {
    status,
    error: {
      message: error.message,
      type,
      code: error.code,
      ...(error.param === undefined ? {} : { param: error.param }),
    },
  }
}
