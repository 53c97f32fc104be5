/** sessions.revoke: the key ends; its balance stays refundable for some days, or becomes the owner's (wallet 4). */
import { z } from 'zod'
import { wish } from '../../../events'
import { command, type RunContext } from '../command'
import { streamsNamed } from '../queries/session-named'
import { keyHash, reason } from '../rows'

const dayS = 86_400
/** Dashboard 4.2: what its form proposes. */
const usualDays = 30

export const sessionsRevoke = command({
  name: 'sessions.revoke',
  role: 'owner',
  stepUp: 'S?',
  class: 'L',
  in: z.object({
    sessions: z.array(keyHash).min(1).max(100),
    reason,
    balance: z.enum(['keep', 'refundable']),
    days: z.int().min(1).max(365).optional(),
  }),
  out: z.object({ releasedMsat: z.int(), openHolds: z.int() }),
  /** Money changes its owner, now or when a refund fails: that needs a fresh proof; a key without any does not. */
  async stepUpFor({ sessions, balance }, context) {
    if (balance !== 'keep') return false
    const streams = await streamsNamed(sessions, context)
    return 'notFound' in streams ? false : (await takenMsat(streams, context)) > 0
  },
  async run({ sessions, reason: why, balance, days = usualDays }, context) {
    const { node, now, principal } = context
    const streams = await streamsNamed(sessions, context)
    if ('notFound' in streams) return streams
    const released = balance === 'keep' ? await releasedMsat(streams, context) : 0
    // Topped up since the proof was asked for: who did not give one is asked again.
    if (balance === 'keep' && !principal.stepUp && (await takenMsat(streams, context)) > 0)
      return { refused: 'balance-moved' }
    const at = Math.floor(now / 1000)
    const until = balance === 'keep' ? undefined : at + days * dayS
    const outcome = await context.execute(
      streams.map((stream) => wish('session', stream, { do: 'revoke', at, until, reason: why })),
      { claims: streams.map((stream) => node.keyEnds.claim(stream)) },
    )
    if ('refused' in outcome) return outcome
    // What nothing holds up ends in this very append, the rest with its last hold, deposit or payout.
    const ends = balance === 'keep' ? await node.keyEnds.endsNow(streams) : []
    const ended = ends.length === 0 ? outcome : await context.execute(ends)
    if ('refused' in ended) return ended
    const openHolds = streams.reduce((holds, stream) => holds + node.holds.inFlight(stream), 0)
    return { releasedMsat: released, openHolds }
  },
})

/** What the owner may come to have of these keys: a refund that fails comes back to a key that has ended. */
const takenMsat = async (streams: readonly string[], context: RunContext): Promise<number> =>
  (await releasedMsat(streams, context)) + (await context.node.keyEnds.onTheirWayMsat(streams))

/** What is available on these keys: it becomes the owner's, what runs is charged before. */
async function releasedMsat(streams: readonly string[], { node }: RunContext): Promise<number> {
  let msat = 0
  for (const stream of streams) {
    const { balanceMsat } = await node.engine.state('session', stream)
    msat += Math.max(0, balanceMsat - node.holds.heldMsat(stream))
  }
  return msat
}
