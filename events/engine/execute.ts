/** Runs the deciders: one lane per stream, several streams in one append, decided again when an append lost a race. */
import type { Append, Appended, CommandRow, Guard, Inline, Log, Meta } from '../log/log'
import { newestVersion } from '../schema/catalogue'
import { type Category, type CommandOf, deciderOf, type Refused, type StateOf } from './deciders'
import { type Lane, type Live, mergeType } from './live'
import { type Posting, postingsOf, summed } from './sheet'
import { createTurns } from './turns'

/** One command on one stream. A function is called in the very step that decides, so that it may read memory. */
export type Wish = { readonly stream: string; readonly command: (state: unknown) => unknown }

/** Types a wish: `wish('session', 'session-…', { do: 'rename', label })`. */
export function wish<C extends Category>(
  _category: C,
  stream: string,
  command: CommandOf<C> | ((state: StateOf<C>) => CommandOf<C>),
): Wish {
  return { stream, command: typeof command === 'function' ? (command as (state: unknown) => unknown) : () => command }
}

export type Context = Inline & {
  readonly meta: Meta
  /** Identity of the outermost caller's command: a repeat meets the stored outcome. */
  readonly command?: CommandRow | undefined
}

export type Decided = { readonly stream: string; readonly type: string; readonly data: unknown }
export type Done = { readonly position: bigint; readonly events: readonly Decided[] }
/** The transaction itself said no: somebody holds the claim, the counter moved, the coin is not free. */
type LostRace = { readonly refused: 'conflict'; readonly guard: Guard }
export type Outcome = Done | (Refused & { readonly guard?: undefined }) | LostRace

export type Execute = (wishes: Wish | readonly Wish[], context: Context) => Promise<Outcome>

export type Engine = {
  readonly execute: Execute
  /**
   * `work` while nothing else is decided or written, with an `execute` of its own, for what must be true from a question
   * to its append. Only so purses are merged, since what is decided beside it would reckon with the shares of before
   * (wallet 5.6). It must not call any other `execute`, nor wait for a mint.
   */
  readonly alone: <Result>(work: (execute: Execute) => Promise<Result>) => Promise<Result>
  /** Decides without writing: how many events it would be, or the refusal. */
  readonly simulate: (wishes: Wish | readonly Wish[]) => Promise<{ readonly events: number } | Refused>
  readonly state: <C extends Category>(category: C, stream: string) => Promise<StateOf<C>>
  /** The state if it is in memory, for steps that may not await. */
  readonly peek: <C extends Category>(category: C, stream: string) => StateOf<C> | undefined
}

type Draft = { readonly events: Decided[]; readonly states: Map<string, unknown>; readonly postings: Posting[] }

/** Lost races in a row before the caller hears of them: each try is one commit later. */
const mostTries = 50

