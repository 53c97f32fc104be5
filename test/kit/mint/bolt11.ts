/** Writes real BOLT11 invoices: true amount, payment hash and signature, so that any decoder reads them. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { bech32 } from '@scure/base'

export type InvoiceParts = {
  /** `bcrt` regtest, `bc` mainnet, `tb` testnet. */
  readonly network: string
  readonly msat: number
  /** 64 hex. */
  readonly paymentHash: string
  /** Unix seconds. */
  readonly timestamp: number
  readonly expiryS: number
  readonly description: string
  readonly nodeKey: Uint8Array
}

export function encodeBolt11(parts: InvoiceParts): string {
  const prefix = `ln${parts.network}${amountText(parts.msat)}`
  const words = [
    ...numberWords(parts.timestamp, 7),
    ...tag('p', bech32.toWords(hexToBytes(parts.paymentHash))),
    ...tag('s', bech32.toWords(crypto.getRandomValues(new Uint8Array(32)))),
    ...tag('d', bech32.toWords(utf8ToBytes(parts.description))),
    ...tag('x', numberWords(parts.expiryS)),
    // Features 8 and 14: variable onion and payment secret, both required.
    ...tag('9', numberWords((1 << 8) | (1 << 14))),
  ]
  const digest = sha256(concatBytes(utf8ToBytes(prefix), packed(words)))
  const [recovery = 0, ...rs] = secp256k1.sign(digest, parts.nodeKey, { prehash: false, format: 'recovered' })
  return bech32.encode(prefix, [...words, ...bech32.toWords(Uint8Array.from([...rs, recovery]))], false)
}

/** The shortest multiplier that keeps the amount whole; 1 msat is 10 pico-bitcoin. */
function amountText(msat: number): string {
  if (msat % 100_000_000 === 0) return `${msat / 100_000_000}m`
  if (msat % 100_000 === 0) return `${msat / 100_000}u`
  return msat % 100 === 0 ? `${msat / 100}n` : `${msat * 10}p`
}

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

const tag = (letter: string, words: readonly number[]): number[] => [
  alphabet.indexOf(letter),
  ...numberWords(words.length, 2),
  ...words,
]

/** Big-endian groups of five bits, at least `least` of them. */
function numberWords(value: number, least = 1): number[] {
  const words: number[] = []
  for (let left = value; left > 0 || words.length < least; left = Math.floor(left / 32)) words.unshift(left % 32)
  return words
}

/** Groups of five bits as bytes, the last one filled with zeros: what an invoice signs. */
function packed(words: readonly number[]): Uint8Array {
  const bits = words.map((word) => word.toString(2).padStart(5, '0')).join('')
  const bytes = bits.match(/.{1,8}/g) ?? []
  return Uint8Array.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)))
}
