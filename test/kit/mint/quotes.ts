/** The test mint's Lightning side, money in (NUT-04, NUT-20, NUT-23): quotes with real invoices, paid on command. */
import { verifyMintQuoteSignature } from '@cashu/cashu-ts'
import { schnorr } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { createBank, MintError, Unit, WireOutput, WireSignature } from './bank'
import { encodeBolt11 } from './bolt11'

export type MintQuote = {
  readonly quote: string
  readonly request: string
  readonly amount: number
  readonly unit: Unit
  readonly expiry: number | null
  readonly pubkey: string | undefined
  readonly preimage: string
  state: 'UNPAID' | 'PAID' | 'ISSUED'
}

export type QuoteOptions = {
  /** Which NUT-20 message is understood; `off`: quotes are never locked. */
  readonly nut20?: 'both' | 'old' | 'new' | 'off'
  readonly network?: string
  /** null: the mint names no time, as nutshell does. */
  readonly quoteExpiryS?: number | null
  readonly invoiceExpiryS?: number
  readonly minAmount?: number
  readonly maxAmount?: number
  /** Unix ms. */
  readonly now?: () => number
}

/** What a mint of bad manners writes into its next invoices instead of the truth. */
export type InvoiceTwist = { readonly msat?: number; readonly network?: string; readonly paymentHash?: string }

export function createQuotes(bank: ReturnType<typeof createBank>, options: QuoteOptions) {
  const quotes = new Map<string, MintQuote>()
  const nodeKey = crypto.getRandomValues(new Uint8Array(32))
  const now = options.now ?? Date.now
  let twist: InvoiceTwist = {}
  let lightningInMsat = 0

  function create(body: Readonly<Record<string, unknown>>): Record<string, unknown> | MintError {
    const amount = Number(body.amount)
    const unit = String(body.unit ?? 'sat') as Unit
    if (![...bank.keysets.values()].some((keyset) => keyset.unit === unit && keyset.active))
      return { code: 11013, detail: 'unit is not supported' }
    if (
      !Number.isSafeInteger(amount) ||
      amount < (options.minAmount ?? 1) ||
      amount > (options.maxAmount ?? 10_000_000)
    )
      return { code: 11006, detail: 'amount is outside of the limits' }
    const preimage = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
    const timestamp = Math.floor(now() / 1000)
    const { quoteExpiryS = 3600 } = options
    const quote: MintQuote = {
      quote: crypto.randomUUID(),
      request: encodeBolt11({
        network: options.network ?? 'bcrt',
        msat: unit === 'msat' ? amount : amount * 1000,
        paymentHash: bytesToHex(sha256(hexToBytes(preimage))),
        timestamp,
        expiryS: options.invoiceExpiryS ?? 3600,
        description: String(body.description ?? ''),
        nodeKey,
        ...twist,
      }),
      amount,
      unit,
      expiry: quoteExpiryS === null ? null : timestamp + quoteExpiryS,
      pubkey: options.nut20 === 'off' || typeof body.pubkey !== 'string' ? undefined : body.pubkey,
      preimage,
      state: 'UNPAID',
    }
    quotes.set(quote.quote, quote)
    return shown(quote)
  }

  function issue(body: Readonly<Record<string, unknown>>): Record<string, unknown> | MintError {
    const quote = quotes.get(String(body.quote))
    if (quote === undefined) return unknown
    if (quote.state === 'UNPAID') return { code: 20001, detail: 'quote is not paid' }
    if (quote.state === 'ISSUED') return { code: 20002, detail: 'quote is already issued' }
    const outputs = (body.outputs ?? []) as WireOutput[]
    if (outputs.some((output) => bank.keysets.get(output.id)?.unit !== quote.unit && bank.keysets.has(output.id)))
      return { code: 11013, detail: 'unit of the outputs differs' }
    if (quote.pubkey !== undefined && !isSigned(quote, outputs, body.signature))
      return { code: 20008, detail: 'signature is missing or invalid' }
    const signatures: WireSignature[] | MintError = bank.issue(outputs, quote.amount)
    if (!Array.isArray(signatures)) return signatures
    quote.state = 'ISSUED'
    return { signatures }
  }

  function isSigned({ quote, pubkey = '' }: MintQuote, outputs: readonly WireOutput[], signature: unknown): boolean {
    if (typeof signature !== 'string') return false
    const form = options.nut20 ?? 'both'
    const isOld = verifyMintQuoteSignature(pubkey, quote, outputs as never, signature)
    if (form !== 'new' && isOld) return true
    return form !== 'old' && schnorr.verify(hexToBytes(signature), amended(quote, outputs), hexToBytes(pubkey).slice(1))
  }

  function find(one: string): MintQuote {
    const found = quotes.get(one) ?? [...quotes.values()].find((quote) => quote.request === one)
    if (found === undefined) throw new Error('no such invoice at the test mint')
    return found
  }

  return {
    create,
    issue,
    look: (id: string): Record<string, unknown> | MintError => {
      const quote = quotes.get(id)
      return quote === undefined ? unknown : shown(quote)
    },
    /** By quote id or by invoice; the mint takes the money whether or not the invoice is still valid. */
    pay(one: string): MintQuote {
      const quote = find(one)
      if (quote.state === 'UNPAID') {
        quote.state = 'PAID'
        lightningInMsat += quote.unit === 'msat' ? quote.amount : quote.amount * 1000
      }
      return quote
    },
    find,
    all: (): readonly MintQuote[] => [...quotes.values()],
    forget: (one: string) => void quotes.delete(find(one).quote),
    /** Says that it issued the quote, to nobody that the node knows. */
    giveAway(one: string): void {
      find(one).state = 'ISSUED'
    },
    twist(next: InvoiceTwist): void {
      twist = next
    },
    lightningInMsat: () => lightningInMsat,
  }
}

const unknown: MintError = { code: 0, detail: 'quote not found' }

const shown = ({ quote, request, amount, unit, expiry, pubkey, state }: MintQuote) => ({
  quote,
  request,
  amount,
  unit,
  method: 'bolt11',
  expiry,
  state,
  ...(pubkey === undefined ? {} : { pubkey }),
})

/** NUT-20 as amended: a domain, and every part behind its length. */
function amended(quote: string, outputs: readonly WireOutput[]): Uint8Array {
  const part = (bytes: Uint8Array) => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, bytes.length)
    return concatBytes(length, bytes)
  }
  const amountBytes = (amount: number) => {
    const hex = amount.toString(16)
    return hexToBytes(hex.length % 2 === 1 ? `0${hex}` : hex)
  }
  return sha256(
    concatBytes(
      utf8ToBytes('Cashu_MintQuoteSig_v1'),
      part(utf8ToBytes(quote)),
      ...outputs.flatMap(({ amount, B_ }) => [part(amountBytes(amount)), part(hexToBytes(B_))]),
    ),
  )
}
