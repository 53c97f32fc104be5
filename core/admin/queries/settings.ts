/** settings.get and history: every value with its default, its bounds, where it comes from and who set it when. */
import { z } from 'zod'
import { type ChosenSetting, lastSettingChanges, listSettingChanges, type SettingChange } from '../../../events'
import { isSettingKey, looserWay, settings, valueAt } from '../../settings'
import { allowed } from '../allowed'
import { query } from '../command'
import { can, page, secondsOf } from '../rows'
import { signedBy } from '../signed-by'

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])

/** A looser limit that does not hold yet; settings.revert withdraws it. */
const pendingOf = (set: ChosenSetting | undefined, now: number) =>
  set?.later === undefined || now >= set.later.at
    ? {}
    : { pending: { value: set.value, at: Math.ceil(set.later.at / 1000) } }

export const settingsGet = query({
  name: 'settings.get',
  in: z.object({ keys: z.array(z.string().max(100)).max(200).optional() }),
  out: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      /** In force now. */
      value,
      pending: z.object({ value, at: z.int() }).optional(),
      unit: z.string().optional(),
      default: value,
      bounds: z.string(),
      source: z.enum(['default', 'environment', 'operator']),
      by: z.string().optional(),
      /** The same as a person reads it. */
      byName: z.string().optional(),
      door: z.string().optional(),
      at: z.int().optional(),
      /** What settings.revert takes to undo the last change. */
      change: z.string().optional(),
      class: z.string(),
      /** Which other value holds only a day later: one that goes up, that is off, or any. */
      waits: z.enum(['up', 'off', 'any']).optional(),
      rev: z.int(),
      can,
    }),
  ),
  async run({ keys }, { node, now, principal, door }) {
    const { settings: chosen } = await node.engine.state('node', 'node')
    const unknown = keys?.find((key) => !isSettingKey(key))
    if (unknown !== undefined) return { notFound: `setting ${unknown}` }
    const last = new Map((await lastSettingChanges(node.views.sql)).map((row) => [row.key, row]))
    const nameOf = await signedBy(
      [...last.values()].map(({ by }) => by),
      node,
    )
    return Object.entries(settings)
      .filter(([key]) => keys === undefined || keys.includes(key))
      .map(([key, setting]) => {
        const set = chosen[key]
        const change = last.get(key)
        return {
          key,
          name: setting.name,
          value: valueAt(set, now) ?? setting.default,
          ...pendingOf(set, now),
          ...('unit' in setting && setting.unit !== undefined ? { unit: setting.unit } : {}),
          default: setting.default,
          bounds: setting.bounds,
          source: set?.source ?? ('default' as const),
          ...(set === undefined || change === undefined ? {} : whoSet(change, nameOf)),
          class: setting.class,
          // Nobody waits at the machine itself, nor for what nobody had set.
          ...(set === undefined || door === 'console' ? {} : waitsOf(key)),
          rev: Number(node.revisions.ofSetting(key)),
          can: allowed(principal, { apply: { role: setting.class === 'plain' ? 'operator' : 'owner' } }),
        }
      })
  },
})

const waitsOf = (key: string) => {
  const waits = isSettingKey(key) ? looserWay(key) : undefined
  return waits === undefined ? {} : { waits }
}

const whoSet = ({ by, door, at, change }: SettingChange, nameOf: (id: string) => string) => ({
  by,
  byName: nameOf(by),
  door,
  at: secondsOf(at) ?? 0,
  change: String(change),
})

export const settingsHistory = query({
  name: 'settings.history',
  in: z.object({ key: z.string().max(100).optional(), ...page }),
  out: z.object({
    rows: z.array(
      z.object({
        change: z.string(),
        key: z.string(),
        /** Absent where a secret was replaced. */
        old: value.optional(),
        new: value.optional(),
        /** Unix seconds from which it holds, where that is later. */
        from: z.int().optional(),
        by: z.string(),
        byName: z.string(),
        door: z.string(),
        at: z.int(),
        can,
      }),
    ),
    next: z.string().optional(),
  }),
  async run({ key, cursor, limit }, { node, principal }) {
    const before = cursor !== undefined && /^\d{1,18}$/.test(cursor) ? BigInt(cursor) : undefined
    const found = await listSettingChanges(node.views.sql, { key, before, limit })
    // A save stays on one page: the last one starts the next where not all of it fits here.
    const last = found.length === limit ? found.at(-1)?.change : undefined
    const whole = last === undefined || found[0]?.change === last ? found : found.filter((row) => row.change !== last)
    const nameOf = await signedBy(
      whole.map(({ by }) => by),
      node,
    )
    return {
      rows: whole.map((row) => ({
        change: String(row.change),
        key: row.key,
        ...(row.old === null ? {} : { old: JSON.parse(row.old) as z.input<typeof value> }),
        ...(row.new === null ? {} : { new: JSON.parse(row.new) as z.input<typeof value> }),
        ...(row.from === null ? {} : { from: secondsOf(row.from) ?? 0 }),
        by: row.by,
        byName: nameOf(row.by),
        door: row.door,
        at: secondsOf(row.at) ?? 0,
        can: allowed(principal, {
          revert: {
            role: !isSettingKey(row.key) || settings[row.key].class === 'plain' ? 'operator' : 'owner',
            not: isSettingKey(row.key) ? undefined : 'secret-replaced',
          },
        }),
      })),
      ...(last === undefined ? {} : { next: String(whole.at(-1)?.change ?? last) }),
    }
  },
})
