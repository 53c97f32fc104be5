/** What customers made of each model: requests and margin of seven days, errors of one (dashboard 4.3). */
import { z } from 'zod'
import { sumUsageOfModels } from '../../../events'
import type { RunContext } from '../command'
import { numberOf } from '../rows'
import { marginOf } from './series'

export const modelUse = z.object({
  requests7d: z.int(),
  /** Of the requests whose cost is known; absent: it is known of none that was served. */
  marginMsat7d: z.int().optional(),
  /** What those requests brought in. */
  costedRevenueMsat7d: z.int(),
  /** Served at a cost nobody told us. */
  unknown7d: z.int(),
  requests24h: z.int(),
  /** Requests that the upstream failed. */
  errors24h: z.int(),
})
export type ModelUse = z.output<typeof modelUse>

export const noUse: ModelUse = { requests7d: 0, costedRevenueMsat7d: 0, unknown7d: 0, requests24h: 0, errors24h: 0 }

const dayMs = 24 * 3600_000

/** By upstream and model, as `useKey` writes it. */
export async function useOfModels({ node, now }: RunContext): Promise<ReadonlyMap<string, ModelUse>> {
  const { sql } = node.views
  const since = (days: number) => sumUsageOfModels(sql, { fromMs: now - days * dayMs, toMs: now + 1 })
  const week = await since(7)
  const day = new Map((await since(1)).map((row) => [useKey(row), row]))
  return new Map(
    week.map((row) => {
      const [key, margin] = [useKey(row), marginOf(row)]
      const use: ModelUse = {
        requests7d: numberOf(row.requests),
        ...(margin === null ? {} : { marginMsat7d: margin }),
        costedRevenueMsat7d: numberOf(row.costedRevenueMsat),
        unknown7d: numberOf(row.uncosted),
        requests24h: numberOf(day.get(key)?.requests),
        errors24h: numberOf(day.get(key)?.failed),
      }
      return [key, use]
    }),
  )
}

/** The name of the upstream, as a charge keeps it. */
export const useKey = ({ upstream, model }: { readonly upstream: string; readonly model: string }): string =>
  `${upstream} ${model}`
