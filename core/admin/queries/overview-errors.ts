/** overview.errors: what went wrong in a range, by kind, the newest of each at hand, and the newest of all. */
import { z } from 'zod'
import { listErrors, listRequests } from '../../../events'
import { query } from '../command'
import { ranged, rangeOf, shownWindow, windowOut } from '../ranges'
import { numberOf } from '../rows'
import { changeOf, hasEarlier } from './overview-series'

export const overviewErrors = query({
  name: 'overview.errors',
  in: ranged({ limit: z.int().min(1).max(50).default(10) }),
  out: z.object({
    ...windowOut,
    rows: z.array(
      z.object({
        kind: z.string(),
        count: z.int(),
        before: z.int().nullable(),
        change: z.number().nullable(),
        lastAt: z.int(),
        requestId: z.string(),
      }),
    ),
    /** The newest, whatever their kind. */
    recent: z.array(
      z.object({ at: z.int(), kind: z.string(), model: z.string(), upstream: z.string(), requestId: z.string() }),
    ),
  }),
  async run({ limit, ...asked }, context) {
    const range = rangeOf(asked, context)
    const { sql } = context.node.views
    const found = await listErrors(sql, range, limit)
    const past = (await hasEarlier(range, context)) ? await listErrors(sql, range.before, 50) : undefined
    const rows = found.map(({ error, requests, at, requestId }) => {
      const count = numberOf(requests)
      const before = past === undefined ? null : numberOf(past.find((one) => one.error === error)?.requests)
      return {
        kind: error,
        count,
        before,
        change: changeOf(count, before),
        lastAt: Math.floor(Number(at) / 1000),
        requestId,
      }
    })
    const { fromMs, toMs } = range
    const newest = await listRequests(sql, { fromMs, toMs, error: 'any', limit: recentErrors })
    const recent = newest.map(({ error, model, upstream, at, requestId }) => ({
      at: Math.floor(Number(at) / 1000),
      kind: error ?? '',
      model,
      upstream,
      requestId,
    }))
    return { ...shownWindow(range), rows, recent }
  },
})

const recentErrors = 6
