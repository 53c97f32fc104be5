/** Books one finished request: one durable event, then the hold ends (contract 6.6). */
import { type Charged, LogUnavailable, type SessionCharge } from '../../events'
import { limits } from '../limits'
import type { Admitted } from './admission'
import { chargeOf, type Ended } from './charge-of'
import { chargeWishes, remainingMsat } from './charge-wishes'
import { type CostObject, costObject } from './cost'
import type { PublicNode, PublicRequest } from './node-port'

/** undefined: the log could not be written in time; nothing was charged. */
export async function settle(
  node: PublicNode,
  call: PublicRequest,
  admitted: Admitted,
  ended: Ended,
): Promise<CostObject | undefined> {
  const { hold, oneShot } = admitted
  const charge = chargeOf(node, call, admitted, ended)
  try {
    await node.stopHere('charge: before the append')
    const committed = await written(node, () =>
      oneShot === undefined
        ? chargeKey(node, call, admitted, charge)
        : node.oneShots.close({ deposit: oneShot.deposit, charge, requestId: call.id }),
    )
    await node.stopHere('charge: after the append')
    node.holds.release(hold)
    // Of a one-shot payment nothing remains: what is left of it leaves (contract 6.7).
    const remaining = oneShot === undefined ? remainingMsat(node, hold.session) : undefined
    return committed === undefined ? undefined : costObject(committed, remaining)
  } finally {
    node.holds.release(hold)
  }
}

/** Tried again while the answer waits: the money is spent at the upstream, only the record is missing. */
async function written(node: PublicNode, append: () => Promise<Charged | undefined>): Promise<Charged | undefined> {
  const deadline = node.now() + limits.chargeRetryMs
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 2000)) {
    try {
      return await append()
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error
      if (node.now() + pauseMs > deadline) return undefined
      await node.pause(pauseMs)
    }
  }
}

async function chargeKey(
  node: PublicNode,
  call: PublicRequest,
  { hold }: Admitted,
  charge: SessionCharge,
): Promise<Charged | undefined> {
  const outcome = await node.engine.execute(chargeWishes(node, hold, charge), {
    meta: { actor: hold.session, door: 'public', cause: call.id },
  })
  if ('refused' in outcome) throw new Error(`a charge was refused: ${outcome.refused}`)
  return outcome.events.find((event) => event.type === 'session.charged')?.data as Charged | undefined
}
