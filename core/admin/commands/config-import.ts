/** config.import: what a document of config.export would change here; its settings can be applied, the rest is named. */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { SettingValue } from '../../../events'
import { isSettingKey, settings } from '../../settings'
import { command, type RunContext } from '../command'
import { changedModels } from '../queries/config'
import { applySettings, settingValue } from './settings'

const most = 2000
const text = z.string().max(500)
/** As config.export writes it. */
const document = z.object({
  format: z.literal(1),
  settings: z.record(text, settingValue).default({}),
  upstreams: z
    .array(z.object({ name: text, baseUrl: text, models: z.record(text, z.unknown()).default({}) }))
    .max(100)
    .default([]),
  mints: z
    .array(z.object({ url: text }))
    .max(100)
    .default([]),
  relays: z.array(text).max(10).default([]),
})
type Document = z.output<typeof document>

const difference = z.object({
  kind: z.enum(['setting', 'upstream', 'models', 'mint', 'relay']),
  name: z.string(),
  old: settingValue.optional(),
  new: settingValue.optional(),
  /** Why an import leaves it: it is no setting of this node, its value does not fit, or it needs a key or a test first. */
  left: z.enum(['unknown', 'unfit', 'by-hand']).optional(),
})
type Difference = z.output<typeof difference>

export const configImport = command({
  name: 'config.import',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  in: z.object({ document, apply: z.boolean().default(false) }),
  /** `later`: what holds only from that unix second on. */
  out: z.object({ diff: z.array(difference), later: z.record(z.string(), z.int()).optional() }),
  async run({ document: wanted, apply }, context) {
    const diff = [...settingsIn(wanted, context), ...(await othersIn(wanted, context))].slice(0, most)
    if (!apply) return { diff }
    const changes = Object.fromEntries(
      diff.flatMap((one) => (one.kind === 'setting' && one.left === undefined ? [[one.name, one.new ?? null]] : [])),
    )
    const applied = await applySettings(changes, context)
    if (!('changed' in applied)) return applied
    return { diff, ...(applied.later === undefined ? {} : { later: applied.later }) }
  },
})

function settingsIn(wanted: Document, { node }: RunContext): readonly Difference[] {
  const chosen = node.engine.peek('node', 'node')?.settings ?? {}
  return Object.entries(wanted.settings).flatMap(([name, value]): Difference[] => {
    if (!isSettingKey(name)) return [{ kind: 'setting', name, new: value, left: 'unknown' }]
    const old: SettingValue = chosen[name]?.value ?? settings[name].default
    if (JSON.stringify(old) === JSON.stringify(value)) return []
    const fits = settings[name].schema.safeParse(value).success
    return [{ kind: 'setting', name, old, new: value, ...(fits ? {} : { left: 'unfit' as const }) }]
  })
}

/** An upstream comes with a key, a mint after a test, a relay after a step-up of its own: all of them by hand. */
async function othersIn(wanted: Document, { node }: RunContext): Promise<readonly Difference[]> {
  const { mints, adminRelays } = await node.engine.state('node', 'node')
  const isKnown = (url: string) => mints.some((mint) => mint.url === (node.mints.normalise(url)?.url ?? url))
  const byHand = (kind: Difference['kind'], name: string): Difference => ({ kind, name, left: 'by-hand' })
  const upstreams: Difference[] = []
  for (const { name, baseUrl, models } of wanted.upstreams) {
    const stream = node.upstreams.resolve(name)
    if (stream === undefined) upstreams.push(byHand('upstream', `${name}, ${baseUrl}`))
    else if (!isDeepStrictEqual(models, chosenModels((await node.engine.state('upstream', stream)).models)))
      upstreams.push(byHand('models', name))
  }
  return [
    ...upstreams,
    ...wanted.mints.filter(({ url }) => !isKnown(url)).map(({ url }) => byHand('mint', url)),
    ...wanted.relays.filter((relay) => !adminRelays.includes(relay)).map((relay) => byHand('relay', relay)),
  ]
}

/** As a document that crossed JSON has them. */
const chosenModels = (models: Parameters<typeof changedModels>[0]): unknown =>
  JSON.parse(JSON.stringify(Object.fromEntries(changedModels(models))))
