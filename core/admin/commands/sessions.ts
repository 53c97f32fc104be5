/** sessions.rename: the operator's own name for a key; the customer never sees it. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command, isNo } from '../command'
import { rowNamed } from '../queries/session-named'
import { sessionRow, shown } from '../queries/sessions'
import { keyHash } from '../rows'

export const sessionsRename = command({
  name: 'sessions.rename',
  role: 'operator',
  class: 'L',
  in: z.object({
    session: keyHash,
    label: z.string().trim().max(60),
  }),
  out: sessionRow,
  async run({ session, label }, context) {
    const row = await rowNamed(session, context)
    if (isNo(row)) return row
    const outcome = await context.execute(wish('session', row.stream, { do: 'rename', label }))
    return 'refused' in outcome ? outcome : shown({ ...row, label }, context)
  },
})
