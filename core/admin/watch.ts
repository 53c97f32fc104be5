/** `GET /admin/api/watch?topics=`: snapshots of what a page shows, as one stream of server-sent events (dashboard 5). */
import { limits } from '../limits'
import { guarded } from '../page-files'
import { problem } from './answers'
import type { Dispatch } from './dispatch'
import { type AdminError, type Enveloped, errorRows } from './envelope'
import { fitted } from './fitted'
import type { Caller, Principal } from './principal'
import type { Table } from './table'
import { type Topic, topicOf } from './topics'

export type Watches = {
  readonly open: (request: Request, names: readonly string[], principal: Principal) => Promise<Response>
  /** Ends every stream, and lets no new one begin. */
  readonly stop: () => void
}

type Deps = {
  readonly dispatch: Pick<Dispatch, 'look'>
  readonly table: Pick<Table, 'find'>
  readonly callerOf: (principal: Principal) => Caller
  /** Unix ms. */
  readonly now: () => number
  readonly everyMs?: number
}
type Open = { readonly principal: string; readonly end: () => void }

export function createWatches(deps: Deps): Watches {
  const open = new Set<Open>()
  let stopped = false

  return {
    async open(request, names, principal) {
      const topics = names.map((name) => topicOf(name, deps.table))
      const unknown = names.find((_, index) => topics[index] === undefined)
      if (unknown !== undefined || names.length === 0 || names.length > limits.watchTopics)
        return problem(
          400,
          'params',
          `topics: ${unknown === undefined ? 'name some' : `there is no ${unknown.slice(0, 80)}`}`,
        )
      const own = [...open].filter((one) => one.principal === principal.name).length
      if (stopped || own >= limits.watchesPerPrincipal || open.size >= limits.watches)
        return problem(429, 'too_many_requests', 'Too many live streams; close one', { 'retry-after': '2' })
      const stream = streamOf(
        topics.filter((one) => one !== undefined),
        principal,
        deps,
      )
      const one: Open = { principal: principal.name, end: stream.end }
      open.add(one)
      request.signal.addEventListener('abort', stream.end)
      void stream.ended.finally(() => open.delete(one))
      return new Response(stream.readable, {
        headers: {
          ...guarded,
          'content-type': 'text/event-stream',
          'cache-control': 'no-cache',
          'x-accel-buffering': 'no',
        },
      })
    },
    stop() {
      stopped = true
      for (const one of open) one.end()
    },
  }
}

const text = new TextEncoder()

/** Asks, shows, waits. A reader who does not take what waits for it loses the next snapshots, and nothing is kept. */
function streamOf(topics: readonly Topic[], principal: Principal, deps: Deps) {
  const { now } = deps
  const everyMs = deps.everyMs ?? limits.watchEveryMs
  const watch = crypto.randomUUID().slice(0, 8)
  const begunAt = now()
  const over = Promise.withResolvers<void>()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let isOpen = true
  let seq = 0
  let lastAt = begunAt
  let timer: ReturnType<typeof setTimeout> | undefined

  const hasRoom = () => isOpen && (controller?.desiredSize ?? 0) > 0
  const isOver = () =>
    !isOpen ||
    now() - begunAt >= limits.watchMs ||
    (principal.expiresAt !== undefined && principal.expiresAt <= seconds(now()))

  function end(): void {
    if (!isOpen) return
    isOpen = false
    clearTimeout(timer)
    controller?.close()
    over.resolve()
  }
  const readable = new ReadableStream<Uint8Array>(
    {
      start(handed) {
        controller = handed
        send('retry: 2000\n\n')
        void round()
      },
      cancel() {
        controller = undefined
        end()
      },
    },
    { highWaterMark: limits.watchWaitingBytes, size: (bytes) => bytes?.byteLength ?? 0 },
  )

  function send(event: string): void {
    controller?.enqueue(text.encode(event))
    lastAt = now()
  }
  async function round(): Promise<void> {
    for (const topic of topics) {
      // Each push is asked for by its reader as he is now: a removed admin's stream ends here (R-008).
      const answer = isOver() ? undefined : await snapshot(topic, principal, deps)
      if (answer === undefined || isBarred(answer)) return end()
      seq += 1
      if (!hasRoom()) continue
      send(`id: ${seq}\ndata: ${JSON.stringify(push(topic, answer))}\n\n`)
    }
    if (now() - lastAt >= limits.watchBeatMs && hasRoom()) send(`event: beat\ndata: {"now":${seconds(now())}}\n\n`)
    if (isOpen) timer = setTimeout(() => void round(), everyMs)
  }

  /** A query that fails says why; the next snapshot may be good again. */
  function push({ name, shown }: Topic, { result, error, rev, position }: Enveloped) {
    const data = error === undefined ? fitted(shown?.(result) ?? result, limits.watchPushBytes) : undefined
    const head = { v: 1, push: name, watch, seq, rev, position, at: seconds(now()) }
    return { ...head, ...(error === undefined ? { data } : { error }) }
  }

  return { readable, end, ended: over.promise }
}

const snapshot = ({ query, params }: Topic, principal: Principal, { dispatch, callerOf }: Deps): Promise<Enveloped> =>
  dispatch.look({ id: crypto.randomUUID(), method: query, params: { ...params } }, callerOf(principal))

/** The right to see it has ended. */
function isBarred({ error }: Enveloped): boolean {
  const reason = (error as AdminError | undefined)?.data.reason
  return reason !== undefined && [401, 403, 423].includes(errorRows[reason][1])
}

const seconds = (ms: number): number => Math.floor(ms / 1000)
