/** What a search may send: a key or token that is pasted is hashed here, and 12 hex of it leave (D-016). */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

const hashOf = (value: string): string => bytesToHex(sha256(utf8ToBytes(value)))
const shownDigits = 12

/** Works without a secure context, where `crypto.subtle` is missing. */
export const searchTerm = (typed: string): string => keyHashOf(typed) ?? typed.trim().slice(0, 64)

/** Of a key or of a token used as one; undefined: it is neither. */
export function keyHashOf(typed: string): string | undefined {
  const bare = typed.trim().replace(/^Bearer\s+/i, '')
  if (/^sk-/i.test(bare)) return hashOf(bare.toLowerCase()).slice(0, shownDigits)
  // A token used as a key opens the key that is made of its text (contract 3.2).
  if (!/^(cashu:)?cashu[ab]/i.test(bare)) return undefined
  const token = bare.replace(/[\r\n\t]/g, '').replace(/^cashu:/i, '')
  return hashOf(`sk-${hashOf(token)}`).slice(0, shownDigits)
}
