/** Keeps the read models abreast of the log: rows and position in one transaction, a batch of events at a time. */
import type { Log, StoredEvent } from '../log/log'
import type { Sql, Step } from '../sql'
import type { AnyProjection, Recorded } from './projection'
import { indexScript, positionStep, rebuildScript, upsertStep } from './tables'

export type ReadModels = {
  readonly sql: Sql
  /** Position up to which every read model has followed. */
  readonly position: () => bigint
  /** Waits until the read models hold `position`; answers false when `waitMs` ended first. */
  readonly caughtUp: (position: bigint, waitMs: number) => Promise<boolean>
  /** false while they cannot be written, or are still being rebuilt: what they say is then not the whole. */
  readonly isHealthy: () => boolean
  /** Resolves when the read models first hold what the log held at the start, or are stopped. */
  readonly whole: Promise<void>
  readonly stop: () => Promise<void>
}

export type RunnerBounds = {
  readonly batchEvents: number
  readonly rowCache: number
  readonly retryMs: number
  /** The tables follow this long after a commit: its answer leaves first. Whoever waits for them is not kept waiting. */
  readonly calmMs: number
  /** More events than this at once mean a busy log: the tables then follow `busyMs` behind, in fewer, larger batches. */
  readonly busyEvents: number
  readonly busyMs: number
  /** A rebuild that takes longer goes on behind the caller's back. Absent: everything is followed before the answer. */
  readonly startMs?: number
}

type Follower = {
  readonly projection: AnyProjection
  position: bigint
  readonly rows: Map<string, Readonly<Record<string, unknown>>>
  ahead?: { readonly from: bigint; readonly page: Promise<readonly StoredEvent[]> } | undefined
}

