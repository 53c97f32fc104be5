/** From a Lightning address, an LNURL or an invoice to the invoice that is paid (wallet 14.3, 14.4; LUD-01, 06, 16, 17). */

import { createHash } from 'node:crypto'
import { bech32 } from '@scure/base'
import { satText, wholePartsUp, wholeSats } from '../../events'
import { type Bolt11, readBolt11 } from './bolt11'

export type Destination =
  | { readonly is: 'invoice'; readonly bolt11: string; readonly invoice: Bolt11 }
  | { readonly is: 'pay-request'; readonly url: string; readonly domain: string }

export type PayableInvoice = {
  readonly bolt11: string
  readonly paymentHash: string
  readonly msat: number
  /** Unix seconds. */
  readonly expiresAt: number
  readonly domain?: string
  readonly descriptionHashMatches?: boolean
}
export type NoInvoice = { readonly refused: string; readonly later?: true }
type Answered = { readonly json: Readonly<Record<string, unknown>>; readonly isPrivate?: true }
type Ask = (url: string) => Promise<Answered | NoInvoice>

const longest = 2000
const validAnotherS = 60

/** undefined: none of the accepted forms. */
export function readDestination(written: string): Destination | undefined {
  const text = written.trim().replace(/^lightning:/i, '')
  if (text.length === 0 || text.length > longest) return undefined
  const address = /^([a-z0-9._+-]{1,64})@([a-z0-9.-]{1,253}(?::\d{1,5})?)$/i.exec(text)
  if (address !== null)
    return payRequest(schemeOf(address[2] ?? ''), `/.well-known/lnurlp/${address[1]?.toLowerCase()}`)
  if (/^lnurl1/i.test(text)) return ofUrl(decodeLnurl(text))
  if (/^lnurlp:\/\//i.test(text)) return ofUrl(text.replace(/^lnurlp:/i, schemeName(text)))
  if (/^https:\/\//i.test(text)) return ofUrl(text)
  const invoice = readBolt11(text)
  return invoice === undefined ? undefined : { is: 'invoice', bolt11: text.toLowerCase(), invoice }
}

const isOnion = (host: string): boolean => /\.onion(:\d+)?$/i.test(host)
const schemeOf = (host: string): string => `${isOnion(host) ? 'http' : 'https'}://${host.toLowerCase()}`
const schemeName = (text: string): string => (isOnion(URL.parse(text)?.host ?? '') ? 'http:' : 'https:')
const payRequest = (origin: string, path: string): Destination | undefined => ofUrl(`${origin}${path}`)

function ofUrl(text: string | undefined): Destination | undefined {
  const url = URL.parse(text ?? '')
  if (url === null || url.hostname === '' || url.username !== '' || url.hash !== '') return undefined
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isOnion(url.host))) return undefined
  return { is: 'pay-request', url: url.href, domain: url.host }
}

function decodeLnurl(text: string): string | undefined {
  try {
    const { words } = bech32.decode(text.toLowerCase() as `${string}1${string}`, longest)
    return Buffer.from(bech32.fromWords(words)).toString('utf8')
  } catch {
    return undefined
  }
}

/** Asked before any money moves: why this receiver cannot be paid so much; undefined: it can. */
export async function receiverProblem(
  destination: Extract<Destination, { is: 'pay-request' }>,
  msat: number,
  ask: Ask,
): Promise<string | undefined> {
  const offer = await offerOf(destination, msat, ask)
  return 'refused' in offer ? offer.refused : undefined
}

type Offer = {
  readonly callback: string
  readonly metadata: unknown
  readonly minMsat: number
  readonly maxMsat: number
  /** Its host is private: the operator typed it. */
  readonly isPrivate?: true
}

/** What this receiver takes, in msat; nothing is asked of it. */
export async function receiverLimits(
  { url }: Extract<Destination, { is: 'pay-request' }>,
  ask: Ask,
): Promise<Offer | NoInvoice> {
  const first = await ask(url)
  if ('refused' in first) return first
  const { tag, callback, metadata, minSendable, maxSendable, status } = first.json
  if (status === 'ERROR') return no('its server knows no such receiver')
  if (tag !== 'payRequest' || typeof callback !== 'string') return no('its server answers no pay request')
  const [least, most] = [Number(minSendable), Number(maxSendable)]
  if (!Number.isFinite(least) || !Number.isFinite(most)) return no('its server names no amounts')
  const { isPrivate } = first
  return { callback, metadata, minMsat: least, maxMsat: most, ...(isPrivate === true ? { isPrivate } : {}) }
}

async function offerOf(
  destination: Extract<Destination, { is: 'pay-request' }>,
  msat: number,
  ask: Ask,
): Promise<Offer | NoInvoice> {
  const offer = await receiverLimits(destination, ask)
  if ('refused' in offer) return offer
  const { minMsat, maxMsat } = offer
  if (minMsat <= msat && msat <= maxMsat) return offer
  return no(`it takes ${satText(wholePartsUp(minMsat, 1000) * 1000)} to ${satText(wholeSats(maxMsat) * 1000)}`)
}

/**
 * The invoice for exactly `msat`, checked in all that can be: amount, network, time left. Its payment hash is claimed by
 * whoever pays it. `network`: the prefix that is paid; undefined: any.
 */
export async function invoiceFor(
  destination: Destination,
  wanted: { readonly msat: number; readonly network: string | undefined; readonly nowS: number },
  ask: Ask,
): Promise<PayableInvoice | NoInvoice> {
  if (destination.is === 'invoice') return payable(destination.bolt11, wanted)
  const offer = await offerOf(destination, wanted.msat, ask)
  if ('refused' in offer) return offer
  const { callback, metadata } = offer
  const url = URL.parse(callback)
  if (url === null) return no('its server answers no usable callback')
  url.searchParams.set('amount', String(wanted.msat))
  const second = await ask(url.href)
  if ('refused' in second) return second
  const { pr } = second.json
  if (typeof pr !== 'string') return no('its server gave no invoice')
  const invoice = payable(pr, wanted)
  if ('refused' in invoice) return invoice
  return { ...invoice, domain: destination.domain, ...matchOf(pr, metadata) }
}

function payable(
  bolt11: string,
  { msat, network, nowS }: { readonly msat: number; readonly network: string | undefined; readonly nowS: number },
): PayableInvoice | NoInvoice {
  const invoice = readBolt11(bolt11)
  if (invoice === undefined) return no('the invoice cannot be read')
  if (network !== undefined && invoice.network !== network) return no('the invoice is of another network')
  if (invoice.amountMsat === undefined) return no('the invoice names no amount')
  if (invoice.amountMsat !== msat) return no('the invoice is for another amount')
  if (invoice.expiresAt < nowS + validAnotherS) return no('the invoice has expired')
  const { paymentHash, expiresAt } = invoice
  return { bolt11: bolt11.trim().toLowerCase(), paymentHash, msat, expiresAt }
}

/** A description hash that does not match is recorded, not refused (wallet 14.4). */
function matchOf(bolt11: string, metadata: unknown): { readonly descriptionHashMatches?: boolean } {
  const named = readBolt11(bolt11)?.descriptionHash
  if (named === undefined || typeof metadata !== 'string') return {}
  return { descriptionHashMatches: createHash('sha256').update(metadata).digest('hex') === named }
}

const no = (refused: string): NoInvoice => ({ refused })
