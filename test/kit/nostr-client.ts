/** A remote client as remote-admin 4 asks for: seals as an admin, opens strictly, resends under one id. */
import * as nip44 from 'nostr-tools/nip44'
import { finalizeEvent, generateSecretKey, getEventHash, getPublicKey } from 'nostr-tools/pure'
import { chunkSchema, createAssemblies, messagesOf } from '../../core/nostr/chunks'
import {
  asEvent,
  type Delivery,
  isGenuine,
  makeRumor,
  type NostrEvent,
  openWrap,
  type Rumor,
  wrapRumor,
} from '../../core/nostr/wrap'

export type Answer = {
  readonly id?: string
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data: Readonly<Record<string, unknown>> }
  readonly replayed?: boolean
  readonly pending?: boolean
}
export type RemoteClient = {
  readonly publicKey: string
  readonly secret: Uint8Array
  /** Sends one request and waits for its answer, at most `waitMs`; undefined: silence. */
  readonly ask: (method: string, params?: Record<string, unknown>, more?: AskOptions) => Promise<Answer | undefined>
  readonly send: (event: NostrEvent) => void
  readonly wrap: (rumor: Rumor, delivery?: Delivery) => NostrEvent
  readonly rumor: (content: string, more?: Partial<Pick<Rumor, 'kind' | 'created_at'>>) => Rumor
  readonly answers: readonly { readonly rumor: Rumor; readonly answer: Answer }[]
  readonly close: () => void
}
export type AskOptions = {
  readonly id?: string
  readonly durable?: boolean
  readonly createdAtS?: number
  readonly exp?: number
  readonly waitMs?: number
}

export async function connectClient(
  relayUrl: string,
  inbox: string,
  secret: Uint8Array = generateSecretKey(),
  nowS: () => number = () => Math.floor(Date.now() / 1000),
): Promise<RemoteClient> {
  const publicKey = getPublicKey(secret)
  const answers: { rumor: Rumor; answer: Answer }[] = []
  const assemblies = createAssemblies(Date.now)
  const socket = new WebSocket(relayUrl)
  const ready = Promise.withResolvers<void>()
  socket.onopen = () =>
    socket.send(JSON.stringify(['REQ', 'me', { kinds: [1059, 21_059], '#p': [publicKey], since: nowS() - 49 * 3600 }]))
  socket.onmessage = ({ data }) => {
    const [type, first, second] = frameOf(String(data))
    if (type === 'EOSE') ready.resolve()
    if (type === 'AUTH') authenticate(String(first))
    if (type === 'EVENT') receive(second)
  }

  function authenticate(challenge: string): void {
    const tags = [
      ['relay', relayUrl],
      ['challenge', challenge],
    ]
    socket.send(
      JSON.stringify(['AUTH', finalizeEvent({ kind: 22_242, tags, content: '', created_at: nowS() }, secret)]),
    )
    socket.send(JSON.stringify(['REQ', 'me', { kinds: [1059, 21_059], '#p': [publicKey], since: nowS() - 49 * 3600 }]))
  }

  function receive(sent: unknown): void {
    const event = asEvent(sent)
    if (event === undefined || !isGenuine(event)) return
    const opened = openWrap(
      event,
      { secret, publicKey },
      {
        maySpeak: (author) => author === inbox,
        keyFor: () => nip44.getConversationKey(secret, inbox),
      },
    )
    if ('exit' in opened) return
    const json = JSON.parse(opened.rumor.content) as Answer
    const part = chunkSchema.safeParse(json)
    if (!part.success) return void answers.push({ rumor: opened.rumor, answer: json })
    const whole = assemblies.take(inbox, part.data, opened.rumor.created_at)
    if (whole.is === 'whole') answers.push({ rumor: opened.rumor, answer: JSON.parse(whole.text) as Answer })
  }

  const rumor: RemoteClient['rumor'] = (content, more = {}) => {
    const made = makeRumor({
      author: publicKey,
      recipient: inbox,
      kind: more.kind ?? 24_910,
      content,
      nowS: more.created_at ?? nowS(),
    })
    return { ...made, id: getEventHash({ ...made, tags: made.tags.map((tag) => [...tag]) }) }
  }
  const wrap: RemoteClient['wrap'] = (made, delivery = { is: 'live' }) =>
    wrapRumor(made, { secret, recipient: inbox }, delivery, nowS())
  const send = (event: NostrEvent) => socket.send(JSON.stringify(['EVENT', event]))

  await ready.promise
  return {
    publicKey,
    secret,
    answers,
    rumor,
    wrap,
    send,
    async ask(method, params = {}, more = {}) {
      const id = more.id ?? crypto.randomUUID()
      const from = answers.length
      const text = JSON.stringify({ v: 1, id, method, params, ...(more.exp === undefined ? {} : { exp: more.exp }) })
      const delivery: Delivery = more.durable === true ? { is: 'durable', ttlS: 3600 } : { is: 'live' }
      for (const content of messagesOf(id, text)) {
        const made = rumor(content, more.createdAtS === undefined ? {} : { created_at: more.createdAtS })
        send(wrap(made, delivery))
      }
      const deadline = Date.now() + (more.waitMs ?? 5000)
      while (Date.now() < deadline) {
        const found = answers.slice(from).find(({ answer }) => answer.id === id)
        if (found !== undefined) return found.answer
        await Bun.sleep(5)
      }
      return undefined
    },
    close: () => socket.close(),
  }
}

/** A relay may send junk: no frame at all then. */
function frameOf(text: string): readonly unknown[] {
  try {
    const frame: unknown = JSON.parse(text)
    return Array.isArray(frame) ? frame : []
  } catch {
    return []
  }
}
