/** An upstream's chat events as the client's stream, exactly by contract 6.8; no cost leaves before it is committed. */
import { choicesOf, errorIn, type Json, nothingSeen, type Seen, seeChunk } from '../upstream/seen'
import type { SseEvent } from '../upstream/sse'
import { type CostObject, paidMetadata, paidUsage, withoutPurchasePrice } from './cost'
import type { ErrorBody } from './refusals'

/** How the upstream's side ended, seen from the client. */
export type Ending = 'complete' | 'failed' | 'left'
export type Settlement =
  | { readonly ok: true; readonly cost: CostObject }
  | { readonly ok: false; readonly error: ErrorBody }

export type ChatStream = {
  readonly events: AsyncIterator<SseEvent>
  readonly abort: () => void
  readonly model: string
  readonly provider: string | undefined
  readonly requestId: string
  readonly keepaliveMs: number
  readonly drainMs: number
  /** Commits the charge; called exactly once. */
  readonly settle: (seen: Seen, ending: Ending) => Promise<Settlement>
}

const encoder = new TextEncoder()
const keepAlive = encoder.encode(': keep-alive\n\n')
const failure: ErrorBody = {
  message: 'The upstream broke off its answer; nothing was charged',
  type: 'upstream_error',
  code: 'UPSTREAM_UNAVAILABLE',
}

export function chatStream(wish: ChatStream): ReadableStream<Uint8Array> {
  let left = false
  let idle: ReturnType<typeof setInterval> | undefined
  let writable: ReadableStreamDefaultController<Uint8Array> | undefined
  let lastAt = Date.now()
  let wake: (() => void) | undefined

  const send = (bytes: Uint8Array) => {
    if (left) return
    lastAt = Date.now()
    writable?.enqueue(bytes)
  }

  async function run(): Promise<void> {
    const rewrite = createRewriter(wish)
    const { seen, ending } = await relay(rewrite)
    const settled = await wish.settle(seen, left ? 'left' : ending)
    if (left) return
    if (ending === 'failed' || !settled.ok) send(asEvent({ error: settled.ok ? failure : settled.error }))
    else for (const chunk of rewrite.last(settled.cost)) send(chunk)
    writable?.close()
  }

  /** Passes on what may leave; answers what was seen and how it ended. */
  async function relay(rewrite: Rewriter): Promise<{ seen: Seen; ending: Ending }> {
    let seen = nothingSeen
    let done = false
    try {
      for (;;) {
        const next = await wish.events.next()
        if (next.done === true || done) break
        if (next.value.data === '[DONE]') {
          done = true
          seen = { ...seen, complete: true }
          wish.abort()
          break
        }
        const chunk = parsed(next.value.data)
        if (chunk === undefined) continue
        if (errorIn(chunk) !== undefined) return { seen, ending: 'failed' }
        seen = seeChunk(seen, chunk)
        for (const bytes of rewrite.chunk(chunk)) send(bytes)
        if (!left && (writable?.desiredSize ?? 1) <= 0) await new Promise<void>((resume) => (wake = resume))
      }
    } catch {
      return { seen, ending: 'failed' }
    }
    return { seen, ending: seen.complete ? 'complete' : 'failed' }
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        writable = controller
        idle = setInterval(
          () => {
            if (Date.now() - lastAt >= wish.keepaliveMs) send(keepAlive)
          },
          Math.max(50, wish.keepaliveMs / 4),
        )
        void run()
          .catch(() => controller.error(new Error('the stream broke')))
          .finally(() => clearInterval(idle))
      },
      pull() {
        wake?.()
      },
      cancel() {
        // The client left: what the upstream still delivers is drained and billed, within a bound (6.9).
        left = true
        wake?.()
        clearInterval(idle)
        setTimeout(wish.abort, wish.drainMs).unref()
      },
    },
    { highWaterMark: 64 },
  )
}

type Rewriter = {
  /** What may leave at once; what must wait for the commit is kept. */
  readonly chunk: (chunk: Json) => readonly Uint8Array[]
  /** The kept finish, the cost chunk and `[DONE]`. */
  readonly last: (cost: CostObject) => readonly Uint8Array[]
}

function createRewriter({ model, provider, requestId }: ChatStream): Rewriter {
  const withRole = new Set<number>()
  const kept: Json[] = []
  let id: string | undefined
  let created = Math.floor(Date.now() / 1000)
  let object = 'chat.completion.chunk'
  let usage: unknown
  let metadata: unknown

  function rewritten(chunk: Json): Json {
    id ??= typeof chunk.id === 'string' && chunk.id !== '' ? chunk.id : `chatcmpl-${requestId}`
    if (typeof chunk.created === 'number') created = chunk.created
    if (typeof chunk.object === 'string') object = chunk.object
    const { usage: _, x_groq: __, ...rest } = withoutPurchasePrice(chunk) as Record<string, unknown>
    return {
      ...rest,
      id,
      object,
      created,
      model,
      ...(provider === undefined ? {} : { provider }),
      choices: choicesOf(chunk).map(choiceWithRole),
    }
  }

  /** The first delta of each choice says who speaks. */
  function choiceWithRole(choice: Json): Json {
    const index = typeof choice.index === 'number' ? choice.index : 0
    if (!('delta' in choice) || withRole.has(index)) return choice
    withRole.add(index)
    const delta = (choice.delta ?? {}) as Json
    return { ...choice, delta: { ...delta, role: typeof delta.role === 'string' ? delta.role : 'assistant' } }
  }

  return {
    chunk(chunk) {
      if (chunk.usage !== undefined && chunk.usage !== null) usage = chunk.usage
      if (chunk.metadata !== undefined) metadata = chunk.metadata
      const out = rewritten(chunk)
      const finishes = choicesOf(chunk).some((choice) => typeof choice.finish_reason === 'string')
      if (choicesOf(chunk).length === 0) return []
      if (!finishes && kept.length === 0) return [asEvent(out)]
      // A newer finish: what was kept before it is content after all.
      const free = finishes ? kept.splice(0).map(asEvent) : []
      kept.push(out)
      return free
    },
    last(cost) {
      const final = {
        id: id ?? `chatcmpl-${requestId}`,
        object,
        created,
        model,
        ...(provider === undefined ? {} : { provider }),
        choices: [],
        usage: paidUsage(usage ?? usageFrom(cost), cost),
        cost,
        metadata: paidMetadata(metadata, cost),
      }
      return [...kept.map(asEvent), asEvent(final), encoder.encode('data: [DONE]\n\n')]
    },
  }
}

/** Where the upstream told no usage, the counts that were billed stand there. */
const usageFrom = (cost: CostObject) => ({
  prompt_tokens: cost.input_tokens + cost.cache_read_input_tokens + cost.cache_creation_input_tokens,
  completion_tokens: cost.output_tokens,
  total_tokens:
    cost.input_tokens + cost.cache_read_input_tokens + cost.cache_creation_input_tokens + cost.output_tokens,
})

const asEvent = (body: unknown): Uint8Array => encoder.encode(`data: ${JSON.stringify(body)}\n\n`)

function parsed(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? (json as Json) : undefined
  } catch {
    return undefined
  }
}
