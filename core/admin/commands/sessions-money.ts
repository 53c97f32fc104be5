/** sessions.credit and sessions.debit: msat between the owner and one key, never below the customers' floor (R-019). */
import { z } from 'zod'
import { asMsat, wish } from '../../../events'
import { type BelowFloor, belowFloor } from '../../processes/withdrawals'
import { command, isNo, type RunContext } from '../command'
import { rowNamed } from '../queries/session-named'
import { sessionRow, shown } from '../queries/sessions'
import { keyHash, reason } from '../rows'

const money = z.object({ session: keyHash, msat: z.int().min(1), reason })

export const sessionsCredit = command({
  name: 'sessions.credit',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  lane: 'money',
  in: money,
  out: sessionRow,
  async run({ session, msat, reason: why }, context) {
    const row = await rowNamed(session, context)
    if (isNo(row)) return row
    const { latest } = await context.node.engine.state('session', row.stream)
    const place = await placeFor(msat, latest?.purse, context)
    if ('refused' in place) return place
    const grant = { do: 'grant', amountMsat: asMsat(msat), ...place, reason: why } as const
    const outcome = await context.execute(wish('session', row.stream, grant))
    if ('refused' in outcome) return outcome
    return shown({ ...row, balanceMsat: row.balanceMsat + BigInt(msat) }, context)
  },
})

/** Money of one purse (wallet 15): where the key's latest money lies, so that it stays in one place, else where most is. */
export async function placeFor(
  msat: number,
  first: string | undefined,
  { node }: Pick<RunContext, 'node'>,
): Promise<{ readonly purse: string; readonly unit: 'sat' | 'msat'; readonly mint: string } | BelowFloor> {
  const floors = await node.money.floors()
  const { mints } = await node.engine.state('node', 'node')
  const places = mints.flatMap(({ url, mintId, units }) =>
    units.map((unit) => ({ purse: `${mintId}/${unit}`, unit, mint: url })),
  )
  const spendable = (purse: string) => floors.get(purse)?.spendableMsat ?? 0
  const inOrder = places.sort(
    (a, b) => Number(b.purse === first) - Number(a.purse === first) || spendable(b.purse) - spendable(a.purse),
  )
  const [richest] = places.toSorted((a, b) => spendable(b.purse) - spendable(a.purse))
  return inOrder.find(({ purse }) => msat <= spendable(purse)) ?? belowFloor(floors.get(richest?.purse ?? ''))
}

export const sessionsDebit = command({
  name: 'sessions.debit',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  lane: 'money',
  in: money,
  out: sessionRow,
  async run({ session, msat, reason: why }, context) {
    const { node, execute } = context
    const row = await rowNamed(session, context)
    if (isNo(row)) return row
    const outcome = await execute(
      wish('session', row.stream, () => ({
        do: 'correct',
        amountMsat: asMsat(msat),
        heldMsat: node.holds.heldMsat(row.stream),
        reason: why,
      })),
    )
    if ('refused' in outcome) return outcome
    return shown({ ...row, balanceMsat: row.balanceMsat - BigInt(msat) }, context)
  },
})
