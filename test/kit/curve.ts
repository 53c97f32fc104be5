/** The curve that the wallets of tests work on: the one that a node takes here by day, the pure one by night (wallet 19.10). */
import { chooseCurve } from '../../core/money/curve'
import { pureCurve } from '../../core/money/mint-client'
import { isNightly } from './sizes'

export const chosenCurve = await chooseCurve(pureCurve)
export const kitCurve = isNightly ? pureCurve : chosenCurve.curve
