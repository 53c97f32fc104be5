/** mints.list: where the money lies, and whether each mint answers. */
import { z } from 'zod'
import { satText, shownSat, type TrustedMint } from '../../../events'
import type { DrainView } from '../../processes/drain-types'
import { allowed } from '../allowed'
import { query, type RunContext } from '../command'
import { drainReasons } from '../drain-sentence'
import type { AdminNode } from '../node-port'
import { can } from '../rows'
import { purseSums } from './purse-sums'

const drainRow = z.object({
  unit: z.string(),
  /** URL of a mint, or an address. */
  to: z.string(),
  state: z.enum(['moving', 'waiting', 'stopped']),
  /** Why no round runs, why the newest one failed, or why there are no more. */
  whyNot: z.string().optional(),
  /** Of the newest round. */
  payout: z.string().optional(),
  rounds: z.int(),
  movedSat: z.number(),
  feeSat: z.number(),
  maxFeeSat: z.number(),
  sentence: z.string(),
})

export const mintRow = z.object({
  mint: z.string(),
  units: z.array(z.string()),
  state: z.string(),
  sentence: z.string(),
  roundTripMs: z.int().optional(),
  heldSat: z.number(),
  owedSat: z.number(),
  openClaims: z.int(),
  deposits: z.boolean(),
  capSat: z.number().nullable(),
  feePpk: z.int().optional(),
  nuts: z.array(z.string()),
  privateAddress: z.boolean(),
  warnings: z.array(z.string()),
  at: z.int().optional(),
  /** Coins that it calls expired: they wait for the owner's word (wallet 8.1). */
  expired: z.array(z.object({ keyset: z.string(), unit: z.string(), msat: z.int(), can })),
  /** Under way from here (wallet 5.6). */
  drains: z.array(drainRow),
})

export const mintsList = query({
  name: 'mints.list',
  in: z.object({}),
  out: z.object({ rows: z.array(mintRow) }),
  async run(_, context) {
    const { mints } = await context.node.engine.state('node', 'node')
    const rows = []
    for (const mint of mints) rows.push(await shownMint(mint, context))
    return { rows }
  },
})

type Trusted = Parameters<RunContext['node']['mints']['state']>[0]

export async function shownMint(mint: Trusted, { node, principal }: RunContext): Promise<z.input<typeof mintRow>> {
  const purses = [...(await purseSums(node.views.sql))].filter(([purse]) => purse.startsWith(`${mint.mintId}/`))
  const heldMsat = purses.reduce((msat, [, sums]) => msat + sums.totalMsat, 0)
  const owedMsat = purses.reduce((msat, [, sums]) => msat + sums.owedMsat, 0)
  const state = node.mints.state(mint)
  return {
    mint: mint.url,
    units: mint.units,
    state: state.state,
    sentence: state.sentence,
    ...(state.roundTripMs === undefined ? {} : { roundTripMs: state.roundTripMs }),
    heldSat: shownSat(heldMsat),
    owedSat: shownSat(owedMsat),
    openClaims: 0,
    deposits: mint.deposits ?? true,
    capSat: mint.capSat ?? null,
    ...(state.feePpk === undefined ? {} : { feePpk: state.feePpk }),
    nuts: [...state.nuts],
    privateAddress: mint.privateAddress,
    warnings: mint.warnings,
    ...(state.at === undefined ? {} : { at: Math.floor(state.at / 1000) }),
    expired: (await node.money.expiredAt(mint)).map(({ purse, keysetId, msat }) => ({
      keyset: keysetId,
      unit: purse.split('/')[1] ?? '',
      msat,
      can: allowed(principal, { confirmLoss: { role: 'owner' } }),
    })),
    drains: (await node.money.drainsOf(mint.mintId))
      .filter((view) => view.state.plan.purse.startsWith(`${mint.mintId}/`))
      .map(shownDrain),
  }
}

function shownDrain({ state, whyNot, isLate }: DrainView): z.input<typeof drainRow> {
  const { plan, round, last, rounds, arrivedMsat, feesMsat, stopped, why } = state
  const to = 'address' in plan.to ? plan.to.address : plan.to.mint
  const reason = isLate ? 'under-way' : (stopped ?? (round === undefined ? (whyNot ?? why) : why))
  const moving = `${satText(arrivedMsat)} arrived at ${to} so far.`
  return {
    unit: plan.purse.split('/')[1] ?? '',
    to,
    state: round !== undefined ? 'moving' : stopped === undefined ? 'waiting' : 'stopped',
    ...(reason === undefined ? {} : { whyNot: reason }),
    ...(last === undefined ? {} : { payout: last.payout.slice('payout-'.length) }),
    rounds,
    movedSat: shownSat(arrivedMsat),
    feeSat: shownSat(feesMsat),
    maxFeeSat: shownSat(plan.maxFeeMsat),
    sentence:
      reason === undefined ? moving : `${moving} ${drainReasons[reason] ?? `The newest round failed: ${reason}.`}`,
  }
}

/** Mints by their ids or by their URLs in any spelling; all of them if none is named. */
export async function mintsNamed(
  names: readonly string[] | undefined,
  { engine, mints: { normalise } }: Pick<AdminNode, 'engine' | 'mints'>,
): Promise<readonly TrustedMint[] | { readonly notFound: string }> {
  const { mints } = await engine.state('node', 'node')
  const found: TrustedMint[] = []
  for (const name of names ?? mints.map(({ url }) => url)) {
    const url = normalise(name)?.url
    const mint = mints.find((one) => one.mintId === name || one.url === url)
    if (mint === undefined) return { notFound: `mint ${name}` }
    found.push(mint)
  }
  return found
}
