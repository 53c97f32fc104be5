/** Sealed command → dispatch → sealed answer: the pipeline of remote-admin 3.1, cheapest step first, each exit counted. */
import { LRUCache } from 'lru-cache'
import * as nip44 from 'nostr-tools/nip44'
import type { Dispatch } from '../admin/dispatch'
import { type AdminRequest, adminError, type Enveloped, enveloped, requestSchema } from '../admin/envelope'
import type { Principal } from '../admin/principal'
import { limits } from '../limits'
import type { Trace } from '../trace'
import { chunkSchema, createAssemblies, messagesOf } from './chunks'
import { createGate } from './gate'
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

export type InboxExit = WrapExit | 'not-an-event' | 'duplicate' | 'shed' | 'chunk-broken' | 'answered'
export type AdminInbox = {
  /** One event as a relay delivered it; never rejects. */
  readonly take: (event: unknown) => void
  readonly counts: () => Readonly<Record<InboxExit, number>>
  /** Resolves once nothing is queued or running. */
  readonly settled: () => Promise<void>
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
  'chunk-broken',
  'answered',
]

export function createAdminInbox(deps: {
  readonly inbox: Inbox
  readonly dispatch: Dispatch
  /** Role of an admin's key now, as a principal; undefined: a stranger. */
  readonly principalOf: (pubkey: string) => Principal | undefined
  readonly publish: (event: NostrEvent) => Promise<unknown>
  readonly catchUp: () => void
  readonly rev: () => bigint
  readonly now: () => number
  readonly trace: Trace
}): AdminInbox {
  const { inbox, now, trace } = deps
  const gate = createGate(now)
  const assemblies = createAssemblies(now)
  const keys = new LRUCache<string, Uint8Array>({ max: limits.conversationKeys })
  const counts = Object.fromEntries(exits.map((exit) => [exit, 0])) as Record<InboxExit, number>
  const queue: NostrEvent[] = []
  const underway = new Set<Promise<void>>()
  let turning = false
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

  function turn(): void {
    const wrap = queue.shift()
    const exit = wrap === undefined ? undefined : unwrap(wrap)
    if (exit !== undefined) count(exit)
    turning = queue.length > 0
    if (turning) setImmediate(turn)
  }

  /** Steps 7 to 14. */
  function unwrap(wrap: NostrEvent): InboxExit | undefined {
    if (gate.isSeen(wrap.id)) return 'duplicate'
    if (!isGenuine(wrap)) return 'bad-wrap'
    gate.remember(wrap.id)
    const opened = openWrap(wrap, inbox, { maySpeak: (author) => deps.principalOf(author) !== undefined, keyFor })
    if ('exit' in opened) {
      if (opened.exit === 'stranger') gate.stranger()
      return opened.exit
    }
    const work = answerTo(opened, wrap.kind === liveKind)
      .catch((error: unknown) => trace.error('A remote command could not be answered', { why: String(error) }))
      .finally(() => underway.delete(work))
    underway.add(work)
    return undefined
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
    const read = textOf(rumor.content, seal.pubkey, rumor.created_at)
    if (read === undefined) return
    const reply = (id: string | undefined, answer: Enveloped) => send(opened, live, id, answer)
    if ('broken' in read) return reply(read.id, enveloped(read.id, read.broken, { rev: deps.rev(), nowMs: now() }))
    const { request, createdAtS } = read
    const principal = deps.principalOf(seal.pubkey)
    // Removed since the seal was opened: silence, as to any stranger.
    if (principal === undefined) {
      count('stranger')
      return
    }
    const answer = await deps.dispatch.dispatch(request, {
      // The owner's own seal over this very request is the step-up, while it is fresh (R-012 a).
      principal: { ...principal, stepUp: principal.role === 'owner' && isFresh(createdAtS) },
      door: 'nostr',
      createdAtS,
      proof: { sealId: seal.id, author: seal.pubkey, createdAt: seal.created_at, sig: seal.sig, sealed: seal.content },
    })
    if (deps.principalOf(seal.pubkey) === undefined) {
      count('stranger')
      return
    }
    await reply(request.id, answer)
  }

  const isFresh = (createdAtS: number): boolean => nowS() - createdAtS <= limits.commandAgeMs / 1000

  type Read =
    | { readonly request: AdminRequest; readonly createdAtS: number }
    | { readonly id: string | undefined; readonly broken: ReturnType<typeof adminError> }

  /** Steps 16 and 17. undefined: more parts are to come. */
  function textOf(content: string, sender: string, createdAtS: number): Read | undefined {
    const json = jsonIn(content)
    if (json === undefined) return { id: undefined, broken: adminError('PARSE', 'the message is not JSON') }
    const part = chunkSchema.safeParse(json)
    if (part.success) {
      const gathered = assemblies.take(sender, part.data, createdAtS)
      if (gathered.is === 'waiting') return undefined
      if (gathered.is === 'whole') return requestIn(jsonIn(gathered.text), gathered.createdAtS)
      count('chunk-broken')
      return { id: part.data.id, broken: adminError('INVALID', 'the parts do not make one message') }
    }
    return requestIn(json, createdAtS)
  }

  function requestIn(json: unknown, createdAtS: number): Read {
    const parsed = requestSchema.safeParse(json)
    if (parsed.success) return { request: parsed.data, createdAtS }
    const id = (json as { id?: unknown } | undefined)?.id
    const [issue] = parsed.error.issues
    return {
      id: typeof id === 'string' ? id.slice(0, 64) : undefined,
      broken: adminError('INVALID', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a request'}`),
    }
  }

  /** In the wrap and rumor kind of the request, sealed by the inbox that was addressed, to every relay. */
  async function send(
    { rumor, seal }: Opened,
    live: boolean,
    id: string | undefined,
    answer: Enveloped,
  ): Promise<void> {
    const delivery = live ? ({ is: 'live' } as const) : ({ is: 'durable', ttlS: limits.replyTtlS } as const)
    const wraps = messagesOf(id ?? 'unknown0', JSON.stringify(answer)).map((content) => {
      const made = makeRumor({
        author: inbox.publicKey,
        recipient: seal.pubkey,
        kind: rumor.kind,
        content,
        nowS: nowS(),
        answers: rumor.id,
      })
      const sealer = { secret: inbox.secret, recipient: seal.pubkey }
      return wrapRumor(made, sealer, delivery, nowS())
    })
    count('answered')
    await Promise.all(wraps.map(deps.publish))
  }

  return {
    take(event) {
      const exit = admit(event)
      if (exit !== undefined) count(exit)
    },
    counts: () => ({ ...counts }),
    close: () => clearTimeout(shedCatchUp),
    async settled() {
      while (turning || underway.size > 0) {
        await Promise.all(underway)
        await new Promise((next) => setImmediate(next))
      }
    },
  }
}

function jsonIn(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined
  } catch {
    return undefined
  }
}
