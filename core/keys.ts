/** Keys of the node, derived from one seed by label, and the wallet's seed from its words. */
import { pbkdf2Sync } from 'node:crypto'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { generateMnemonic, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { getPublicKey } from 'nostr-tools/pure'

const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const salt = utf8ToBytes('routstr-node/v1')

export type NostrKey = { readonly secret: Uint8Array; readonly publicKey: string }

/** 48 bytes of HKDF as a number mod (n - 1), plus 1. */
export function deriveKey(nodeSeed: Uint8Array, label: string): NostrKey {
  const wide = BigInt(`0x${bytesToHex(hkdf(sha256, nodeSeed, salt, utf8ToBytes(label), 48))}`)
  const secret = new Uint8Array(Buffer.from(((wide % (curveOrder - 1n)) + 1n).toString(16).padStart(64, '0'), 'hex'))
  return { secret, publicKey: getPublicKey(secret) }
}

/** HMAC key of command fingerprints. */
export const fingerprintKey = (nodeSeed: Uint8Array): Uint8Array =>
  hkdf(sha256, nodeSeed, salt, utf8ToBytes('fingerprint'), 48).slice(0, 32)

/** Twelve new words (wallet 12.1). */
export const makeWords = (): string => generateMnemonic(wordlist, 128)

/** Words as somebody typed them, in their one spelling; undefined: a word is unknown, or the checksum is wrong. */
export function readWords(text: string): string | undefined {
  const words = text.trim().toLowerCase().split(/\s+/).join(' ')
  return validateMnemonic(words, wordlist) ? words : undefined
}

export type WalletSeed = { readonly seed: Uint8Array; readonly seedId: string }

/** BIP-39's seed of `words` as `readWords` spells them, without a passphrase; natively, in a hundredth of the library's time. */
export function walletSeed(words: string): WalletSeed {
  const seed = Uint8Array.from(pbkdf2Sync(words.normalize('NFKD'), 'mnemonic', 2048, 64, 'sha512'))
  return { seed, seedId: bytesToHex(sha256(seed)).slice(0, 8) }
}
