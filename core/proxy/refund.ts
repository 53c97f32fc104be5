/** `POST /v1/balance/refund` (contract 4.4): the balance of a key as a token, once, and the same one on every call. */
import type { Session } from '../../events'
import { limits } from '../limits'
import { readDestination } from '../money/pay-request'
import type { Refund } from '../processes/payout-types'
import { isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { parseObject, readBody } from './body'
import { waitMs } from './change'
import { type Credential, readCredential } from './credentials'
import type { PublicNode, PublicRequest } from './node-port'
import { presentedToken } from './one-shot'
import { isEnded, revokedError, tooMany, withParent } from './pay'
import { refundPayment } from './refund-payment'
import { type PublicError, publicError } from './refusals'

type Wish = { readonly refundId?: string; readonly to?: string }

export async function refundKey(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(problem, call.id, call.headers)
  const wish = await readWish(call)
  if (isPublicError(wish)) return no(wish)
  const presented = presentedToken(call.request.headers)
  const credential = presented === undefined ? await knownKey(node, call) : { presented }
  if (isPublicError(credential)) return no(credential)
  // Nothing may leave that cannot be recorded first (P-01).
  if (!node.log.isWritable()) return no(publicError('log_unavailable'))
  call.keepOpen()
  if ('presented' in credential) return refundPayment(node, call, credential.presented)
  const { session } = credential
  const refund =
    wish.refundId === undefined
      ? await refundOf(node, call, session, waitMs(node), wish.to)
      : await node.refundById(session, `payout-${wish.refundId}`, waitMs(node))
  const answered = await answerOf(node, session, refund)
  return isPublicError(answered) ? no(answered) : jsonAnswer(answered, call.headers)
}

/** A stored address is the default recipient; where it cannot be paid, the balance is refunded as a token after all. */
async function refundOf(
  node: PublicNode,
  { id }: PublicRequest,
  session: string,
  wait: number,
  to: string | undefined,
): Promise<Refund> {
  const stored = to === undefined ? (await node.engine.state('session', session)).payout?.address : undefined
  if (stored === undefined) return node.refund(session, id, wait, to === undefined ? undefined : { address: to })
  const refund = await node.refund(session, id, wait, { address: stored, orToken: true })
  if ('refused' in refund)
    return ['address', 'too-small'].includes(refund.refused) ? node.refund(session, id, wait) : refund
  return refund.is === 'reversed' ? node.refund(session, id, wait, { address: stored, orToken: true }) : refund
}

/** A refund never opens a session: only a key that exists may ask. */
async function knownKey(node: PublicNode, { request, address }: PublicRequest): Promise<Credential | PublicError> {
  const waitS = node.failures.refused(address)
  const credential = readCredential(request.headers)
  if ('error' in credential) return counted(credential)
  const payer = await withParent(node, credential, await node.engine.state('session', credential.session))
  if (payer.state.is === 'unknown' || isEnded(payer, node.now())) return counted(publicError('key_not_found'))
  return payer.parent === undefined ? credential : publicError('child_key_refund')

  function counted(problem: PublicError): PublicError {
    if (waitS !== undefined) return tooMany(waitS)
    node.failures.count(address)
    return problem
  }
}

/** Absent, empty, `{}`, or one of the two fields; an empty body with a JSON content type is fine (C-072). */
async function readWish({ request }: PublicRequest): Promise<Wish | PublicError> {
  const raw = await readBody(request, limits.walletBodyBytes)
  if ('error' in raw) return raw
  if (raw.bytes.length === 0) return {}
  const body = parseObject(raw.bytes)
  if (isPublicError(body)) return body
  const { lightning_address: address, refund_id: refundId } = body
  if (address !== undefined && address !== null) {
    const destination = typeof address === 'string' ? readDestination(address) : undefined
    return destination?.is === 'pay-request'
      ? { to: String(address).trim() }
      : publicError('invalid_lightning_address', { why: 'a Lightning address or an LNURL is needed' })
  }
  if (refundId === undefined || refundId === null) return {}
  return typeof refundId === 'string'
    ? { refundId }
    : publicError('invalid_field', { param: 'refund_id', why: 'must be a text' })
}

async function answerOf(
  node: PublicNode,
  session: string,
  refund: Refund,
): Promise<Readonly<Record<string, unknown>> | PublicError> {
  if ('refused' in refund) return refusalOf(refund, await node.engine.state('session', session))
  switch (refund.is) {
    case 'pending': {
      // After a new credit this one is reached by its id alone (contract 4.4).
      const details = { refund_id: refund.payout.slice('payout-'.length), status: 'pending' }
      return refund.byLightning === true
        ? publicError('refund_unresolved', {}, { details })
        : publicError('refund_pending', {}, { details, retryAfterS: 2 })
    }
    case 'paid': {
      const { payout, recipient, sats, feeSats } = refund
      const refund_id = payout.slice('payout-'.length)
      return { refund_id, status: 'paid', recipient, sats: String(sats), fee_sats: String(feeSats) }
    }
    case 'reversed':
      return publicError('cashu_mint_unreachable')
    case 'swept':
      return publicError('refund_swept')
    case 'ready': {
      const { token, unit, sats, payout } = refund
      const amount = unit === 'sat' ? { sats: String(sats) } : { msats: String(sats * 1000) }
      const { balanceMsat } = await node.engine.state('session', session)
      return { token, ...amount, refund_id: payout.slice('payout-'.length), remaining_msats: balanceMsat }
    }
    default:
      return refund satisfies never
  }
}

function refusalOf(refusal: Extract<Refund, { refused: string }>, state: Session): PublicError {
  if (refusal.refused === 'address') return publicError('invalid_lightning_address', { why: refusal.why })
  const { refused } = refusal
  switch (refused) {
    case 'requests-ongoing':
      return publicError('refund_ongoing_requests', {}, { retryAfterS: 2 })
    case 'deposit-open':
      return publicError('refund_deposit_pending', {}, { retryAfterS: 2 })
    case 'too-small':
      return publicError('balance_too_small_to_refund')
    case 'nothing':
      return publicError('no_balance_to_refund')
    case 'revoked':
      return revokedError(state)
    case 'unknown-refund':
      return publicError('refund_not_found')
    case 'mint-down':
      return publicError('cashu_mint_unreachable')
    case 'mint-limited':
      return publicError('cashu_mint_rate_limited')
    default:
      return refused satisfies never
  }
}
