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
export type MintInfo = { readonly name: string; readonly nuts: readonly string[] }
export type ProofState = { readonly y: string; readonly state: 'UNSPENT' | 'PENDING' | 'SPENT' }
export type Restored = { readonly outputs: readonly Output[]; readonly signatures: readonly Signature[] }

export type Json = Readonly<Record<string, unknown>>

export function readInfo(json: Json): MintInfo {
  const nuts = Object.entries((json.nuts ?? {}) as Json).filter(([, value]) => (value as Json)?.disabled !== true)
  return { name: String(json.name ?? ''), nuts: nuts.map(([nut]) => nut) }
}

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
function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}
export function whole(value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError('not a whole number')
  return number
}
function oneOf<Word extends string>(value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === value)
  if (found === undefined) throw new TypeError('not a known word')
  return found
}
