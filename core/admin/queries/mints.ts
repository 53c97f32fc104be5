/** mints.list: where the money lies, and whether each mint answers. */
import { z } from 'zod'
import { listBalances, type TrustedMint } from '../../../events'
import { query, type RunContext } from '../command'
import type { AdminNode } from '../node-port'
import { numberOf } from '../rows'

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

export async function shownMint(mint: Trusted, { node }: RunContext): Promise<z.input<typeof mintRow>> {
  let heldMsat = 0
  let owedMsat = 0
  for (const { purse, account, msat } of await listBalances(node.views.sql)) {
    if (!purse.startsWith(`${mint.mintId}/`)) continue
    if (['free', 'locked', 'out'].includes(account)) heldMsat += numberOf(msat)
    if (['customers', 'promised', 'unattributed'].includes(account)) owedMsat -= numberOf(msat)
  }
  const state = node.mints.state(mint)
  return {
    mint: mint.url,
    units: mint.units,
    state: state.state,
    sentence: state.sentence,
    ...(state.roundTripMs === undefined ? {} : { roundTripMs: state.roundTripMs }),
    heldSat: heldMsat / 1000,
    owedSat: owedMsat / 1000,
    openClaims: 0,
    deposits: mint.deposits ?? true,
    capSat: mint.capSat ?? null,
    ...(state.feePpk === undefined ? {} : { feePpk: state.feePpk }),
    nuts: [...state.nuts],
    privateAddress: mint.privateAddress,
    warnings: mint.warnings,
    ...(state.at === undefined ? {} : { at: Math.floor(state.at / 1000) }),
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
