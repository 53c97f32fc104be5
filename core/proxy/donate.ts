/** `POST /v1/balance/donate` (contract 4.6): a token that becomes the node's own. */
import { unlimited } from '../../events'
import { limits } from '../limits'
import { isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { readFieldsOf } from './balance'
import { keyOfToken, sessionOf, tokenText } from './credentials'
import { logged } from './log-refusal'
import type { PublicNode, PublicRequest } from './node-port'
import { notTaking, tooMany } from './pay'
import { type PublicError, publicError } from './refusals'
import { isFailedRedemption, tokenError } from './token-errors'

/** Exactly one call for each token is thanked. */
export async function donate(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(logged(node, call, problem), call.id, call.headers)
  const fields = await readFieldsOf(call)
  if (isPublicError(fields)) return no(fields)
  const { token, ref = null } = fields
  if (typeof token !== 'string' || token.trim() === '')
    return no(publicError('invalid_field', { param: 'token', why: 'is required' }))
  if (ref !== null && (typeof ref !== 'string' || !refForm.test(ref)))
    return no(publicError('invalid_field', { param: 'ref', why: 'must be a text of at most 200 characters' }))
  const refused = notTaking(node)
  if (refused !== undefined) return no(refused)
  const waitS = node.failures.refused(call.address)
  if (waitS !== undefined) return no(tooMany(waitS))
  const text = tokenText(token)
  const outcome = await node.redeem(
    {
      text,
      via: 'donate',
      ...(ref === null || ref === '' ? {} : { ref }),
      sessionId: sessionOf(keyOfToken(text)),
      target: '',
      limits: unlimited,
      requestId: call.id,
    },
    Math.min(node.settings('network.mintWaitS') * 1000, limits.mintWaitMaxMs),
  )
  if (isFailedRedemption(outcome)) node.failures.count(call.address)
  const problem = tokenError(outcome)
  if (problem !== undefined) return no(problem)
  const isThanked = 'settled' in outcome && outcome.target === '' && outcome.first === true
  return isThanked ? jsonAnswer('Thanks!', call.headers) : no(publicError('cashu_token_already_spent'))
}

/** It stands in the log: short, and no control characters. */
const refForm = /^[^\p{Cc}]{0,200}$/u