/** Creates or rebuilds the tables and follows the log from then on. `pause` resolves after the given time. */
export async function followLog(deps: {
  readonly log: Log
  readonly sql: Sql
  readonly script: (text: string) => Promise<void>
  readonly projections: readonly AnyProjection[]
  readonly bounds: RunnerBounds
  readonly pause: (ms: number) => Promise<void>
}): Promise<ReadModels> {
  const { log, sql, bounds } = deps
  await deps.script(
    'create table if not exists projections (name text primary key, version int not null, position bigint not null)',
  )
  const followers: Follower[] = []
  for (const projection of deps.projections) followers.push(await prepare(projection))
  const waiting = new Set<{ readonly position: bigint; readonly done: () => void }>()
  let stopped = false
  let healthy = true
  const headAtStart = log.head()
  let rebuilding = position() < headAtStart
  let running: Promise<void> | undefined
  let resting = false
  let indexed = false

  const end = log.onCommit(() => follow())
  const first = wake()
  await (bounds.startMs === undefined ? first : Promise.race([first, deps.pause(bounds.startMs)]))

  async function prepare(projection: AnyProjection): Promise<Follower> {
    const [row] = await sql.query<{ version: number; position: bigint }>(
      'select version, position from projections where name = $1',
      [projection.name],
    )
    if (row?.version === projection.version && row.position <= log.head()) {
      return { projection, position: row.position, rows: new Map() }
    }
    await deps.script(rebuildScript(projection))
    return { projection, position: 0n, rows: new Map() }
  }

  function follow(): void {
    if (waiting.size > 0) void wake()
    else if (running === undefined) rest(bounds.calmMs)
  }

  function wake(): Promise<void> {
    if (stopped) return Promise.resolve()
    const from = position()
    running ??= run().finally(() => {
      running = undefined
      if (waiting.size > 0 && position() < log.head()) void wake()
      else if (position() - from > bounds.busyEvents) rest(bounds.busyMs)
      else if (position() < log.head()) rest(bounds.calmMs)
    })
    return running
  }

  function rest(forMs: number): void {
    if (stopped || resting) return
    resting = true
    void deps.pause(forMs).then(() => {
      resting = false
      if (position() < log.head()) void wake()
    })
  }

  async function run(): Promise<void> {
    while (!stopped && (position() < log.head() || !indexed)) {
      try {
        for (const group of groupsByPosition(followers)) await advance(group)
        if (position() >= headAtStart) await makeIndexes()
        healthy = true
      } catch {
        // Disposable tables: nothing is lost while they cannot be written, they follow later.
        healthy = false
        for (const follower of followers) follower.rows.clear()
        await deps.pause(bounds.retryMs)
      }
      tellWaiting()
    }
  }

  async function advance(group: readonly Follower[]): Promise<void> {
    const [first] = group
    const events = first === undefined ? [] : await nextPage(first)
    const last = events.at(-1)
    if (last === undefined) return
    const recorded = events.map(asRecorded)
    const steps: Step[] = []
    for (const follower of group) {
      steps.push(...(await stepsFor(follower, recorded)), positionStep(follower.projection, last.position))
    }
    const failure = await sql.batch(steps)
    if (failure !== undefined) throw new Error(failure.message)
    for (const follower of group) follower.position = last.position
  }

  /** Of a rebuild the next page is read while this one is folded: positions have no gaps, so its start is known. */
  function nextPage(follower: Follower): Promise<readonly StoredEvent[]> {
    const { position: from, ahead } = follower
    const next = from + BigInt(bounds.batchEvents)
    const page = ahead?.from === from ? ahead.page : log.after(from, bounds.batchEvents)
    follower.ahead = next < log.head() ? { from: next, page: log.after(next, bounds.batchEvents) } : undefined
    follower.ahead?.page.catch(() => undefined)
    return page
  }

  async function makeIndexes(): Promise<void> {
    if (indexed) return
    for (const { projection } of followers) {
      if (stopped) return
      await deps.script(indexScript(projection))
    }
    indexed = true
  }

  async function stepsFor(follower: Follower, events: readonly AnyRecorded[]): Promise<readonly Step[]> {
    const { projection, rows } = follower
    const touched = events
      .filter((event) => event.type in projection.reads)
      .map((event) => ({ event, keys: projection.keysOf(event) }))
    if (touched.length === 0) return []
    if (projection.appendOnly !== true)
      await loadRows(
        follower,
        touched.flatMap(({ keys }) => keys),
      )
    const changed = new Map<string, Readonly<Record<string, unknown>>>()
    for (const { event, keys } of touched) {
      for (const key of keys) {
        const row = projection.fold(changed.get(key) ?? rows.get(key), event, key)
        if (row !== undefined) changed.set(key, row)
      }
    }
    if (projection.appendOnly !== true) remember(rows, changed)
    return changed.size === 0 ? [] : [upsertStep(projection, [...changed.values()])]
  }

  async function loadRows({ projection, rows }: Follower, keys: readonly string[]): Promise<void> {
    const missing = new Set(keys.filter((key) => !rows.has(key)))
    if (missing.size === 0) return
    const [key] = Object.keys(projection.columns)
    const found = await sql.lookup<Readonly<Record<string, unknown>>>(
      `select * from ${projection.name} where "${key}" in (select jsonb_array_elements_text($1::jsonb))`,
      [JSON.stringify([...missing])],
    )
    for (const row of found) rows.set(String(row[key ?? '']), row)
  }

  function remember(rows: Follower['rows'], changed: ReadonlyMap<string, Readonly<Record<string, unknown>>>): void {
    for (const [key, row] of changed) {
      rows.delete(key)
      rows.set(key, row)
    }
    for (const key of rows.keys()) {
      if (rows.size <= bounds.rowCache) return
      rows.delete(key)
    }
  }

  function position(): bigint {
    return followers.reduce((least, follower) => (follower.position < least ? follower.position : least), log.head())
  }

  function tellWaiting(): void {
    const at = position()
    if (at >= headAtStart) rebuilding = false
    for (const waiter of waiting) if (waiter.position <= at) waiter.done()
  }

  return {
    sql,
    position,
    caughtUp(wanted, waitMs) {
      if (position() >= wanted) return Promise.resolve(true)
      return new Promise((resolve) => {
        const waiter = { position: wanted, done: () => finish(true) }
        const finish = (reached: boolean) => {
          waiting.delete(waiter)
          resolve(reached)
        }
        waiting.add(waiter)
        void wake()
        void deps.pause(waitMs).then(() => finish(position() >= wanted))
      })
    },
    isHealthy: () => healthy && !rebuilding,
    whole: first,
    async stop() {
      stopped = true
      end()
      await running
    },
  }
}

/** Followers that stand at one position go on together, in one transaction; one under rebuild goes alone. */
function groupsByPosition(followers: readonly Follower[]): readonly (readonly Follower[])[] {
  return [...Map.groupBy(followers, (follower) => follower.position).values()]
}

type AnyRecorded = Recorded<{ readonly type: string; readonly data: unknown }>

function asRecorded(event: StoredEvent): AnyRecorded {
  const { type, data, stream, position, version, at, meta } = event
  const { actor, door, usdPerBtc } = meta
  return { type, data, stream, position, version, at, actor, door, usdPerBtc }
}
