/** The test mint's Lightning side, money out (NUT-05, NUT-08, NUT-23): payments that succeed, hang, fail or are forgotten. */
import { bytesToHex } from '@noble/hashes/utils.js'
import { readBolt11 } from '../../../core/money/bolt11'
import type { createBank, MintError, Unit, WireOutput, WireProof, WireSignature } from './bank'

/** What becomes of the next payments. `pending` waits for `end`. */
export type Lightning = {
  readonly outcome?: 'paid' | 'pending' | 'failed'
  /** Units that routing really costs. */
  readonly fee?: number
  readonly reserve?: number
  /** Tells no change in answers: it must be restored. */
  readonly silentChange?: boolean
  /** Signs something else than the change that is due. */
  readonly changeAs?: (blanks: readonly WireOutput[], left: number) => readonly WireSignature[]
  /** Answers PENDING to whoever asks for that (NUT-05 `prefer_async`); how it ended, the quote alone tells. */
  readonly answersFirst?: boolean
  /** Calls a payment PAID before it has signed the change: that comes with `signChange`. */
  readonly lateChange?: boolean
  /** Takes the coins, calls the payment PAID and pays nobody. */
  readonly keepsAll?: boolean
}
export type MeltQuote = {
  readonly quote: string
  readonly request: string
  readonly amount: number
  readonly unit: Unit
  readonly fee_reserve: number
  readonly expiry: number
  state: 'UNPAID' | 'PENDING' | 'PAID'
  preimage: string | null
  change: readonly WireSignature[]
  held: readonly WireProof[]
  blanks: readonly WireOutput[]
  /** Units of change that are not signed yet. */
  owed: number
}

export function createMelts(
  bank: ReturnType<typeof createBank>,
  options: {
    readonly now: () => number
    /** Pays the invoice of whoever made it; answers its preimage, undefined: nobody here knows the receiver. */
    readonly route: (invoice: string) => string | undefined
  },
) {
  const quotes = new Map<string, MeltQuote>()
  let lightning: Lightning = {}
  let lightningOutMsat = 0
  let feesKept = 0

  function create(body: Readonly<Record<string, unknown>>): Record<string, unknown> | MintError {
    const request = String(body.request)
    const unit = String(body.unit ?? 'sat') as Unit
    const msat = readBolt11(request)?.amountMsat
    if (msat === undefined) return { code: 11011, detail: 'an invoice without amount' }
    const amount = unit === 'msat' ? msat : Math.ceil(msat / 1000)
    const quote: MeltQuote = {
      quote: crypto.randomUUID(),
      request,
      amount,
      unit,
      fee_reserve: lightning.reserve ?? Math.max(2, Math.ceil(amount / 100)),
      expiry: Math.floor(options.now() / 1000) + 600,
      state: 'UNPAID',
      preimage: null,
      change: [],
      held: [],
      blanks: [],
      owed: 0,
    }
    quotes.set(quote.quote, quote)
    return shown(quote)
  }

  function melt(body: Readonly<Record<string, unknown>>): Record<string, unknown> | MintError {
    const quote = quotes.get(String(body.quote))
    if (quote === undefined) return unknown
    if (quote.state === 'PENDING') return { code: 20005, detail: 'quote is pending' }
    if (quote.state === 'PAID') return { code: 20006, detail: 'invoice is already paid' }
    const inputs = (body.inputs ?? []) as WireProof[]
    const blanks = (body.outputs ?? []) as WireOutput[]
    const problem = bank.check(inputs) ?? bank.checkBlanks(blanks)
    if (problem !== undefined) return problem
    if (sum(inputs) - bank.feeOf(inputs) < quote.amount + quote.fee_reserve)
      return { code: 11005, detail: 'transaction is not balanced' }
    for (const { secret } of inputs) bank.pend(secret, true)
    Object.assign(quote, { state: 'PENDING', held: inputs, blanks })
    const isAsked = lightning.answersFirst === true && body.prefer_async === true
    const first = isAsked ? shown(quote) : undefined
    if (lightning.outcome === 'failed') {
      end(quote.quote, 'failed')
      return first ?? { code: 20004, detail: 'lightning payment failed' }
    }
    if (lightning.outcome !== 'pending') end(quote.quote, 'paid')
    return first ?? shown(quote)
  }

  /** Ends a payment that is under way. */
  function end(one: string, how: 'paid' | 'failed'): void {
    const quote = find(one)
    if (quote.state !== 'PENDING') throw new Error('no payment is under way')
    for (const { secret } of quote.held) bank.pend(secret, false)
    if (how === 'failed') {
      Object.assign(quote, { state: 'UNPAID', held: [], blanks: [] })
      return
    }
    bank.burn(quote.held)
    const fee = Math.min(lightning.fee ?? 1, quote.fee_reserve)
    const left = sum(quote.held) - bank.feeOf(quote.held) - quote.amount - fee
    quote.owed = left
    if (lightning.lateChange !== true) signChange(one)
    const received = lightning.keepsAll === true ? undefined : options.route(quote.request)
    quote.preimage = received ?? bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
    quote.state = 'PAID'
    const perUnit = quote.unit === 'msat' ? 1 : 1000
    lightningOutMsat += (quote.amount + fee) * perUnit
  }

  function signChange(one: string): void {
    const quote = find(one)
    quote.change = lightning.changeAs?.(quote.blanks, quote.owed) ?? bank.change(quote.blanks, quote.owed)
    feesKept += quote.owed - sum(quote.change)
    quote.owed = 0
  }

  function find(one: string): MeltQuote {
    const found = quotes.get(one) ?? [...quotes.values()].findLast((quote) => quote.request === one)
    if (found === undefined) throw new Error('no such payment at the test mint')
    return found
  }

  const shown = ({ quote, amount, unit, fee_reserve, state, expiry, preimage, request, change }: MeltQuote) => ({
    quote,
    amount,
    unit,
    fee_reserve,
    state,
    expiry,
    request,
    payment_preimage: preimage,
    ...(change.length === 0 || lightning.silentChange === true ? {} : { change }),
  })

  return {
    create,
    melt,
    end,
    signChange,
    look: (id: string): Record<string, unknown> | MintError => {
      const quote = quotes.get(id)
      return quote === undefined ? unknown : shown(quote)
    },
    all: (): readonly MeltQuote[] => [...quotes.values()],
    forget: (one: string) => void quotes.delete(find(one).quote),
    set(next: Lightning): void {
      lightning = next
    },
    lightningOutMsat: () => lightningOutMsat,
    /** Change that had no blank output. */
    feesKept: () => feesKept,
  }
}

const unknown: MintError = { code: 0, detail: 'quote not found' }
const sum = (parts: readonly { readonly amount: number }[]): number =>
  parts.reduce((units, part) => units + part.amount, 0)
