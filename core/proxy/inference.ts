/** A paid chat completion: admit, forward, try the next offer before the first byte, bill, answer (architecture 5). */
import type { Attempt } from '../upstream/call'
import { nothingSeen, type Seen, seeChunk } from '../upstream/seen'
import { admit, isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { afterBug, giveChange, withChange } from './change'
import type { Ended } from './charge-of'
import { costHeaders, paidChatBody } from './cost'
import { refused } from './log-refusal'
import type { PublicNode, PublicRequest } from './node-port'
import { admitOnce, presentedToken } from './one-shot'
import { type PublicError, publicError } from './refusals'
import { settle } from './settle'
import { streamAnswer } from './stream-answer'
import { type Served, type Tried, tryOffers } from './try-offers'

export async function chatCompletions(node: PublicNode, call: PublicRequest): Promise<Response> {
  const presented = presentedToken(call.request.headers)
  const admitted =
    presented === undefined ? await admit(node, call, 'chat') : await admitOnce(node, call, presented, 'chat')
  if (isPublicError(admitted)) return errorAnswer(refused(node, call, admitted), call.id, call.headers)
  const startedAt = node.now()
  try {
    const tried = await tryOffers(node, call, admitted)
    if (tried.served === undefined) return await failed(node, call, tried, startedAt)
    return await answer(node, call, tried.served, tried.attempts, startedAt)
  } catch (error) {
    node.holds.release(admitted.hold)
    if (admitted.oneShot === undefined) throw error
    return errorAnswer(await afterBug(node, call, admitted.oneShot, error), call.id, call.headers)
  }
}

type Failed = Extract<Tried, { served: undefined }>

async function failed(node: PublicNode, call: PublicRequest, tried: Failed, startedAt: number): Promise<Response> {
  const { attempts, last, problem, admitted } = tried
  if (attempts.length === 0) {
    node.holds.release(admitted.hold)
    refused(node, call, problem)
  } else
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
  return errorAnswer(withChange(problem, await giveChange(node, admitted.oneShot)), call.id, call.headers)
}

async function answer(
  node: PublicNode,
  call: PublicRequest,
  { offer, attempt, admitted }: Served,
  attempts: Tried['attempts'],
  startedAt: number,
): Promise<Response> {
  const provider = node.settings('network.exposeProvider') ? offer.kind : undefined
  const headers = provider === undefined ? call.headers : { ...call.headers, 'x-routstr-provider': provider }
  const firstByteAt = node.now()
  const ended = (outcome: Ended['outcome'], status: number, seen: Seen) =>
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
      const problem = withChange(rejection(attempt), await giveChange(node, admitted.oneShot))
      return errorAnswer(problem, call.id, { ...headers, 'x-routstr-error-scope': 'upstream' })
    }
    case 'answer': {
      const left = call.request.signal.aborted
      const cost = await ended(left ? 'left' : 'answered', 200, {
        ...seeChunk(nothingSeen, attempt.json),
        complete: true,
      })
      const given = await giveChange(node, admitted.oneShot)
      if (cost === undefined) return errorAnswer(withChange(publicError('settlement_failed'), given), call.id, headers)
      return jsonAnswer(paidChatBody(attempt.json, { cost, model: admitted.model, provider }), {
        ...headers,
        ...costHeaders(cost),
        ...given.headers,
      })
    }
    case 'stream':
      return streamAnswer(node, call, { admitted, attempt, provider, headers, ended })
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
