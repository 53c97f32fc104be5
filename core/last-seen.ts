/**
 * When an admin, a device or a token last came, beside the read models: an event for each use would outgrow the log.
 * Lost with them, it says nothing; whoever asks then counts from when the device was opened.
 */
import type { Sql } from '../events'
import { limits } from './limits'

const table = 'create table if not exists last_seen (principal text primary key, at bigint not null)'

export type LastSeen = {
  /** Unix ms; undefined: never, as far as anybody knows. */
  readonly at: (principal: string) => number | undefined
  /** Notes a use now; written a little later, at most once a minute. */
  readonly note: (principal: string) => void
  readonly stop: () => Promise<void>
}

export async function keepLastSeen(deps: {
  readonly sql: Sql
  readonly script: (text: string) => Promise<void>
  /** Unix ms. */
  readonly now: () => number
}): Promise<LastSeen> {
  const { sql, now } = deps
  await deps.script(table)
  const rows = await sql.query<{ principal: string; at: bigint }>(
    'select principal, at from last_seen order by at desc limit $1',
    [limits.lastSeen],
  )
  // In the order of use, oldest first: the oldest is forgotten.
  const seen = new Map(rows.toReversed().map(({ principal, at }) => [principal, Number(at)]))
  const unwritten = new Set<string>()
  let writing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(flush, limits.lastSeenFlushMs)

  function flush(): void {
    const fresh = [...unwritten].flatMap((principal) => {
      const at = seen.get(principal)
      return at === undefined ? [] : [{ principal, at }]
    })
    unwritten.clear()
    if (fresh.length === 0) return
    const forget = { text: 'delete from last_seen where at < $1', params: [now() - limits.lastSeenKeptMs] }
    writing = writing.then(() => sql.batch([upsertStep(fresh), forget])).catch(() => undefined)
  }

  return {
    at: (principal) => seen.get(principal),
    note(principal) {
      seen.delete(principal)
      seen.set(principal, now())
      unwritten.add(principal)
      const [oldest] = seen.keys()
      if (seen.size > limits.lastSeen && oldest !== undefined) seen.delete(oldest)
    },
    async stop() {
      clearInterval(timer)
      flush()
      await writing
    },
  }
}

const upsertStep = (rows: readonly { readonly principal: string; readonly at: number }[]) => ({
  text: `insert into last_seen (principal, at) select * from unnest($1::text[], $2::bigint[])
    on conflict (principal) do update set at = excluded.at`,
  params: [
    { of: 'text', values: rows.map(({ principal }) => principal) } as const,
    { of: 'int8', values: rows.map(({ at }) => at) } as const,
  ],
})
