/** requests.running: what is under way now, and what is held for it (dashboard 4.1, In flight). */
import { z } from 'zod'
import { query, type RunContext } from '../command'

export const runningRow = z.object({
  requestId: z.string(),
  model: z.string(),
  /** Who is asked now. */
  upstream: z.string(),
  key12: z.string(),
  heldMsat: z.int(),
  ageS: z.int(),
})

export const requestsRunning = query({
  name: 'requests.running',
  in: z.object({}),
  out: z.object({ rows: z.array(runningRow), totals: z.object({ requests: z.int(), heldMsat: z.int() }) }),
  run: async (_, { node, now }) => ({ rows: runningOf(node, now), totals: node.holds.totals() }),
})

/** Holds of running requests, the oldest first; of one session its own and those of its child keys. */
export const runningOf = (node: RunContext['node'], now: number, session?: string): z.input<typeof runningRow>[] =>
  node.holds
    .running()
    .filter((hold) => session === undefined || hold.session === session || hold.parent === session)
    .flatMap(({ session, amountMsat, of }) => (of === undefined ? [] : [{ session, amountMsat, ...of }]))
    .sort((a, b) => a.since - b.since)
    .map(({ requestId, model, upstream, session, amountMsat, since }) => ({
      requestId,
      model,
      upstream,
      key12: session.slice('session-'.length, 'session-'.length + 12),
      heldMsat: amountMsat,
      ageS: Math.max(0, Math.floor((now - since) / 1000)),
    }))
