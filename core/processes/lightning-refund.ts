/** Refunds of a key by Lightning (contract 4.4, wallet 5.4): the receiver is tried before any money moves. */
import { type Payout, shownSat, wholeSats } from '../../events'
import type { AskForeign } from '../foreign'
import { readDestination, receiverProblem } from '../money/pay-request'
import { invoiceMsatOf, type LightningPayout } from './melt-types'
import { type Asked, type Planned, planLightningRefund } from './payout-plan'
import type { PayoutDeps, Refund } from './payout-types'

export async function planRefundTo(
  to: string,
  asked: Asked,
  deps: PayoutDeps & { readonly askForeign: AskForeign },
): Promise<Planned> {
  const destination = readDestination(to)
  if (destination?.is !== 'pay-request') return { refused: 'address', why: 'it is no Lightning address' }
  const sats = wholeSats(asked.state.balanceMsat)
  const msat = invoiceMsatOf(sats * 1000)
  const why = msat < 1000 ? undefined : await receiverProblem(destination, msat, deps.askForeign)
  return why === undefined ? planLightningRefund({ ...asked, to }, deps) : { refused: 'address', why }
}

/** Given up, or paid with something left that can be paid out: the next try of the same balance (contract 4.4). */
export const isOver = (state: Payout, balanceMsat: number): boolean =>
  state.is === 'lightning' &&
  (state.lightning.is === 'rejected' || (state.lightning.is === 'paid' && balanceMsat >= 1000))

export function lightningAnswer(payout: string, { wish: asked, lightning }: LightningPayout): Refund {
  if (lightning.is === 'rejected') return { is: 'reversed' }
  if (lightning.is !== 'paid') return { is: 'pending', payout, byLightning: true }
  const { lightningFeeUnits, inputFeeUnits, purse } = lightning.paid
  const feeSats = shownSat((lightningFeeUnits + inputFeeUnits) * (purse.endsWith('/sat') ? 1000 : 1))
  return { is: 'paid', payout, recipient: asked.destination ?? '', sats: wholeSats(asked.msat), feeSats }
}
