/** node.status and overview.get: what the node holds, owes and earns, and how it is. */
import { z } from 'zod'
import { listBalances, revenueSince, totalSessions } from '../../../events'
import { query, type RunContext } from '../command'
import { numberOf } from '../rows'

const weekMs = 7 * 24 * 3600_000
const totals = z.object({
  totalMsat: z.int(),
  owedMsat: z.int(),
  mineMsat: z.int(),
  availableMsat: z.int(),
  inFlightMsat: z.int(),
  mine7dMsat: z.int(),
  sessions: z.int(),
  running: z.int(),
})

export const nodeStatus = query({
  name: 'node.status',
  in: z.object({}),
  out: z.object({
    state: z.enum(['running', 'paused', 'draining', 'locked']),
    name: z.string(),
    version: z.string(),
    uptimeS: z.int(),
    inbox: z.string(),
    /** Public key for discovery; empty until the node has one. */
    npub: z.string(),
    totals,
    openAlerts: z.int(),
  }),
  async run(_, context) {
    const { node, now } = context
    const state = await node.engine.state('node', 'node')
    return {
      state: state.paused === undefined ? ('running' as const) : ('paused' as const),
      name: node.settings('identity.name'),
      version: node.version,
      uptimeS: Math.floor((now - node.startedAt) / 1000),
      inbox: node.inbox,
      npub: state.providerKey?.npub ?? '',
      totals: (await money(context)).totals,
      openAlerts: 0,
    }
  },
})

const banner = z.object({
  kind: z.string(),
  level: z.enum(['bad', 'look', 'off']),
  text: z.string(),
  since: z.int().optional(),
  action: z.string(),
})

export const overviewGet = query({
  name: 'overview.get',
  in: z.object({}),
  out: z.object({
    wallet: z.array(
      z.object({
        mint: z.string(),
        unit: z.string(),
        totalMsat: z.int(),
        owedMsat: z.int(),
        mineMsat: z.int(),
        state: z.string(),
        sentence: z.string(),
        roundTripMs: z.int().optional(),
        at: z.int().optional(),
      }),
    ),
    totals,
    health: z.array(z.object({ name: z.string(), ok: z.boolean(), sentence: z.string() })),
    banners: z.array(banner),
    endpoint: z.string(),
    /** What conversions use; absent while no price is current (dashboard 3, Units). */
    rate: z.object({ usdPerBtc: z.string(), at: z.int() }).optional(),
  }),
  async run(_, context) {
    const { node } = context
    const found = await money(context)
    const rate = node.rate()
    return {
      wallet: await walletRows(context, found.purses),
      totals: found.totals,
      health: await health(context),
      banners: await banners(context, found.totals.mineMsat),
      endpoint: node.settings('identity.publicUrl'),
      ...(rate === undefined ? {} : { rate: { usdPerBtc: rate.usdPerBtc, at: Math.floor(rate.at / 1000) } }),
    }
  },
})

type PurseSums = ReadonlyMap<string, { totalMsat: number; owedMsat: number }>

/** Wallet Summary (wallet 15): coins held, what is owed to customers, and the difference. */
async function money({ node, now }: RunContext) {
  const purses = new Map<string, { totalMsat: number; owedMsat: number }>()
  for (const { purse, account, msat } of await listBalances(node.views.sql)) {
    const sums = purses.get(purse) ?? { totalMsat: 0, owedMsat: 0 }
    if (['free', 'locked', 'out'].includes(account)) sums.totalMsat += numberOf(msat)
    if (['customers', 'promised', 'unattributed'].includes(account)) sums.owedMsat -= numberOf(msat)
    purses.set(purse, sums)
  }
  const all = [...purses.values()]
  const totalMsat = all.reduce((sum, purse) => sum + purse.totalMsat, 0)
  const owedMsat = all.reduce((sum, purse) => sum + purse.owedMsat, 0)
  const sessions = await totalSessions(node.views.sql, { limit: 1, nowS: Math.floor(now / 1000) })
  const held = node.holds.totals()
  return {
    purses: purses as PurseSums,
    totals: {
      totalMsat,
      owedMsat,
      mineMsat: totalMsat - owedMsat,
      // Nothing can leave yet: what is the owner's and free is what a withdrawal could take.
      availableMsat: Math.max(0, totalMsat - owedMsat),
      inFlightMsat: held.heldMsat,
      mine7dMsat: numberOf(await revenueSince(node.views.sql, now - weekMs)),
      sessions: numberOf(sessions.sessions),
      running: held.requests,
    },
  }
}

