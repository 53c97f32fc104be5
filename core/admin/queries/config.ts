/** config.export: what the operator has set, as one document to keep or compare; no secret is in it. */
import { z } from 'zod'
import { isSettingKey } from '../../settings'
import { query } from '../command'

export const configExport = query({
  name: 'config.export',
  role: 'owner',
  in: z.object({}),
  out: z.object({ document: z.record(z.string(), z.unknown()) }),
  async run(_, { node }) {
    const { settings, mints, adminRelays } = await node.engine.state('node', 'node')
    const upstreams = []
    for (const stream of node.upstreams.streams()) {
      const { config, models } = await node.engine.state('upstream', stream)
      if (config === undefined) continue
      // Vault references and where it came from are of this node alone.
      const { keys: _, privateAddress: __, source: ___, ...own } = config
      upstreams.push({ ...own, models: Object.fromEntries(changedModels(models)) })
    }
    return {
      document: {
        format: 1,
        settings: Object.fromEntries(
          Object.entries(settings).flatMap(([key, { value }]) => (isSettingKey(key) ? [[key, value]] : [])),
        ),
        upstreams,
        mints: mints.map(({ url, units }) => ({ url, units })),
        relays: adminRelays,
      },
    }
  },
})

type Models = Readonly<
  Record<
    string,
    {
      readonly enabled: boolean
      readonly override: Readonly<Record<string, string>> | undefined
      readonly free: boolean
      readonly aliases: readonly string[]
    }
  >
>

/** Models are listed by their upstream; here stands what the operator made of them. */
export const changedModels = (models: Models) =>
  Object.entries(models).flatMap(([id, { enabled, override, free, aliases }]) =>
    enabled && override === undefined && !free && aliases.length === 0
      ? []
      : [[id, { enabled, free, aliases, ...(override === undefined ? {} : { prices: override }) }] as const],
  )
