/**
 * Group commit, self-clocking: while one commit runs, appends queue; the next commit takes them all. If a batch
 * fails, its halves are tried, down to the member to blame. Nothing else writes to the log's database (architecture 4).
 */
import { connectionLost, type Sql, type Step } from '../sql'
import { type Append, type Appended, LogUnavailable, type SheetRow, type StoredEvent } from './log'
import {
  commandStep,
  type EventRow,
  eventsStep,
  guardIn,
  inlineSteps,
  probeStep,
  sheetStep,
  streamStep,
  typeStep,
} from './steps'

export type Head = { readonly id: number; version: number }
export type Heads = {
  position: bigint
  nextStreamId: number
  readonly of: Map<string, Head>
}
export type Bounds = { readonly batchMembers: number; readonly queueMembers: number; readonly reconnectPauseMs: number }

type Member = {
  readonly append: Append
  readonly resolve: (outcome: Appended) => void
  readonly reject: (error: Error) => void
}
type Placed = { readonly member: Member; readonly events: StoredEvent[]; readonly newStreams: readonly string[] }

export function createGroupCommit(deps: {
  readonly sql: Sql
  readonly heads: Heads
  /** `type v` of every event type that stands in the log already. */
  readonly knownTypes: Set<string>
  readonly bounds: Bounds
  readonly onCommit: (events: readonly StoredEvent[]) => void
  readonly pause: (ms: number) => Promise<void>
}) {
  const { sql, heads, bounds } = deps
  const knownTypes = deps.knownTypes
  const queue: Member[] = []
  let running = false
  let writable = true
  const idle: (() => void)[] = []

  function append(wish: Append): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (queue.length >= bounds.queueMembers) return reject(new LogUnavailable('too many appends are waiting'))
      queue.push({ append: wish, resolve, reject })
      if (!running) {
        running = true
        // One turn of the microtasks lets what belongs together arrive together.
        void Promise.resolve().then(run)
      }
    })
  }

  async function run(): Promise<void> {
    while (queue.length > 0) await commit(queue.splice(0, bounds.batchMembers))
    running = false
    for (const done of idle.splice(0)) done()
  }

  async function commit(members: readonly Member[]): Promise<void> {
    const placed = place(members)
    if (placed.length === 0) return
    const failure = await sql.batch(stepsOf(placed))
    if (failure === undefined) return settle(placed)
    if (failure.code === connectionLost) return resolveUnknown(placed)
    undo(placed)
    if (placed.length > 1) {
      // By halves: few are to blame, and the others wait for as few syncs as can be.
      const all = placed.map(({ member }) => member)
      await commit(all.slice(0, all.length >> 1))
      return commit(all.slice(all.length >> 1))
    }
    const guard = guardIn(failure)
    const only = placed[0]?.member
    if (guard !== undefined) return only?.resolve({ conflict: guard })
    writable = false
    only?.reject(new LogUnavailable(failure.message))
  }

  /** Gives positions and versions; a member whose expectation is outdated is answered at once. */
  function place(members: readonly Member[]): Placed[] {
    const placed: Placed[] = []
    for (const member of members) {
      const fits = member.append.streams.every(
        ({ stream, expected }) => (heads.of.get(stream)?.version ?? 0) === expected,
      )
      if (!fits) member.resolve({ conflict: 'version' })
      else placed.push(placeOne(member))
    }
    return placed
  }

  function placeOne(member: Member): Placed {
    const { append } = member
    const events: StoredEvent[] = []
    const newStreams: string[] = []
    for (const { stream, events: fresh } of append.streams) {
      let head = heads.of.get(stream)
      if (head === undefined) {
        head = { id: heads.nextStreamId, version: 0 }
        heads.nextStreamId += 1
        heads.of.set(stream, head)
        newStreams.push(stream)
      }
      for (const event of fresh) {
        heads.position += 1n
        head.version += 1
        const { type, data } = event
        const { meta, at, commandId } = append
        events.push({ position: heads.position, stream, version: head.version, type, data, meta, commandId, at })
      }
    }
    return { member, events, newStreams }
  }

  /** New streams and types first, then every event in one statement, then what goes into the same transaction. */
  function stepsOf(placed: readonly Placed[]): Step[] {
    const before: Step[] = []
    const rows: EventRow[] = []
    const beside: Step[] = []
    const sheet = new Map<string, SheetRow>()
    for (const { member, events, newStreams } of placed) {
      const { append } = member
      for (const name of newStreams) before.push(streamStep(heads.of.get(name)?.id ?? 0, name))
      for (const { type, v } of append.streams.flatMap((stream) => stream.events))
        if (!knownTypes.has(`${type} ${v}`)) before.push(typeStep(type, v))
      rows.push(...rowsOf(append, events))
      if (append.command !== undefined)
        beside.push(commandStep(append.command, events.at(-1)?.position ?? heads.position, append.at))
      beside.push(...inlineSteps(append))
      for (const row of append.sheet ?? []) {
        const key = `${row.purse} ${row.account}`
        sheet.set(key, { ...row, msat: (sheet.get(key)?.msat ?? 0n) + row.msat })
      }
    }
    const moved = [...sheet.values()].filter((row) => row.msat !== 0n)
    return [
      ...before,
      ...(rows.length > 0 ? [eventsStep(rows)] : []),
      ...beside,
      ...(moved.length > 0 ? [sheetStep(moved)] : []),
    ]
  }

  function rowsOf(append: Append, events: readonly StoredEvent[]): readonly EventRow[] {
    const meta = JSON.stringify(append.meta)
    const versions = append.streams.flatMap((stream) => stream.events.map((event) => event.v))
    return events.map(({ position, stream, version, type, data }, index) => [
      position,
      heads.of.get(stream)?.id ?? 0,
      version,
      type,
      versions[index] ?? 1,
      JSON.stringify(data),
      meta,
      append.commandId ?? null,
      append.at,
    ])
  }

  function settle(placed: readonly Placed[]): void {
    writable = true
    for (const { member } of placed)
      for (const { events } of member.append.streams) for (const { type, v } of events) knownTypes.add(`${type} ${v}`)
    deps.onCommit(placed.flatMap(({ events }) => events))
    for (const { member, events } of placed) member.resolve({ position: events.at(-1)?.position ?? heads.position })
  }

  /** Takes positions and versions back, last first, so that the next batch counts from the committed state. */
  function undo(placed: readonly Placed[]): void {
    for (const { events, newStreams } of placed) {
      heads.position -= BigInt(events.length)
      for (const event of events) {
        const head = heads.of.get(event.stream)
        if (head !== undefined) head.version -= 1
      }
      for (const name of newStreams) if (heads.of.get(name)?.version === 0) heads.of.delete(name)
    }
  }

  /** The connection broke in mid-commit: the database is asked what it holds before anything else is written. */
  async function resolveUnknown(placed: readonly Placed[]): Promise<void> {
    writable = false
    const held = await askUntilAnswered()
    const first = placed.find(({ events }) => events.length > 0)?.events[0]?.position
    if (first !== undefined && held >= first) return settle(placed)
    undo(placed)
    for (const { member } of placed) member.reject(new LogUnavailable('the log was not written'))
  }

  async function askUntilAnswered(): Promise<bigint> {
    for (;;) {
      try {
        const [row] = await sql.query<{ head: bigint }>('select coalesce(max(position), 0)::bigint as head from events')
        return row?.head ?? 0n
      } catch {
        // The driver reopens the database by itself; until then nobody may write.
        await deps.pause(bounds.reconnectPauseMs)
      }
    }
  }

  return {
    append,
    isWritable: () => writable,
    /** Writes a row that means nothing: after a failure nobody sells, so nobody else would find out. */
    async probe(at: number): Promise<boolean> {
      const failure = await sql.batch([probeStep(at)])
      writable = failure === undefined
      return writable
    },
    /** Resolves once nothing is queued or running. */
    settled: () => (running ? new Promise<void>((done) => idle.push(done)) : Promise.resolve()),
  }
}
