/**
 * Gift wraps as this node makes and opens them (remote-admin 2.1, 3.1): a rumor sealed by its author, wrapped by a
 * one-time key. Opening is strict: every check has a name, and the first that fails ends it.
 */
import * as nip44 from 'nostr-tools/nip44'
import { finalizeEvent, generateSecretKey, getEventHash, getPublicKey, verifyEvent } from 'nostr-tools/pure'
import { limits } from '../limits'

export type NostrEvent = {
  readonly id: string
  readonly pubkey: string
  readonly created_at: number
  readonly kind: number
  readonly tags: readonly (readonly string[])[]
  readonly content: string
  readonly sig: string
}
export type Rumor = Omit<NostrEvent, 'sig'>
export type Seal = Pick<NostrEvent, 'id' | 'pubkey' | 'created_at' | 'sig' | 'content'>

/** Wrap kinds: ephemeral and stored. */
export const liveKind = 21_059
export const durableKind = 1059
export const machineKind = 24_910
export const typedKind = 14
const sealKind = 13
const fuzzS = 48 * 3600
const liveFuzzS = 10

export type Delivery =
  | { readonly is: 'live' }
  /** Stored by relays until then, plus up to 48 h. */
  | { readonly is: 'durable'; readonly ttlS: number }

/** A rumor of ours with its real hash; unsigned. */
export function makeRumor(wish: {
  readonly author: string
  readonly recipient: string
  readonly kind: number
  readonly content: string
  readonly nowS: number
  readonly answers?: string
}): Rumor {
  const tags = [['p', wish.recipient], ...(wish.answers === undefined ? [] : [['e', wish.answers]])]
  const unsigned = { pubkey: wish.author, created_at: wish.nowS, kind: wish.kind, tags, content: wish.content }
  return { id: getEventHash(unsigned), ...unsigned }
}

/** Seals a rumor with its author's key and wraps it with a key of this one use. */
export function wrapRumor(
  rumor: Rumor,
  sealer: { readonly secret: Uint8Array; readonly recipient: string },
  delivery: Delivery,
  nowS: number,
): NostrEvent {
  const { secret, recipient } = sealer
  const past = (mostS: number) => nowS - randomUpTo(mostS)
  const seal = finalizeEvent(
    {
      kind: sealKind,
      tags: [],
      content: nip44.encrypt(JSON.stringify(rumor), nip44.getConversationKey(secret, recipient)),
      created_at: delivery.is === 'live' ? nowS : past(fuzzS),
    },
    secret,
  )
  const once = generateSecretKey()
  const expires = delivery.is === 'live' ? [] : [['expiration', String(nowS + delivery.ttlS + randomUpTo(fuzzS))]]
  return finalizeEvent(
    {
      kind: delivery.is === 'live' ? liveKind : durableKind,
      tags: [['p', recipient], ...expires],
      content: nip44.encrypt(JSON.stringify(seal), nip44.getConversationKey(once, recipient)),
      created_at: past(delivery.is === 'live' ? liveFuzzS : fuzzS),
    },
    once,
  )
}

export type Inbox = { readonly secret: Uint8Array; readonly publicKey: string }

/** Why a wrap goes no further: the counters that relay health shows. */
export type WrapExit =
  | 'wrong-kind'
  | 'not-ours'
  | 'expired'
  | 'too-old'
  | 'bad-wrap'
  | 'unopenable'
  | 'bad-seal'
  | 'stranger'
  | 'bad-seal-signature'
  | 'bad-rumor'
  | 'typed'

/** Steps 2 to 4, which cost nothing; answers the addressed inbox. */
export function addressed(
  wrap: NostrEvent,
  inboxes: readonly Inbox[],
  nowS: number,
): { readonly inbox: Inbox } | { readonly exit: WrapExit } {
  if (wrap.kind !== liveKind && wrap.kind !== durableKind) return { exit: 'wrong-kind' }
  const recipients = valuesOf(wrap, 'p')
  const inbox = inboxes.find(({ publicKey }) => recipients.length === 1 && recipients[0] === publicKey)
  if (inbox === undefined) return { exit: 'not-ours' }
  const [expiration] = valuesOf(wrap, 'expiration')
  if (expiration !== undefined && !(Number(expiration) > nowS)) return { exit: 'expired' }
  return wrap.created_at < nowS - limits.wrapAgeS ? { exit: 'too-old' } : { inbox }
}

