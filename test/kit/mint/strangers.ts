/** Other people's wallets at the test mint: proofs that somebody owns, their texts, and spends behind the node's back. */
import { getEncodedToken, OutputData, type Proof } from '@cashu/cashu-ts'
import { type BankKeyset, type createBank, type Unit, type WireOutput, type WireProof, yOf } from './bank'

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
  const remember = (unit: Unit, some: readonly OutputData[]) =>
    made.push(...some.map((one) => ({ unit, units: wireOf(one).amount, y: yOf(secretOf(one)) })))

  const activeKeyset = (unit: Unit): BankKeyset | undefined =>
    [...bank.keysets.values()].findLast((keyset) => keyset.unit === unit && keyset.active)

  const proofs: Strangers['proofs'] = (amount, unit = 'sat', more = {}) => {
    const keyset = more.keysetId === undefined ? activeKeyset(unit) : bank.keysets.get(more.keysetId)
    if (keyset === undefined) throw new Error(`no keyset for ${unit}`)
    const wasActive = keyset.active
    keyset.active = true
    const amounts = more.amounts ?? powersOfTwo(amount)
    const outputs = amounts.map((part) => OutputData.createSingleRandomData(part, keyset.id))
    const signatures = bank.issue(
      outputs.map(wireOf),
      amounts.reduce((sum, part) => sum + part, 0),
    )
    keyset.active = wasActive
    if (!Array.isArray(signatures)) throw new Error(signatures.detail)
    remember(unit, outputs)
    const keys = { id: keyset.id, keys: keyset.publicKeys as never }
    return outputs.map((one, index) => one.toProof(signatures[index] as never, keys as never))
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
      const outputs = powersOfTwo(units - bank.feeOf(inputs)).map((part) =>
        OutputData.createSingleRandomData(part, activeKeyset(unit)?.id ?? ''),
      )
      const done = bank.swap(inputs, outputs.map(wireOf))
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

const secretOf = ({ secret }: OutputData): string => new TextDecoder().decode(secret)
const wireOf = ({ blindedMessage }: OutputData): WireOutput => ({
  id: blindedMessage.id,
  amount: Number(blindedMessage.amount.toBigInt()),
  B_: blindedMessage.B_,
})

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
