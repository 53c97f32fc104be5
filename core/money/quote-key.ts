/** Keys that lock mint quotes to this node (NUT-20): knowing a quote's id steals nothing. Derived from the seed. */
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Output } from './mint-answers'

export type QuoteKeys = {
  /** Compressed public key, as hex. */
  readonly publicKey: (deposit: string) => string
  /** Both message forms: mints of different age want different ones (T13). Randomised: sign once, keep it. */
  readonly sign: (
    deposit: string,
    quoteId: string,
    outputs: readonly Output[],
  ) => { readonly signature: string; readonly oldSignature: string }
}

export function createQuoteKeys(seed: Uint8Array): QuoteKeys {
  // A hash that is no scalar would take more tries than there are atoms; the library throws on it.
  const secretOf = (deposit: string) => hmac(sha256, seed, utf8ToBytes(`quote-key${deposit}`))
  return {
    publicKey: (deposit) => bytesToHex(secp256k1.getPublicKey(secretOf(deposit), true)),
    sign(deposit, quoteId, outputs) {
      const secret = secretOf(deposit)
      const signed = (message: Uint8Array) => bytesToHex(schnorr.sign(sha256(message), secret))
      return {
        signature: signed(amendedMessage(quoteId, outputs)),
        oldSignature: signed(utf8ToBytes(quoteId + outputs.map(({ B_ }) => B_).join(''))),
      }
    },
  }
}

/** A domain, then every part behind its length as four bytes, amounts as short as they are. */
function amendedMessage(quoteId: string, outputs: readonly Output[]): Uint8Array {
  return concatBytes(
    utf8ToBytes('Cashu_MintQuoteSig_v1'),
    ...behindLength(utf8ToBytes(quoteId)),
    ...outputs.flatMap(({ amount, B_ }) => [...behindLength(shortest(amount)), ...behindLength(hexToBytes(B_))]),
  )
}

function behindLength(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return [length, bytes]
}

function shortest(amount: number): Uint8Array {
  const hex = amount === 0 ? '' : amount.toString(16)
  return hexToBytes(hex.length % 2 === 1 ? `0${hex}` : hex)
}
