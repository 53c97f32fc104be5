/** Each malformed wrap ends at its own step and nothing runs (remote-admin 3.1, 14); the sealing is NIP-44's. */
import { expect, test } from 'bun:test'
import { chacha20 } from '@noble/ciphers/chacha.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import * as nip44 from 'nostr-tools/nip44'
import { finalizeEvent, generateSecretKey, getEventHash, getPublicKey } from 'nostr-tools/pure'
import { createAssemblies, messagesOf } from '../../core/nostr/chunks'
import {
  addressed,
  isGenuine,
  makeRumor,
  type NostrEvent,
  openWrap,
  type Rumor,
  type WrapExit,
  wrapRumor,
} from '../../core/nostr/wrap'

const inboxSecret = generateSecretKey()
const inbox = { secret: inboxSecret, publicKey: getPublicKey(inboxSecret) }
const ownerSecret = generateSecretKey()
const owner = getPublicKey(ownerSecret)
const nowS = 1_790_000_000
const deps = {
  maySpeak: (author: string) => author === owner,
  keyFor: (_: unknown, author: string) => nip44.getConversationKey(inboxSecret, author),
}

/** All steps on one event: where it ends. */
function exitOf(wrap: NostrEvent): WrapExit | 'opened' {
  const to = addressed(wrap, [inbox], nowS)
  if ('exit' in to) return to.exit
  if (!isGenuine(JSON.parse(JSON.stringify(wrap)) as NostrEvent)) return 'bad-wrap'
  const opened = openWrap(wrap, inbox, deps)
  return 'exit' in opened ? opened.exit : 'opened'
}

const rumor = (more: Partial<Rumor> = {}): Rumor => {
  const made = {
    ...makeRumor({ author: owner, recipient: inbox.publicKey, kind: 24_910, content: '{}', nowS }),
    ...more,
  }
  const { id: _, ...rest } = made
  return { ...rest, id: more.id ?? getEventHash({ ...rest, tags: rest.tags.map((tag) => [...tag]) }) }
}
type SealMore = {
  readonly kind?: number
  readonly tags?: string[][]
  readonly secret?: Uint8Array
  readonly sig?: string
  readonly inner?: unknown
}
/** A wrap whose layers are made by hand, so that each can be wrong. */
function wrapped(
  inner: unknown,
  seal: SealMore = {},
  wrap: { readonly kind?: number; readonly tags?: string[][]; readonly at?: number } = {},
): NostrEvent {
  const secret = seal.secret ?? ownerSecret
  const content = nip44.encrypt(JSON.stringify(inner), nip44.getConversationKey(secret, inbox.publicKey))
  const sealed = finalizeEvent({ kind: seal.kind ?? 13, tags: seal.tags ?? [], content, created_at: nowS }, secret)
  const layer = seal.inner ?? { ...sealed, ...(seal.sig === undefined ? {} : { sig: seal.sig }) }
  const once = generateSecretKey()
  return JSON.parse(
    JSON.stringify(
      finalizeEvent(
        {
          kind: wrap.kind ?? 21_059,
          tags: wrap.tags ?? [['p', inbox.publicKey]],
          content: nip44.encrypt(
            typeof layer === 'string' ? layer : JSON.stringify(layer),
            nip44.getConversationKey(once, inbox.publicKey),
          ),
          created_at: wrap.at ?? nowS,
        },
        once,
      ),
    ),
  ) as NostrEvent
}

