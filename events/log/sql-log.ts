/** The log in a PostgreSQL: embedded or a server, whatever stands behind `Sql`. */
import { newestVersion } from '../schema/catalogue'
import type { Sql, Step } from '../sql'
import { readFreeAmounts, readFreeCoins, readHeld } from './coin-lots'
import { createCounterTurns } from './counter-turns'
import { type Bounds, createGroupCommit, type Heads } from './group-commit'
import type { Append, Appended, Log, SheetRow, Snapshot, StoredEvent } from './log'
import {
  asCoin,
  asStored,
  type CoinColumns,
  type EventRow,
  listEvents,
  readBooks,
  readCounter,
  readCounters,
  readHoldings,
} from './rows'
import { logTables } from './tables'
import { createUnderway } from './underway'

export type LogBounds = Bounds & {
  /** Committed events kept in memory for those who follow the log. */
  readonly tailEvents: number
  /** Stream heads kept in memory. */
  readonly heads: number
  readonly patienceMs: number
}

/** The log holds an event that this program does not know: it was written by a newer one. */
export class LogTooNew extends Error {
  override readonly name = 'LogTooNew'
}

/** Opens the log. Rejects with `LogTooNew` before anything is written; `script` creates tables where none are. */
export async function openSqlLog(deps: {
  readonly sql: Sql
  readonly script: (text: string) => Promise<void>
  readonly bounds: LogBounds
  readonly pause: (ms: number) => Promise<void>
}): Promise<Log> {
  const { sql, bounds } = deps
  await deps.script(logTables)
  const knownTypes = await refuseUnknownEvents(sql)
  const heads = await loadHeads(sql)
  const listeners = new Set<(events: readonly StoredEvent[]) => void>()
  /** Without its head such a stream would be taken for a new one. */
  const underway = createUnderway(deps.pause, bounds.patienceMs)
  const turns = createCounterTurns(deps.pause, bounds.patienceMs)
  let tail: StoredEvent[] = []
  let committed = heads.position

  const commits = createGroupCommit({
    sql,
    heads,
    knownTypes,
    bounds,
    pause: deps.pause,
    onCommit(events) {
      committed = events.at(-1)?.position ?? committed
      tail.push(...events)
      if (tail.length > 2 * bounds.tailEvents) tail = tail.slice(-bounds.tailEvents)
      for (const listener of listeners) listener(events)
    },
  })

  const append = (wish: Append): Promise<Appended> =>
    underway.during(
      wish.streams.map(({ stream }) => stream),
      () => queued(wish).finally(() => turns.end(wish.cursors)),
    )

  async function queued(wish: Append): Promise<Appended> {
    for (const { stream } of wish.streams) if (!heads.of.has(stream)) await loadHead(stream)
    return commits.append(wish)
  }

  async function loadHead(stream: string): Promise<void> {
    const [row] = await sql.lookup<{ id: number; version: number }>(
      `select s.id, coalesce((select max(version) from events e where e.stream = s.id), 0) as version
       from streams s where s.name = $1`,
      [stream],
    )
    if (row !== undefined && !heads.of.has(stream)) heads.of.set(stream, { id: row.id, version: row.version })
  }

  function trimHeads(): void {
    if (heads.of.size <= bounds.heads) return
    for (const name of heads.of.keys()) {
      if (heads.of.size <= bounds.heads / 2) break
      if (!underway.has(name)) heads.of.delete(name)
    }
  }

  return {
    append,
    async read(stream, afterVersion, most) {
      trimHeads()
      // A state in memory is ahead of the disk: who saw it there finds its events here.
      await underway.settled(stream)
      const rows = await sql.lookup<EventRow>(
        `select e.*, $1::text as name from events e join streams s on s.id = e.stream
         where s.name = $1 and e.version > $2 order by e.version limit $3::bigint`,
        [stream, afterVersion, most ?? null],
      )
      return rows.map(asStored)
    },
    async after(position, most) {
      const first = tail[0]
      if (first !== undefined && position >= first.position - 1n) {
        const start = Number(position - first.position) + 1
        return tail.slice(start, start + most)
      }
      const rows = await sql.lookup<EventRow>(
        `select e.*, s.name from events e join streams s on s.id = e.stream
         where e.position > $1 order by e.position limit $2`,
        [position, most],
      )
      return rows.map(asStored)
    },
    head: () => committed,
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isWritable: commits.isWritable,
    probe: commits.probe,
    async command(id) {
      const [row] = await sql.lookup<{ fingerprint: string; outcome: string | null }>(
        'select fingerprint, outcome from commands where command_id = $1',
        [id],
      )
      return row === undefined ? undefined : { id, ...row }
    },
    async openCommands() {
      const rows = await sql.query<{ id: string }>(
        'select command_id as id from commands where outcome is null order by position',
      )
      return rows.map((row) => row.id)
    },
    async claimedBy(kind, key) {
      const [row] = await sql.lookup<{ owner: string }>('select owner from claim where kind = $1 and key = $2', [
        kind,
        key,
      ])
      return row?.owner
    },
    claims: (kind) =>
      sql.lookup<{ key: string; owner: string }>('select key, owner from claim where kind = $1 order by key', [kind]),
    cursors: () => readCounters(sql),
    async knownCounters(keysetId, from, to) {
      const rows = await sql.lookup<{ counter: bigint }>(
        'select counter from coin where keyset_id = $1 and counter >= $2 and counter < $3',
        [keysetId, from, to],
      )
      return rows.map(({ counter }) => Number(counter))
    },
    async claimedStreams(prefixes) {
      const rows = await sql.query<{ key: string }>(
        `select distinct key from claim
         where split_part(key, '-', 1) in (select jsonb_array_elements_text($1::jsonb)) order by key`,
        [JSON.stringify(prefixes)],
      )
      return rows.map(({ key }) => key)
    },
    cursor: (seedId, keysetId) => readCounter(sql, seedId, keysetId),
    async takeCounter(seedId, keysetId) {
      await turns.take({ seedId, keysetId })
      return readCounter(sql, seedId, keysetId)
    },
    leaveCounters: turns.end,
    async coins(purse) {
      const rows = await sql.lookup<CoinColumns>(
        `select seed_id, keyset_id, counter, amount, c, purse, state, signed_by from coin
         where purse = $1 and state in ('free', 'locked', 'out') order by keyset_id, counter`,
        [purse],
      )
      return rows.map(asCoin)
    },
    held: (purse) => readHeld(sql, purse),
    freeCoins: (purse, lots) => readFreeCoins(sql, purse, lots),
    freeAmounts: (purse, amounts, enough) => readFreeAmounts(sql, purse, amounts, enough),
    sheet: () => sql.query<SheetRow>('select purse, account, msat from sheet order by purse, account'),
    books: () => readBooks(sql),
    holdings: () => readHoldings(sql),
    async sealed(ref) {
      const [row] = await sql.lookup<{ bytes: Uint8Array }>('select bytes from vault where ref = $1', [ref])
      return row?.bytes
    },
    list: (filter) => listEvents(sql, filter),
    async newest(stream) {
      const [row] = await sql.query<{ position: bigint }>(
        `select e.position from events e join streams s on s.id = e.stream where s.name = $1 order by e.version desc limit 1`,
        [stream],
      )
      return row?.position ?? 0n
    },
    async streams(prefix) {
      const rows = await sql.query<{ name: string }>('select name from streams where left(name, $2) = $1 order by id', [
        prefix,
        prefix.length,
      ])
      return rows.map((row) => row.name)
    },
    async snapshot(stream) {
      const [row] = await sql.lookup<Snapshot>('select stream, version, fold, state from snapshot where stream = $1', [
        stream,
      ])
      return row
    },
    async saveSnapshot(snapshot) {
      await sql.batch([snapshotStep(snapshot)])
    },
    close: commits.settled,
  }
}

