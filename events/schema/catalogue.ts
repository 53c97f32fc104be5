/** All events there are, by type, and how a stored one becomes today's: parsed in its version, then lifted. */
import { commandEvents } from './command'
import { depositEvents } from './deposit'
import { drainEvents } from './drain'
import type { Catalogue } from './envelope'
import { mintEvents } from './mint'
import { nodeEvents } from './node'
import { payoutEvents } from './payout'
import { sessionEvents } from './session'
import { swapEvents } from './swap'
import { upstreamEvents } from './upstream'

export const catalogue: Catalogue = {
  ...sessionEvents,
  ...depositEvents,
  ...payoutEvents,
  ...swapEvents,
  ...mintEvents,
  ...drainEvents,
  ...upstreamEvents,
  ...commandEvents,
  ...nodeEvents,
}

/** Pure lifts from version v (index v - 1) to v + 1. Every version below the newest needs one. */
const upcasts: Readonly<Record<string, readonly ((data: never) => unknown)[]>> = {
  'node.settings-changed': [(data: unknown) => data],
  'payout.requested': [
    ({ sats, ...rest }: { readonly sats: number; readonly sessionId: string }) => ({
      ...rest,
      by: rest.sessionId,
      msat: sats * 1000,
    }),
  ],
  'payout.claimed': [(data: object) => ({ ...data, whose: 'customer' })],
  'payout.rejected': [(data: object) => ({ ...data, whose: 'customer' })],
}

/** Newest version of an event type; 0 for a type that this program does not know. */
export const newestVersion = (type: string): number => catalogue[type]?.length ?? 0

/** Lifts stored data to the newest version. Throws on an unknown type or version: the log is newer than the program. */
export function lift(type: string, v: number, data: unknown): unknown {
  const newest = newestVersion(type)
  if (v > newest || v < 1) throw new Error(`event ${type} version ${v} is not known to this program`)
  let lifted = data
  for (let version = v; version < newest; version += 1) {
    const upcast = upcasts[type]?.[version - 1]
    if (upcast === undefined) throw new Error(`event ${type} has no upcast from version ${version}`)
    lifted = upcast(lifted as never)
  }
  return lifted
}