/** Step 7: hash and signature, on a freshly parsed event. */
export const isGenuine = (event: NostrEvent): boolean => {
  try {
    return verifyEvent(event as Parameters<typeof verifyEvent>[0])
  } catch {
    return false
  }
}

export type Opened = { readonly rumor: Rumor; readonly seal: Seal }

/**
 * Steps 9 to 14. `maySpeak` is asked for the seal's author before its signature is looked at: a stranger costs one
 * verification and one decryption. `keyFor` gives the conversation key, cached for known authors only.
 */
export function openWrap(
  wrap: NostrEvent,
  inbox: Inbox,
  deps: {
    readonly maySpeak: (author: string) => boolean
    readonly keyFor: (inbox: Inbox, author: string) => Uint8Array
  },
): Opened | { readonly exit: WrapExit } {
  const outer = opened(wrap.content, () => nip44.getConversationKey(inbox.secret, wrap.pubkey))
  if (outer === undefined) return { exit: 'unopenable' }
  const seal = asEvent(outer)
  if (seal === undefined || seal.kind !== sealKind || seal.tags.length !== 0) return { exit: 'bad-seal' }
  if (!deps.maySpeak(seal.pubkey)) return { exit: 'stranger' }
  if (!isGenuine(seal)) return { exit: 'bad-seal-signature' }
  const inner = opened(seal.content, () => deps.keyFor(inbox, seal.pubkey))
  const rumor = inner === undefined ? undefined : asRumor(inner)
  if (rumor === undefined || rumor.pubkey !== seal.pubkey || rumor.id !== getEventHash(unlocked(rumor)))
    return { exit: 'bad-rumor' }
  const recipients = valuesOf(rumor, 'p')
  if (recipients.length !== 1 || recipients[0] !== inbox.publicKey) return { exit: 'bad-rumor' }
  if (rumor.kind === typedKind) return { exit: 'typed' }
  return rumor.kind === machineKind ? { rumor, seal } : { exit: 'bad-rumor' }
}

/** undefined: not a NIP-44 payload for this key, or longer than a layer may be. */
function opened(content: string, key: () => Uint8Array): Record<string, unknown> | undefined {
  if (content.length > limits.sealedLayerChars) return undefined
  try {
    const json: unknown = JSON.parse(nip44.decrypt(content, key()))
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const hex = (value: unknown, length: number): value is string =>
  typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value)
const isTags = (value: unknown): value is string[][] =>
  Array.isArray(value) && value.every((tag) => Array.isArray(tag) && tag.every((word) => typeof word === 'string'))
const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

function asRumor(json: Readonly<Record<string, unknown>>): Rumor | undefined {
  const { id, pubkey, created_at, kind, tags, content } = json
  // A signed rumor could be published against its author: it is none.
  if ('sig' in json || !hex(id, 64) || !hex(pubkey, 64) || !isWhole(created_at) || !isWhole(kind)) return undefined
  return isTags(tags) && typeof content === 'string' ? { id, pubkey, created_at, kind, tags, content } : undefined
}

/** The shape of an event, as it came over the wire or out of a layer; its hash and signature are not yet looked at. */
export function asEvent(json: unknown): NostrEvent | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { sig, ...rest } = json as Record<string, unknown>
  const rumor = asRumor(rest)
  return rumor === undefined || !hex(sig, 128) ? undefined : { ...rumor, sig }
}

const unlocked = ({ pubkey, created_at, kind, tags, content }: Rumor) => ({
  pubkey,
  created_at,
  kind,
  tags: tags.map((tag) => [...tag]),
  content,
})

const valuesOf = ({ tags }: Pick<Rumor, 'tags'>, name: string): readonly string[] =>
  tags.filter((tag) => tag[0] === name).map((tag) => tag[1] ?? '')

function randomUpTo(most: number): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return random % (most + 1)
}

export const publicKeyOf = (secret: Uint8Array): string => getPublicKey(secret)
