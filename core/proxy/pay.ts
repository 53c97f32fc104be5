/** From a credential to a session: keys are looked up, a token that nobody has seen is redeemed (contract 3.4). */
import {
  expiresAtS,
  type KeyLimits,
  type KeyState,
  keyStateOf,
  keyStates,
  limitLeftMsat,
  type Session,
  unlimited,
} from '../../events'
import { limits } from '../limits'
import { type Credential, readCredential } from './credentials'
import type { PublicNode, PublicRequest } from './node-port'
import { readPayoutHeaders } from './payout-headers'
import { type PublicError, publicError } from './refusals'
import { isFailedRedemption, tokenError } from './token-errors'

export type Payer = {
  readonly credential: Credential
  readonly state: Session
  /** Of a child key: whose balance it spends. */
  readonly parent?: Paying | undefined
}
/** The session that pays and is paid into. */
export type Paying = { readonly session: string; readonly state: Session }
/** As much of a payer as says what can be spent. */
type PayingKey = Pick<Payer, 'state' | 'parent'> & { readonly credential: Pick<Credential, 'session'> }
export const payingOf = ({ credential, state, parent }: PayingKey): Paying =>
  parent ?? { session: credential.session, state }

/** A presented credential; an unseen token is decoded and allow-listed, nothing is sent yet (contract 6.3, 2 and 3). */
export async function findPayer(node: PublicNode, { request, address }: PublicRequest): Promise<Payer | PublicError> {
  const credential = readCredential(request.headers)
  if ('error' in credential) return counted(node, address, credential)
  const state = await node.engine.state('session', credential.session)
  if (state.is !== 'unknown') {
    const payer = await withParent(node, credential, state)
    // The token of an ended key was redeemed long ago: nothing opens it again.
    return isEnded(payer, node.now()) ? counted(node, address, publicError('unknown_api_key')) : payer
  }
  const waitS = node.failures.refused(address)
  if (waitS !== undefined) return tooMany(waitS)
  if (credential.is === 'key') return counted(node, address, publicError('unknown_api_key'))
  const refused = node.checkToken(credential.text)
  const problem = refused === undefined ? undefined : tokenError(refused)
  return problem === undefined ? { credential, state } : counted(node, address, problem)
}

/** Redeems an unseen token into the session of its own text; every parallel call joins (C-041). */
export async function openPayer(
  node: PublicNode,
  call: PublicRequest,
  payer: Payer,
  options: { readonly via: 'create' | 'bearer'; readonly keyLimits?: KeyLimits },
): Promise<Payer | PublicError> {
  const { credential, state } = payer
  if (state.is !== 'unknown' || credential.is === 'key') return payer
  const wanted = readPayoutHeaders(node, call.request.headers, undefined)
  if ('error' in wanted) return wanted
  const refused = notTaking(node)
  if (refused !== undefined) return refused
  const waitS = node.failures.refused(call.address) ?? node.keysOpened.refused(call.address)
  if (waitS !== undefined) return tooMany(waitS)
  const { session, text } = credential
  const outcome = await node.redeem(
    {
      text,
      via: options.via,
      sessionId: session,
      target: session,
      limits: limitsOfNew(node, options.keyLimits ?? unlimited),
      payout: wanted.payout,
      requestId: call.id,
    },
    Math.min(node.settings('network.mintWaitS') * 1000, limits.mintWaitMaxMs),
  )
  if (isFailedRedemption(outcome)) node.failures.count(call.address)
  const problem = tokenError(outcome)
  if (problem !== undefined) return problem
  // The same proofs in another spelling: the money lies with the first one.
  if ('settled' in outcome && outcome.target !== session) return publicError('cashu_token_already_spent')
  if (outcome.first === true) node.keysOpened.count(call.address)
  return { credential, state: await node.engine.state('session', session) }
}

/** A new key that names no end of its own gets the node's (`sessions.newKeyDays`). */
export function limitsOfNew({ settings, now }: Pick<PublicNode, 'settings' | 'now'>, own: KeyLimits): KeyLimits {
  const days = settings('sessions.newKeyDays')
  if (days === null || own.validUntil !== null) return own
  return { ...own, validUntil: Math.floor(now() / 1000) + days * 24 * 3600 }
}

