/** What was tried to refund a session's balance as it stands: streams that its balance version and a count name (contract 4.4). */
import type { Engine, Payout } from '../../events'
import type { LightningPayout } from './melt-types'
import { refundId } from './payout-plan'

/** Oldest first, with the place of the next one. */
export async function triesOf(session: string, engine: Pick<Engine, 'state'>) {
  const state = await engine.state('session', session)
  const tries: { readonly payout: string; readonly state: Payout }[] = []
  for (;;) {
    const payout = refundId(session, state.credits, tries.length + 1)
    const known = await engine.state('payout', payout)
    if (known.is === 'unknown') return { state, tries, next: { payout, try: tries.length + 1 } }
    tries.push({ payout, state: known })
  }
}

export const triesByLightning = async (
  session: string,
  engine: Pick<Engine, 'state'>,
): Promise<readonly LightningPayout[]> =>
  (await triesOf(session, engine)).tries.flatMap(({ state }) => (state.is === 'lightning' ? [state] : []))