const snapshotStep = ({ stream, version, fold, state }: Snapshot): Step => ({
  text: `insert into snapshot (stream, version, fold, state) values ($1, $2, $3, $4)
    on conflict (stream) do update set version = excluded.version, fold = excluded.fold, state = excluded.state`,
  params: [stream, version, fold, state],
})

async function refuseUnknownEvents(sql: Sql): Promise<Set<string>> {
  // Reading every event would take seconds on an old log: the list of types is kept, and the newest events looked at.
  const rows = await sql.query<{ type: string; v: number }>(
    `select type, v from event_types
     union select type, v from (select type, v from events order by position desc limit 1000) as newest order by type`,
  )
  for (const { type, v } of rows)
    if (v > newestVersion(type))
      throw new LogTooNew(`the log holds ${type} version ${v}, which this program does not know`)
  return new Set(rows.map(({ type, v }) => `${type} ${v}`))
}

async function loadHeads(sql: Sql): Promise<Heads> {
  const [row] = await sql.query<{ position: bigint; stream: number }>(
    `select coalesce((select max(position) from events), 0)::bigint as position,
            coalesce((select max(id) from streams), 0)::int as stream`,
  )
  return { position: row?.position ?? 0n, nextStreamId: (row?.stream ?? 0) + 1, of: new Map() }
}
