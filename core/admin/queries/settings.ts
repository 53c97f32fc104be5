/** settings.get: every value with its default, its bounds and where it comes from. */
import { z } from 'zod'
import { isSettingKey, settings } from '../../settings'
import { query } from '../command'

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])

export const settingsGet = query({
  name: 'settings.get',
  in: z.object({ keys: z.array(z.string().max(100)).max(200).optional() }),
  out: z.object({
    rows: z.array(
      z.object({
        key: z.string(),
        name: z.string(),
        value,
        unit: z.string().optional(),
        default: value,
        bounds: z.string(),
        source: z.enum(['default', 'environment', 'operator']),
        class: z.string(),
        rev: z.int(),
      }),
    ),
  }),
  async run({ keys }, { node }) {
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
          value: set?.value ?? setting.default,
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
