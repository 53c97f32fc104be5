/** sweep.get, sweep.run, sweep.pause, sweep.resume: the owner's part leaves by itself (wallet 5.6). */
import { z } from 'zod'
import { newestSweepMs, wish } from '../../../events'
import { settingDefaults } from '../../settings'
import { type CommandContext, command, longAgeS, query, type RunContext } from '../command'
import { codeFor } from './payouts'

const sweep = z.object({
  enabled: z.boolean(),
  address: z.string(),
  thresholdSat: z.int(),
  everyMin: z.int(),
  capSat: z.int(),
  maxFeePct: z.number(),
  /** Unix seconds. */
  last: z.int().nullable(),
  next: z.int().nullable(),
  whyNot: z.string().optional(),
})

async function shown({ node }: RunContext, enabled = node.settings('sweep.enabled')): Promise<z.input<typeof sweep>> {
  const { nextMs, whyNot: lastWhyNot } = node.money.sweep.state()
  const lastMs = node.money.sweep.state().lastMs ?? (await newestSweepMs(node.views.sql))
  // As it will be once the command that answers this is written.
  const whyNot = enabled ? (lastWhyNot === 'off' ? undefined : lastWhyNot) : 'off'
  return {
    enabled,
    address: node.settings('sweep.address'),
    thresholdSat: node.settings('sweep.thresholdSat'),
    everyMin: node.settings('sweep.everyMin'),
    capSat: node.settings('sweep.capSat'),
    maxFeePct: node.settings('sweep.maxFeePct'),
    last: lastMs === undefined ? null : Math.floor(lastMs / 1000),
    next: enabled ? Math.floor(nextMs / 1000) : null,
    ...(whyNot === undefined ? {} : { whyNot }),
  }
}

export const sweepGet = query({
  name: 'sweep.get',
  in: z.object({}),
  out: sweep,
  run: async (_, context) => shown(context),
})

export const sweepRun = command({
  name: 'sweep.run',
  role: 'owner',
  stepUp: 'S',
  class: 'P',
  lane: 'money',
  secondWay: async (_, context) =>
    codeFor(
      context.node.settings('sweep.capSat') * 1000 * (await pursesAbove(context)),
      `at most, to ${context.node.settings('sweep.address')}`,
      context,
    ),
  in: z.object({}),
  /** `payouts`: one for each purse, `payout` is the first of them. */
  out: z.object({
    payout: z.string().optional(),
    payouts: z.array(z.string()).optional(),
    whyNot: z.string().optional(),
  }),
  async run(_, { node, execute, principal }) {
    const draft = await node.money.sweep.draft(principal.name)
    if ('whyNot' in draft) return { whyNot: draft.whyNot }
    const outcome = await execute(draft.wishes, draft.inline)
    const payouts = draft.payouts.map((payout) => payout.slice('payout-'.length))
    return 'refused' in outcome ? outcome : { payout: payouts[0] ?? '', payouts }
  },
})

/** Purses of which each may send up to the cap; at least the one that is asked for. */
async function pursesAbove({ node }: RunContext): Promise<number> {
  const least = node.settings('sweep.thresholdSat') * 1000
  return Math.max(1, [...(await node.money.floors()).values()].filter((floor) => floor.spendableMsat >= least).length)
}

export const sweepPause = command({
  name: 'sweep.pause',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  in: z.object({}),
  out: sweep,
  run: (_, context) => switched(false, context),
})

export const sweepResume = command({
  name: 'sweep.resume',
  role: 'owner',
  class: 'L',
  in: z.object({}),
  out: sweep,
  run: (_, context) => switched(true, context),
})

async function switched(enabled: boolean, context: CommandContext) {
  const changes = { 'sweep.enabled': enabled }
  const outcome = await context.execute(
    wish('node', 'node', { do: 'apply-settings', changes, defaults: settingDefaults, source: 'operator' }),
  )
  return 'refused' in outcome ? outcome : shown(context, enabled)
}
