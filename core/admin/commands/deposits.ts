/** deposits.closeDispute: an invoice that a mint issued or forgot is credited at the owner's cost, or dropped (wallet 5.3). */
import { z } from 'zod'
import { asMsat, wish } from '../../../events'
import { keyClaim, openClaim } from '../../processes/invoice-types'
import { command } from '../command'
import { reason } from '../rows'
import { placeFor } from './sessions-money'

export const depositsCloseDispute = command({
  name: 'deposits.closeDispute',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  lane: 'money',
  in: z.object({
    deposit: z.string().regex(/^[0-9a-f]{32}$/, 'expected the 32 hex digits of a deposit'),
    decision: z.enum(['credit', 'drop']),
    reason,
  }),
  out: z.object({ deposit: z.string(), decision: z.string(), creditedMsat: z.int() }),
  async run({ deposit: id, decision, reason: why }, { node, execute, principal, now }) {
    const deposit = `deposit-${id}`
    const state = await node.engine.state('deposit', deposit)
    if (state.is === 'unknown') return { notFound: `deposit ${id}` }
    if (state.is !== 'invoice' || state.invoice.is !== 'disputed') return { refused: 'deposit-not-disputed' }
    const { plan } = state.invoice
    const close = wish('deposit', deposit, { do: 'close-dispute', decision, by: principal.name, reason: why })
    const releases = [openClaim(deposit)]
    if (decision === 'drop') {
      const dropped = await execute(close, { releases })
      return 'refused' in dropped ? dropped : { deposit: id, decision, creditedMsat: 0 }
    }
    if (plan.purpose === 'move') return { refused: 'deposit-is-a-move' }
    const msat = plan.unit === 'sat' ? plan.units * 1000 : plan.units
    const place = await placeFor(msat, plan.purse, { node })
    if ('refused' in place) return place
    const credited = await execute(
      [
        close,
        wish('session', plan.target, { do: 'open', origin: 'invoice', limits: plan.limits }),
        wish('session', plan.target, { do: 'grant', amountMsat: asMsat(msat), ...place, reason: why }),
      ],
      // Its key is shown and forgotten like that of any paid invoice (contract 5.2).
      { releases, claims: [{ ...keyClaim(deposit), owner: String(now) }] },
    )
    return 'refused' in credited ? credited : { deposit: id, decision, creditedMsat: msat }
  },
})
