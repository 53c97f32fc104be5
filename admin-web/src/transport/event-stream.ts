/** The live stream of the HTTP door: read, listened to for its beat, and opened anew (remote-admin 5, 9). */
import { type Accessor, createSignal } from 'solid-js'
import type { Watcher } from './transport'

/** So long without a beat means that nobody is there any more (dashboard 5). */
const silenceMs = 15_000
/** Pauses before the next try, by how the last one ended. The node ends each stream after some minutes. */
const pausesMs = { ended: 500, broken: 1000, busy: 5000, refused: 60_000 } as const

type End = keyof typeof pausesMs | 'unreached' | 'silent' | 'signed-out'
type Door = { readonly probe: () => Promise<boolean>; readonly isLost: () => void }

export type EventStream = {
  readonly follow: (topics: readonly string[], watcher: Watcher) => void
  /** A proxy between lets no stream through, or the node has no room for one more. */
  readonly isRefused: Accessor<boolean>
}

export function createEventStream(door: Door): EventStream {
  const [isRefused, setRefused] = createSignal(false)
  let current: AbortController | undefined
  /** Other topics are no reason to knock sooner at a door that refused. */
  let quietUntilMs = 0

  async function keepOpen(topics: readonly string[], watcher: Watcher, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(quietUntilMs - Date.now(), signal)
      if (signal.aborted) return
      const end = await readStream(topics, signal, { ...watcher, begun: () => setRefused(false) })
      if (signal.aborted) return
      const pauseMs = await pauseAfter(end)
      if (end === 'signed-out') watcher.signedOut()
      if (pauseMs === undefined) return
      quietUntilMs = Date.now() + pauseMs
    }
  }

  /** Undefined: it begins again when the door, or the sign-in, is there again. */
  async function pauseAfter(end: End): Promise<number | undefined> {
    switch (end) {
      case 'signed-out':
        return undefined
      case 'silent':
        door.isLost()
        return undefined
      case 'broken':
        return (await door.probe()) ? pausesMs.broken : undefined
      case 'unreached':
        return (await door.probe()) ? pauseAfter('refused') : undefined
      case 'busy':
      case 'refused':
        setRefused(true)
        return pausesMs[end]
      case 'ended':
        return pausesMs.ended
      default:
        return end satisfies never
    }
  }

  return {
    isRefused,
    follow(topics, watcher) {
      current?.abort()
      current = topics.length === 0 ? undefined : new AbortController()
      if (current !== undefined) return void keepOpen(topics, watcher, current.signal)
      quietUntilMs = 0
      setRefused(false)
    },
  }
}

type Reader = Watcher & { readonly begun: () => void }

/** Reads one stream to its end. One that never says a word is held back by something between. */
async function readStream(topics: readonly string[], signal: AbortSignal, to: Reader): Promise<End> {
  const silence = new AbortController()
  let heard = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const listen = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), silenceMs)
  }
  listen()
  try {
    const response = await fetch(`/admin/api/watch?topics=${topics.join(',')}`, {
      headers: { accept: 'text/event-stream', 'x-routstr-admin': '1' },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    })
    const refused = refusalOf(response)
    if (refused !== undefined || response.body === null) return refused ?? 'refused'
    for await (const event of eventsOf(response.body)) {
      if (!heard) to.begun()
      heard = true
      listen()
      take(event, to)
    }
    return heard ? 'ended' : 'refused'
  } catch {
    if (silence.signal.aborted) return heard ? 'silent' : 'refused'
    return heard ? 'broken' : 'unreached'
  } finally {
    clearTimeout(timer)
  }
}

function refusalOf(response: Response): End | undefined {
  if (response.status === 401 || response.status === 403) return 'signed-out'
  if (response.status === 429) return 'busy'
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  return response.ok && isStream ? undefined : 'refused'
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let open = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const [...whole] = (open + decoder.decode(value, { stream: true })).split('\n\n')
    open = whole.pop() ?? ''
    yield* whole
  }
}

/** A beat and the wish of a pause carry no snapshot; to have heard them was enough. */
function take(event: string, to: Watcher): void {
  const lines = event.split('\n')
  const data = lines.find((line) => line.startsWith('data: '))
  if (data === undefined || lines.includes('event: beat')) return
  const push = JSON.parse(data.slice('data: '.length)) as { push: string; position?: number; data?: unknown }
  to.take({ topic: push.push, position: push.position ?? 0, data: push.data })
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  ms <= 0 || signal.aborted
    ? Promise.resolve()
    : new Promise((done) => {
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          done()
        })
      })
