/** Who sends a request over HTTP, and with what proof (remote-admin 1.2, 1.4, 9). */
import { tooMany } from './answers'
import { cookieOf } from './browser'
import type { AdminNode } from './node-port'
import type { Caller, Principal } from './principal'
import type { RequestProof, SignIn } from './sign-in'
import { tokenIn } from './token'

export type WhoDeps = {
  readonly node: AdminNode
  readonly signIn: SignIn
  /** Unix ms. */
  readonly now: () => number
  readonly address: (request: Request) => string
  readonly console: { readonly token: string; readonly isLocal: (request: Request) => boolean }
}

export function isConsole({ console }: Pick<WhoDeps, 'console'>, request: Request): boolean {
  return request.headers.get('authorization') === `Bearer ${console.token}` && console.isLocal(request)
}

/** What a NIP-98 header has to name: this very request. */
export const proofOf = (request: Request, url: URL, body: Uint8Array = new Uint8Array()): RequestProof => ({
  method: request.method,
  host: request.headers.get('host') ?? url.host,
  pathAndQuery: `${url.pathname}${url.search}`,
  body,
})

export async function principalOf(
  deps: WhoDeps,
  request: Request,
  proof: RequestProof,
): Promise<Principal | undefined> {
  const authorization = request.headers.get('authorization') ?? ''
  if (isConsole(deps, request)) return { admin: 'console', name: 'console', role: 'owner', stepUp: true }
  const token = tokenIn(authorization)
  if (token !== undefined) return deps.signIn.byToken(token, deps.address(request))
  if (/^Nostr\s/i.test(authorization))
    return (await deviceOf(deps, request, authorization, proof)) ?? deps.signIn.byNip98(authorization, proof)
  const cookie = cookieOf(request)
  return cookie === undefined ? undefined : deps.signIn.byCookie(cookie)
}

/** Seconds until somebody who shows a token may try again from there; undefined: now. */
export const tokenWaitS = ({ signIn, address }: WhoDeps, request: Request): number | undefined =>
  tokenIn(request.headers.get('authorization') ?? '') === undefined ? undefined : signIn.waitS(address(request))

/** A cookie with a NIP-98 header is that device with a step-up by its owner. */
async function deviceOf(
  { signIn }: WhoDeps,
  request: Request,
  authorization: string,
  proof: RequestProof,
): Promise<Principal | undefined> {
  const cookie = cookieOf(request)
  const device = cookie === undefined ? undefined : await signIn.byCookie(cookie)
  if (device === undefined) return undefined
  const signer = await signIn.byNip98(authorization, proof)
  return signer === undefined ? device : { ...device, stepUp: signer.stepUp }
}

/** `X-Admin-Password` is a step-up only while no owner key exists, and always for the password itself. */
export async function withPassword(
  { node, signIn, address }: WhoDeps,
  request: Request,
  principal: Principal,
  method: string,
  password = request.headers.get('x-admin-password'),
): Promise<Principal | Response> {
  if (password === null || principal.device === undefined || principal.role !== 'owner') return principal
  const hasOwnerKey = (await node.engine.state('node', 'node')).admins.some((admin) => admin.role === 'owner')
  if (hasOwnerKey && method !== 'security.setPassword') return principal
  const proved = await signIn.passwordProof(password, address(request))
  if (typeof proved === 'object') return tooMany(proved.waitS)
  return { ...principal, stepUp: proved }
}

export const callerOf = ({ now }: Pick<WhoDeps, 'now'>, principal: Principal): Caller => ({
  principal,
  door: principal.name === 'console' ? 'console' : 'http',
  createdAtS: Math.floor(now() / 1000),
})
