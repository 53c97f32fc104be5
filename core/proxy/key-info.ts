/** `GET /v1/balance/info` (contract 4.2): what a key has, may, and spent. */
import { countedMsat, type Session } from '../../events'
import { isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { logged } from './log-refusal'
import type { PublicNode, PublicRequest } from './node-port'
import { availableMsat, findPayer, openPayer, type Payer, payingOf, stateOfKey } from './pay'
import type { PublicError } from './refusals'

/** Balance includes what is reserved; an unseen token is redeemed and opened here too. */
export async function keyInfo(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(logged(node, call, problem), call.id, call.headers)
  const found = await findPayer(node, call)
  if (isPublicError(found)) return no(found)
  const payer = await openPayer(node, call, found, { via: 'bearer' })
  if (isPublicError(payer)) return no(payer)
  return jsonAnswer(await infoOf(node, payer), call.headers)
}

async function infoOf(node: PublicNode, payer: Payer) {
  const { credential, state, parent } = payer
  const paying = payingOf(payer)
  const [opened] = await node.log.read(credential.session, 0, 1)
  return {
    api_key: credential.key,
    balance: paying.state.balanceMsat,
    reserved: node.holds.heldMsat(paying.session),
    available: availableMsat(node, payer),
    is_child: parent !== undefined,
    state: stateOfKey(payer, node.now()),
    ...spendingOf(state),
    refund_address: state.payout?.address ?? null,
    key_expiry_time: state.payout?.expiresAt ?? null,
    unit: paying.state.latest?.unit ?? 'sat',
    mint_url: paying.state.latest?.mint ?? '',
    created_at: Math.floor((opened?.at ?? 0) / 1000),
    ...(parent === undefined ? {} : { parent_key_preview: `${hashed(parent.session)}...` }),
    ...(state.children.length === 0 ? {} : { child_keys: await childrenOf(node, state) }),
  }
}

const spendingOf = (state: Session) => ({
  total_requests: state.requests,
  total_spent: countedMsat(state),
  balance_limit: state.limits.balanceLimitMsat,
  balance_limit_reset: state.limits.balanceLimitReset,
  validity_date: state.limits.validUntil,
})

/** First 12 hex of a key's hash: a parent never learns more of its children's keys, nor they of its own. */
const hashed = (session: string): string => session.slice('session-'.length, 'session-'.length + 12)

async function childrenOf(node: PublicNode, { children }: Session) {
  const rows = []
  for (const child of children)
    rows.push({ key_id: hashed(child), ...spendingOf(await node.engine.state('session', child)) })
  return rows
}
