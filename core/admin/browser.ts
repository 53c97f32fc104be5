/** What a browser must show before it is believed: our own host, our own origin, our own header (remote-admin 9.3). */
import { limits } from '../limits'
import { readBytes } from '../request-body'
import { problem } from './answers'
import type { AdminNode } from './node-port'

export function cookieOf(request: Request): string | undefined {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs
    .find(([name]) => name === '__Host-routstr_admin' || name === 'routstr_admin')
    ?.slice(1)
    .join('=')
}

/** Origin of this very host, our header, JSON. */
export function isSameSite(request: Request): boolean {
  const origin = URL.parse(request.headers.get('origin') ?? '')
  return (
    origin !== null && origin.host === request.headers.get('host') && request.headers.get('x-routstr-admin') === '1'
  )
}

export const crossSite = () => problem(403, 'cross_site', 'This request did not come from a page of this node')

/** Names that may open the dashboard: no other site can rebind its own to us. */
export function isOwnHost(request: Request, node: AdminNode): boolean {
  const host = URL.parse(`http://${request.headers.get('host') ?? ''}`)?.hostname ?? ''
  const isLiteral = /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.startsWith('[')
  const named = [node.settings('identity.publicUrl'), node.settings('identity.onionUrl')].map(
    (text) => URL.parse(text)?.hostname,
  )
  return isLiteral || host === 'localhost' || named.includes(host) || node.settings('admin.hosts').includes(host)
}

/** `wrong`: what came is no JSON, and why. */
export type JsonBody = { readonly bytes: Uint8Array } & ({ readonly value: unknown } | { readonly wrong: string })

export async function readJson(request: Request): Promise<JsonBody | Response> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? ''))
    return problem(415, 'unsupported_media_type', 'JSON only')
  const read = await readBytes(request, limits.adminBodyBytes)
  if (!('bytes' in read))
    return read.is === 'late'
      ? { bytes: new Uint8Array(), wrong: 'The body did not arrive' }
      : problem(413, 'body_too_large', `At most ${limits.adminBodyBytes} bytes`)
  const { bytes } = read
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { bytes, value: text === '' ? {} : (JSON.parse(text, depthGuard()) as unknown) }
  } catch {
    return { bytes, wrong: 'The body is not JSON' }
  }
}

/** JSON.parse visits inner values first: a chain of parents longer than the bound is refused. */
function depthGuard() {
  const depths = new WeakMap<object, number>()
  return (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    const depth =
      1 +
      Math.max(
        0,
        ...Object.values(value).map((inner) =>
          typeof inner === 'object' && inner !== null ? (depths.get(inner) ?? 0) : 0,
        ),
      )
    if (depth > limits.adminJsonDepth) throw new RangeError('too deep')
    depths.set(value, depth)
    return value
  }
}
