/** Sealed command → dispatch → sealed answer: the pipeline of remote-admin 3.1, cheapest step first, each exit counted. */
import { LRUCache } from 'lru-cache'
import * as nip44 from 'nostr-tools/nip44'
import type { Dispatch } from '../admin/dispatch'
import { adminError, type Enveloped, enveloped } from '../admin/envelope'
import type { Principal } from '../admin/principal'
import { limits } from '../limits'
import type { Trace } from '../trace'
import { messagesOf } from './chunks'
import { createGate } from './gate'
import { createRequestReader } from './read-request'
import {
  addressed,
  asEvent,
  type Inbox,
  isGenuine,
  liveKind,
  makeRumor,
  type NostrEvent,
  type Opened,
  openWrap,
  type WrapExit,
  wrapRumor,
} from './wrap'

export type InboxExit = WrapExit | 'not-an-event' | 'duplicate' | 'shed' | 'unreadable' | 'answered'
export type AdminInbox = {
  /** One event as a relay delivered it; never rejects. */
  readonly take: (event: unknown) => void
  readonly counts: () => Readonly<Record<InboxExit, number>>
  /** Resolves once nothing is queued or running. */
  readonly settled: () => Promise<void>
  /** From now on nothing is taken; what runs is answered. */
  readonly close: () => void
}

const exits: readonly InboxExit[] = [
  'not-an-event',
  'wrong-kind',
  'not-ours',
  'expired',
  'too-old',
  'duplicate',
  'shed',
  'bad-wrap',
  'unopenable',
  'bad-seal',
  'stranger',
  'bad-seal-signature',
  'bad-rumor',
  'typed',
  'unreadable',
  'answered',
]

