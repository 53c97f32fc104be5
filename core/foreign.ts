/**
 * Asks a host that a client or a foreign server named (wallet 14.2): https alone, every address of the name public, the
 * connection goes to the very address that was checked, no redirect, bounded in time and size.
 */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { limits } from './limits'

export type Resolve = (host: string) => Promise<readonly string[]>
/** One GET to `address` as `host`; rejects where nothing is answered. */
export type Dial = (
  to: { readonly address: string; readonly host: string; readonly path: string },
  signal: AbortSignal,
) => Promise<Response>
export type Foreign = {
  readonly resolve: Resolve
  readonly dial: Dial
  /** HTTP proxy that reaches onion hosts; '': none. */
  readonly tunnel: () => string
}
export type ForeignAnswer = { readonly json: Readonly<Record<string, unknown>>; readonly isPrivate?: true } | Unanswered
/** `later`: asked again it may answer. */
export type Unanswered = { readonly refused: string; readonly later?: true }
export type AskForeign = (url: string) => Promise<ForeignAnswer>

export const systemForeign = (tunnel: () => string): Foreign => ({
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  dial: ({ address, host, path }, signal) =>
    fetch(`https://${isIP(address) === 6 ? `[${address}]` : address}${path}`, {
      headers: { host, accept: 'application/json' },
      redirect: 'error',
      tls: { serverName: host },
      signal,
    }),
  tunnel,
})

export const createAskForeign =
  (foreign: Foreign): AskForeign =>
  async (text) => {
    const url = URL.parse(text)
    if (url === null || url.username !== '' || url.password !== '' || url.hash !== '')
      return no('it is no plain https address')
    const signal = AbortSignal.timeout(limits.foreignMs)
    try {
      const response = await (url.hostname.endsWith('.onion')
        ? byTunnel(url, foreign, signal)
        : direct(url, foreign, signal))
      return response instanceof Response ? await readAnswer(response) : response
    } catch {
      return { refused: 'its server does not answer', later: true }
    }
  }

async function direct(url: URL, { resolve, dial }: Foreign, signal: AbortSignal): Promise<Response | ForeignAnswer> {
  if (url.protocol !== 'https:' || url.port !== '') return no('it must be https on its usual port')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await resolve(host) : [host]
  const [address] = addresses
  if (address === undefined) return no('its name has no address')
  if (!addresses.every(isPublicUnicast)) return no('its name points into a private network')
  return dial({ address, host, path: `${url.pathname}${url.search}` }, signal)
}

async function byTunnel(url: URL, { tunnel }: Foreign, signal: AbortSignal): Promise<Response | ForeignAnswer> {
  const proxy = tunnel()
  if (proxy === '') return no('an onion host needs network.torTunnel')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return no('it must be http or https')
  return fetch(url, { proxy, redirect: 'error', headers: { accept: 'application/json' }, signal })
}

/** JSON of a bounded size, or why not. Rejects when the connection breaks. */
export async function readAnswer(response: Response): Promise<ForeignAnswer> {
  if (response.status !== 200) {
    await response.body?.cancel()
    return no(`its server answered ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limits.foreignBytes) return no('its server answered too much')
    chunks.push(chunk)
  }
  try {
    const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { json: json as never }
  } catch {
    // What is no JSON is no answer.
  }
  return no('its server answered no JSON')
}

const no = (refused: string): Unanswered => ({ refused })

/** IANA special-purpose ranges: nothing in them is a public host. */
const special = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(net, bits, 'ipv4')
// Tunnels, benchmarks and documentation inside the global unicast range.
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(net, bits, 'ipv6')
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

/** Mapped and translated forms of IPv4 lie outside of the one range of IPv6 that is public. */
export function isPublicUnicast(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4')
  const plain = address.split('%')[0] ?? ''
  return isIP(plain) === 6 && globalUnicast.check(plain, 'ipv6') && !special.check(plain, 'ipv6')
}
