/** Bearers for programs: how they look, and who holds one (remote-admin 9.4). */
import { createHash } from 'node:crypto'
import type { Node } from '../../events'
import { lesser, type Principal } from './principal'

const form = /^Bearer (rnt_[A-Za-z0-9_-]{43})$/i

/** `rnt_` and 256 random bits as base64url: guessed by nobody, so a plain hash keeps it. */
export const makeToken = (): string =>
  `rnt_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** The token in an Authorization header; undefined: there is none of this form. */
export const tokenIn = (authorization: string): string | undefined => form.exec(authorization)?.[1]

/** Its principal: never more than its maker may now, never a step-up. */
export function principalByToken({ tokens, admins }: Node, bearer: string, nowMs: number): Principal | undefined {
  const hash = hashOfToken(bearer)
  const token = tokens.find(({ tokenHash }) => tokenHash === hash)
  if (token === undefined || token.expiresAt * 1000 <= nowMs) return undefined
  const maker = admins.find(({ pubkey }) => pubkey === token.admin)
  return {
    admin: token.admin,
    name: token.token,
    role: maker === undefined ? token.role : lesser(token.role, maker.role),
    token: token.token,
    ...(token.commands === undefined ? {} : { commands: token.commands }),
    stepUp: false,
  }
}
