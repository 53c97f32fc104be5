/** node.status and overview.get: what the node holds, owes and earns, and how it is. */
import { z } from 'zod'
import { countSessions, revenueSince } from '../../../events'
import { query, type RunContext } from '../command'
import { nodeStateOf, nodeStates } from '../commands/node'
import { numberOf } from '../rows'
import { banners } from './banners'
import { checksOf, healthLines } from './node-health'
import { type PurseSums, purseSums } from './purse-sums'
import { checklistOf, setupRow } from './setup'

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

const seconds = (ms: number | undefined) => (ms === undefined ? null : Math.floor(ms / 1000))
const relay = z.object({
  url: z.string(),
  state: z.enum(['connecting', 'live', 'deaf', 'down']),
  since: z.int(),
  lastIn: z.int().nullable(),
  lastOut: z.int().nullable(),
  echoMs: z.int().nullable(),
  durableEchoMs: z.int().nullable(),
  auth: z.enum(['none', 'ok', 'refused']),
  lastNotice: z.string().nullable(),
  refusals: z.int(),
  refusedBy: z.record(z.string(), z.int()),
  oversized: z.int(),
})

export const nodeStatus = query({
  name: 'node.status',
  in: z.object({}),
  out: z.object({
    state: nodeStates,
    name: z.string(),
    version: z.string(),
    uptimeS: z.int(),
    /** The reporting time zone (IANA) that days are cut by. */
    timeZone: z.string(),
    inbox: z.string(),
    /** Public key for discovery; empty until the node has one. */
    npub: z.string(),
    totals,
    openAlerts: z.int(),
    relays: z.array(relay),
    /** Wraps by the step that ended them. */
    wraps: z.record(z.string(), z.int()),
  }),
  async run(_, context) {
    const { node, now } = context
    const state = await node.engine.state('node', 'node')
    return {
      state: nodeStateOf(state),
      name: node.settings('identity.name'),
      version: node.version,
      uptimeS: Math.floor((now - node.startedAt) / 1000),
      timeZone: node.settings('display.timeZone'),
      inbox: node.inbox,
      npub: state.providerKey?.npub ?? '',
      totals: (await money(context)).totals,
      openAlerts: 0,
      relays: node.remote().relays.map((one) => ({
        ...one,
        since: Math.floor(one.since / 1000),
        lastIn: seconds(one.lastIn),
        lastOut: seconds(one.lastOut),
        echoMs: one.echoMs ?? null,
        durableEchoMs: one.durableEchoMs ?? null,
        lastNotice: one.lastNotice ?? null,
      })),
      wraps: { ...node.remote().counts },
    }
  },
})

const banner = z.object({
  kind: z.string(),
  level: z.enum(['bad', 'look', 'off']),
  text: z.string(),
  msat: z.int().optional(),
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
    /** As setup.get, without what was hidden. */
    checklist: z.array(setupRow),
    /** What conversions use; absent while no price is current (dashboard 3, Units). */
    rate: z.object({ usdPerBtc: z.string(), at: z.int() }).optional(),
  }),
  async run(_, context) {
    const { node } = context
    const found = await money(context)
    const rate = node.rate()
    const checks = await checksOf(context)
    return {
      wallet: await walletRows(context, found.purses),
      totals: found.totals,
      health: healthLines(checks),
      banners: [...(await banners(context, found.totals.mineMsat, checks))],
      endpoint: node.settings('identity.publicUrl'),
      checklist: [...(await checklistOf(context))],
      ...(rate === undefined ? {} : { rate: { usdPerBtc: rate.usdPerBtc, at: Math.floor(rate.at / 1000) } }),
    }
  },
})

/** Wallet Summary (wallet 15): coins held, what is owed to customers, and the difference. */
async function money({ node, now }: RunContext) {
  const purses = await purseSums(node.views.sql)
  const all = [...purses.values()]
  const totalMsat = all.reduce((sum, purse) => sum + purse.totalMsat, 0)
  const owedMsat = all.reduce((sum, purse) => sum + purse.owedMsat, 0)
  const held = node.holds.totals()
  return {
    purses,
    totals: {
      totalMsat,
      owedMsat,
      mineMsat: totalMsat - owedMsat,
      availableMsat: [...(await node.money.floors()).values()].reduce((sum, floor) => sum + floor.spendableMsat, 0),
      inFlightMsat: held.heldMsat,
      mine7dMsat: numberOf(await revenueSince(node.views.sql, now - weekMs)),
      sessions: numberOf(await countSessions(node.views.sql)),
      running: held.requests,
    },
  }
}

async function walletRows({ node }: RunContext, purses: PurseSums) {
  const { mints } = await node.engine.state('node', 'node')
  return mints.flatMap((mint) => {
    const state = node.mints.state(mint)
    const held = (unit: string) => purses.get(`${mint.mintId}/${unit}`) ?? { totalMsat: 0, owedMsat: 0 }
    // A unit that the mint does not have is shown only while something lies there.
    const shown = mint.units.filter((unit) => state.units.includes(unit) || held(unit).totalMsat !== 0)
    return shown.map((unit) => {
      const sums = held(unit)
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
    })
  })
}
