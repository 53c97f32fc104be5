/** config.import: what a document of config.export would change here; what needs no key and no test is applied, the rest named. */
import { z } from 'zod'
import type { SettingValue, Wish } from '../../../events'
import { isSettingKey, settings } from '../../settings'
import { command, type RunContext } from '../command'
import { exportedUpstream, upstreamChanges } from './config-import-upstreams'
import { applySettings, settingValue } from './settings'

const most = 2000
const text = z.string().max(500)
/** As config.export writes it. */
const document = z.object({
  format: z.literal(1),
  settings: z.record(text, settingValue).default({}),
  upstreams: z.array(exportedUpstream).max(100).default([]),
  mints: z
    .array(z.object({ url: text }))
    .max(100)
    .default([]),
  relays: z.array(text).max(10).default([]),
})
type Document = z.output<typeof document>

const difference = z.object({
  kind: z.enum(['setting', 'upstream', 'model', 'mint', 'relay']),
  name: z.string(),
  /** Of an upstream or a model. */
  field: z.string().optional(),
  old: settingValue.optional(),
  new: settingValue.optional(),
  /** Why an import leaves it: nothing here is called so, it does not fit, it is to be done by hand, or comes later. */
  left: z.enum(['unknown', 'unfit', 'by-hand', 'later']).optional(),
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
    const { diff: upstreams, wishes } = await upstreamsIn(wanted, context)
    const diff = [...settingsIn(wanted, context), ...upstreams, ...(await othersIn(wanted, context))].slice(0, most)
    if (!apply) return { diff }
    if (wishes.length > 0) {
      const done = await context.execute(wishes)
      if ('refused' in done) return done
    }
    const changes = Object.fromEntries(
      diff.flatMap((one) => (one.kind === 'setting' && one.left === undefined ? [[one.name, one.new ?? null]] : [])),
    )
    const applied = await applySettings(changes, context)
    if (!('changed' in applied)) return applied
    return { diff, ...(applied.later === undefined ? {} : { later: applied.later }) }
  },
})

/** Each change is tried on what those before it would leave; one that is refused is named and keeps nobody from it. */
async function upstreamsIn(wanted: Document, context: RunContext) {
  const diff: Difference[] = []
  const wishes: Wish[] = []
  for (const { wishes: own, ...row } of (await upstreamChanges(wanted.upstreams, context)).slice(0, most)) {
    const tried = own.length === 0 ? undefined : await context.node.engine.simulate([...wishes, ...own])
    if (tried === undefined) diff.push(row)
    else if ('refused' in tried) diff.push({ ...row, left: 'unfit' })
    else {
      wishes.push(...own)
      diff.push(row)
    }
  }
  return { diff, wishes }
}

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

/** A mint comes after a test, a relay after a step-up of its own: by hand. */
async function othersIn(wanted: Document, { node }: RunContext): Promise<readonly Difference[]> {
  const { mints, adminRelays } = await node.engine.state('node', 'node')
  const isKnown = (url: string) => mints.some((mint) => mint.url === (node.mints.normalise(url)?.url ?? url))
  const byHand = (kind: Difference['kind'], name: string): Difference => ({ kind, name, left: 'by-hand' })
  return [
    ...wanted.mints.filter(({ url }) => !isKnown(url)).map(({ url }) => byHand('mint', url)),
    ...wanted.relays.filter((relay) => !adminRelays.includes(relay)).map((relay) => byHand('relay', relay)),
  ]
}
