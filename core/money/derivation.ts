/**
 * Our outputs, derived from seed, keyset and counter (NUT-13). The library walks the whole path of BIP-32 for each output
 * and blinds in pure JavaScript, 4 ms; here a keyset's parent is kept and the curve is the chosen one (performance B7).
 */
import { createHmac } from 'node:crypto'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { LRUCache } from 'lru-cache'
import { limits } from '../limits'
import type { Curve } from './curve'
import { type DerivedOutput, deriveOutput, hmacSecrets, keysetNumber } from './mint-client'

/** A private key of BIP-32 with its chain code. */
type Extended = { readonly key: Uint8Array; readonly chain: Uint8Array }
type Secrets = { readonly secret: Uint8Array; readonly r: Uint8Array }
type Made = Pick<DerivedOutput, 'secret' | 'r' | 'B_'>
export type Derive = (keysetId: string, counter: number, amount: number) => DerivedOutput

const hardened = 0x8000_0000
const order = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n

/** Equals the library's derivation byte for byte on known outputs of this seed, or is the library's. */
export function createDerivation(seed: Uint8Array, curve: Curve): Derive {
  const own = ownDerivation(seed, curve)
  const isSame = samples.every(
    ([keysetId, counter]) =>
      JSON.stringify(own(keysetId, counter, 1)) === JSON.stringify(deriveOutput(seed, keysetId, counter, 1)),
  )
  return isSame ? own : (keysetId, counter, amount) => deriveOutput(seed, keysetId, counter, amount)
}

const samples = [
  ['009a1f293253e41e', 0],
  ['009a1f293253e41e', 65_537],
  [`01${'9a1f293253e41e00'.repeat(4)}`, 1],
] as const

function ownDerivation(seed: Uint8Array, curve: Curve): Derive {
  // m/129372'/0'
  const account = [129_372, 0].reduce((parent, step) => child(parent, hardened + step, curve), masterOf(seed))
  const parents = new LRUCache<string, Extended>({ max: limits.derivedKeysets })
  // What was planned is derived again when it is signed, and its coin when it is spent.
  const made = new LRUCache<string, Made>({ max: limits.derivedOutputs })

  function parentOf(keysetId: string): Extended {
    const known = parents.get(keysetId)
    if (known !== undefined) return known
    const parent = child(account, hardened + keysetNumber(keysetId), curve)
    parents.set(keysetId, parent)
    return parent
  }

  function secretsOf(keysetId: string, counter: number): Secrets {
    if (/^01[0-9a-f]+$/i.test(keysetId)) return hmacSecrets(seed, keysetId, counter)
    if (!Number.isInteger(counter) || counter < 0 || counter >= hardened)
      throw new Error('a counter of a v1 keyset ends before 2^31')
    const place = child(parentOf(keysetId), hardened + counter, curve)
    return { secret: child(place, 0, curve).key, r: child(place, 1, curve).key }
  }

  function make(keysetId: string, counter: number): Made {
    const { secret, r } = secretsOf(keysetId, counter)
    const text = bytesToHex(secret)
    return { secret: text, r: bytesToHex(r), B_: bytesToHex(curve.blind(utf8ToBytes(text), r)) }
  }

  return (keysetId, counter, amount) => {
    const place = `${keysetId} ${counter}`
    let output = made.get(place)
    if (output === undefined) {
      output = make(keysetId, counter)
      made.set(place, output)
    }
    const { B_, secret, r } = output
    return { amount, id: keysetId, counter, B_, secret, r }
  }
}

const masterOf = (seed: Uint8Array): Extended => halves(hmac(utf8ToBytes('Bitcoin seed'), seed))

/** Private to private (BIP-32): hardened from 2^31 on, where no public key is needed. */
function child({ key, chain }: Extended, index: number, curve: Curve): Extended {
  const head = index >= hardened ? concatBytes(Uint8Array.of(0), key) : curve.publicKey(key)
  const place = new Uint8Array(4)
  new DataView(place.buffer).setUint32(0, index)
  const made = halves(hmac(chain, concatBytes(head, place)))
  const added = scalar(made.key)
  const sum = (added + scalar(key)) % order
  // One in 2^127: BIP-32 has the next index taken, which no other wallet would find.
  if (added >= order || sum === 0n) throw new Error('no key stands at this place')
  return { key: hexToBytes(sum.toString(16).padStart(64, '0')), chain: made.chain }
}

const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => createHmac('sha512', key).update(data).digest()
const halves = (bytes: Uint8Array): Extended => ({
  key: Uint8Array.from(bytes.subarray(0, 32)),
  chain: Uint8Array.from(bytes.subarray(32)),
})
const scalar = (bytes: Uint8Array): bigint => BigInt(`0x${bytesToHex(bytes)}`)
