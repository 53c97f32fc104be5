/** A charge on a session, as a request would leave it. */
import { asMsat, wish } from '../../events'
import type { DepositKit } from './deposits'

/** A charge, so that what is left is no sum of the coins there are. */
export const spends = (one: DepositKit, session: string, msat: number) =>
  one.opened.engine.execute(
    wish('session', session, (state) => ({
      do: 'charge',
      othersHeldMsat: 0,
      charge: chargeOf(Math.min(msat, state.balanceMsat)),
    })),
    { meta: { actor: session, door: 'public', cause: undefined } },
  )
export const chargeOf = (msat: number) => {
  const zero = asMsat(0)
  return {
    requestId: crypto.randomUUID(),
    at: 1_700_000_000_000,
    path: '/chat/completions',
    model: 'gpt-x',
    upstream: 'up',
    upstreamKind: 'generic',
    outcome: 'answered' as const,
    status: 200,
    stream: false,
    holdMsat: asMsat(msat),
    costMsat: asMsat(msat),
    split: { inputMsat: asMsat(msat), outputMsat: zero, baseMsat: zero, cacheReadMsat: zero, cacheCreationMsat: zero },
    usage: {
      input: 1,
      cacheRead: 0,
      cacheWrite: 0,
      cacheWrite1h: 0,
      output: 0,
      searches: 0,
      estimated: false,
      mismatch: false,
    },
    prices: {},
    priceSource: 'upstream' as const,
    billing: 'list' as const,
    fees: { exchange: '1', upstream: '1' },
    usdPerBtc: null,
    attempts: [],
    ms: 1,
  }
}
