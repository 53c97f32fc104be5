/** A signature by the Nostr extension of this browser (NIP-07), as an HTTP header (NIP-98). */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

type Unsigned = {
  readonly kind: number
  readonly created_at: number
  readonly tags: readonly (readonly string[])[]
  readonly content: string
}
type Extension = { readonly signEvent: (event: Unsigned) => Promise<unknown> }

const extension = (): Extension | undefined => (window as { nostr?: Extension }).nostr
export const hasExtension = (): boolean => typeof extension()?.signEvent === 'function'

/** Header value, or why there is none. */
export async function signedEvent(request: {
  readonly url: string
  readonly method: string
  readonly body: string
}): Promise<string | { readonly why: 'no-extension' | 'cancelled' }> {
  const signer = extension()
  if (signer === undefined) return { why: 'no-extension' }
  const payload = bytesToHex(sha256(utf8ToBytes(request.body)))
  const unsigned: Unsigned = {
    kind: 27235,
    created_at: Math.floor(Date.now() / 1000),
    tags: [
      ['u', request.url],
      ['method', request.method],
      ['payload', payload],
    ],
    content: '',
  }
  try {
    const signed = JSON.stringify(await signer.signEvent(unsigned))
    return `Nostr ${btoa(String.fromCharCode(...utf8ToBytes(signed)))}`
  } catch {
    return { why: 'cancelled' }
  }
}
