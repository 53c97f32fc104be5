/** cashu-ts behind a few verbs and pure functions: the only file of the node that imports it (wallet 1.1). */
import {
  type Amount,
  deriveSecretAndBlindingFactor,
  getDecodedToken,
  getEncodedToken,
  getKeysetIdInt,
  getTokenMetadata,
  hashToCurve,
  JSONInt,
  Keyset,
  OutputData,
  pointFromBytes,
  unblindSignature,
  verifyDLEQProof,
} from '@cashu/cashu-ts'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { limits } from '../limits'
import type { Curve } from './curve'
import { type Ask, type MeltVerbs, meltVerbs } from './melt-verbs'
import {
  type Json,
  type Keys,
  type KeysetInfo,
  list,
  type MintInfo,
  type Output,
  type Proof,
  type ProofState,
  type Quote,
  type Restored,
  readInfo,
  readKeys,
  readKeyset,
  readOutput,
  readQuote,
  readSignature,
  readState,
  type Signature,
  whole,
} from './mint-answers'
import { askMint, type MintAnswer } from './mint-request'

export type MintClient = MeltVerbs & {
  readonly info: () => Promise<MintAnswer<MintInfo>>
  readonly keysets: () => Promise<MintAnswer<readonly KeysetInfo[]>>
  readonly keys: (keysetId: string) => Promise<MintAnswer<Keys>>
  readonly states: (ys: readonly string[]) => Promise<MintAnswer<readonly ProofState[]>>
  readonly restore: (outputs: readonly Output[]) => Promise<MintAnswer<Restored>>
  readonly swap: (inputs: readonly Proof[], outputs: readonly Output[]) => Promise<MintAnswer<readonly Signature[]>>
  /** A new invoice (NUT-04, NUT-23), locked to `pubkey` where the mint can (NUT-20). */
  readonly quote: (units: number, unit: string, pubkey: string) => Promise<MintAnswer<Quote>>
  readonly quoteState: (quoteId: string) => Promise<MintAnswer<Quote>>
  readonly issue: (
    quoteId: string,
    outputs: readonly Output[],
    signature: string | undefined,
  ) => Promise<MintAnswer<readonly Signature[]>>
}

/** The mint at `url` (already normalised and allowed); follows no redirect, sends no cookie. */
export function createMintClient(url: string): MintClient {
  const ask: Ask = async (path, body, waitMs, read, headers = {}) => {
    const sent = body === undefined ? {} : { body: JSONInt.stringify(body) ?? '' }
    const answer = await askMint(`${url}${path}`, { waitMs, headers, ...sent }, (json) => JSONInt.parse(json))
    if (answer.is !== 'done') return answer
    try {
      return { is: 'done', value: read(answer.value as Json) }
    } catch {
      return { is: 'unclear', why: 'the answer has another shape than specified', status: 200, code: undefined }
    }
  }

  return {
    ...meltVerbs(ask),
    info: () => ask('/v1/info', undefined, limits.mintReadMs, readInfo),
    keysets: () => ask('/v1/keysets', undefined, limits.mintReadMs, (json) => list(json.keysets).map(readKeyset)),
    keys: (id) => ask(`/v1/keys/${id}`, undefined, limits.mintReadMs, (json) => readKeys(list(json.keysets), id)),
    states: (ys) => ask('/v1/checkstate', { Ys: ys }, limits.mintReadMs, (json) => list(json.states).map(readState)),
    restore: (outputs) =>
      ask('/v1/restore', { outputs }, limits.mintReadMs, (json) => ({
        outputs: list(json.outputs).map(readOutput),
        signatures: list(json.signatures ?? json.promises).map(readSignature),
      })),
    swap: (inputs, outputs) =>
      ask('/v1/swap', { inputs, outputs }, limits.mintSwapMs, (json) => list(json.signatures).map(readSignature)),
    quote: (amount, unit, pubkey) =>
      ask('/v1/mint/quote/bolt11', { amount, unit, pubkey }, limits.mintReadMs, readQuote),
    quoteState: (id) => ask(`/v1/mint/quote/bolt11/${encodeURIComponent(id)}`, undefined, limits.mintReadMs, readQuote),
    issue: (quote, outputs, signature) =>
      ask(
        '/v1/mint/bolt11',
        { quote, outputs, ...(signature === undefined ? {} : { signature }) },
        limits.mintSwapMs,
        (json) => list(json.signatures).map(readSignature),
      ),
  }
}

/** Whether keys are those that the keyset's id names; v2 ids also bind unit, fee and expiry. */
export function isTrueKeyset(keys: Keys, info: KeysetInfo): boolean {
  try {
    const known = {
      id: info.id,
      unit: info.unit,
      active: info.active,
      input_fee_ppk: info.feePpk,
      ...(info.finalExpiry === undefined ? {} : { final_expiry: info.finalExpiry }),
    }
    return Keyset.fromMintApi(known, { ...known, keys: { ...keys.keys } as never }).verify()
  } catch {
    return false
  }
}

// ---- tokens ----

export type TokenHead = {
  readonly mint: string
  readonly unit: string
  readonly units: number
  /** One for each proof: they alone tell which coins it is. */
  readonly secrets: readonly string[]
}

