/** Balance routes (contract 4.1 to 4.3): open a key with a token, look at it, add to it. */
import { type KeyLimits, unlimited } from '../../events'
import { limits } from '../limits'
import { isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { parseObject, readBody } from './body'
import { keyOfToken, parseCredential, sessionOf, tokenText } from './credentials'
import { logged } from './log-refusal'
import type { PublicNode, PublicRequest } from './node-port'
import { closedError, findPayer, notTaking, openPayer, payingOf, tooMany } from './pay'
import { readPayoutHeaders } from './payout-headers'
import { type PublicError, publicError } from './refusals'
import { isFailedRedemption, tokenError } from './token-errors'

type Fields = Readonly<Record<string, unknown>>

const NUMBERS: ReadonlySet<string> = new Set(['balance_limit', 'validity_date'])

/** `POST` and `GET /create`: a repeat answers the same key and today's balance. */
export async function createKey(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(logged(node, call, problem), call.id, call.headers)
  const fields = await readFieldsOf(call)
  if (isPublicError(fields)) return no(fields)
  const keyLimits = readLimits(fields)
  if (isPublicError(keyLimits)) return no(keyLimits)
  const token = fields.initial_balance_token
  if (typeof token !== 'string' || token.trim() === '')
    return no(publicError('invalid_field', { param: 'initial_balance_token', why: 'is required' }))
  const credential = parseCredential(token)
  if (isPublicError(credential) || credential.is !== 'token')
    return no(publicError('invalid_cashu_token', { why: 'it is not a Cashu token' }))
  const state = await node.engine.state('session', credential.session)
  if (state.is === 'ended') return no(publicError('cashu_token_already_spent'))
  const payer = await openPayer(node, call, { credential, state }, { via: 'create', keyLimits })
  if (isPublicError(payer)) return no(payer)
  const { latest, balanceMsat } = payer.state
  const credited = await firstCredit(node, credential.session)
  return jsonAnswer(
    {
      api_key: credential.key,
      balance: balanceMsat,
      credited_msats: credited.amountMsat,
      fee_msats: credited.feeMsat,
      unit: latest?.unit ?? 'sat',
      mint_url: latest?.mint ?? '',
    },
    call.headers,
  )
}

/** What the key was opened with; a repeated create tells it again. */
async function firstCredit(
  node: PublicNode,
  session: string,
): Promise<{ readonly amountMsat: number; readonly feeMsat: number }> {
  const events = await node.log.read(session, 0, 3)
  const credit = events.find((event) => event.type === 'session.credited')?.data as
    | { amountMsat: number; feeMsat: number }
    | undefined
  return credit ?? { amountMsat: 0, feeMsat: 0 }
}

/** `POST /topup`: exactly one call for each token answers 200. */
export async function topUp(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(logged(node, call, problem), call.id, call.headers)
  const fields = await readFieldsOf(call)
  if (isPublicError(fields)) return no(fields)
  const found = await findPayer(node, call)
  if (isPublicError(found)) return no(found)
  const payer = await openPayer(node, call, found, { via: 'bearer' })
  if (isPublicError(payer)) return no(payer)
  const closed = closedError(payer, node.now())
  if (closed !== undefined) return no(closed)
  const token = fields.cashu_token
  if (typeof token !== 'string' || token.trim() === '')
    return no(publicError('invalid_field', { param: 'cashu_token', why: 'is required' }))
  // On a child key the headers are ignored (contract 3.7).
  const headers = payer.parent === undefined ? call.request.headers : new Headers()
  const wanted = readPayoutHeaders(node, headers, payer.state.payout)
  if (isPublicError(wanted)) return no(wanted)
  const refused = notTaking(node)
  if (refused !== undefined) return no(refused)
  const waitS = node.failures.refused(call.address)
  if (waitS !== undefined) return no(tooMany(waitS))
  const text = tokenText(token)
  // A child's top-up is its parent's (contract 3.8).
  const target = payingOf(payer).session
  const outcome = await node.redeem(
    {
      text,
      via: 'topup',
      sessionId: sessionOf(keyOfToken(text)),
      target,
      limits: unlimited,
      payout: wanted.payout,
      requestId: call.id,
    },
    Math.min(node.settings('network.mintWaitS') * 1000, limits.mintWaitMaxMs),
  )
  if (isFailedRedemption(outcome)) node.failures.count(call.address)
  const problem = tokenError(outcome)
  if (problem !== undefined) return no(problem)
  if (!('settled' in outcome)) return no(publicError('deposit_pending'))
  if (outcome.target !== target) {
    // The key ended while its top-up was on the way: the money opened a key of the token's own.
    const { is } = await node.engine.state('session', target)
    return no(publicError(is === 'ended' ? 'unknown_api_key' : 'cashu_token_already_spent'))
  }
  if (outcome.first !== true)
    return no(
      publicError(
        'cashu_token_already_spent',
        {},
        { details: { credited_to_this_key: true, credited_msats: outcome.amountMsat } },
      ),
    )
  return jsonAnswer(
    { msats: outcome.amountMsat, credited_msats: outcome.amountMsat, fee_msats: outcome.feeMsat },
    call.headers,
  )
}

/** The same names in a JSON body or, for a GET or an empty body, in the query, where a number stands as digits. */
export async function readFieldsOf({ request, query }: PublicRequest): Promise<Fields | PublicError> {
  const fromQuery = Object.fromEntries([...query].map(([name, text]) => [name, numberOfQuery(name, text)]))
  if (request.method === 'GET' || request.method === 'HEAD') return fromQuery
  const raw = await readBody(request, limits.walletBodyBytes)
  if ('error' in raw) return raw
  if (raw.bytes.length === 0) return query.size > 0 ? fromQuery : publicError('invalid_json')
  const body = parseObject(raw.bytes)
  return isPublicError(body) ? body : { ...fromQuery, ...body }
}

function numberOfQuery(name: string, text: string): unknown {
  if (!NUMBERS.has(name)) return text
  return text === '' ? null : /^\d{1,16}$/.test(text) ? Number(text) : text
}

/** Contract 3.5. */
export function readLimits(fields: Fields): KeyLimits | PublicError {
  const limit = wholeOrNull(fields.balance_limit)
  if (limit === undefined)
    return publicError('invalid_field', {
      param: 'balance_limit',
      why: 'must be a whole number of msat of at least 0, or null',
    })
  const until = wholeOrNull(fields.validity_date)
  if (until === undefined || (until !== null && until > limits.dateMostS))
    return publicError('invalid_field', {
      param: 'validity_date',
      why: `must be a Unix time of at most ${limits.dateMostS}, or null`,
    })
  const reset = fields.balance_limit_reset ?? null
  if (reset !== null && reset !== 'daily' && reset !== 'weekly' && reset !== 'monthly')
    return publicError('invalid_field', { param: 'balance_limit_reset', why: 'must be daily, weekly, monthly or null' })
  return { balanceLimitMsat: limit as KeyLimits['balanceLimitMsat'], balanceLimitReset: reset, validUntil: until }
}

function wholeOrNull(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
