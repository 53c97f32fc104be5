/** withdraw.get: what is the owner's, what of it may leave now, and why not all of it (wallet 15). */

import { z } from 'zod'
import { shownSat } from '../../../events'
import { query } from '../command'

const perMint = z.object({ mint: z.string(), unit: z.string(), mineSat: z.number(), safeSat: z.number() })

export const withdrawGet = query({
  name: 'withdraw.get',
  in: z.object({}),
  out: z.object({
    perMint: z.array(perMint),
    /** What lies below the floor, over all mints, in sat. */
    why: z.object({
      owed: z.number(),
      /** Held by running requests: a part of what is owed. */
      held: z.number(),
      /** Payouts that hold no coins yet, and what drains have under way between two mints. */
      open: z.number(),
      fees: z.number(),
      keep: z.number(),
    }),
    limits: z.object({ leftToday: z.number(), codeAbove: z.number() }),
  }),
  async run(_, { node }) {
    const floors = await node.money.floors()
    const sheet = await node.log.sheet()
    const { mints } = await node.engine.state('node', 'node')
    const mineOf = (purse: string) =>
      sheet
        .filter((row) => row.purse === purse && row.account.startsWith('owner:'))
        .reduce((msat, row) => msat - Number(row.msat), 0)
    const sum = (of: 'owedMsat' | 'openMsat' | 'feesMsat' | 'keepMsat', moreMsat = 0) =>
      shownSat([...floors.values()].reduce((msat, floor) => msat + floor[of], moreMsat))
    const { transitMsat = 0 } = floors.values().next().value ?? {}
    const out = (await node.money.outOfLastDay()).reduce((msat, row) => msat + row.msat, 0)
    return {
      perMint: [...floors.values()].map(({ purse, spendableMsat }) => {
        const [mintId, unit = ''] = purse.split('/')
        const mint = mints.find((one) => one.mintId === mintId)?.url ?? mintId ?? ''
        return { mint, unit, mineSat: shownSat(mineOf(purse)), safeSat: shownSat(spendableMsat) }
      }),
      why: {
        owed: sum('owedMsat'),
        held: shownSat(node.holds.totals().heldMsat),
        open: sum('openMsat', transitMsat),
        fees: sum('feesMsat'),
        keep: sum('keepMsat'),
      },
      limits: {
        leftToday: shownSat(Math.max(0, node.settings('security.dailyOutSat') * 1000 - out)),
        codeAbove: node.settings('security.codeAboveSat'),
      },
    }
  },
})
