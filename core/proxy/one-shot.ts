/** A token in `X-Cashu` pays for this one request (contract 7.1 to 7.3): known, checked, redeemed, and held as a whole. */
import { unlimited } from '../../events'
import { limits } from '../limits'
import type { DepositOutcome } from '../processes/deposit-types'
import type { Paid, Presented } from '../processes/one-shot-types'
import { type Admitted, type Asked, isPublicError, readAsked, worstCase } from './admission'
import { readBody } from './body'
import { afterBug, giveChange, givenBy, inProgress, type OneShot, waitMs, withChange, withEcho } from './change'
import { tokenText } from './credentials'
import type { PublicNode, PublicRequest } from './node-port'
import { counted, encryptedError, notTaking, tooMany } from './pay'
import { type PublicError, publicError } from './refusals'
import { isFailedRedemption, tokenError } from './token-errors'

/** The token as it was presented; it wins over every other credential (contract 3.1). */
export function presentedToken(headers: Headers): string | undefined {
  const presented = headers.get('x-cashu')?.trim() ?? ''
  return presented === '' ? undefined : presented
}

export async function admitOnce(
  node: PublicNode,
  call: PublicRequest,
  presented: string,
  dialect: 'chat' | 'completions',
): Promise<Admitted | PublicError> {
  call.keepOpen()
  const text = tokenText(presented)
  const read = node.oneShots.read(text)
  if (read === undefined) return refused(node, call, presented, node.checkToken(text))
  const end = node.oneShots.begin(read)
  if (end === undefined) return inProgress()
  const payment = { ...read, presented, text, end }
  try {
    const admitted = await admitFirst(node, call, payment, dialect)
    if (isPublicError(admitted)) end()
    return admitted
  } catch (error) {
    end()
    throw error
  }
}

type Payment = Presented & { readonly presented: string; readonly text: string; readonly end: () => void }

/** Only one request at a time gets here with a token: nobody else can redeem it for himself. */
async function admitFirst(
  node: PublicNode,
  call: PublicRequest,
  payment: Payment,
  dialect: 'chat' | 'completions',
): Promise<Admitted | PublicError> {
  const { presented, text, deposit } = payment
  const paid = await node.oneShots.lookUp(deposit, 'header', waitMs(node), true)
  if (paid.is !== 'new') return seenBefore(paid)
  const waitS = node.failures.refused(call.address)
  if (waitS !== undefined) return withEcho(tooMany(waitS), presented)
  const problem = node.checkToken(text)
  if (problem !== undefined) return refused(node, call, presented, problem)
  const asked = await readRequest(node, call, dialect)
  if (isPublicError(asked)) return withEcho(asked, presented)
  const needMsat = worstCase(
    node,
    asked.first,
    node.pricesOf(asked.first, asked.usdPerBtc),
    asked.measure,
    asked.fields,
  )
  const outcome = await node.redeem(
    {
      text,
      via: 'x-cashu',
      sessionId: payment.session,
      target: payment.session,
      limits: unlimited,
      requestId: call.id,
      leastMsat: needMsat,
    },
    waitMs(node),
  )
  if (!('settled' in outcome)) return refused(node, call, presented, outcome, { needMsat, model: asked.first.model })
  if (outcome.target !== payment.session) return publicError('cashu_token_already_spent')
  const isLive = call.request.headers.get('x-cashu-stream')?.trim().toLowerCase() === 'live'
  const oneShot: OneShot = { deposit, requestId: call.id, end: payment.end, isLive }
  try {
    await node.stopHere('one-shot: after the redemption')
    return await holdWhole(node, payment.session, oneShot, asked, needMsat)
  } catch (error) {
    return afterBug(node, call, oneShot, error)
  }
}

async function readRequest(
  node: PublicNode,
  call: PublicRequest,
  dialect: 'chat' | 'completions',
): Promise<Asked | PublicError> {
  const encrypted = encryptedError(call.request.headers)
  if (encrypted !== undefined) return encrypted
  const raw = await readBody(call.request, node.maxBodyBytes)
  if ('error' in raw) return raw
  const read = readAsked(node, raw.bytes, dialect)
  const asked = isPublicError(read) ? read : (notTaking(node) ?? read)
  const inFlight = Math.max(node.holds.totals().requests, node.oneShots.running())
  return !isPublicError(asked) && inFlight >= limits.requestsPerNode ? publicError('node_busy') : asked
}

/** Every path from here on ends in change. */
async function holdWhole(
  node: PublicNode,
  session: string,
  oneShot: OneShot,
  asked: Asked,
  needMsat: number,
): Promise<Admitted | PublicError> {
  const { balanceMsat } = await node.engine.state('session', session)
  // Its mint may have raised its fees in mid-redemption: then less was signed than was reckoned (W-14).
  const hold =
    balanceMsat < needMsat
      ? undefined
      : node.holds.take({
          session,
          needMsat: balanceMsat,
          balanceMsat,
          limitLeftMsat: Number.POSITIVE_INFINITY,
          most: 1,
          of: {
            requestId: oneShot.requestId,
            model: asked.first.model,
            upstream: asked.first.upstream,
            since: node.now(),
          },
        })
  if (hold === undefined || 'refused' in hold)
    return withChange(tooSmall(needMsat, balanceMsat, asked.first.model), await giveChange(node, oneShot))
  const { body, fields, measure, offers, first, usdPerBtc } = asked
  return { body, fields, measure, offers, model: first.model, usdPerBtc, hold, oneShot }
}

const tooSmall = (needMsat: number, valueMsat: number, model: string): PublicError =>
  publicError(
    'minimum_balance_required',
    { required: needMsat },
    { details: { required_msat: needMsat, available_msat: valueMsat, model } },
  )

/** Contract 7.3: never a second upstream call. */
function seenBefore(paid: Exclude<Paid, { is: 'new' }>): PublicError {
  switch (paid.is) {
    case 'running':
      return inProgress()
    case 'pending':
      return withChange(inProgress(), givenBy(paid))
    case 'redeeming':
      return withChange(publicError('deposit_pending'), givenBy({ is: 'pending' }))
    case 'spent':
      return publicError('cashu_token_already_spent')
    case 'ready':
    case 'none':
    case 'swept':
      return withChange(publicError('cashu_token_already_spent'), givenBy(paid))
    default:
      return paid satisfies never
  }
}

/** A spent, possibly spent or unreadable token is never echoed; every other one is untouched (contract 7.2). */
function refused(
  node: PublicNode,
  call: PublicRequest,
  presented: string,
  outcome: DepositOutcome | undefined,
  asked: { readonly needMsat: number; readonly model: string } = { needMsat: 0, model: '' },
): PublicError {
  if (outcome !== undefined && 'pending' in outcome)
    return withChange(publicError('deposit_pending'), givenBy({ is: 'pending' }))
  const why = outcome !== undefined && 'refused' in outcome ? outcome : undefined
  if (why?.refused === 'token-too-small')
    return withEcho(tooSmall(asked.needMsat, why.valueMsat, asked.model), presented)
  const problem =
    (why === undefined ? undefined : tokenError(why)) ??
    publicError('invalid_cashu_token', { why: 'it cannot be decoded' })
  const isGone = why === undefined || why.refused === 'token-invalid' || why.refused === 'token-spent'
  const answered = why === undefined || isFailedRedemption(why) ? counted(node, call.address, problem) : problem
  return isGone ? answered : withEcho(answered, presented)
}