/** An encrypted body cannot be read here: said before its media type or its bytes are judged (contract 1.4). */
export const encryptedError = (headers: Headers): PublicError | undefined =>
  headers.has('ehbp-encapsulated-key')
    ? publicError('unsupported_parameter', { param: 'Ehbp-Encapsulated-Key' })
    : undefined

/** Why nothing new may cost money now, if so. */
export function notSelling(node: PublicNode): PublicError | undefined {
  if (node.isStopping()) return publicError('node_stopping')
  if (!node.log.isWritable()) return publicError('log_unavailable')
  if (node.engine.peek('node', 'node')?.paused !== undefined) return publicError('node_paused')
  return undefined
}

/** Why no money may be brought now, if so: a node that drains lets what it holds be spent and refunded. */
export function notTaking(node: PublicNode): PublicError | undefined {
  const isDraining = node.engine.peek('node', 'node')?.draining !== undefined
  return notSelling(node) ?? (isDraining ? publicError('node_draining') : undefined)
}

/** A known key with whom it spends for: ending or freezing a parent ends or freezes its children (contract 3.8). */
export async function withParent(node: PublicNode, credential: Credential, state: Session): Promise<Payer> {
  const session = state.parent
  if (session === undefined) return { credential, state }
  return { credential, state, parent: { session, state: await node.engine.state('session', session) } }
}

type OfKey = { readonly state: Session; readonly parent?: Pick<Paying, 'state'> | undefined }

/** A child is at best as well as its parent. */
export function stateOfKey({ state, parent }: OfKey, nowMs: number): KeyState {
  const own = keyStateOf(state, nowMs)
  const theirs = parent === undefined ? own : keyStateOf(parent.state, nowMs)
  return keyStates.indexOf(theirs) > keyStates.indexOf(own) ? theirs : own
}
export const isEnded = (key: OfKey, nowMs: number): boolean => stateOfKey(key, nowMs) === 'ended'

/** Contract 3.6, for what only an open key may do. */
export function closedError(key: OfKey, nowMs: number): PublicError | undefined {
  const is = stateOfKey(key, nowMs)
  const of = keyStateOf(key.state, nowMs) === is ? key.state : (key.parent?.state ?? key.state)
  switch (is) {
    case 'open':
      return undefined
    case 'expired':
      return publicError('key_expired', { at: iso(expiresAtS(of) ?? 0) })
    case 'frozen':
      return publicError('session_frozen')
    case 'revoked':
      return revokedError(of)
    case 'ended':
      return publicError('unknown_api_key')
    default:
      return is satisfies never
  }
}

/** What the presented key can spend now: of a child at most its own limit's rest (contract 4.2). */
export function availableMsat(node: PublicNode, { credential, state, parent }: PayingKey): number {
  const paying = payingOf({ credential, state, parent })
  const freeMsat = paying.state.balanceMsat - node.holds.heldMsat(paying.session)
  const ownMsat = limitLeftMsat(state, node.now()) - node.holds.heldMsat(credential.session)
  return Math.max(0, parent === undefined ? freeMsat : Math.min(freeMsat, ownMsat))
}

/** Kept by the operator: it was refundable until the very moment of its revocation. */
export const revokedError = ({ revoked }: Session): PublicError =>
  publicError('key_revoked', { at: iso(revoked?.until ?? revoked?.at ?? 0) })

const iso = (unixS: number): string => new Date(unixS * 1000).toISOString()

export const tooMany = (seconds: number): PublicError =>
  publicError('too_many_requests', { seconds }, { retryAfterS: seconds })

/** Somebody who tries keys and tokens is told so after a while (contract 1.6). */
export function counted(node: PublicNode, address: string, problem: PublicError): PublicError {
  const waitS = node.failures.refused(address)
  if (waitS !== undefined) return tooMany(waitS)
  node.failures.count(address)
  return problem
}
