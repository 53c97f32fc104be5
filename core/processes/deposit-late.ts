/** A rejected token that its mint processed after all is credited, late (wallet 9.8): a slow copy of our own swap won. */
import type { Deposit } from '../../events'
import type { DepositDeps, OpenDeposit } from './deposit-types'
import type { Closing } from './drive-types'
import { lookAt } from './evidence'
import { statesOf } from './recover-types'

/** `settled`: credited now. `nothing`: no attempt won so far. `over`: it is no rejected deposit. `later`: not answered. */
export type LateEnd = 'settled' | 'nothing' | 'over' | 'later'

export function createLateSettling(deps: DepositDeps, closing: Closing<OpenDeposit>) {
  const { engine, wallet, now, trace } = deps

  return async function look(deposit: string): Promise<LateEnd> {
    const state = await engine.state('deposit', deposit)
    if (state.is !== 'rejected') return 'over'
    const mint = deps.mints().find(({ url }) => url === state.plan.mint)
    return mint === undefined ? 'later' : settle(deposit, state, deps.desk(mint).as('audit'))
  }

  async function settle(
    deposit: string,
    { plan, attempts }: Extract<Deposit, { is: 'rejected' }>,
    desk: ReturnType<DepositDeps['desk']>,
  ): Promise<LateEnd> {
    const seen = await lookAt(
      attempts,
      plan.inputs.map(({ y }) => y),
      desk,
      now,
    )
    if (seen === undefined) return 'later'
    // Believed only beside spent inputs, and only whole (wallet 6.1).
    const isSpent = seen.unspent === 0 && seen.pending === 0
    const won = seen.restored.find(({ attempt, signatures }) => signatures.length === attempt.outputs.length)
    if (!isSpent || won === undefined) return 'nothing'
    const { keysetId, outputs } = won.attempt
    const states = await statesOf(
      outputs.map(({ counter, amount }) => ({ keysetId, counter, amount })),
      desk,
      wallet,
    )
    if (states === undefined) return 'later'
    if (states.some((one) => one !== 'UNSPENT')) {
      // Nobody but us can spend what was signed for us.
      await desk.suspend('own-coin-spent', deposit)
      return 'later'
    }
    trace.warn('A token that was given up is credited: its mint was late', { deposit, mint: plan.mint })
    const open: OpenDeposit = { is: 'open', plan, attempts }
    const nothingSent = { answer: undefined, sends: 0, startedHere: false, clashes: 0, unbalanced: 0 }
    const one = { operation: deposit, state: open, desk, looks: [seen], ...nothingSent }
    return (await closing.settle(one, won.attempt, won.signatures)) === 'closed' ? 'settled' : 'later'
  }
}
