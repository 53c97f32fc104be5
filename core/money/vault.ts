/** Seals secrets for the vault: XChaCha20-Poly1305, the row's own name as associated data, key outside the database. */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

export type Vault = {
  /** Bytes for the row `ref`: moved to another row they do not open. */
  readonly seal: (ref: string, secret: Uint8Array) => Uint8Array
  /** Rejects bytes of another row, another key, or damaged ones by answering `undefined`. */
  readonly open: (ref: string, sealed: Uint8Array) => Uint8Array | undefined
}

const nonceBytes = 24

export function createVault(secretKey: Uint8Array): Vault {
  const key = hkdf(sha256, secretKey, utf8ToBytes('routstr-node/v1'), utf8ToBytes('vault'), 32)
  return {
    seal(ref, secret) {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
      const sealed = xchacha20poly1305(key, nonce, utf8ToBytes(ref)).encrypt(secret)
      const row = new Uint8Array(nonceBytes + sealed.length)
      row.set(nonce)
      row.set(sealed, nonceBytes)
      return row
    },
    open(ref, sealed) {
      if (sealed.length <= nonceBytes) return undefined
      try {
        const cipher = xchacha20poly1305(key, sealed.subarray(0, nonceBytes), utf8ToBytes(ref))
        return cipher.decrypt(sealed.subarray(nonceBytes))
      } catch {
        return undefined
      }
    },
  }
}
