/** models.importPreview and applyImport: what an upstream lists now, shown before anything is saved. */
import { z } from 'zod'
import { type Upstream, wish } from '../../../events'
import { command } from '../command'
import type { Chosen } from '../imports'

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
    refused: z.array(
      z.object({
        model: z.string(),
        why: z.string(),
        code: z.enum(['no-price', 'id-taken', 'outside-guard']),
        /** Of `outside-guard`: what applyImport takes over where `changed` names the model, after a second yes. */
        prices: z.array(change).optional(),
      }),
    ),
  }),
  async run({ upstream }, { node }) {
    const stream = node.upstreams.resolve(upstream)
    if (stream === undefined) return { notFound: `upstream ${upstream}` }
    return node.imports.preview(stream, {
      guardFactor: node.settings('pricing.guardFactor'),
      isAlias: aliasesOf(node.upstreams.models()),
    })
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
  check: async ({ diff, accept }, { node }) => wildQuestion(node.imports.choose(diff, accept)?.wild ?? []),
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
        taken: node.upstreams.models().flatMap((row) => row.aliases),
      }),
    )
    return 'refused' in outcome ? outcome : { counts: chosen.counts }
  },
})

/** Prices outside the guard, old and new of each: a slip would sell at them (dashboard 4.3). */
function wildQuestion(wild: Chosen['wild']): string | undefined {
  if (wild.length === 0) return undefined
  const moves = wild.map((move) => `${move.model} ${move.field} from ${usd(move.old)} to ${usd(move.new)}`)
  const [shown, hidden] = [moves.slice(0, mostNamed), moves.length - mostNamed]
  const rest = hidden > 0 ? ` and ${hidden} more` : ''
  return `Take over prices outside the guard, per 1M tokens: ${shown.join(', ')}${rest}?`
}

/** Of a question, so that it stays one that is read. */
const mostNamed = 20
const usd = (price: string | null): string => (price === null ? 'no price' : `$${price}`)

/** Whether a name is an alias of any model that is there. */
function aliasesOf(rows: readonly { readonly aliases: readonly string[] }[]): (id: string) => boolean {
  const names = new Set(rows.flatMap(({ aliases }) => aliases).map((alias) => alias.toLowerCase()))
  return (id) => names.has(id.toLowerCase())
}
