/** Child keys (contract 3.8, 4.6): allowances that spend their parent's balance, made and reset by the parent. */
import { asMsat, shownSat, wish } from '../../events'
import { limits } from '../limits'
import { isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { readLimits } from './balance'
import { parseObject, readBody } from './body'
import { sessionOf } from './credentials'
import { logged } from './log-refusal'
import type { PublicNode, PublicRequest } from './node-port'
import { closedError, findPayer, openPayer, type Payer, tooMany } from './pay'
import { type PublicError, publicError } from './refusals'

type Fields = Readonly<Record<string, unknown>>

/** `POST /child-key`: the price of all of them and the keys themselves, in one commit or not at all. */
export async function createChildKeys(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(logged(node, call, problem), call.id, call.headers)
  const fields = await readFields(call)
  if (isPublicError(fields)) return no(fields)
  const count = fields.count ?? 1
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1 || count > limits.childKeysAtOnce)
    return no(invalid('count', `must be a whole number from 1 to ${limits.childKeysAtOnce}`))
  const keyLimits = readLimits(fields)
  if (isPublicError(keyLimits)) return no(keyLimits)
  const payer = await parentOf(node, call)
  if (isPublicError(payer)) return no(payer)
  if (!node.log.isWritable()) return no(publicError('log_unavailable'))
  const { session } = payer.credential
  const keys = Array.from({ length: count }, newKey)
  const children = keys.map(sessionOf)
  const costEachMsat = asMsat(node.settings('pricing.childKeyMsat'))
  const add = () =>
    ({
      do: 'add-children',
      children,
      costEachMsat,
      heldMsat: node.holds.heldMsat(session),
      nowMs: node.now(),
      most: limits.childKeys,
    }) as const
  const open = { do: 'open', origin: 'child', limits: keyLimits, parent: session } as const
  const outcome = await node.engine.execute(
    [wish('session', session, add), ...children.map((child) => wish('session', child, open))],
    { meta: { actor: session, door: 'public', cause: call.id } },
  )
  if ('refused' in outcome) return no(await refusalOf(node, payer, outcome))
  const costMsat = costEachMsat * count
  const { balanceMsat } = await node.engine.state('session', session)
  const shown = { cost_msats: costMsat, cost_sats: shownSat(costMsat) }
  const parent = { parent_balance: balanceMsat, parent_balance_sats: shownSat(balanceMsat) }
  return jsonAnswer({ api_keys: keys, count, ...shown, ...parent }, call.headers)
}

/** `POST /child-key/reset`: what the child's limit counts begins anew. */
export async function resetChildKey(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(logged(node, call, problem), call.id, call.headers)
  const fields = await readFields(call)
  if (isPublicError(fields)) return no(fields)
  const payer = await parentOf(node, call)
  if (isPublicError(payer)) return no(payer)
  const named = fields.child_key
  if (typeof named !== 'string') return no(invalid('child_key', 'is required'))
  const child = await childNamed(node, named)
  if (child?.parent !== payer.credential.session) {
    const waitS = node.failures.refused(call.address)
    if (waitS !== undefined) return no(tooMany(waitS))
    node.failures.count(call.address)
    return no(publicError(child === undefined ? 'child_key_not_found' : 'not_your_child_key'))
  }
  const outcome = await node.engine.execute(
    wish('session', child.session, () => ({ do: 'reset-spending', at: node.now() })),
    { meta: { actor: child.parent, door: 'public', cause: call.id } },
  )
  // It ended this very moment.
  if ('refused' in outcome) return no(publicError('child_key_not_found'))
  return jsonAnswer({ success: true, message: 'Child key spending reset' }, call.headers)
}

/** With or without `sk-`; undefined: no key of that name is a child. */
async function childNamed(node: PublicNode, named: string) {
  const key = `sk-${named.trim().toLowerCase().replace(/^sk-/, '')}`
  if (!/^sk-[0-9a-f]{64}$/.test(key)) return undefined
  const session = sessionOf(key)
  const { is, parent } = await node.engine.state('session', session)
  return parent === undefined || is === 'ended' ? undefined : { session, parent }
}

const newKey = (): string => `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}`
const invalid = (param: string, why: string): PublicError => publicError('invalid_field', { param, why })

async function readFields({ request }: PublicRequest): Promise<Fields | PublicError> {
  const raw = await readBody(request, limits.walletBodyBytes)
  if ('error' in raw) return raw
  return raw.bytes.length === 0 ? {} : parseObject(raw.bytes)
}

/** An open key that may have children: a child has none (no nesting). */
async function parentOf(node: PublicNode, call: PublicRequest): Promise<Payer | PublicError> {
  const found = await findPayer(node, call)
  if (isPublicError(found)) return found
  const payer = await openPayer(node, call, found, { via: 'bearer' })
  if (isPublicError(payer)) return payer
  const closed = closedError(payer, node.now())
  if (closed !== undefined) return closed
  return payer.parent === undefined ? payer : publicError('child_key_not_allowed')
}

/** What the decider said, in the words of contract 1.8; a state that changed meanwhile answers as it does at the door. */
async function refusalOf(
  node: PublicNode,
  { credential }: Payer,
  refusal: { readonly refused: string } & Readonly<Record<string, unknown>>,
): Promise<PublicError> {
  const state = await node.engine.state('session', credential.session)
  const [required, reserved] = [Number(refusal.needMsat), Number(refusal.heldMsat)]
  const numbers = { required_msat: required, reserved_msat: reserved }
  switch (refusal.refused) {
    case 'balance-too-low': {
      const available = Number(refusal.availableMsat)
      const details = { ...numbers, available_msat: available, balance_msat: state.balanceMsat }
      return publicError('insufficient_balance', { required, available, reserved }, { details })
    }
    case 'limit-reached': {
      const limit = state.limits.balanceLimitMsat ?? 0
      const spent = limit - Number(refusal.leftMsat) - reserved
      const details = { ...numbers, limit_msat: limit, spent_msat: spent }
      return publicError('balance_limit_exceeded', { limit, spent, reserved, required }, { details })
    }
    case 'too-many-children':
      return invalid('count', `would make more than ${String(refusal.most)} child keys of this key`)
    default:
      return closedError({ state }, node.now()) ?? publicError('node_busy')
  }
}
