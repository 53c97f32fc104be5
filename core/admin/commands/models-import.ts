/** models.importPreview and applyImport: what an upstream lists now, shown before anything is saved. */
import { z } from 'zod'
import { type Upstream, wish } from '../../../events'
import { command } from '../command'

const change = z.object({
  model: z.string(),
  field: z.string(),
  old: z.string().nullable(),
  new: z.string().nullable(),
})

/** models.importPreview asks the upstream and shows what would change; nothing is saved before applyImport. */
export const modelsImportPreview = command({
  name: 'models.importPreview',
  role: 'operator',
  class: 'O',
  in: z.object({ upstream: z.string().max(100) }),
  out: z.object({
    diff: z.string(),
    new: z.array(z.object({ model: z.string(), inUsdPerM: z.string().nullable(), outUsdPerM: z.string().nullable() })),
    gone: z.array(z.string()),
    changed: z.array(change),
    refused: z.array(z.object({ model: z.string(), why: z.string() })),
  }),
  async run({ upstream }, { node }) {
    const stream = node.upstreams.resolve(upstream)
    if (stream === undefined) return { notFound: `upstream ${upstream}` }
    return node.imports.preview(stream)
  },
})

export const modelsApplyImport = command({
  name: 'models.applyImport',
  role: 'operator',
  class: 'L',
  in: z.object({
    diff: z.string().max(100),
    accept: z.union([
      z.literal('all'),
      z.object({
        new: z.array(z.string()).max(5000),
        gone: z.array(z.string()).max(5000),
        changed: z.array(z.string()).max(5000),
      }),
    ]),
  }),
  out: z.object({ counts: z.object({ new: z.int(), gone: z.int(), changed: z.int() }) }),
  async run({ diff, accept }, { node, execute }) {
    const chosen = node.imports.choose(diff, accept)
    if (chosen === undefined) return { refused: 'diff-unknown' }
    const current: Upstream = await node.engine.state('upstream', chosen.upstream)
    const outcome = await execute(
      wish('upstream', chosen.upstream, {
        do: 'refresh',
        listed: chosen.listed(current),
        guardFactor: node.settings('pricing.guardFactor'),
        sellNew: true,
        accepted: chosen.accepted,
      }),
    )
    return 'refused' in outcome ? outcome : { counts: chosen.counts }
  },
})
