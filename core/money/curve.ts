/**
 * The curve operations of blind signatures (NUT-00, NUT-12) behind one port: libsecp256k1 where it is installed and
 * proves itself, else the pure functions that are handed in. Points are 33 bytes, scalars 32.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

export type Curve = {
  /** kG, compressed. */
  readonly publicKey: (key: Uint8Array) => Uint8Array
  readonly hashToCurve: (secret: Uint8Array) => Uint8Array
  /** B_ = Y + rG */
  readonly blind: (secret: Uint8Array, r: Uint8Array) => Uint8Array
  /** C = C_ - rA */
  readonly unblind: (signed: Uint8Array, r: Uint8Array, key: Uint8Array) => Uint8Array
  readonly verifyDleq: (
    proof: { readonly e: Uint8Array; readonly s: Uint8Array },
    blinded: Uint8Array,
    signed: Uint8Array,
    key: Uint8Array,
  ) => boolean
}

/** Part of the interface of `secp256k1` 5.0.2 that is used here. */
type Native = {
  readonly publicKeyCreate: (scalar: Uint8Array, compressed?: boolean) => Uint8Array
  readonly publicKeyVerify: (point: Uint8Array) => boolean
  readonly publicKeyCombine: (points: readonly Uint8Array[], compressed?: boolean) => Uint8Array
  readonly publicKeyNegate: (point: Uint8Array, compressed?: boolean) => Uint8Array
  readonly publicKeyTweakMul: (point: Uint8Array, scalar: Uint8Array, compressed?: boolean) => Uint8Array
  readonly publicKeyConvert: (point: Uint8Array, compressed?: boolean) => Uint8Array
  readonly privateKeyNegate: (scalar: Uint8Array) => Uint8Array
}

export type ChosenCurve = {
  readonly curve: Curve
  readonly name: 'secp256k1' | 'noble'
  readonly selfTestMs: number
  readonly why: string
}

const domain = utf8ToBytes('Secp256k1_HashToCurve_Cashu_')
const vectors = 50
/** Its own slow fallback is about as fast as noble and fails this. */
const leastGain = 3

/** Takes the native library only if it equals the pure one byte for byte and is at least three times faster. */
export async function chooseCurve(pure: Curve, options: { readonly forcePure?: boolean } = {}): Promise<ChosenCurve> {
  const started = performance.now()
  const chosen = (name: ChosenCurve['name'], curve: Curve, why: string): ChosenCurve => ({
    curve,
    name,
    why,
    selfTestMs: Math.round(performance.now() - started),
  })
  if (options.forcePure === true) return chosen('noble', pure, 'forced')
  const native = await loadNative()
  if (native === undefined) return chosen('noble', pure, 'secp256k1 is not installed')
  const fast = nativeCurve(native)
  const a = timedRun(fast)
  const b = timedRun(pure)
  if (a.digest !== b.digest) return chosen('noble', pure, 'secp256k1 computes something else')
  return b.ms < a.ms * leastGain
    ? chosen('noble', pure, 'secp256k1 is not faster')
    : chosen('secp256k1', fast, `${(b.ms / a.ms).toFixed(1)} times faster`)
}

async function loadNative(): Promise<Native | undefined> {
  try {
    const library = (await import('secp256k1')) as unknown as { readonly default?: Native } & Native
    return library.default ?? library
  } catch {
    return undefined
  }
}

function nativeCurve(native: Native): Curve {
  function hashToCurve(secret: Uint8Array): Uint8Array {
    const message = sha256(concatBytes(domain, secret))
    const counter = new Uint8Array(4)
    const view = new DataView(counter.buffer)
    // Half of all hashes are points; 2^16 misses in a row do not happen.
    for (let tries = 0; tries < 65_536; tries += 1) {
      view.setUint32(0, tries, true)
      const point = concatBytes(Uint8Array.of(2), sha256(concatBytes(message, counter)))
      if (native.publicKeyVerify(point)) return point
    }
    throw new Error('no point was found for a secret')
  }
  const minus = (point: Uint8Array) => native.publicKeyNegate(point)
  const negated = (scalar: Uint8Array) => native.privateKeyNegate(Uint8Array.from(scalar))

  return {
    publicKey: (key) => native.publicKeyCreate(key),
    hashToCurve,
    blind: (secret, r) => native.publicKeyCombine([hashToCurve(secret), native.publicKeyCreate(r)]),
    unblind: (signed, r, key) => native.publicKeyCombine([signed, minus(native.publicKeyTweakMul(key, r))]),
    verifyDleq({ e, s }, blinded, signed, key) {
      try {
        const minusE = negated(e)
        const first = native.publicKeyCombine([native.publicKeyCreate(s), native.publicKeyTweakMul(key, minusE)], false)
        const second = native.publicKeyCombine(
          [native.publicKeyTweakMul(blinded, s), native.publicKeyTweakMul(signed, minusE)],
          false,
        )
        const points = [first, second, native.publicKeyConvert(key, false), native.publicKeyConvert(signed, false)]
        return bytesToHex(sha256(utf8ToBytes(points.map(bytesToHex).join('')))) === bytesToHex(e)
      } catch {
        return false
      }
    },
  }
}

/** The same work on either curve; the digest covers every byte that came out. */
function timedRun(curve: Curve): { readonly digest: string; readonly ms: number } {
  const started = performance.now()
  const outputs: Uint8Array[] = []
  for (let n = 1; n <= vectors; n += 1) {
    const secret = utf8ToBytes(`vector ${n}`)
    const r = sha256(utf8ToBytes(`r ${n}`))
    const blinded = curve.blind(secret, r)
    const key = curve.hashToCurve(utf8ToBytes(`key ${n}`))
    const bad = { e: sha256(blinded), s: sha256(key) }
    const verdict = curve.verifyDleq(bad, blinded, key, key) ? 1 : 0
    outputs.push(
      curve.publicKey(r),
      curve.hashToCurve(secret),
      blinded,
      curve.unblind(blinded, r, key),
      Uint8Array.of(verdict),
    )
  }
  outputs.push(
    Uint8Array.of(curve.verifyDleq(knownProof.proof, knownProof.blinded, knownProof.signed, knownProof.key) ? 1 : 0),
  )
  return { digest: bytesToHex(sha256(concatBytes(...outputs))), ms: performance.now() - started }
}

/** A true proof: NUT-12's own example, with a = 1. */
const generator = hexToBytes('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798')
const knownProof = {
  key: generator,
  blinded: hexToBytes('02a9acc1e48c25eeeb9289b5031cc57da9fe72f3fe2861d264bdc074209b107ba2'),
  signed: hexToBytes('02a9acc1e48c25eeeb9289b5031cc57da9fe72f3fe2861d264bdc074209b107ba2'),
  proof: {
    e: hexToBytes('9818e061ee51d5c8edc3342369a554998ff7b4381c8652d724cdf46429be73d9'),
    s: hexToBytes('9818e061ee51d5c8edc3342369a554998ff7b4381c8652d724cdf46429be73da'),
  },
}
