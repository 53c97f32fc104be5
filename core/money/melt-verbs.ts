/** What a mint is asked when money leaves by Lightning (NUT-05, NUT-08, NUT-23), and what its answers say. */
import { limits } from '../limits'
import {
  given,
  type Json,
  list,
  type Output,
  oneOf,
  type Proof,
  readSignature,
  type Signature,
  text,
  whole,
} from './mint-answers'
import type { MintAnswer } from './mint-request'

export type MeltQuote = {
  readonly id: string
  readonly units: number
  readonly unit: string | undefined
  readonly reserveUnits: number
  readonly state: 'UNPAID' | 'PENDING' | 'PAID'
  /** Unix seconds. */
  readonly expiresAt: number | undefined
  readonly preimage: string | undefined
  /** undefined: the mint does not say; restored then. */
  readonly change: readonly Signature[] | undefined
}

export type MeltVerbs = {
  readonly meltQuote: (bolt11: string, unit: string) => Promise<MintAnswer<MeltQuote>>
  readonly meltQuoteState: (quoteId: string) => Promise<MintAnswer<MeltQuote>>
  /** `blanks` take the change; the mint is asked not to keep the line until the payment ends. */
  readonly melt: (
    quoteId: string,
    inputs: readonly Proof[],
    blanks: readonly Output[],
  ) => Promise<MintAnswer<MeltQuote>>
}

export type Ask = <Value>(
  path: string,
  body: unknown,
  waitMs: number,
  read: (json: Json) => Value,
  headers?: Readonly<Record<string, string>>,
) => Promise<MintAnswer<Value>>

export const meltVerbs = (ask: Ask): MeltVerbs => ({
  meltQuote: (request, unit) => ask('/v1/melt/quote/bolt11', { request, unit }, limits.mintReadMs, readMeltQuote),
  meltQuoteState: (id) =>
    ask(`/v1/melt/quote/bolt11/${encodeURIComponent(id)}`, undefined, limits.mintReadMs, readMeltQuote),
  melt: (quote, inputs, outputs) =>
    ask('/v1/melt/bolt11', { quote, inputs, outputs, prefer_async: true }, limits.mintMeltMs, readMeltQuote, {
      prefer: 'respond-async',
    }),
})

/** Older mints tell `paid` instead of a state. */
function readMeltQuote(json: Json): MeltQuote {
  const state = given(json.state, (word) => oneOf<MeltQuote['state']>(word, ['UNPAID', 'PENDING', 'PAID']))
  return {
    id: given(json.quote, text) ?? '',
    units: given(json.amount, whole) ?? 0,
    unit: given(json.unit, text),
    reserveUnits: given(json.fee_reserve, whole) ?? 0,
    state: state ?? (json.paid === true ? 'PAID' : 'UNPAID'),
    expiresAt: given(json.expiry, whole),
    preimage: given(json.payment_preimage, text),
    change: json.change === undefined || json.change === null ? undefined : list(json.change).map(readSignature),
  }
}