export function createEngine(deps: {
  readonly log: Log
  readonly live: Live
  /** Unix ms. */
  readonly now: () => number
  /** The valid price of a bitcoin, kept with every event that moves money; undefined while there is none. */
  readonly usdPerBtc?: () => string | undefined
}): Engine {
  const { log, live } = deps
  const turns = createTurns()

  async function run(wished: Wish | readonly Wish[], context: Context, isAlone: boolean): Promise<Outcome> {
    const wishes = [wished].flat() as Wish[]
    for (let tries = 1; ; tries += 1) {
      const lanes = await loadAll(wishes)
      // From here to the append nothing awaits: decided and queued in one step.
      const draft = decideAll(wishes, lanes)
      if ('refused' in draft) {
        log.leaveCounters(context.cursors)
        return draft
      }
      if (!isAlone && draft.events.some(({ type }) => type === mergeType))
        throw new Error('purses are merged beside other work')
      if (draft.events.length === 0 && context.command === undefined) return { position: log.head(), events: [] }
      const appended = await append(draft, lanes, context)
      if ('position' in appended) return { position: appended.position, events: draft.events }
      if (appended.conflict !== 'version' || tries >= mostTries)
        return { refused: 'conflict', guard: appended.conflict }
    }
  }

  async function loadAll(wishes: readonly Wish[]): Promise<Map<string, Lane>> {
    const streams = [...new Set(wishes.map((one) => one.stream))]
    for (;;) {
      for (const stream of streams) await live.load(stream)
      const lanes = new Map<string, Lane>()
      for (const stream of streams) {
        const lane = live.peek(stream)
        if (lane !== undefined) lanes.set(stream, lane)
      }
      // One of them may have been forgotten while another was read.
      if (lanes.size === streams.length) return lanes
    }
  }

  function decideAll(wishes: readonly Wish[], lanes: ReadonlyMap<string, Lane>): Draft | Refused {
    const states = new Map<string, unknown>([...lanes].map(([stream, lane]) => [stream, lane.state]))
    const events: Decided[] = []
    const postings: Posting[] = []
    for (const { stream, command } of wishes) {
      const decider = deciderOf(stream)
      let state = states.get(stream)
      const decided = decider.decide(state, command(state))
      if ('refused' in decided) return decided
      for (const event of decided) {
        postings.push(...postingsOf(stream, event))
        events.push({ stream, type: event.type, data: event.data })
        state = decider.evolve(state, event)
      }
      states.set(stream, state)
    }
    return { events, states, postings }
  }

  async function append(draft: Draft, lanes: ReadonlyMap<string, Lane>, context: Context): Promise<Appended> {
    const { meta, command, ...inline } = context
    const streams = streamsOf(draft.events, lanes)
    const sheet = summed(draft.postings).map((row) => ({ ...row, msat: BigInt(row.msat) }))
    const wished: Append = {
      ...inline,
      streams,
      sheet,
      command,
      commandId: command?.id ?? meta.cause,
      meta: needsRate(draft) ? withRate(meta) : meta,
      at: deps.now(),
    }
    for (const { stream, events } of streams) {
      const lane = lanes.get(stream)
      if (lane === undefined) continue
      lane.state = draft.states.get(stream)
      lane.version += events.length
      lane.queued += 1
    }
    try {
      const appended = await log.append(wished)
      for (const { stream, expected, events } of streams) {
        if ('conflict' in appended) live.forget(stream)
        else live.committed(stream, draft.states.get(stream), expected + events.length)
      }
      return appended
    } catch (error) {
      for (const { stream } of streams) live.forget(stream)
      throw error
    } finally {
      for (const { stream } of streams) {
        const lane = lanes.get(stream)
        if (lane !== undefined) lane.queued -= 1
      }
    }
  }

  function withRate(meta: Meta): Meta {
    const usdPerBtc = deps.usdPerBtc?.()
    return usdPerBtc === undefined ? meta : { ...meta, usdPerBtc }
  }

  return {
    execute: (wished, context) => turns.beside(() => run(wished, context, false)),
    alone: (work) => turns.alone(() => work((wished, context) => run(wished, context, true))),
    async simulate(wished) {
      const wishes = [wished].flat() as Wish[]
      const draft = decideAll(wishes, await loadAll(wishes))
      return 'refused' in draft ? draft : { events: draft.events.length }
    },
    async state<C extends Category>(_category: C, stream: string) {
      return (await live.load(stream)).state as StateOf<C>
    },
    peek<C extends Category>(_category: C, stream: string) {
      return live.peek(stream)?.state as StateOf<C> | undefined
    },
  }
}

/** Money moved that no charge tells of: a charge holds its own rate, and is written too often to be told twice. */
const needsRate = ({ postings, events }: Draft): boolean => postings.length > 0 && !events.every(isOfCharge)

const isOfCharge = ({ type }: Decided): boolean => type === 'session.charged' || type === 'session.spent'

function streamsOf(events: readonly Decided[], lanes: ReadonlyMap<string, Lane>) {
  const byStream = Map.groupBy(events, (event) => event.stream)
  return [...byStream].map(([stream, decided]) => ({
    stream,
    expected: lanes.get(stream)?.version ?? 0,
    events: decided.map(({ type, data }) => ({ type, v: newestVersion(type), data })),
  }))
}
