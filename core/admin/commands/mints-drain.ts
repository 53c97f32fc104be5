/** mints.drain: what lies at a mint leaves it, for another mint or by Lightning, and deposits there stop first (wallet 5.6). */
import { z } from 'zod'
import { command, type RunContext } from '../command'
import { trustedMint } from './mints'
import { askedBy, codeFor, mint, no, unit } from './payouts'

const asked = z.object({
  mint,
  unit,
  /** Another mint, a Lightning address or LNURL, or `lightning`: the address of the sweep. */
  to: z.string().min(1).max(2000),
  maxFeeSat: z.int().min(0).max(2_100_000_000_000_000),
})

export const mintsDrain = command({
  name: 'mints.drain',
  role: 'owner',
  stepUp: 'S',
  class: 'P',
  lane: 'money',
  in: asked,
  /** `payout`: of the first round; none where only balances are left to follow. */
  out: z.object({ drain: z.string(), payout: z.string().optional() }),
  secondWay: async (params, context) => {
    const source = await trustedMint(params.mint, context)
    const purse = `${source?.mintId ?? ''}/${params.unit}`
    const { freeMsat = 0 } = (await context.node.money.floors()).get(purse) ?? {}
    return codeFor(freeMsat, `at most, all of ${params.mint}, to ${params.to.slice(0, 80)}`, context)
  },
  async warm(params, { node }) {
    await Promise.all([params.mint, params.to].map((one) => node.money.warm({ mint: one, unit: params.unit })))
  },
  async run(params, context) {
    const { node, execute } = context
    const source = await trustedMint(params.mint, context)
    if (source === undefined) return { notFound: `mint ${params.mint}` }
    if (!source.units.includes(params.unit)) return { refused: 'mint-units-missing', units: source.units.join(', ') }
    const to = await receiverOf(params.to, context)
    const { command: id, by, door } = askedBy({ ...params, sat: 0 }, context)
    const maxFeeMsat = params.maxFeeSat * 1000
    const draft = await node.money.draftDrain({
      command: id,
      mint: source,
      unit: params.unit,
      to,
      maxFeeMsat,
      by,
      door,
    })
    if (!('drain' in draft)) return no(draft)
    const outcome = await execute(draft.wishes, draft.inline)
    if ('refused' in outcome) return outcome
    const payout = draft.payout?.slice('payout-'.length)
    return { drain: draft.drain.slice('drain-'.length), ...(payout === undefined ? {} : { payout }) }
  },
})

async function receiverOf(to: string, context: RunContext) {
  const target = await trustedMint(to, context)
  if (target !== undefined) return { mint: target }
  return { address: to === 'lightning' ? context.node.settings('sweep.address') : to.trim() }
}
