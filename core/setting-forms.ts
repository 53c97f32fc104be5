/** Forms of text that settings take: addresses, hosts, rate sources, time zones. */
import { isIP } from 'node:net'
import { z } from 'zod'
import { isPrivateHost } from './address'

export const publicUrl = z.union([z.literal(''), z.url({ protocol: /^https?$/ })])
/** Where clients reach the node: plain http carries their keys, so it stays at home or within Tor (dashboard 4.4). */
export const clientUrl = publicUrl.refine((text) => {
  const url = URL.parse(text)
  return url?.protocol !== 'http:' || isAtHome(url.hostname)
})

/** A host that no public name leads to. */
function isAtHome(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (isIP(host) !== 0) return isPrivateHost(host, [host])
  return !host.includes('.') || /\.(local|localhost|lan|home\.arpa|internal|onion)$/.test(host)
}
export const origin = z.string().refine((one) => one === '*' || URL.parse(one)?.origin === one.toLowerCase())
export const hostName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/)
/** A URL to ask, or `fixed:` and a rate in USD per BTC. */
export const rateSource = z.string().refine((one) => {
  if (!one.startsWith('fixed:')) return z.url({ protocol: /^https?$/ }).safeParse(one).success
  const rate = one.slice('fixed:'.length)
  return /^\d{1,12}(\.\d{1,12})?$/.test(rate) && Number(rate) > 0
})

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
