/** The test mint's books: keysets with keys of their own, spent secrets, signatures, and what it owes. */
import { deriveKeysetId } from '@cashu/cashu-ts'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { dleqProof, pointOf, points, randomScalar } from './points'

export type Unit = 'sat' | 'msat' | 'usd'
export type BankKeyset = {
  readonly id: string
  readonly unit: Unit
  readonly feePpk: number
  readonly finalExpiry: number | undefined
  readonly publicKeys: Readonly<Record<string, string>>
  readonly privateKeys: Readonly<Record<string, Uint8Array>>
  active: boolean
  /** Its coins are refused with 12003. */
  expired?: boolean
  /** It is in no list any more, and its coins are refused with 12001; what it owes it owes. */
  forgotten?: boolean
}
export type WireProof = {
  readonly id: string
  readonly amount: number
  readonly secret: string
  readonly C: string
  readonly witness?: string
}
export type WireOutput = { readonly id: string; readonly amount: number; readonly B_: string }
export type WireSignature = {
  readonly id: string
  readonly amount: number
  readonly C_: string
  readonly dleq: { readonly e: string; readonly s: string }
}
export type MintError = { readonly code: number; readonly detail: string }

const keyBits = 32

/** Everything a mint must remember. `spend` and `sign` happen in one synchronous step. */
export function createBank() {
  const keysets = new Map<string, BankKeyset>()
  const spent = new Map<string, 'SPENT' | 'PENDING'>()
  const signed = new Map<string, WireSignature>()
  const issued = new Map<string, bigint>()
  const redeemed = new Map<string, bigint>()

  function addKeyset(
    unit: Unit,
    options: { readonly feePpk: number; readonly version: 'v1' | 'v2'; readonly finalExpiry?: number },
  ): BankKeyset {
    const { finalExpiry, feePpk } = options
    // Fresh keys for each keyset: else all units share theirs.
    const privateKeys: Record<string, Uint8Array> = {}
    for (let bit = 0; bit < keyBits; bit += 1) privateKeys[String(2 ** bit)] = randomScalar()
    const publicKeys = Object.fromEntries(
      Object.entries(privateKeys).map(([amount, key]) => [amount, bytesToHex(points.keyOf(key))]),
    )
    const id = deriveKeysetId(publicKeys, {
      unit,
      input_fee_ppk: feePpk,
      versionByte: options.version === 'v2' ? 1 : 0,
      ...(finalExpiry === undefined ? {} : { expiry: finalExpiry }),
    })
    const keyset: BankKeyset = {
      id,
      unit,
      feePpk,
      finalExpiry,
      publicKeys,
      privateKeys,
      active: true,
    }
    keysets.set(keyset.id, keyset)
    return keyset
  }

  function swap(inputs: readonly WireProof[], outputs: readonly WireOutput[]): WireSignature[] | MintError {
    const problem = inputProblem(inputs) ?? outputProblem(outputs)
    if (problem !== undefined) return problem
    const units = new Set([...inputs, ...outputs].map(({ id }) => keysets.get(id)?.unit))
    if (units.size !== 1) return { code: 11010, detail: 'units differ' }
    const sum = (parts: readonly { readonly amount: number }[]) => parts.reduce((total, part) => total + part.amount, 0)
    if (sum(inputs) - feeOf(inputs) !== sum(outputs)) return { code: 11005, detail: 'transaction is not balanced' }
    burn(inputs)
    return outputs.map(sign)
  }

  const feeOf = (inputs: readonly WireProof[]): number =>
    Math.ceil(inputs.reduce((sum, input) => sum + (keysets.get(input.id)?.feePpk ?? 0), 0) / 1000)

  function burn(inputs: readonly WireProof[]): void {
    for (const input of inputs) {
      spent.set(yOf(input.secret), 'SPENT')
      add(redeemed, input.id, input.amount)
    }
  }

  /** NUT-08: powers of two into the blanks, smallest first, as far as they reach. */
  function change(blanks: readonly WireOutput[], units: number): WireSignature[] {
    const parts = [...units.toString(2)].reverse().flatMap((bit, place) => (bit === '1' ? [2 ** place] : []))
    return parts.slice(-blanks.length).flatMap((amount, index) => {
      const blank = blanks[index]
      return blank === undefined ? [] : [sign({ ...blank, amount })]
    })
  }

  /** Blanks have no amount yet. */
  const checkBlanks = (blanks: readonly WireOutput[]): MintError | undefined =>
    outputProblem(blanks.map((blank) => ({ ...blank, amount: 1 })))

  function issue(outputs: readonly WireOutput[], units: number): WireSignature[] | MintError {
    const problem = outputProblem(outputs)
    if (problem !== undefined) return problem
    if (outputs.reduce((sum, output) => sum + output.amount, 0) !== units)
      return { code: 11005, detail: 'amount differs from the quote' }
    return outputs.map(sign)
  }

  function inputProblem(inputs: readonly WireProof[]): MintError | undefined {
    if (inputs.length === 0) return { code: 11009, detail: 'no inputs' }
    if (new Set(inputs.map((input) => input.secret)).size !== inputs.length)
      return { code: 11007, detail: 'duplicate inputs' }
    for (const input of inputs) {
      const keyset = keysets.get(input.id)
      if (keyset === undefined || keyset.forgotten === true) return { code: 12001, detail: 'keyset is not known' }
      const state = spent.get(yOf(input.secret))
      if (state === 'SPENT') return { code: 11001, detail: 'proof already spent' }
      if (state === 'PENDING') return { code: 11002, detail: 'proof is pending' }
      if (keyset.expired === true) return { code: 12003, detail: 'keyset has expired' }
      if (!isGenuine(input, keyset)) return { code: 10001, detail: 'proof could not be verified' }
    }
    return undefined
  }

  function outputProblem(outputs: readonly WireOutput[]): MintError | undefined {
    if (new Set(outputs.map((output) => output.B_)).size !== outputs.length)
      return { code: 11008, detail: 'duplicate outputs' }
    for (const output of outputs) {
      const keyset = keysets.get(output.id)
      if (keyset === undefined || keyset.forgotten === true) return { code: 12001, detail: 'keyset is not known' }
      if (!keyset.active) return { code: 12002, detail: 'keyset is not active' }
      if (keyset.privateKeys[String(output.amount)] === undefined) return { code: 11006, detail: 'amount is not a key' }
      if (signed.has(output.B_)) return { code: 11003, detail: 'outputs have been signed before' }
    }
    return undefined
  }

  function isGenuine(input: WireProof, keyset: BankKeyset): boolean {
    const key = keyset.privateKeys[String(input.amount)]
    if (key === undefined) return false
    try {
      return bytesToHex(points.times(pointOf(input.secret), key)) === input.C.toLowerCase()
    } catch {
      return false
    }
  }

  function sign(output: WireOutput): WireSignature {
    const key = keysets.get(output.id)?.privateKeys[String(output.amount)]
    if (key === undefined) throw new Error('no key for an output that was checked')
    const blinded = hexToBytes(output.B_)
    const point = points.times(blinded, key)
    const signature = {
      id: output.id,
      amount: output.amount,
      C_: bytesToHex(point),
      dleq: dleqProof(blinded, point, key),
    }
    signed.set(output.B_, signature)
    add(issued, output.id, output.amount)
    return signature
  }

  function outstanding(unit: Unit): number {
    let sum = 0n
    for (const keyset of keysets.values())
      if (keyset.unit === unit) sum += (issued.get(keyset.id) ?? 0n) - (redeemed.get(keyset.id) ?? 0n)
    return Number(sum)
  }

  return {
    keysets,
    listed: () => [...keysets.values()].filter(({ forgotten }) => forgotten !== true),
    addKeyset,
    swap,
    issue,
    burn,
    change,
    sign,
    check: inputProblem,
    checkBlanks,
    feeOf,
    outstanding,
    states: (ys: readonly string[]) => ys.map((y) => ({ Y: y, state: spent.get(y) ?? 'UNSPENT', witness: null })),
    restore(outputs: readonly WireOutput[]) {
      const found = outputs.filter((output) => signed.has(output.B_))
      return { outputs: found, signatures: found.map((output) => signed.get(output.B_)) }
    },
    /** Marks an input as if a payment with it were under way, or ends that. */
    pend: (secret: string, pending: boolean) =>
      pending ? spent.set(yOf(secret), 'PENDING') : spent.delete(yOf(secret)),
  }
}

export const yOf = (secret: string): string => bytesToHex(pointOf(secret))

function add(sums: Map<string, bigint>, keysetId: string, amount: number): void {
  sums.set(keysetId, (sums.get(keysetId) ?? 0n) + BigInt(amount))
}
