/** Ids of the Nostr wraps of the last days, beside the read models: it saves opening them again and decides nothing. */
import type { Sql } from '../events'
import { limits } from './limits'

const table = `
create table if not exists seen_wraps (n bigint generated always as identity primary key, id text not null unique,
  at bigint not null);
create index if not exists seen_wraps_at on seen_wraps (at);
`

export type SeenWraps = {
  /** false also where it cannot be told in time: such a wrap is opened, and its command recognised by the log. */
  readonly has: (id: string) => Promise<boolean>
  /** Written a little later, many at once. */
  readonly add: (id: string) => void
  /** Drops what no relay may deliver any more, and the oldest beyond the bound. */
  readonly prune: () => Promise<void>
  readonly stop: () => Promise<void>
}

export async function keepSeenWraps(deps: {
  readonly sql: Sql
  readonly script: (text: string) => Promise<void>
  /** Unix ms. */
  readonly now: () => number
}): Promise<SeenWraps> {
  const { sql, now } = deps
  await deps.script(table)
  let waiting: string[] = []
  let writing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(flush, limits.seenWrapsFlushMs)

  function flush(): void {
    if (waiting.length === 0) return
    const ids = waiting
    waiting = []
    // What is not written is opened once more after a restart, and no more than that.
    writing = writing.then(() => sql.batch([insertStep(ids, now())])).catch(() => undefined)
  }

  return {
    async has(id) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<false>((resolve) => {
        timer = setTimeout(resolve, limits.seenWrapsWaitMs, false)
      })
      const known = sql.query('select 1 from seen_wraps where id = $1', [id]).then((rows) => rows.length > 0)
      return Promise.race([known.catch(() => false), late]).finally(() => clearTimeout(timer))
    },
    add(id) {
      if (waiting.length < limits.wrapIds) waiting.push(id)
    },
    async prune() {
      await sql.batch([
        { text: 'delete from seen_wraps where at < $1', params: [now() - limits.seenWrapsMs] },
        {
          text: 'delete from seen_wraps where n <= (select max(n) from seen_wraps) - $1::bigint',
          params: [limits.seenWraps],
        },
      ])
    },
    async stop() {
      clearInterval(timer)
      flush()
      await writing
    },
  }
}

const insertStep = (ids: readonly string[], atMs: number) => ({
  text: 'insert into seen_wraps (id, at) select id, $2::bigint from unnest($1::text[]) as id on conflict do nothing',
  params: [{ of: 'text', values: ids } as const, atMs],
})
