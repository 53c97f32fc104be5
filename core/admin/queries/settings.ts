/** settings.get: every value with its default, its bounds and where it comes from. */
import { z } from 'zod'
import type { ChosenSetting } from '../../../events'
import { isSettingKey, settings, valueAt } from '../../settings'
import { query } from '../command'

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])

const laterOf = (set: ChosenSetting | undefined, now: number) =>
  set?.later === undefined || now >= set.later.at
    ? {}
    : { later: { value: set.value, at: Math.ceil(set.later.at / 1000) } }

export const settingsGet = query({
  name: 'settings.get',
  in: z.object({ keys: z.array(z.string().max(100)).max(200).optional() }),
  out: z.object({
    rows: z.array(
      z.object({
        key: z.string(),
        name: z.string(),
        /** In force now. */
        value,
        later: z.object({ value, at: z.int() }).optional(),
        unit: z.string().optional(),
        default: value,
        bounds: z.string(),
        source: z.enum(['default', 'environment', 'operator']),
        class: z.string(),
        rev: z.int(),
      }),
    ),
  }),
  async run({ keys }, { node, now }) {
    const { settings: chosen } = await node.engine.state('node', 'node')
    const unknown = keys?.find((key) => !isSettingKey(key))
    if (unknown !== undefined) return { notFound: `setting ${unknown}` }
    const rows = Object.entries(settings)
      .filter(([key]) => keys === undefined || keys.includes(key))
      .map(([key, setting]) => {
        const set = chosen[key]
        return {
          key,
          name: setting.name,
          value: valueAt(set, now) ?? setting.default,
          ...laterOf(set, now),
          ...('unit' in setting && setting.unit !== undefined ? { unit: setting.unit } : {}),
          default: setting.default,
          bounds: setting.bounds,
          source: set?.source ?? ('default' as const),
          class: setting.class,
          rev: Number(node.revisions.ofSetting(key)),
        }
      })
    return { rows }
  },
})
