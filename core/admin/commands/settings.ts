/** settings.apply and revert: several settings in one event, in force before the answer (dashboard 4.4). */
import { z } from 'zod'
import { type SettingValue, wish } from '../../../events'
import { limits } from '../../limits'
import { isLooser, isSettingKey, type SettingKey, settingDefaults, settings, valueAt } from '../../settings'
import { type CommandContext, command, type RunContext } from '../command'

export const settingValue = z.union([
  z.string().max(2000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(500)).max(100),
])

/** Names of the flat RIP-07 map mean the same settings. */
function keyOf(name: string): SettingKey | undefined {
  if (isSettingKey(name)) return name
  const found = Object.entries(settings).find(([, setting]) => setting.name === name)?.[0]
  return found !== undefined && isSettingKey(found) ? found : undefined
}

const changesIn = z.object({
  changes: z.record(z.string().max(100), settingValue).superRefine((changes, issues) => {
    if (Object.keys(changes).length === 0) issues.addIssue({ code: 'custom', message: 'nothing to change' })
    for (const [name, wanted] of Object.entries(changes)) {
      const key = keyOf(name)
      if (key === undefined) issues.addIssue({ code: 'custom', path: [name], message: 'there is no such setting' })
      else if (!settings[key].schema.safeParse(wanted).success)
        issues.addIssue({ code: 'custom', path: [name], message: `must be a ${settings[key].bounds}` })
    }
  }),
})
type Changes = z.output<typeof changesIn>

export const settingsApply = command({
  name: 'settings.apply',
  aliases: ['settings.set'],
  role: 'operator',
  stepUp: 'S?',
  atSetup: true,
  class: 'L',
  in: changesIn,
  /** `later`: what holds only from that unix second on. */
  out: z.object({ changed: z.array(z.string()), later: z.record(z.string(), z.int()).optional() }),
  needs: ({ changes }) => (classesOf(changes).some((one) => one !== 'plain') ? 'owner' : undefined),
  stepUpFor: ({ changes }) => classesOf(changes).some((one) => one === 'security' || one === 'payout'),
  async run({ changes }, context) {
    const wanted: Record<string, SettingValue> = {}
    for (const [name, chosen] of Object.entries(changes)) wanted[keyOf(name) ?? name] = chosen
    return applySettings(wanted, context)
  },
})

export const settingsRevert = command({
  name: 'settings.revert',
  role: 'operator',
  stepUp: 'S?',
  class: 'L',
  /** As settings.history names it. */
  in: z.object({ change: z.string().regex(/^\d{1,18}$/) }),
  out: settingsApply.out,
  needs: (params, context) => (classesOf(before(params, context)).some((one) => one !== 'plain') ? 'owner' : undefined),
  stepUpFor: (params, context) =>
    classesOf(before(params, context)).some((one) => one === 'security' || one === 'payout'),
  async run(params, context) {
    const wanted = before(params, context)
    return Object.keys(wanted).length === 0 ? { notFound: `change ${params.change}` } : applySettings(wanted, context)
  },
})

/** What stood there before a change; nothing for one that is unknown or holds no setting of this version. */
function before({ change }: { readonly change: string }, { node }: RunContext): Record<string, SettingValue> {
  const moved = node.revisions.changeAt(BigInt(change)) ?? []
  return Object.fromEntries(moved.flatMap(({ key, old }) => (isSettingKey(key) ? [[key, old]] : [])))
}

/** What the operator wants to stand: checked against each other, delayed where it is looser, in one append. */
export async function applySettings(wanted: Readonly<Record<string, SettingValue>>, context: CommandContext) {
  const { node, execute } = context
  const clashing = changedMeanwhile(Object.keys(wanted), context)
  if (clashing.length > 0) return { revMismatch: clashing }
  const crossed = notOrdered(wanted, context)
  if (crossed !== undefined) return crossed
  const known = (await node.engine.state('node', 'node')).settings
  const changed = Object.keys(wanted).filter(
    (key) => JSON.stringify(known[key]?.value ?? settingDefaults[key]) !== JSON.stringify(wanted[key]),
  )
  const later = delayed(wanted, context)
  const outcome = await execute(
    wish('node', 'node', {
      do: 'apply-settings',
      changes: wanted,
      defaults: settingDefaults,
      source: 'operator',
      later,
    }),
  )
  if ('refused' in outcome) return outcome
  const held = Object.fromEntries(Object.entries(later).map(([key, { at }]) => [key, Math.ceil(at / 1000)]))
  return { changed, ...(Object.keys(held).length === 0 ? {} : { later: held }) }
}

/** Least and most of one thing, in sat (dashboard 4.4, Lightning: "ordered", "cap ≥ from"). */
const ordered = [
  ['lightning.minSat', 'lightning.maxSat'],
  ['sweep.thresholdSat', 'sweep.capSat'],
] as const

/** The least is no larger than the most, whichever of the two is changed; the refusal lands on the changed one. */
function notOrdered(wanted: Readonly<Record<string, SettingValue>>, { node }: RunContext) {
  for (const [least, most] of ordered) {
    if (wanted[least] === undefined && wanted[most] === undefined) continue
    const [minSat, maxSat] = [least, most].map((key) => Number(wanted[key] ?? node.settings(key)))
    if (Number(minSat) <= Number(maxSat)) continue
    const key = wanted[most] === undefined ? least : most
    return { refused: 'not-ordered' as const, least, most, minSat, maxSat, path: `changes.${key}` }
  }
  return undefined
}

/** A looser limit waits a day, so that its owner can see it; not what nobody had set, nor at the machine itself. */
function delayed(wanted: Readonly<Record<string, SettingValue>>, { node, door, now }: CommandContext) {
  const chosen = node.engine.peek('node', 'node')?.settings ?? {}
  const later: Record<string, { readonly at: number; readonly meanwhile: SettingValue }> = {}
  for (const [key, value] of Object.entries(wanted)) {
    const known = chosen[key]
    if (door === 'console' || known === undefined || !isSettingKey(key)) continue
    const meanwhile = valueAt(known, now) ?? known.value
    if (isLooser(key, meanwhile, value)) later[key] = { at: now + limits.loosenMs, meanwhile }
  }
  return later
}

const classesOf = (changes: Changes['changes']): readonly string[] =>
  Object.keys(changes).map((name) => {
    const key = keyOf(name)
    return key === undefined ? 'plain' : settings[key].class
  })

/** Two tabs on different fields both win; on the same field the second hears of the first. */
function changedMeanwhile(keys: readonly string[], { node, ifRev }: RunContext): readonly string[] {
  return ifRev === undefined ? [] : keys.filter((key) => node.revisions.ofSetting(key) > ifRev)
}
