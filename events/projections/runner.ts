/** Keeps the read models abreast of the log: rows and position in one transaction, a batch of events at a time. */
import type { Log, StoredEvent } from '../log/log'
import type { Sql, Step } from '../sql'
import type { AnyProjection, Recorded } from './projection'

export type ReadModels = {
  readonly sql: Sql
  /** Position up to which every read model has followed. */
  readonly position: () => bigint
  /** Waits until the read models hold `position`; answers false when `waitMs` ended first. */
  readonly caughtUp: (position: bigint, waitMs: number) => Promise<boolean>
  readonly isHealthy: () => boolean
  readonly stop: () => Promise<void>
}

export type RunnerBounds = {
  readonly batchEvents: number
  readonly rowCache: number
  readonly retryMs: number
  /** While commits follow each other, the tables follow this far behind, in fewer and larger batches. */
  readonly busyMs: number
}

type Follower = {
  readonly projection: AnyProjection
  position: bigint
  readonly rows: Map<string, Readonly<Record<string, unknown>>>
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
  let running: Promise<void> | undefined
  let resting = false

  const end = log.onCommit(() => follow())
  await run()

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

  /** The first commit after a quiet moment is followed at once; those that come close behind it, together. */
  function follow(): void {
    if (!resting || waiting.size > 0) wake()
  }

  function wake(): void {
    if (running !== undefined || stopped) return
    running = run().finally(() => {
      running = undefined
      rest()
    })
  }

  function rest(): void {
    if (stopped) return
    if (waiting.size > 0 && position() < log.head()) {
      wake()
      return
    }
    resting = true
    void deps.pause(bounds.busyMs).then(() => {
      resting = false
      if (position() < log.head()) wake()
    })
  }

  async function run(): Promise<void> {
    while (!stopped && position() < log.head()) {
      try {
        for (const group of groupsByPosition(followers)) await advance(group)
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
    const from = group[0]?.position ?? 0n
    const events = await log.after(from, bounds.batchEvents)
    const last = events.at(-1)
    if (last === undefined) return
    const steps: Step[] = []
    for (const follower of group) {
      steps.push(...(await stepsFor(follower, events)), positionStep(follower.projection, last.position))
    }
    const failure = await sql.batch(steps)
    if (failure !== undefined) throw new Error(failure.message)
    for (const follower of group) follower.position = last.position
  }

  async function stepsFor(follower: Follower, events: readonly StoredEvent[]): Promise<readonly Step[]> {
    const { projection, rows } = follower
    const touched = events.filter((event) => event.type in projection.reads).map(asRecorded)
    if (touched.length === 0) return []
    if (projection.appendOnly !== true) await loadRows(follower, touched)
    const changed = new Map<string, Readonly<Record<string, unknown>>>()
    for (const event of touched) {
      for (const key of projection.keysOf(event)) {
        const row = projection.fold(changed.get(key) ?? rows.get(key), event, key)
        if (row !== undefined) changed.set(key, row)
      }
    }
    if (projection.appendOnly !== true) remember(rows, changed)
    return changed.size === 0 ? [] : [upsertStep(projection, [...changed.values()])]
  }

  async function loadRows(
    { projection, rows }: Follower,
    events: readonly Recorded<{ type: string; data: unknown }>[],
  ): Promise<void> {
    const missing = new Set<string>()
    for (const event of events) for (const key of projection.keysOf(event)) if (!rows.has(key)) missing.add(key)
    if (missing.size === 0) return
    const [key] = Object.keys(projection.columns)
    const found = await sql.query<Readonly<Record<string, unknown>>>(
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
        wake()
        void deps.pause(waitMs).then(() => finish(position() >= wanted))
      })
    },
    isHealthy: () => healthy,
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

function asRecorded(event: StoredEvent): Recorded<{ type: string; data: unknown }> {
  const { type, data, stream, position, version, at, meta } = event
  return { type, data, stream, position, version, at, actor: meta.actor, door: meta.door }
}

function rebuildScript({ name, columns, indexes, version }: AnyProjection): string {
  const entries = Object.entries(columns)
  const definition = entries.map(([column, type], index) => `"${column}" ${type}${index === 0 ? ' primary key' : ''}`)
  const indexLines = indexes.map((index, n) => `create index ${name}_${n} on ${name} (${index});`)
  return `drop table if exists ${name}; create table ${name} (${definition.join(', ')}); ${indexLines.join(' ')}
    insert into projections (name, version, position) values ('${name}', ${version}, 0)
    on conflict (name) do update set version = excluded.version, position = 0;`
}

const positionStep = (projection: AnyProjection, position: bigint): Step => ({
  text: 'update projections set position = $2 where name = $1',
  params: [projection.name, position],
})

function upsertStep(
  { name, columns, appendOnly }: AnyProjection,
  rows: readonly Readonly<Record<string, unknown>>[],
): Step {
  const entries = Object.entries(columns)
  const names = entries.map(([column]) => `"${column}"`)
  const typed = entries.map(([column, type]) => `"${column}" ${type}`)
  const [key, ...others] = names
  const clash =
    appendOnly === true || others.length === 0
      ? 'do nothing'
      : `do update set ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`
  return {
    text: `insert into ${name} (${names.join(', ')})
      select ${names.join(', ')} from json_to_recordset($1::json) as row (${typed.join(', ')})
      on conflict (${key}) ${clash}`,
    params: [JSON.stringify(rows, asColumn)],
  }
}

/** A NUL inside a text would stop this table for ever: no PostgreSQL text can hold it, while an event can. */
function asColumn(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value
}
