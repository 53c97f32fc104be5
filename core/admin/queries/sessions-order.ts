/** What sessions.list may be sorted by, and how its next page is asked for. */
import { z } from 'zod'
import type { SessionFilter, SessionSort } from '../../../events'

export const sorts = [
  'key12',
  'label',
  'balanceMsat',
  'heldMsat',
  'availableMsat',
  'spentMsat',
  'requests',
  'createdAt',
  'lastUsedAt',
  'expiresAt',
  'state',
  'parent',
  'depositedMsat',
  'refundedMsat',
  'origin',
  'refundMint',
  'limitMsat',
] as const satisfies readonly SessionSort[]

/** The last row seen, as the page before named it; any other text begins anew. */
export function afterOf(cursor: string | undefined): SessionFilter['after'] {
  if (cursor === undefined) return undefined
  try {
    const [value, stream] = lastSeen.parse(JSON.parse(cursor))
    return { value, stream }
  } catch {
    return undefined
  }
}
const lastSeen = z.tuple([z.string().max(100).nullable(), z.string().max(80)])