const other = generateSecretKey()
const good = () => rumor()
const malformed: readonly [string, () => NostrEvent, WrapExit][] = [
  ['a note', () => wrapped(good(), {}, { kind: 1 }), 'wrong-kind'],
  ['a NIP-04 message', () => wrapped(good(), {}, { kind: 4 }), 'wrong-kind'],
  ['a wrap for somebody else', () => wrapped(good(), {}, { tags: [['p', owner]] }), 'not-ours'],
  [
    'a wrap for two',
    () =>
      wrapped(
        good(),
        {},
        {
          tags: [
            ['p', inbox.publicKey],
            ['p', owner],
          ],
        },
      ),
    'not-ours',
  ],
  [
    'an expired wrap',
    () =>
      wrapped(
        good(),
        {},
        {
          kind: 1059,
          tags: [
            ['p', inbox.publicKey],
            ['expiration', String(nowS)],
          ],
        },
      ),
    'expired',
  ],
  [
    'a wrap with nonsense as expiration',
    () =>
      wrapped(
        good(),
        {},
        {
          tags: [
            ['p', inbox.publicKey],
            ['expiration', 'soon'],
          ],
        },
      ),
    'expired',
  ],
  ['a wrap of six days', () => wrapped(good(), {}, { at: nowS - 435_601 }), 'too-old'],
  ['a wrap whose content was changed', () => ({ ...wrapped(good()), content: wrapped(good()).content }), 'bad-wrap'],
  ['a wrap whose signature is zero', () => ({ ...wrapped(good()), sig: '0'.repeat(128) }), 'bad-wrap'],
  ['a layer that is no JSON', () => wrapped(good(), { inner: 'not json' }), 'unopenable'],
  ['a seal of another kind', () => wrapped(good(), { kind: 14 }), 'bad-seal'],
  ['a seal with tags', () => wrapped(good(), { tags: [['p', inbox.publicKey]] }), 'bad-seal'],
  ['a seal by a stranger', () => wrapped(rumor({ pubkey: getPublicKey(other) }), { secret: other }), 'stranger'],
  ['a forged seal', () => wrapped(good(), { sig: '1'.repeat(128) }), 'bad-seal-signature'],
  ['a rumor in another name', () => wrapped(rumor({ pubkey: getPublicKey(other) })), 'bad-rumor'],
  ['a rumor with a wrong id', () => wrapped(rumor({ id: 'f'.repeat(64) })), 'bad-rumor'],
  ['a signed rumor', () => wrapped({ ...good(), sig: '0'.repeat(128) }), 'bad-rumor'],
  [
    'a rumor to two',
    () =>
      wrapped(
        rumor({
          tags: [
            ['p', inbox.publicKey],
            ['p', owner],
          ],
        }),
      ),
    'bad-rumor',
  ],
  ['a rumor to another node', () => wrapped(rumor({ tags: [['p', owner]] })), 'bad-rumor'],
  ['a reaction', () => wrapped(rumor({ kind: 7 })), 'bad-rumor'],
  ['a file message', () => wrapped(rumor({ kind: 15 })), 'bad-rumor'],
  ['a typed message', () => wrapped(rumor({ kind: 14 })), 'typed'],
]

test.each(malformed)('R-025 R-040 R-041 %s ends at its own step', (_, make, exit) => {
  expect(exitOf(make())).toBe(exit)
})

test('R-020 what this node wraps opens again, live and durable, and its times are as they must be', () => {
  for (const delivery of [{ is: 'live' } as const, { is: 'durable', ttlS: 3600 } as const]) {
    const wrap = wrapRumor(good(), { secret: ownerSecret, recipient: inbox.publicKey }, delivery, nowS)
    expect(exitOf(JSON.parse(JSON.stringify(wrap)) as NostrEvent)).toBe('opened')
    const age = nowS - wrap.created_at
    expect(age >= 0 && age <= (delivery.is === 'live' ? 10 : 48 * 3600)).toBe(true)
    const expiration = Number(wrap.tags.find((tag) => tag[0] === 'expiration')?.[1] ?? Number.NaN)
    expect(Number.isNaN(expiration)).toBe(delivery.is === 'live')
    if (delivery.is === 'durable') expect(expiration).toBeGreaterThanOrEqual(nowS + 3600)
  }
})

