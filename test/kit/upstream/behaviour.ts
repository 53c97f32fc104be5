/** How the test upstream may behave on one call (promises 1.1). Everything left out is as a good upstream does it. */

export type Json = Readonly<Record<string, unknown>>

export type Fault =
  /** Answered with this status; `body` is JSON unless it is a string. */
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'empty-200'
  | 'html-200'
  /** `error` of the behaviour, as body of a 200 or as the first event. */
  | 'error-200'
  | 'error-event-first'
  | 'error-event-later'
  | 'redirect'
  | 'length-too-long'
  | 'length-too-short'
  | 'huge-body'
  | 'huge-event'
  | 'close-at-once'
  | 'hang-before-headers'
  | 'hang-after-headers'
  | 'hang-mid-stream'
  | 'cut-after-headers'
  | 'cut-after-role'
  | 'cut-mid-stream'
  | 'cut-mid-chunk'
  /** The stream ends properly, but before anything was finished. */
  | 'end-early'

export type Behaviour = {
  readonly answer?: 'text' | 'empty' | 'tools' | 'refusal' | 'reasoning'
  readonly text?: string
  /** In how many chunks the text comes, and how far apart. */
  readonly pieces?: number
  readonly pauseMs?: number
  readonly choices?: number
  readonly finish?: string
  readonly tokens?: { readonly prompt: number; readonly completion: number }
  /** Where usage stands; `asked` (the default) is last, and in a stream only if it was asked for. */
  readonly usage?: 'asked' | 'last' | 'none' | 'every' | 'x_groq' | 'with-finish'
  /** Joined to usage: a cost of its own, cache counts. */
  readonly usageMore?: Json
  /** Joined to every chunk and to the body. */
  readonly more?: Json
  readonly id?: string | null
  readonly withRole?: boolean
  readonly error?: Json
  /** JSON to a streamed request. */
  readonly asJson?: boolean
  readonly lineEnd?: '\n' | '\r\n' | '\r'
  readonly byteByByte?: boolean
  readonly multiLine?: boolean
  readonly comments?: boolean
  readonly noDone?: boolean
  /** The last event has no blank line after it. */
  readonly openTail?: boolean
  readonly afterDone?: boolean
  readonly encoding?: 'gzip' | 'br'
  readonly headers?: Readonly<Record<string, string>>
  readonly fault?: Fault
}

/** What was told to do: `next` in order, then by model, then `always`. A directive in the prompt goes before all. */
export type Behaviours = {
  readonly next: (...behaviours: readonly Behaviour[]) => void
  readonly always: (behaviour: Behaviour) => void
  readonly forModel: (model: string, behaviour: Behaviour) => void
  readonly reset: () => void
  readonly of: (body: Json | undefined) => Behaviour
}

const directive = /#behave:(\{.*\})/s

export function createBehaviours(): Behaviours {
  let queue: Behaviour[] = []
  let usual: Behaviour = {}
  const byModel = new Map<string, Behaviour>()
  return {
    next: (...behaviours) => void queue.push(...behaviours),
    always(behaviour) {
      usual = behaviour
    },
    forModel: (model, behaviour) => void byModel.set(model, behaviour),
    reset() {
      queue = []
      usual = {}
      byModel.clear()
    },
    of(body) {
      return directed(body) ?? queue.shift() ?? byModel.get(String(body?.model)) ?? usual
    },
  }
}

/** `#behave:{"fault":"html-200"}` at the end of a message steers that call alone, through whatever stands between. */
function directed(body: Json | undefined): Behaviour | undefined {
  const messages = Array.isArray(body?.messages) ? (body.messages as Json[]) : []
  const found = directive.exec(messages.map(({ content }) => (typeof content === 'string' ? content : '')).join('\n'))
  try {
    return found?.[1] === undefined ? undefined : (JSON.parse(found[1]) as Behaviour)
  } catch {
    return undefined
  }
}
