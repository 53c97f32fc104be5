/** What an operator may do to keys without touching their money: freeze, unfreeze, extend, set limits. */
import { z } from 'zod'
import { asMsat, type SessionCommand, wish } from '../../../events'
import { limits } from '../../limits'
import { type CommandContext, command, isNo, longAgeS } from '../command'
import { rowNamed, streamsNamed } from '../queries/session-named'
import { sessionRow, shown } from '../queries/sessions'
import { keyHash, reason } from '../rows'

const many = { sessions: z.array(keyHash).min(1).max(100), reason }

/** One wish for each key, all in one append or none of them. Answers how many keys were named. */
async function onEach(hashes: readonly string[], context: CommandContext, asked: SessionCommand) {
  const streams = await streamsNamed(hashes, context)
  if ('notFound' in streams) return streams
  const outcome = await context.execute(streams.map((stream) => wish('session', stream, asked)))
  return 'refused' in outcome ? outcome : streams.length
}

export const sessionsFreeze = command({
  name: 'sessions.freeze',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  in: z.object(many),
  out: z.object({ frozen: z.int() }),
  async run({ sessions, reason: why }, context) {
    const done = await onEach(sessions, context, { do: 'freeze', reason: why })
    return typeof done === 'number' ? { frozen: done } : done
  },
})

export const sessionsUnfreeze = command({
  name: 'sessions.unfreeze',
  role: 'operator',
  class: 'L',
  in: z.object(many),
  out: z.object({ unfrozen: z.int() }),
  async run({ sessions, reason: why }, context) {
    const done = await onEach(sessions, context, { do: 'unfreeze', reason: why })
    return typeof done === 'number' ? { unfrozen: done } : done
  },
})

export const sessionsExtend = command({
  name: 'sessions.extend',
  role: 'operator',
  class: 'L',
  in: z.object({ ...many, until: z.int().min(0).max(limits.dateMostS).nullable() }),
  out: z.object({ changed: z.int() }),
  async run({ sessions, until, reason: why }, context) {
    const asked = { do: 'extend', validUntil: until, nowMs: context.now, reason: why } as const
    const done = await onEach(sessions, context, asked)
    return typeof done === 'number' ? { changed: done } : done
  },
})

export const sessionsSetLimits = command({
  name: 'sessions.setLimits',
  role: 'operator',
  class: 'L',
  in: z.object({
    session: keyHash,
    limitMsat: z.int().min(0).nullable().optional(),
    period: z.enum(['daily', 'weekly', 'monthly']).nullable().optional(),
    maxParallel: z.int().min(1).max(1000).nullable().optional(),
    reason,
  }),
  out: sessionRow,
  async run({ session, limitMsat, period, maxParallel, reason: why }, context) {
    const row = await rowNamed(session, context)
    if (isNo(row)) return row
    const outcome = await context.execute(
      wish('session', row.stream, {
        do: 'set-limits',
        balanceLimitMsat: typeof limitMsat === 'number' ? asMsat(limitMsat) : limitMsat,
        balanceLimitReset: period,
        maxParallel,
        reason: why,
      }),
    )
    if ('refused' in outcome) return outcome
    const limit = limitMsat === undefined ? row.limitMsat : limitMsat === null ? null : BigInt(limitMsat)
    return shown({ ...row, limitMsat: limit }, context)
  },
})
