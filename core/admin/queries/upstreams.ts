/** upstreams.list: who we buy from; a key is never shown, only its last four characters. */
import { z } from 'zod'
import { usageByModel } from '../../../events'
import { query, type RunContext } from '../command'
import { numberOf } from '../rows'

export const upstreamRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  host: z.string(),
  state: z.string(),
  sentence: z.string(),
  models: z.int(),
  credit: z.object({ value: z.string().optional(), at: z.int().optional() }),
  keyLast4: z.array(z.string()),
  fee: z.string().optional(),
  priority: z.int(),
  privateAddress: z.boolean(),
  errors24h: z.int(),
})

const dayMs = 24 * 3600_000

export const upstreamsList = query({
  name: 'upstreams.list',
  in: z.object({}),
  out: z.object({ rows: z.array(upstreamRow) }),
  async run(_, context) {
    const { node, now } = context
    const used = await usageByModel(node.views.sql, now - dayMs)
    const rows = []
    for (const stream of node.upstreams.streams()) {
      const row = await shownUpstream(stream, context)
      if (row === undefined) continue
      const errors24h = used
        .filter((one) => one.upstream === row.name)
        .reduce((sum, one) => sum + numberOf(one.failed), 0)
      rows.push({ ...row, errors24h })
    }
    return { rows }
  },
})

export async function shownUpstream(
  stream: string,
  { node }: RunContext,
): Promise<z.input<typeof upstreamRow> | undefined> {
  const { config, models } = await node.engine.state('upstream', stream)
  if (config === undefined) return undefined
  const { state, sentence } = node.upstreams.state(stream)
  return {
    id: stream,
    name: config.name,
    kind: config.kind,
    host: new URL(config.baseUrl).host,
    state,
    sentence,
    models: Object.values(models).filter((model) => !model.gone).length,
    credit: {},
    keyLast4: config.keys.map((key) => key.last4),
    ...(config.fee === undefined ? {} : { fee: config.fee }),
    priority: config.priority,
    privateAddress: config.privateAddress,
    errors24h: 0,
  }
}
