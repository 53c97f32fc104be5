/** setup.get: how far the owner is with setting up, as the node itself is (dashboard 4.8). */
import { z } from 'zod'
import { type Node, type SetupStep, setupStep, wasAnswered } from '../../../events'
import { query, type RunContext } from '../command'

export const setupRow = z.object({
  name: setupStep,
  state: z.enum(['done', 'open', 'skipped']),
  /** What is missing; absent where it is done. */
  why: z.string().optional(),
})
type Row = z.input<typeof setupRow>

export const setupGet = query({
  name: 'setup.get',
  in: z.object({}),
  out: z.object({ steps: z.array(setupRow) }),
  run: async (_, context) => ({ steps: await stepsOf(context, []) }),
})

/** Of the Overview: what was hidden is gone for good. */
export async function checklistOf(context: RunContext): Promise<readonly Row[]> {
  const { setup } = await context.node.engine.state('node', 'node')
  if (setupStep.options.every((step) => setup.hidden.includes(step))) return []
  return (await stepsOf(context, [])).filter(({ name }) => !setup.hidden.includes(name))
}

/** In the order of the wizard. `skipping` are being put off by the command that asks. */
export async function stepsOf(context: RunContext, skipping: readonly SetupStep[]): Promise<Row[]> {
  const state = await context.node.engine.state('node', 'node')
  const skipped = [...state.setup.skipped, ...skipping]
  const rows: Row[] = []
  for (const name of setupStep.options) {
    const why = await missing[name](state, context)
    if (why === undefined) rows.push({ name, state: 'done' })
    else rows.push({ name, state: skipped.includes(name) ? 'skipped' : 'open', why })
  }
  return rows
}

type Missing = (state: Node, context: RunContext) => string | undefined | Promise<string | undefined>

/** What is missing at each step; undefined: it is done. */
const missing: Readonly<Record<SetupStep, Missing>> = {
  you: ({ password, admins }) =>
    password !== undefined || admins.some(({ role }) => role === 'owner')
      ? undefined
      : 'No password and no operator key is set.',
  words: ({ confirmedSeed }, { node }) =>
    confirmedSeed === node.wallet.seedId ? undefined : 'The wallet words are not confirmed.',
  upstream: (_, { node }) => {
    if (node.upstreams.streams().length === 0) return 'No upstream is set.'
    const models = node.upstreams.models()
    if (models.length === 0) return 'No upstream has listed a model yet.'
    return models.some(({ state }) => state !== 'unpriced' && state !== 'gone') ? undefined : 'No model has a price.'
  },
  mints: ({ mints }) => (mints.length > 0 ? undefined : 'No mint is accepted: nobody can pay.'),
  margin: ({ settings }) =>
    ['pricing.exchangeFee', 'pricing.upstreamFee', 'pricing.fixed'].some((key) => settings[key] !== undefined)
      ? undefined
      : 'Your margin is the one that every node starts with.',
  payout: (_, { node }) =>
    node.settings('sweep.address') === '' ? 'No Lightning address: what you earn stays in the wallet.' : undefined,
  nostr: ({ adminRelays }) => (adminRelays.length > 0 ? undefined : 'No relay: this node hears no remote command.'),
  request: async (_, { node }) =>
    (await wasAnswered(node.views.sql)) ? undefined : 'No request has been answered yet.',
}
