/** The chat answers of the test upstream: one body, or its chunks, in the shape that OpenAI documents. */
import type { Behaviour, Json } from './behaviour'

const created = 1_700_000_000

/** `body` is the request. */
export function chatBody(behaviour: Behaviour, body: Json): Json {
  const { choices = 1, finish = 'stop' } = behaviour
  return {
    ...idOf(behaviour),
    object: 'chat.completion',
    created,
    model: body.model,
    ...behaviour.more,
    choices: Array.from({ length: choices }, (_, index) => ({
      index,
      message: { role: 'assistant', content: null, ...said(behaviour, textOf(behaviour)) },
      finish_reason: finish,
    })),
    ...(behaviour.usage === 'none' ? {} : { usage: usageOf(behaviour) }),
  }
}

/** The events of a stream, before framing: role, pieces, finish, usage. `[DONE]` is not among them. */
export function chatChunks(behaviour: Behaviour, body: Json): readonly Json[] {
  const { choices = 1, finish = 'stop', usage = 'asked', withRole = true } = behaviour
  const options = body.stream_options as Json | undefined
  const asked = usage === 'last' || (usage === 'asked' && options?.include_usage === true)
  const chunk = (index: number, delta: Json, reason: string | null, more: Json = {}): Json => ({
    ...idOf(behaviour),
    object: 'chat.completion.chunk',
    created,
    model: body.model,
    ...behaviour.more,
    choices: [{ index, delta, finish_reason: reason }],
    ...(usage === 'every' ? { usage: usageOf(behaviour) } : {}),
    ...more,
  })
  const out: Json[] = []
  const each = Array.from({ length: choices }, (_, index) => index)
  if (withRole) for (const index of each) out.push(chunk(index, { role: 'assistant', content: '' }, null))
  for (const piece of piecesOf(behaviour))
    for (const index of each) out.push(chunk(index, said(behaviour, piece), null))
  const atFinish =
    usage === 'x_groq'
      ? { x_groq: { id: 'req_1', usage: usageOf(behaviour) } }
      : usage === 'with-finish'
        ? { usage: usageOf(behaviour) }
        : {}
  for (const index of each) out.push(chunk(index, {}, finish, atFinish))
  if (asked) out.push({ ...chunk(0, {}, null), choices: [], usage: usageOf(behaviour) })
  return out
}

export const errorOf = (behaviour: Behaviour): Json => ({
  error: behaviour.error ?? { message: 'the model crashed', type: 'server_error', code: 'crashed' },
})

function said({ answer = 'text' }: Behaviour, text: string): Json {
  switch (answer) {
    case 'text':
      return { content: text }
    case 'empty':
      return { content: '' }
    case 'refusal':
      return { refusal: text }
    case 'reasoning':
      return { reasoning_content: text }
    case 'tools':
      return {
        tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: text } }],
      }
    default:
      return answer satisfies never
  }
}

const textOf = ({ text = 'hello world' }: Behaviour): string => text

function piecesOf(behaviour: Behaviour): readonly string[] {
  const letters = [...textOf(behaviour)]
  const { pieces = Math.min(2, letters.length) } = behaviour
  // More pieces than letters: a long stream of a short word.
  if (pieces > letters.length) return Array.from({ length: pieces }, (_, index) => `${letters[index] ?? 'a'}`)
  const size = Math.ceil(letters.length / Math.max(1, pieces))
  return Array.from({ length: pieces }, (_, index) => letters.slice(index * size, (index + 1) * size).join(''))
}

function usageOf({ tokens = { prompt: 1000, completion: 500 }, usageMore = {} }: Behaviour): Json {
  return {
    prompt_tokens: tokens.prompt,
    completion_tokens: tokens.completion,
    total_tokens: tokens.prompt + tokens.completion,
    ...usageMore,
  }
}

const idOf = ({ id = 'chatcmpl-upstream' }: Behaviour): Json => (id === null ? {} : { id })