/** NIP-44 version 2 written a second time, from its text and the primitives alone. */
function keyOf(secret: Uint8Array, publicKey: string): Uint8Array {
  const shared = secp256k1.getSharedSecret(secret, hexToBytes(`02${publicKey}`)).subarray(1, 33)
  return extract(sha256, shared, utf8ToBytes('nip44-v2'))
}
function paddedLength(length: number): number {
  if (length <= 32) return 32
  const power = 2 ** (Math.floor(Math.log2(length - 1)) + 1)
  const chunk = power <= 256 ? 32 : power / 8
  return chunk * (Math.floor((length - 1) / chunk) + 1)
}
const partsOf = (key: Uint8Array, nonce: Uint8Array) => {
  const keys = expand(sha256, key, nonce, 76)
  return { cipher: keys.subarray(0, 32), iv: keys.subarray(32, 44), mac: keys.subarray(44, 76) }
}
function sealedBy(text: string, key: Uint8Array, nonce: Uint8Array): string {
  const plain = utf8ToBytes(text)
  const padded = new Uint8Array(2 + paddedLength(plain.length))
  new DataView(padded.buffer).setUint16(0, plain.length)
  padded.set(plain, 2)
  const { cipher, iv, mac } = partsOf(key, nonce)
  const body = chacha20(cipher, iv, padded)
  return Buffer.from(concatBytes(Uint8Array.of(2), nonce, body, hmac(sha256, mac, concatBytes(nonce, body)))).toString(
    'base64',
  )
}
function openedBy(payload: string, key: Uint8Array): string {
  const bytes = new Uint8Array(Buffer.from(payload, 'base64'))
  const [nonce, body, tag] = [bytes.subarray(1, 33), bytes.subarray(33, -32), bytes.subarray(-32)]
  const { cipher, iv, mac } = partsOf(key, nonce)
  expect(bytesToHex(hmac(sha256, mac, concatBytes(nonce, body)))).toBe(bytesToHex(tag))
  const padded = chacha20(cipher, iv, body)
  const length = new DataView(padded.buffer, padded.byteOffset).getUint16(0)
  return new TextDecoder().decode(padded.subarray(2, 2 + length))
}

test('R-159 a second implementation of NIP-44 reads what the library seals, and the other way round', () => {
  for (const text of ['a', 'x'.repeat(32), 'x'.repeat(33), 'grüße 漢字 🙂', 'y'.repeat(1000), 'z'.repeat(60_000)]) {
    const [mine, theirs] = [generateSecretKey(), generateSecretKey()]
    const key = nip44.getConversationKey(mine, getPublicKey(theirs))
    expect(bytesToHex(keyOf(theirs, getPublicKey(mine)))).toBe(bytesToHex(key))
    expect(openedBy(nip44.encrypt(text, key), key)).toBe(text)
    const nonce = crypto.getRandomValues(new Uint8Array(32))
    expect(nip44.decrypt(sealedBy(text, key, nonce), key)).toBe(text)
    expect(sealedBy(text, key, nonce)).toBe(nip44.encrypt(text, key, nonce))
  }
})

test('R-159 the published vector of NIP-44: secrets 1 and 2, nonce 1, the letter a', () => {
  const secret = (n: number) => hexToBytes(n.toString(16).padStart(64, '0'))
  const key = keyOf(secret(1), getPublicKey(secret(2)))
  expect(bytesToHex(key)).toBe('c41c775356fd92eadc63ff5a0dc1da211b268cbea22316767095b2871ea1412d')
  // The payload of the vector after its version byte and its nonce of 31 zeros and a one.
  expect(sealedBy('a', key, secret(1))).toEndWith(
    'ABee0G5VSK0/9YypIObAtDKfYEAjD35uVkHyB0F4DwrcNaCXlCWZKaArsGrY6M9wnuTMxWfp1RTN9Xga8no+kF5Vsb',
  )
})

test('R-035 R-036 parts in any order and twice make one message, faults and bombs none', () => {
  const now = 0
  const text = JSON.stringify({
    id: 'long-message',
    method: 'x',
    params: { a: Array.from({ length: 2000 }, () => crypto.randomUUID()) },
  })
  const parts = messagesOf('long-message', text).map(
    (part) => JSON.parse(part) as Parameters<ReturnType<typeof createAssemblies>['take']>[1],
  )
  expect(parts.length).toBeGreaterThan(2)
  const assemblies = createAssemblies(() => now)
  const order = [...parts].reverse()
  const gathered = [...order.slice(0, 1), ...order].map((part, n) => assemblies.take('sender', part, 100 - n))
  expect(gathered.at(-1)).toEqual({ is: 'whole', text, createdAtS: 100 - order.length })
  const first = parts[0]
  if (first === undefined) throw new Error('no part')
  assemblies.take('sender', first, 1)
  expect(assemblies.take('sender', { ...first, chunk: { ...first.chunk, i: 1, len: 5 } }, 1)).toEqual({ is: 'broken' })
  const bomb = messagesOf('bomb-bomb', 'x'.repeat(100_000)).map((part) => JSON.parse(part) as typeof first)
  expect(bomb).toHaveLength(1)
  const head = bomb[0]
  if (head === undefined) throw new Error('no bomb')
  expect(assemblies.take('sender', { ...head, chunk: { ...head.chunk, len: 99 } }, 1)).toEqual({ is: 'broken' })
})
