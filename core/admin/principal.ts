/** Who asks: resolved by a door, believed by the dispatcher (remote-admin 1.2). */
import type { Role } from '../../events'

export type Door = 'http' | 'nostr' | 'console'

export type Principal = {
  /** Public key of the admin, or `password`, `setup`, `console`: these count as admins of role owner. */
  readonly admin: string
  /** Admin key, device or console: what stands on the events. */
  readonly name: string
  readonly role: Role
  readonly device?: string
  /** How a device was opened. */
  readonly way?: 'setup' | 'password' | 'nostr'
  readonly token?: string
  /** Of a token: all that it may call, where that is less than its role may. */
  readonly commands?: readonly string[]
  /** Unix seconds, for devices. */
  readonly expiresAt?: number
  /** Proved over this very request. */
  readonly stepUp: boolean
}

/** The seal of a request that came over Nostr. */
export type Proof = {
  readonly sealId: string
  readonly author: string
  readonly createdAt: number
  readonly sig: string
  readonly sealed?: string
}
export type Caller = {
  readonly principal: Principal
  readonly door: Door
  /** When the caller wrote it, Unix seconds; over HTTP that is now. */
  readonly createdAtS: number
  /** It may lie on a relay for long: only then does `exp` lengthen its life. */
  readonly durable?: boolean
  readonly proof?: Proof
}

/** Whether a token's list leaves this command to it; every other principal has none. */
export const mayCall = ({ commands }: Principal, name: string): boolean =>
  commands === undefined || commands.includes(name)

const ranks: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, owner: 2 }

/** Whether a role includes another one. */
export const includes = (role: Role, needed: Role): boolean => ranks[role] >= ranks[needed]

export const lesser = (a: Role, b: Role): Role => (ranks[a] <= ranks[b] ? a : b)
