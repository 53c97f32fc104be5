/** Read model of what was set, by whom and when: a row for each setting that a change moved (dashboard 4.4, History). */
import { type NodeEvent, nodeEvents } from '../schema/node'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type SettingChange = {
  readonly id: string
  /** Position of the event: all rows of one save share it. */
  readonly change: bigint
  readonly key: string
  /** JSON text of the values; null where a secret was replaced. */
  readonly old: string | null
  readonly new: string | null
  /** Unix ms from which it holds, where that is later than `at`. */
  readonly from: bigint | null
  readonly by: string
  readonly door: string
  readonly at: bigint
}

const {
  'node.settings-changed': changed,
  'password.set': passwordSet,
  'password.cleared': passwordCleared,
  'node.provider-key-set': providerKeySet,
} = nodeEvents
/** Secrets that are no settings, under the names that their fields have. */
const secrets: Readonly<Record<string, string>> = {
  'password.set': 'security.password',
  'password.cleared': 'security.password',
  'node.provider-key-set': 'nostr.nsec',
}

export const settingsHistory: Projection<NodeEvent, SettingChange> = {
  name: 'settings_history',
  version: 2,
  columns: {
    id: 'text',
    change: 'bigint',
    key: 'text',
    old: 'text',
    new: 'text',
    from: 'bigint',
    by: 'text',
    door: 'text',
    at: 'bigint',
  },
  indexes: ['(change)', '(key, change)'],
  reads: {
    'node.settings-changed': changed,
    'password.set': passwordSet,
    'password.cleared': passwordCleared,
    'node.provider-key-set': providerKeySet,
  },
  keysOf: (event) =>
    (event.type === 'node.settings-changed'
      ? event.data.changes.map(({ key }) => key)
      : [secrets[event.type] ?? event.type]
    ).map((key) => `${event.position} ${key}`),

  fold(_, event, id) {
    const key = id.slice(id.indexOf(' ') + 1)
    const found = event.type === 'node.settings-changed' ? event.data.changes.find((one) => one.key === key) : undefined
    return {
      id,
      change: event.position,
      key,
      old: found === undefined ? null : JSON.stringify(found.old),
      new: found === undefined ? null : JSON.stringify(found.new),
      from: found?.later === undefined ? null : BigInt(found.later.at),
      by: event.actor,
      door: event.door,
      at: BigInt(event.at),
    }
  },
}

/** Newest first. */
export const listSettingChanges = (
  sql: Sql,
  filter: { readonly key?: string | undefined; readonly before?: bigint | undefined; readonly limit: number },
): Promise<readonly SettingChange[]> =>
  sql.query<SettingChange>(
    `select * from settings_history where ($1::text is null or key = $1) and ($2::bigint is null or change < $2)
     order by change desc, key limit $3`,
    [filter.key ?? null, filter.before ?? null, filter.limit],
  )

/** The last change of each setting. */
export const lastSettingChanges = (sql: Sql): Promise<readonly SettingChange[]> =>
  sql.query<SettingChange>('select distinct on (key) * from settings_history order by key, change desc', [])
