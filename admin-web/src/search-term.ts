/** What a search may send: a key or token that is pasted is hashed here, and 12 hex of it leave (D-016). */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

const hashOf = (value: string): string => bytesToHex(sha256(utf8ToBytes(value)))
const shownDigits = 12

/** Works without a secure context, where `crypto.subtle` is missing. */
export function searchTerm(typed: string): string {
  const value = typed.trim()
  const bare = value.replace(/^Bearer\s+/i, '')
  if (/^sk-/i.test(bare)) return hashOf(bare.toLowerCase()).slice(0, shownDigits)
  // A token used as a key opens the key that is made of its text (contract 3.2).
  if (/^(cashu:)?cashu[ab]/i.test(bare)) {
    const token = bare.replace(/[\r\n\t]/g, '').replace(/^cashu:/i, '')
    return hashOf(`sk-${hashOf(token)}`).slice(0, shownDigits)
  }
  return value.slice(0, 64)
}
