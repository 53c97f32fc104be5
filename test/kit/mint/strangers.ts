/** Other people's wallets at the test mint: proofs that somebody owns, their texts, and spends behind the node's back. */
import { getEncodedToken, type Proof } from '@cashu/cashu-ts'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { type BankKeyset, type createBank, type Unit, type WireOutput, type WireProof, yOf } from './bank'
import { pointOf, points, randomScalar } from './points'

export type Strangers = {
  /** Makes proofs that somebody owns now. */
  readonly proofs: (
    amount: number,
    unit?: Unit,
    options?: { readonly amounts?: readonly number[]; readonly keysetId?: string; readonly secret?: string },
  ) => Proof[]
  readonly token: (
    amount: number,
    unit?: Unit,
    options?: { readonly version?: 3 | 4; readonly amounts?: readonly number[]; readonly keysetId?: string },
  ) => string
  readonly encode: (
    proofs: readonly Proof[],
    unit?: Unit,
    options?: { readonly version?: 3 | 4; readonly mint?: string },
  ) => string
  /** Spends proofs at the mint, as another wallet would. */
  readonly spend: (proofs: readonly Proof[]) => void
  /** Units of proofs made here that nobody has spent yet. */
  readonly heldByStrangers: (unit: Unit) => number
}

export function createStrangers(bank: ReturnType<typeof createBank>, url: string): Strangers {
  const made: { readonly unit: Unit; readonly units: number; readonly y: string }[] = []
  const remember = (unit: Unit, some: readonly Blinded[]) =>
    made.push(...some.map(({ amount, secret }) => ({ unit, units: amount, y: yOf(secret) })))

  const activeKeyset = (unit: Unit): BankKeyset | undefined =>
    [...bank.keysets.values()].findLast((keyset) => keyset.unit === unit && keyset.active)

  const proofs: Strangers['proofs'] = (amount, unit = 'sat', more = {}) => {
    const keyset = more.keysetId === undefined ? activeKeyset(unit) : bank.keysets.get(more.keysetId)
    if (keyset === undefined) throw new Error(`no keyset for ${unit}`)
    const wasActive = keyset.active
    keyset.active = true
    const amounts = more.amounts ?? powersOfTwo(amount)
    const outputs = amounts.map((part) => blind(part, keyset.id))
    const signatures = bank.issue(
      outputs,
      amounts.reduce((sum, part) => sum + part, 0),
    )
    keyset.active = wasActive
    if (!Array.isArray(signatures)) throw new Error(signatures.detail)
    remember(unit, outputs)
    return outputs.map((one, index) => proofOf(one, signatures[index]?.C_ ?? '', keyset))
  }

  const encode: Strangers['encode'] = (some, unit = 'sat', more = {}) =>
    more.version === 3
      ? encodeV3(some, unit, more.mint ?? url)
      : getEncodedToken({ mint: more.mint ?? url, unit, proofs: [...some] }, { removeDleq: true })

  return {
    proofs,
    encode,
    token: (amount, unit = 'sat', more = {}) => encode(proofs(amount, unit, more), unit, more),
    spend(some) {
      const inputs = some.map((proof) => ({ ...proof, amount: Number(String(proof.amount)) })) as unknown as WireProof[]
      const units = inputs.reduce((sum, input) => sum + input.amount, 0)
      const unit = bank.keysets.get(inputs[0]?.id ?? '')?.unit ?? 'sat'
      const outputs = powersOfTwo(units - bank.feeOf(inputs)).map((part) => blind(part, activeKeyset(unit)?.id ?? ''))
      const done = bank.swap(inputs, outputs)
      if (!Array.isArray(done)) throw new Error(done.detail)
      remember(unit, outputs)
    },
    heldByStrangers(unit) {
      const own = made.filter((one) => one.unit === unit)
      const states = bank.states(own.map(({ y }) => y))
      return own.reduce((all, { units }, at) => all + (states[at]?.state === 'SPENT' ? 0 : units), 0)
    },
  }
}

type Blinded = WireOutput & { readonly secret: string; readonly r: Uint8Array }

/** NUT-00: a random secret under a random blinding factor. */
function blind(amount: number, id: string): Blinded {
  const secret = bytesToHex(randomScalar())
  const r = randomScalar()
  return { id, amount, B_: bytesToHex(points.plus(pointOf(secret), points.keyOf(r))), secret, r }
}

function proofOf({ id, amount, secret, r }: Blinded, signed: string, { publicKeys }: BankKeyset): Proof {
  const factor = points.times(hexToBytes(publicKeys[String(amount)] ?? ''), r)
  return {
    id,
    amount,
    secret,
    C: bytesToHex(points.plus(hexToBytes(signed), points.minus(factor))),
  } as unknown as Proof
}

/** The older encoding, which the library reads but writes no more. */
function encodeV3(proofs: readonly Proof[], unit: Unit, mint: string): string {
  const plain = proofs.map(({ id, amount, secret, C }) => ({ id, amount: Number(String(amount)), secret, C }))
  return `cashuA${Buffer.from(JSON.stringify({ token: [{ mint, proofs: plain }], unit })).toString('base64url')}`
}

/** Greedy powers of two, ascending. */
export function powersOfTwo(amount: number): number[] {
  const parts: number[] = []
  for (let bit = 1; bit <= amount; bit *= 2) if (Math.floor(amount / bit) % 2 === 1) parts.push(bit)
  return parts
}
