/** Lightning top-ups (contract 5): an invoice for a new key or an old one, its status, and its recovery by preimage. */
import { createHash } from 'node:crypto'
import { type KeyLimits, unlimited } from '../../events'
import { limits } from '../limits'
import type { InvoiceStatus } from '../processes/invoice-types'
import { isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { readLimits } from './balance'
import { parseObject, readBody } from './body'
import { type Credential, parseCredential, readCredential, sessionOf } from './credentials'
import type { PublicNode, PublicRequest } from './node-port'
import { closedError, isEnded, limitsOfNew, notTaking, payingOf, tooMany, withParent } from './pay'
import { type PublicError, publicError } from './refusals'

type Fields = Readonly<Record<string, unknown>>

/** What an invoice pays for. */
type Purpose = {
  readonly purpose: 'create' | 'topup'
  readonly key: string
  readonly target: string
  readonly limits: KeyLimits
}

/** `POST /lightning/invoice`: what is refused writes nothing, and nothing is shown before it is kept. */
export async function makeInvoice(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(problem, call.id, call.headers)
  const fields = await readFields(call)
  if (isPublicError(fields)) return no(fields)
  const sats = fields.amount_sats
  const [least, most] = [node.settings('lightning.minSat'), node.settings('lightning.maxSat')]
  if (typeof sats !== 'number' || !Number.isSafeInteger(sats) || sats < least || sats > most) {
    const why = `must be a whole number from ${least} to ${most}`
    return no(publicError('invalid_field', { param: 'amount_sats', why }))
  }
  const wanted = await readPurpose(node, call, fields)
  if (isPublicError(wanted)) return no(wanted)
  const refused = notTaking(node)
  if (refused !== undefined) return no(refused)
  const waitS = node.invoicesAsked.refused(call.address)
  if (waitS !== undefined) return no(publicError('too_many_invoices', {}, { retryAfterS: waitS }))
  node.invoicesAsked.count(call.address)
  const made = await node.invoices.create({ ...wanted, sats, requestId: call.id })
  if ('refused' in made) return no(publicError(codes[made.refused]))
  return jsonAnswer(
    {
      invoice_id: made.invoiceId,
      bolt11: made.bolt11,
      amount_sats: sats,
      expires_at: made.expiresAt,
      payment_hash: made.paymentHash,
    },
    call.headers,
  )
}

const codes = {
  'invoices-open': 'too_many_invoices',
  'mint-down': 'lightning_mint_unreachable',
  'mint-unusable': 'invoice_creation_failed',
} as const

/** `GET /lightning/invoice/{id}/status`: the id is the authorisation. */
export async function invoiceStatus(node: PublicNode, call: PublicRequest, id: string): Promise<Response> {
  const status = invoiceIdForm.test(id) ? await node.invoices.status(id) : undefined
  if (status !== undefined) return jsonAnswer(shown(status), call.headers)
  return errorAnswer(counted(node, call, publicError('invoice_not_found')), call.id, call.headers)
}

/** `POST /lightning/recover`: only the payer knows the preimage; a top-up is also its key's owner's to ask for. */
export async function recoverInvoice(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(problem, call.id, call.headers)
  const fields = await readFields(call)
  if (isPublicError(fields)) return no(fields)
  const { bolt11, preimage } = fields
  const hash = typeof bolt11 === 'string' ? node.invoices.hashOf(bolt11) : undefined
  if (hash === undefined) return no(publicError('invalid_field', { param: 'bolt11', why: 'must be a BOLT11 invoice' }))
  if (preimage === undefined || preimage === null) return recoverByKey(node, call, hash)
  if (typeof preimage !== 'string' || !/^[0-9a-f]{64}$/i.test(preimage))
    return no(publicError('invalid_field', { param: 'preimage', why: 'must be 64 hex digits' }))
  if (createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex') !== hash)
    return no(counted(node, call, publicError('preimage_mismatch')))
  const status = await node.invoices.statusByHash(hash)
  if (status === undefined) return no(counted(node, call, publicError('invoice_not_found')))
  return jsonAnswer(shown(status), call.headers)
}

async function recoverByKey(node: PublicNode, call: PublicRequest, hash: string): Promise<Response> {
  const credential = readCredential(call.request.headers)
  const status = isPublicError(credential) ? undefined : await node.invoices.statusByHash(hash)
  if (!isPublicError(credential) && status?.purpose === 'topup' && isOf(credential, status))
    return jsonAnswer(shown(status), call.headers)
  return errorAnswer(publicError('preimage_required'), call.id, call.headers)
}

/** The key that was topped up, or the child that asked for it: no sibling learns its key here. */
const isOf = ({ key, session }: Credential, status: InvoiceStatus): boolean =>
  status.target === session || status.key === key

const invoiceIdForm = /^[0-9a-f]{32}$/

/** Times in Unix seconds. */
const shown = ({ status, purpose, key, sats, paidAt, createdAt, expiresAt }: InvoiceStatus) => ({
  status,
  purpose,
  api_key: key,
  amount_sats: sats,
  paid_at: paidAt === null ? null : Math.floor(paidAt / 1000),
  created_at: Math.floor(createdAt / 1000),
  expires_at: expiresAt,
})

async function readPurpose(node: PublicNode, call: PublicRequest, fields: Fields): Promise<Purpose | PublicError> {
  const keyLimits = readLimits(fields)
  if (isPublicError(keyLimits)) return keyLimits
  const purpose = fields.purpose ?? 'create'
  if (purpose === 'create') {
    const key = `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}`
    return { purpose, key, target: sessionOf(key), limits: limitsOfNew(node, keyLimits) }
  }
  if (purpose !== 'topup') return publicError('invalid_field', { param: 'purpose', why: 'must be create or topup' })
  const credential = topUpKey(call, fields)
  if (isPublicError(credential)) return credential
  const payer = await withParent(node, credential, await node.engine.state('session', credential.session))
  if (payer.state.is === 'unknown' || isEnded(payer, node.now()))
    return counted(node, call, publicError('topup_api_key_not_found'))
  const closed = closedError(payer, node.now())
  if (closed !== undefined) return closed
  // A child's top-up is its parent's; the status tells the key that asked for it (contract 3.8).
  return { purpose, key: credential.key, target: payingOf(payer).session, limits: unlimited }
}

/** From the headers, else from the body. */
function topUpKey({ request }: PublicRequest, fields: Fields): Credential | PublicError {
  const presented = readCredential(request.headers)
  const inBody = typeof fields.api_key === 'string' ? fields.api_key.trim() : ''
  const isMissing = isPublicError(presented) && presented.error.code === 'missing_api_key'
  if (isMissing && inBody === '') return publicError('topup_authorization_required')
  const credential = isMissing ? parseCredential(inBody) : presented
  return isPublicError(credential) ? publicError('topup_invalid_api_key_format') : credential
}

async function readFields({ request }: PublicRequest): Promise<Fields | PublicError> {
  const raw = await readBody(request, limits.walletBodyBytes)
  return 'error' in raw ? raw : parseObject(raw.bytes)
}

/** Guesses of a stranger are slowed as those of keys are (contract 1.6). */
function counted(node: PublicNode, { address }: PublicRequest, problem: PublicError): PublicError {
  const waitS = node.failures.refused(address)
  if (waitS !== undefined) return tooMany(waitS)
  node.failures.count(address)
  return problem
}
