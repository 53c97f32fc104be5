/**
 * Arithmetic on the curve for the test mint and its strangers, who do most of it: by libsecp256k1 where it is installed,
 * else in pure JavaScript, ten times slower. Own code beside the node's, so that neither hides an error of the other.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** Points are 33 bytes, scalars 32; what is no point or no scalar throws. */
type Points = {
  readonly times: (point: Uint8Array, scalar: Uint8Array) => Uint8Array
  /** `scalar` times the generator. */
  readonly keyOf: (scalar: Uint8Array) => Uint8Array
  readonly plus: (a: Uint8Array, b: Uint8Array) => Uint8Array
  readonly minus: (point: Uint8Array) => Uint8Array
  readonly isPoint: (bytes: Uint8Array) => boolean
}

type Native = {
  readonly publicKeyTweakMul: (point: Uint8Array, scalar: Uint8Array) => Uint8Array
  readonly publicKeyCreate: (scalar: Uint8Array) => Uint8Array
  readonly publicKeyCombine: (points: readonly Uint8Array[]) => Uint8Array
  readonly publicKeyNegate: (point: Uint8Array) => Uint8Array
  readonly publicKeyVerify: (point: Uint8Array) => boolean
}

const { Point } = secp256k1
const order = Point.Fn.ORDER
const pure: Points = {
  times: (point, scalar) => Point.fromBytes(point).multiply(numberOf(scalar)).toBytes(true),
  keyOf: (scalar) => Point.BASE.multiply(numberOf(scalar)).toBytes(true),
  plus: (a, b) => Point.fromBytes(a).add(Point.fromBytes(b)).toBytes(true),
  minus: (point) => Point.fromBytes(point).negate().toBytes(true),
  isPoint(bytes) {
    try {
      Point.fromBytes(bytes)
      return true
    } catch {
      return false
    }
  },
}

const native: Native | undefined = await import('secp256k1').then(
  (library) => (library as unknown as { readonly default: Native }).default,
  () => undefined,
)
export const points: Points =
  native === undefined
    ? pure
    : {
        times: (point, scalar) => native.publicKeyTweakMul(point, scalar),
        keyOf: (scalar) => native.publicKeyCreate(scalar),
        plus: (a, b) => native.publicKeyCombine([a, b]),
        minus: (point) => native.publicKeyNegate(point),
        isPoint: (bytes) => native.publicKeyVerify(bytes),
      }

/** A scalar that is not zero and below the order. */
export const randomScalar = (): Uint8Array => Uint8Array.from(secp256k1.utils.randomSecretKey())

const domain = utf8ToBytes('Secp256k1_HashToCurve_Cashu_')

/** NUT-00. */
export function pointOf(secret: string): Uint8Array {
  const hash = sha256(concatBytes(domain, utf8ToBytes(secret)))
  const counter = new DataView(new ArrayBuffer(4))
  for (let tries = 0; ; tries += 1) {
    counter.setUint32(0, tries, true)
    const point = concatBytes(Uint8Array.of(2), sha256(concatBytes(hash, new Uint8Array(counter.buffer))))
    if (points.isPoint(point)) return point
  }
}

/** A proof that one key signed `blinded` and belongs to `keyOf(key)` (NUT-12), in hex. */
export function dleqProof(blinded: Uint8Array, signed: Uint8Array, key: Uint8Array): { e: string; s: string } {
  const nonce = randomScalar()
  const four = [points.keyOf(nonce), points.times(blinded, nonce), points.keyOf(key), signed]
  const text = four.map((point) => bytesToHex(Point.fromBytes(point).toBytes(false))).join('')
  const e = sha256(utf8ToBytes(text))
  const s = (numberOf(nonce) + numberOf(e) * numberOf(key)) % order
  return { e: bytesToHex(e), s: s.toString(16).padStart(64, '0') }
}

const numberOf = (scalar: Uint8Array): bigint => BigInt(`0x${bytesToHex(scalar)}`)
