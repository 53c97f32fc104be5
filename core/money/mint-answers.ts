/** What a mint sends and is sent, read field by field: any other shape throws, and the caller calls that unclear. */

export type Proof = {
  readonly id: string
  readonly amount: number
  readonly secret: string
  readonly C: string
  readonly witness?: string
}
export type Output = { readonly amount: number; readonly id: string; readonly B_: string }
export type Signature = {
  readonly amount: number
  readonly id: string
  readonly C_: string
  readonly dleq?: { readonly e: string; readonly s: string }
}
export type KeysetInfo = {
  readonly id: string
  readonly unit: string
  readonly active: boolean
  readonly feePpk: number
  readonly finalExpiry: number | undefined
}
export type Keys = { readonly id: string; readonly unit: string; readonly keys: Readonly<Record<string, string>> }
/** Least and most of one invoice or payment, in units; undefined: the mint names none. */
export type QuoteBounds = {
  readonly unit: string
  readonly least: number | undefined
  readonly most: number | undefined
}
export type MintInfo = {
  readonly name: string
  readonly nuts: readonly string[]
  /** For which units the mint makes invoices (NUT-04, NUT-23). */
  readonly invoices: readonly QuoteBounds[]
  /** From which units it pays invoices (NUT-05, NUT-23). */
  readonly payments: readonly QuoteBounds[]
  /** What the mint tells of by itself (NUT-17), by unit. */
  readonly tells: readonly { readonly unit: string; readonly commands: readonly string[] }[]
}
export type Quote = {
  readonly id: string
  readonly bolt11: string
  /** undefined: the mint does not say. */
  readonly units: number | undefined
  readonly unit: string | undefined
  readonly state: 'UNPAID' | 'PAID' | 'ISSUED'
  /** Unix seconds. */
  readonly expiresAt: number | undefined
  readonly pubkey: string | undefined
}
export type ProofState = { readonly y: string; readonly state: 'UNSPENT' | 'PENDING' | 'SPENT' }
export type Restored = { readonly outputs: readonly Output[]; readonly signatures: readonly Signature[] }

export type Json = Readonly<Record<string, unknown>>

export function readInfo(json: Json): MintInfo {
  const nuts = Object.entries((json.nuts ?? {}) as Json).filter(([, value]) => (value as Json)?.disabled !== true)
  return {
    name: String(json.name ?? ''),
    nuts: nuts.map(([nut]) => nut),
    invoices: readMethods(json, '4'),
    payments: readMethods(json, '5'),
    tells: readSubscriptions(json),
  }
}

function readSubscriptions(json: Json): MintInfo['tells'] {
  const { supported } = (((json.nuts ?? {}) as Json)['17'] ?? {}) as Json
  if (!Array.isArray(supported)) return []
  return list(supported)
    .filter(({ method, unit }) => method === 'bolt11' && typeof unit === 'string')
    .map(({ unit, commands }) => ({
      unit: text(unit),
      commands: Array.isArray(commands) ? commands.filter((one) => typeof one === 'string') : [],
    }))
}

function readMethods(json: Json, number: '4' | '5'): readonly QuoteBounds[] {
  const nut = ((json.nuts ?? {}) as Json)[number] as Json | undefined
  if (nut === undefined || nut.disabled === true || !Array.isArray(nut.methods)) return []
  return list(nut.methods)
    .filter(({ method, unit }) => method === 'bolt11' && typeof unit === 'string')
    .map(({ unit, min_amount, max_amount }) => ({
      unit: text(unit),
      least: given(min_amount, whole),
      most: given(max_amount, whole),
    }))
}

/** A quote of any age of the protocol: newer ones count what was paid and issued instead of naming a state. */
export function readQuote(json: Json): Quote {
  const paid = given(json.amount_paid, whole) ?? 0
  const issued = given(json.amount_issued, whole) ?? 0
  const counted = issued > 0 ? 'ISSUED' : paid > 0 ? 'PAID' : 'UNPAID'
  return {
    id: text(json.quote),
    bolt11: text(json.request),
    units: given(json.amount, whole),
    unit: given(json.unit, text),
    state: given(json.state, (state) => oneOf(state, ['UNPAID', 'PAID', 'ISSUED'])) ?? counted,
    expiresAt: given(json.expiry, whole),
    pubkey: given(json.pubkey, text),
  }
}

/** Absent, null, 0 and the empty text all mean 'not given' (wallet 9.2). */
export const given = <Value>(value: unknown, read: (value: unknown) => Value): Value | undefined =>
  value === undefined || value === null || value === '' || Number(value) === 0 ? undefined : read(value)

export function readKeyset(json: Json): KeysetInfo {
  const expiry = whole(json.final_expiry ?? 0)
  return {
    id: text(json.id),
    unit: text(json.unit),
    active: json.active === true,
    feePpk: whole(json.input_fee_ppk ?? 0),
    // 0 and null mean 'not given' (wallet 9.2).
    finalExpiry: expiry === 0 ? undefined : expiry,
  }
}

/** Keys are believed only under the id that they hash to (wallet 9.2). */
export function readKeys(keysets: readonly Json[], id: string): Keys {
  const found = keysets.find((keyset) => keyset.id === id)
  if (found === undefined) throw new TypeError('the keyset is not in the answer')
  const keys = Object.fromEntries(Object.entries(found.keys as Json).map(([amount, key]) => [amount, text(key)]))
  return { id, unit: text(found.unit), keys }
}

export const readState = (json: Json): ProofState => ({
  y: text(json.Y),
  state: oneOf(json.state, ['UNSPENT', 'PENDING', 'SPENT']),
})
export const readOutput = (json: Json): Output => ({ amount: whole(json.amount), id: text(json.id), B_: text(json.B_) })

export function readSignature(json: Json): Signature {
  const dleq = json.dleq as Json | null | undefined
  const signature = { amount: whole(json.amount), id: text(json.id), C_: text(json.C_) }
  return dleq === null || dleq === undefined ? signature : { ...signature, dleq: { e: text(dleq.e), s: text(dleq.s) } }
}

export function list(value: unknown): readonly Json[] {
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value as readonly Json[]
}
export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}
export function whole(value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError('not a whole number')
  return number
}
export function oneOf<Word extends string>(value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === value)
  if (found === undefined) throw new TypeError('not a known word')
  return found
}