/** What a token says of itself before its mint's keysets are known; undefined: it cannot be decoded. */
export function readTokenHead(token: string): TokenHead | undefined {
  try {
    const head = getTokenMetadata(token)
    const { mint, unit } = head
    const secrets = head.incompleteProofs.map(({ secret }) => secret)
    // The library hands on whatever stood there: a number or null is no mint.
    if ([mint, unit, ...secrets].some((text) => typeof text !== 'string')) return undefined
    return { mint, unit, units: amountOf(head.amount), secrets }
  } catch {
    return undefined
  }
}

/** Full proofs, short keyset ids resolved against `keysetIds`; undefined: an id is unknown or ambiguous. */
export function decodeToken(token: string, keysetIds: readonly string[]): readonly Proof[] | undefined {
  try {
    const decoded = getDecodedToken(token, keysetIds)
    const proofs = decoded.proofs.map((proof) => ({
      id: proof.id,
      amount: amountOf(proof.amount),
      secret: proof.secret,
      C: proof.C,
      ...(proof.witness === undefined
        ? {}
        : { witness: typeof proof.witness === 'string' ? proof.witness : JSON.stringify(proof.witness) }),
    }))
    return proofs.every((proof) => keysetIds.includes(proof.id)) ? proofs : undefined
  } catch {
    return undefined
  }
}

/** V4 text of proofs in their order, without DLEQ and memo: the same coins give the same text (T14). */
export const encodeToken = (mint: string, unit: string, proofs: readonly Proof[]): string =>
  getEncodedToken({
    mint,
    unit,
    proofs: proofs.map(({ id, amount, secret, C }) => ({ id, amount, secret, C })),
  } as never)

/** A secret with spending conditions (NUT-10) needs a witness; whether it is complete is the mint's to judge. */
export function isLockedWithoutWitness(proof: Proof): boolean {
  if (!proof.secret.startsWith('[')) return false
  try {
    const [kind] = JSON.parse(proof.secret) as unknown[]
    return typeof kind === 'string' && (proof.witness === undefined || proof.witness === '')
  } catch {
    return false
  }
}

const amountOf = (amount: Amount): number => whole(amount.toBigInt())

// ---- outputs ----

export type DerivedOutput = Output & { readonly counter: number; readonly secret: string; readonly r: string }

/** Secret and blinding factor of a v2 keyset's output, 32 bytes each (NUT-13). */
export function hmacSecrets(seed: Uint8Array, keysetId: string, counter: number) {
  const { secret, blindingFactor } = deriveSecretAndBlindingFactor(seed, keysetId, counter)
  return { secret, r: blindingFactor }
}

/** A v1 keyset's place in the path of its outputs (NUT-13). */
export const keysetNumber = (keysetId: string): number => Number(getKeysetIdInt(keysetId))

/** Deterministic single outputs with explicit counters, all by the library (NUT-13, W-03). */
export function deriveOutput(seed: Uint8Array, keysetId: string, counter: number, amount: number): DerivedOutput {
  const made = OutputData.createSingleDeterministicData(amount, seed, counter, keysetId)
  const r = made.blindingFactor.toString(16).padStart(64, '0')
  return { amount, id: keysetId, counter, B_: made.blindedMessage.B_, secret: new TextDecoder().decode(made.secret), r }
}

/** A signature becomes our coin only with a true DLEQ, the planned keyset and the planned amount (wallet 6.1, T7). */
export function unblind(
  curve: Curve,
  output: DerivedOutput,
  signature: Signature,
  keys: Keys,
): { readonly c: string } | { readonly lie: string } {
  if (signature.id !== output.id || signature.amount !== output.amount)
    return { lie: 'another keyset or amount than planned' }
  const key = keys.keys[String(output.amount)]
  if (key === undefined) return { lie: 'an amount without key' }
  if (signature.dleq === undefined) return { lie: 'no DLEQ proof' }
  try {
    const { e, s } = signature.dleq
    const keyBytes = hexToBytes(key)
    const signed = hexToBytes(signature.C_)
    if (!curve.verifyDleq({ e: hexToBytes(e), s: hexToBytes(s) }, hexToBytes(output.B_), signed, keyBytes))
      return { lie: 'a false DLEQ proof' }
    return { c: bytesToHex(curve.unblind(signed, hexToBytes(output.r), keyBytes)) }
  } catch {
    return { lie: 'a signature that is no point' }
  }
}

/** Back end B of the curve port: the library's own pure functions. */
export const pureCurve: Curve = {
  publicKey: (key) => pointFromBytes(generator).multiply(scalar(key)).toBytes(true),
  hashToCurve: (secret) => hashToCurve(secret).toBytes(true),
  blind: (secret, r) =>
    hashToCurve(secret)
      .add(pointFromBytes(generator).multiply(scalar(r)))
      .toBytes(true),
  unblind: (signed, r, key) => unblindSignature(pointFromBytes(signed), scalar(r), pointFromBytes(key)).toBytes(true),
  verifyDleq({ e, s }, blinded, signed, key) {
    try {
      return verifyDLEQProof({ e, s }, pointFromBytes(blinded), pointFromBytes(signed), pointFromBytes(key))
    } catch {
      return false
    }
  },
}

const generator = hexToBytes('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798')
const scalar = (bytes: Uint8Array): bigint => BigInt(`0x${bytesToHex(bytes)}`)
