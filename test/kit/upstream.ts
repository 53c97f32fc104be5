/**
 * The test upstream (promises 1.1): OpenAI-compatible, well-behaved or not as told. Runnable by itself:
 * `bun test/kit/upstream.ts --port 9090`; `POST /__behave {"next":[{"fault":"html-200"}]}` steers it, `always`,
 * `model` with `always`, and `reset` too; `GET /__requests` shows what came.
 */
import { type Behaviour, type Behaviours, createBehaviours, type Json } from './upstream/behaviour'
import { play } from './upstream/play'
import { serveWire, type Wire, type WireRequest, writeWhole } from './upstream/wire'

export type { Behaviour, Fault } from './upstream/behaviour'

export type ReceivedRequest = WireRequest & { readonly json: Json | undefined }

export type TestUpstream = {
  /** With `/v1`, as an operator types it. */
  readonly url: string
  readonly port: number
  /** For the next calls, in order. */
  readonly next: (...behaviours: readonly Behaviour[]) => void
  readonly always: (behaviour: Behaviour) => void
  readonly forModel: (model: string, behaviour: Behaviour) => void
  /** Good again, and nothing received. */
  readonly reset: () => void
  readonly setModels: (models: readonly Json[]) => void
  /** Every call so far, oldest first; the last 10 000 are kept. */
  readonly requests: readonly ReceivedRequest[]
  /** Chat calls so far, and those whose answer went out to its end. */
  readonly calls: () => number
  readonly answered: () => number
  /** Calls whose connection was closed, by either side, before the answer was out. */
  readonly dropped: () => number
  readonly stop: () => Promise<void>
}

export type TestUpstreamOptions = { readonly port?: number; readonly models?: readonly Json[] }

const mostKept = 10_000
/** F1 of contract 6.4, as OpenRouter lists prices. */
export const gptX: Json = {
  id: 'gpt-x',
  object: 'model',
  created: 1_700_000_000,
  owned_by: 'test',
  name: 'GPT X',
  context_length: 10_000,
  architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'], modality: 'text+image->text' },
  top_provider: { context_length: 10_000, max_completion_tokens: 2000, is_moderated: false },
  pricing: {
    prompt: '0.000001',
    completion: '0.000002',
    input_cache_read: '0.0000001',
    input_cache_write: '0.00000125',
    request: '0',
    image: '0',
  },
}

export function createTestUpstream(options: TestUpstreamOptions = {}): TestUpstream {
  const behaviours = createBehaviours()
  const requests: ReceivedRequest[] = []
  let models = options.models ?? [gptX]
  let calls = 0
  let answered = 0
  let dropped = 0
  let round = 0

  async function handle(request: WireRequest, wire: Wire): Promise<void> {
    const json = parsed(request.body)
    const path = request.path.replace(/^\/v1/, '').replace(/\?.*$/, '')
    if (path === '/__behave') {
      steer(json, behaviours, reset)
      if (Array.isArray(json?.models)) models = json.models as Json[]
      return answer(wire, { ok: true })
    }
    if (path === '/__requests') return answer(wire, { calls, answered, requests: requests.map(shown) })
    requests.push({ ...request, json })
    if (requests.length > mostKept) requests.shift()
    if (request.method === 'GET' && path === '/models') return answer(wire, { object: 'list', data: models })
    if (request.method !== 'POST' || path !== '/chat/completions')
      return answer(wire, { error: { message: 'no such path', type: 'not_found', code: 'not_found' } }, 404)
    calls += 1
    const begunIn = round
    await play(behaviours.of(json), json ?? {}, wire)
    if (begunIn !== round) return
    if (wire.isOpen()) answered += 1
    else dropped += 1
  }

  function reset(): void {
    behaviours.reset()
    requests.length = 0
    calls = 0
    answered = 0
    dropped = 0
    // What still runs from before is not counted any more.
    round += 1
  }

  const server = serveWire(options.port ?? 0, handle)
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    port: server.port,
    next: behaviours.next,
    always: behaviours.always,
    forModel: behaviours.forModel,
    reset,
    setModels(list) {
      models = list
    },
    requests,
    calls: () => calls,
    answered: () => answered,
    dropped: () => dropped,
    stop: server.stop,
  }
}

/** The same verbs over HTTP, for an upstream that is a process of its own. */
function steer(wish: Json | undefined, behaviours: Behaviours, reset: () => void): void {
  if (wish?.reset === true) reset()
  if (Array.isArray(wish?.next)) behaviours.next(...(wish.next as Behaviour[]))
  if (typeof wish?.always !== 'object' || wish.always === null) return
  const always = wish.always as Behaviour
  if (typeof wish.model === 'string') behaviours.forModel(wish.model, always)
  else behaviours.always(always)
}

const shown = ({ method, path, json }: ReceivedRequest) => ({ method, path, body: json })

const answer = (wire: Wire, body: unknown, status = 200): void =>
  writeWhole(wire, status, { 'content-type': 'application/json' }, JSON.stringify(body))

function parsed(body: Buffer): Json | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'))
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Json) : undefined
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const at = process.argv.indexOf('--port')
  const { url } = createTestUpstream({ port: at === -1 ? 9090 : Number(process.argv[at + 1]) })
  process.stdout.write(`test upstream at ${url}\n`)
}
