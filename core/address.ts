/** Which hosts may be contacted (wallet 14.1): private ones when the operator named them, link-local ones never. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

export type AddressVerdict =
  | { readonly privateAddress: boolean }
  | { readonly refused: 'address-not-allowed'; readonly why: string }
type Reach = 'public' | 'private' | 'never'

/** Checks a URL that the operator typed: plain http and ws only to private, loopback and onion hosts. */
export async function checkOperatorUrl(text: string, protocols: readonly string[]): Promise<AddressVerdict> {
  const url = URL.parse(text)
  if (url === null || !protocols.includes(url.protocol)) return no(`it must be a URL with ${protocols.join(' or ')}`)
  if (url.username !== '' || url.password !== '') return no('it must not carry credentials')
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host.endsWith('.onion')) return { privateAddress: false }
  const reach = await reachOf(host)
  if (reach === 'never') return no('link-local and metadata addresses are never contacted')
  const isPlain = url.protocol === 'http:' || url.protocol === 'ws:'
  if (isPlain && reach === 'public') return no('a public host needs https')
  return { privateAddress: reach === 'private' }
}

/** Where clouds answer questions about the machine itself; most of them in 169.254/16, some elsewhere. */
const metadataNames = new Set(['metadata', 'metadata.google.internal', 'instance-data'])
const metadataV4 = new Set(['100.100.100.200', '168.63.129.16', '192.0.0.192'])

/** A name counts by its addresses; one that does not resolve may come up later and is tried then. */
async function reachOf(host: string): Promise<Reach> {
  if (isIP(host) !== 0) return reachOfAddress(host)
  if (host === 'localhost' || host.endsWith('.localhost')) return 'private'
  if (metadataNames.has(host)) return 'never'
  const addresses = await lookup(host, { all: true }).catch(() => [])
  const reaches = addresses.map(({ address }) => reachOfAddress(address))
  if (reaches.includes('never')) return 'never'
  return reaches.includes('private') ? 'private' : 'public'
}

/** Whether a name with these addresses leads into a private network, and nowhere else. */
export const isPrivateHost = (host: string, addresses: readonly string[]): boolean =>
  !metadataNames.has(host) &&
  addresses.length > 0 &&
  addresses.every((address) => reachOfAddress(address) === 'private')

/** Forms of IPv6 that carry an IPv4 address, each ending or beginning in its two groups. */
const carriesV4: readonly RegExp[] = [
  /^::(?:ffff:(?:0:)?)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^64:ff9b:(?:1:)?.*:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/,
]

function reachOfAddress(address: string): Reach {
  if (isIP(address) === 4) return reachOfV4(address)
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (dotted !== null) return reachOfV4(dotted[1] ?? '0.0.0.0')
  const lower = address.toLowerCase()
  for (const form of carriesV4) {
    const carried = form.exec(lower)
    if (carried !== null && lower !== '::1') return reachOfV4(hexToV4(carried[1] ?? '0', carried[2] ?? '0'))
  }
  return reachOfV6(lower)
}

function reachOfV4(address: string): Reach {
  if (metadataV4.has(address)) return 'never'
  const [a = 0, b = 0] = address.split('.').map(Number)
  if (a === 169 && b === 254) return 'never'
  if (a === 0 || a >= 224) return 'never'
  if (
    a === 127 ||
    a === 10 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b <= 127)
  )
    return 'private'
  return 'public'
}

function reachOfV6(address: string): Reach {
  if (address === '::1') return 'private'
  if (address === '::') return 'never'
  // The metadata service of some clouds lies in the unique local range.
  if (address.startsWith('fd00:ec2:')) return 'never'
  const first = Number.parseInt(address.split(':')[0] || '0', 16)
  if (first >= 0xfe80 && first <= 0xfebf) return 'never'
  if (first >= 0xff00) return 'never'
  return first >= 0xfc00 && first <= 0xfdff ? 'private' : 'public'
}

const hexToV4 = (high: string, low: string): string => {
  const value = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}

const no = (why: string): AddressVerdict => ({ refused: 'address-not-allowed', why })