async function walletRows({ node }: RunContext, purses: PurseSums) {
  const { mints } = await node.engine.state('node', 'node')
  return mints.flatMap((mint) =>
    mint.units.map((unit) => {
      const sums = purses.get(`${mint.mintId}/${unit}`) ?? { totalMsat: 0, owedMsat: 0 }
      const state = node.mints.state(mint)
      return {
        mint: mint.url,
        unit,
        ...sums,
        mineMsat: sums.totalMsat - sums.owedMsat,
        state: state.state,
        sentence: state.sentence,
        ...(state.roundTripMs === undefined ? {} : { roundTripMs: state.roundTripMs }),
        ...(state.at === undefined ? {} : { at: Math.floor(state.at / 1000) }),
      }
    }),
  )
}

async function health({ node, now }: RunContext) {
  const rate = node.rate()
  const upstreams = node.upstreams.streams().map((stream) => node.upstreams.state(stream))
  const { mints } = await node.engine.state('node', 'node')
  const mintStates = mints.map((mint) => node.mints.state(mint))
  const failing = [...upstreams.filter((one) => one.state === 'down' || one.state === 'refused-key')]
  const downMints = mintStates.filter((one) => one.state === 'down' || one.state === 'suspended')
  return [
    {
      name: 'upstreams',
      ok: upstreams.length > 0 && failing.length === 0,
      sentence:
        upstreams.length === 0
          ? 'No upstream is connected.'
          : (failing[0]?.sentence ?? `${upstreams.length} connected.`),
    },
    {
      name: 'mints',
      ok: mintStates.length > 0 && downMints.length === 0,
      sentence:
        mintStates.length === 0 ? 'No mint is trusted.' : (downMints[0]?.sentence ?? `${mintStates.length} trusted.`),
    },
    {
      name: 'log',
      ok: node.log.isWritable(),
      sentence: node.log.isWritable() ? 'The log is written.' : 'The log cannot be written; selling stopped.',
    },
    {
      name: 'views',
      ok: node.views.isHealthy(),
      sentence: node.views.isHealthy() ? 'The read models follow the log.' : 'The read models do not follow the log.',
    },
    {
      name: 'rate',
      ok: rate !== undefined,
      sentence:
        rate === undefined
          ? 'No current BTC price.'
          : `$${rate.usdPerBtc}, ${Math.max(0, Math.floor((now - rate.at) / 1000))} s old.`,
    },
  ]
}

/** In the order of dashboard 3, worst first; each stands as long as its cause does. */
async function banners({ node }: RunContext, mineMsat: number) {
  const state = await node.engine.state('node', 'node')
  const found: { kind: string; level: 'bad' | 'look' | 'off'; text: string; action: string }[] = []
  if (mineMsat < 0)
    found.push({
      kind: 'insolvent',
      level: 'bad',
      text: `Your Balance is negative: ${mineMsat} msat.`,
      action: 'overview',
    })
  if (!node.log.isWritable())
    found.push({
      kind: 'log-write',
      level: 'bad',
      text: 'The node cannot write its log and stopped selling.',
      action: 'logs',
    })
  if (state.password === undefined && !state.admins.some((admin) => admin.role === 'owner'))
    found.push({
      kind: 'no-password',
      level: 'bad',
      text: 'No password and no operator key is set. Anyone with a set-up link can take this node.',
      action: 'security',
    })
  if (state.paused !== undefined)
    found.push({ kind: 'paused', level: 'look', text: 'Selling is paused.', action: 'resume' })
  if (node.rate() === undefined && !node.settings('pricing.fixed'))
    found.push({
      kind: 'price-stale',
      level: 'look',
      text: 'The BTC price is too old: USD-priced models are not sold.',
      action: 'settings',
    })
  if (!node.upstreams.models().some((model) => model.state === 'sellable'))
    found.push({ kind: 'nothing-to-sell', level: 'look', text: 'No model can be sold.', action: 'models' })
  for (const mint of state.mints) {
    const { state: word, sentence } = node.mints.state(mint)
    if (word === 'down' || word === 'suspended')
      found.push({ kind: 'mint-down', level: 'look', text: sentence, action: 'overview' })
  }
  for (const upstream of node.upstreams.streams()) {
    const { state: word, sentence } = node.upstreams.state(upstream)
    if (word === 'down' || word === 'refused-key')
      found.push({ kind: 'upstream-down', level: 'look', text: sentence, action: 'models' })
  }
  return found
}
