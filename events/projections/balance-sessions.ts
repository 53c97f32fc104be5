/** What the events of a session move in the books (wallet 16). */
import type { SessionEvent } from '../schema/session'

export type Move = (purse: string, account: string, msat: bigint) => void

type MovingSession =
  | 'session.credited'
  | 'session.charged'
  | 'session.children-added'
  | 'session.granted'
  | 'session.corrected'
  | 'session.ended'
  | 'session.debited'
  | 'session.returned'
  | 'session.rounded'

/** A key's balance: what came, what was earned of it, and what left. */
export function moveSession(event: Extract<SessionEvent, { type: MovingSession }>, move: Move): void {
  switch (event.type) {
    case 'session.credited':
      move(event.data.purse, 'customers', -BigInt(event.data.amountMsat))
      break
    case 'session.charged':
    case 'session.children-added':
      for (const { purse, msat } of event.data.shares) {
        move(purse, 'customers', BigInt(msat))
        move(purse, 'owner:earned', -BigInt(msat))
      }
      break
    case 'session.granted':
      move(event.data.purse, 'customers', -BigInt(event.data.amountMsat))
      move(event.data.purse, 'owner:granted', BigInt(event.data.amountMsat))
      break
    case 'session.corrected':
      for (const { purse, msat } of event.data.shares) {
        move(purse, 'owner:granted', -BigInt(msat))
        move(purse, 'customers', BigInt(msat))
      }
      break
    case 'session.ended':
      for (const { purse, msat } of event.data.shares) {
        move(purse, 'owner:forfeited', -BigInt(msat))
        move(purse, 'customers', BigInt(msat))
      }
      break
    case 'session.debited':
      for (const { purse, msat } of event.data.shares) move(purse, 'customers', BigInt(msat))
      break
    case 'session.returned':
      for (const { purse, msat } of event.data.shares) move(purse, 'customers', -BigInt(msat))
      break
    case 'session.rounded':
      for (const { purse, msat } of event.data.shares) {
        move(purse, 'customers', BigInt(msat))
        move(purse, 'owner:rounding', -BigInt(msat))
      }
      break
    default:
      event satisfies never
  }
}
