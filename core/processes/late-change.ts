/** Whose change is that a mint signed long after it called a payment paid (wallet 5.4, 6.4, 16). */
import { asMsat, wholeParts, wish } from '../../events'
import type { GivesBack } from './recover-import'
import type { RecoverDeps } from './recover-types'

/**
 * What a customer's payment did not use is his: with the payment nothing of it came, so that it was booked as its fee.
 * Beyond his promise the owner's coins were locked, and what comes back of them is the owner's. undefined: all of it is.
 */
export async function changeBack(
  payout: string,
  { engine }: Pick<RecoverDeps, 'engine'>,
): Promise<GivesBack | undefined> {
  const state = await engine.state('payout', payout)
  if (state.is !== 'lightning' || state.lightning.is !== 'paid') return undefined
  const { sessionId } = state.wish
  const { purse, lockedUnits, promisedMsat, returnedMsat } = state.lightning.paid
  // What was left on a key that has ended is its operator's.
  if (sessionId === undefined || (await engine.state('session', sessionId)).is !== 'open') return undefined
  const perUnit = purse.endsWith('/sat') ? 1000 : 1
  return (units) => {
    const unusedMsat = Math.max(0, promisedMsat - (lockedUnits - units) * perUnit)
    const returnedUnits = wholeParts(Math.max(0, unusedMsat - returnedMsat), perUnit)
    const shares = [{ purse, msat: asMsat(returnedUnits * perUnit) }]
    return returnedUnits === 0
      ? { returnedUnits, wishes: [] }
      : { returnedUnits, wishes: [wish('session', sessionId, { do: 'return', payoutId: payout, shares })] }
  }
}
