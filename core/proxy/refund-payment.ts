/** The change of a one-shot payment, collected by its original token: knowing it is the authorisation (contract 4.4). */
import { wholeSats } from '../../events'
import { errorAnswer, jsonAnswer } from './answer'
import { givenBy, waitMs } from './change'
import { tokenText } from './credentials'
import type { PublicNode, PublicRequest } from './node-port'
import { counted } from './pay'
import { type PublicError, publicError } from './refusals'

export async function refundPayment(node: PublicNode, call: PublicRequest, presented: string): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(problem, call.id, call.headers)
  const read = node.oneShots.read(tokenText(presented))
  const paid =
    read === undefined
      ? ({ is: 'new' } as const)
      : await node.oneShots.lookUp(read.deposit, 'body', waitMs(node), false)
  switch (paid.is) {
    case 'new':
    case 'spent':
      return no(counted(node, call.address, publicError('refund_not_found')))
    case 'running':
    case 'redeeming':
    case 'pending':
      return no(publicError('refund_pending', {}, { retryAfterS: 2 }))
    case 'none':
      return no(publicError('payment_used_up', {}, { details: { cost_msat: paid.costMsat, change_msat: 0 } }))
    case 'swept':
      return no(publicError('refund_swept'))
    case 'ready': {
      const { token, unit, msat, payout } = paid
      const amount = unit === 'sat' ? { sats: String(wholeSats(msat)) } : { msats: String(msat) }
      const body = { token, ...amount, refund_id: payout.slice('payout-'.length) }
      return jsonAnswer(body, { ...call.headers, ...givenBy(paid).headers })
    }
    default:
      return paid satisfies never
  }
}