export function createAdminInbox(deps: {
  readonly inbox: Inbox
  readonly dispatch: Dispatch
  /** Role of an admin's key now, as a principal; undefined: a stranger. */
  readonly principalOf: (pubkey: string) => Principal | undefined
  readonly publish: (event: NostrEvent) => Promise<unknown>
  readonly catchUp: () => void
  /** Ids of wraps that were done with before the last restart: they need not be opened again. */
  readonly seenBefore: { readonly has: (id: string) => Promise<boolean>; readonly add: (id: string) => void }
  readonly rev: () => bigint
  readonly now: () => number
  readonly trace: Trace
}): AdminInbox {
  const { inbox, now, trace } = deps
  const gate = createGate(now)
  const readRequest = createRequestReader(now)
  const keys = new LRUCache<string, Uint8Array>({ max: limits.conversationKeys })
  const counts = Object.fromEntries(exits.map((exit) => [exit, 0])) as Record<InboxExit, number>
  const queue: NostrEvent[] = []
  const underway = new Set<Promise<void>>()
  let turning = false
  let closed = false
  let shedCatchUp: ReturnType<typeof setTimeout> | undefined

  const nowS = () => Math.floor(now() / 1000)
  const count = (exit: InboxExit) => {
    counts[exit] += 1
  }

  /** Steps 2 to 6; what passes is opened one per turn of the event loop, so that no flood holds up a request. */
  function admit(event: unknown): InboxExit | undefined {
    const wrap = asEvent(event)
    if (wrap === undefined) return 'not-an-event'
    const to = addressed(wrap, [inbox], nowS())
    if ('exit' in to) return to.exit
    if (gate.isSeen(wrap.id)) return 'duplicate'
    if (queue.length >= limits.wrapQueue || !gate.admit()) {
      fetchShedLater()
      return 'shed'
    }
    queue.push(wrap)
    if (!turning) setImmediate(turn)
    turning = true
    return undefined
  }

  /** Stored ones are still there a minute later. */
  function fetchShedLater(): void {
    shedCatchUp ??= setTimeout(() => {
      shedCatchUp = undefined
      deps.catchUp()
    }, limits.relayShedCatchUpMs)
  }

  async function turn(): Promise<void> {
    const wrap = queue.shift()
    const exit = wrap === undefined ? undefined : (await isOld(wrap)) ? 'duplicate' : unwrap(wrap)
    if (exit !== undefined) count(exit)
    turning = queue.length > 0
    if (turning) setImmediate(turn)
  }

  /** Only stored wraps come again after a restart. */
  const isOld = async ({ id, kind }: NostrEvent) => kind !== liveKind && (await deps.seenBefore.has(id))

  /** Steps 7 to 14. */
  function unwrap(wrap: NostrEvent): InboxExit | undefined {
    if (gate.isSeen(wrap.id)) return 'duplicate'
    if (!isGenuine(wrap)) return 'bad-wrap'
    gate.remember(wrap.id)
    const opened = openWrap(wrap, inbox, { maySpeak: (author) => deps.principalOf(author) !== undefined, keyFor })
    if ('exit' in opened) {
      if (opened.exit === 'stranger' && gate.stranger())
        trace.warn('Strangers flood the admin inbox: it is read slowly until they stop')
      doneWith(wrap)
      return opened.exit
    }
    track(answerTo(opened, wrap.kind === liveKind).then(() => doneWith(wrap)))
    return undefined
  }

  /** Not before it is answered: what a crash interrupts is answered when its relay delivers it again. */
  function doneWith({ id, kind }: NostrEvent): void {
    if (kind !== liveKind) deps.seenBefore.add(id)
  }

  function track(answering: Promise<void>): void {
    const work = answering
      .catch((error: unknown) => trace.error('A remote command could not be answered', { why: String(error) }))
      .finally(() => underway.delete(work))
    underway.add(work)
  }

  /** Of known authors only; one-time keys are never kept. */
  function keyFor({ secret }: Inbox, author: string): Uint8Array {
    const known = keys.get(author)
    if (known !== undefined) return known
    const key = nip44.getConversationKey(secret, author)
    keys.set(author, key)
    return key
  }

  async function answerTo(opened: Opened, live: boolean): Promise<void> {
    const { rumor, seal } = opened
    const read = readRequest(rumor.content, seal.pubkey, rumor.created_at)
    if (read === undefined) return
    if ('broken' in read) count('unreadable')
    const reply = (id: string | undefined, answer: Enveloped) => send(opened, live, id, answer)
    if ('broken' in read) return reply(read.id, enveloped(read.id, read.broken, { rev: deps.rev(), nowMs: now() }))
    const { request, createdAtS } = read
    const principal = deps.principalOf(seal.pubkey)
    // Removed since the seal was opened: silence, as to any stranger.
    if (principal === undefined) {
      count('stranger')
      return
    }
    const pending = setTimeout(() => {
      if (deps.principalOf(seal.pubkey) === undefined) return
      const told = { v: 1, id: request.id, pending: true, retryAfterMs: limits.commandPendingMs, now: nowS() }
      track(send(opened, live, request.id, told))
    }, limits.commandPendingMs)
    const dispatched = deps.dispatch.dispatch(request, {
      // The owner's own seal over this very request is the step-up, while it is fresh (R-012 a).
      principal: { ...principal, stepUp: principal.role === 'owner' && isFresh(createdAtS) },
      door: 'nostr',
      createdAtS,
      durable: !live,
      proof: { sealId: seal.id, author: seal.pubkey, createdAt: seal.created_at, sig: seal.sig, sealed: seal.content },
    })
    const answer = await dispatched.finally(() => clearTimeout(pending))
    if (deps.principalOf(seal.pubkey) === undefined) {
      count('stranger')
      return
    }
    await reply(request.id, answer)
  }

  const isFresh = (createdAtS: number): boolean => nowS() - createdAtS <= limits.commandAgeMs / 1000

  /** In the wrap and rumor kind of the request, sealed by the inbox that was addressed, to every relay. */
  async function send(
    { rumor, seal }: Opened,
    live: boolean,
    id: string | undefined,
    answer: Enveloped,
  ): Promise<void> {
    count('answered')
    const delivery = live ? ({ is: 'live' } as const) : ({ is: 'durable', ttlS: limits.replyTtlS } as const)
    const sealer = { secret: inbox.secret, recipient: seal.pubkey }
    const head = { author: inbox.publicKey, recipient: seal.pubkey, kind: rumor.kind, answers: rumor.id }
    const parts = [...partsOf(id, answer)]
    for (let from = 0; from < parts.length; from += limits.chunksAtOnce) {
      const publishing: Promise<unknown>[] = []
      for (const content of parts.slice(from, from + limits.chunksAtOnce)) {
        const made = makeRumor({ ...head, content, nowS: nowS() })
        publishing.push(deps.publish(wrapRumor(made, sealer, delivery, nowS())))
        // One seal per turn of the event loop: a long answer holds up no request.
        await new Promise((next) => setImmediate(next))
      }
      const isLast = from + limits.chunksAtOnce >= parts.length
      await Promise.race([Promise.all(publishing), ...(isLast ? [] : [Bun.sleep(limits.chunksPauseMs)])])
    }
  }

  /** An answer that no number of parts can carry says so itself. */
  function partsOf(id: string | undefined, answer: Enveloped): readonly string[] {
    const text = JSON.stringify(answer)
    const parts = Buffer.byteLength(text) > limits.chunkedBytes ? [] : messagesOf(id ?? 'unknown0', text)
    if (parts.length > 0 && parts.length <= limits.chunks) return parts
    const tooLarge = adminError('TOO_LARGE', 'the answer is too large for this door: ask for less', {
      max: limits.chunkedBytes,
    })
    return [JSON.stringify(enveloped(id, tooLarge, { rev: deps.rev(), nowMs: now() }))]
  }

  return {
    take(event) {
      if (closed) return
      const exit = admit(event)
      if (exit !== undefined) count(exit)
    },
    counts: () => ({ ...counts }),
    close() {
      closed = true
      queue.length = 0
      clearTimeout(shedCatchUp)
    },
    async settled() {
      while (turning || underway.size > 0) {
        await Promise.all(underway)
        await new Promise((next) => setImmediate(next))
      }
    },
  }
}
