/** What can be watched (remote-admin 5, R-073): each topic is a query, asked again and again. */
import type { Table } from './table'

export type Topic = {
  /** As it was asked for: `session:<hash>` with its hash. */
  readonly name: string
  readonly query: string
  readonly params: Readonly<Record<string, unknown>>
  /** What of the answer is pushed, where all of it would be too much. */
  readonly shown?: (answer: unknown) => unknown
}

/** As many rows as a page of 12 kB takes of each kind; who wants more asks the query itself. */
const rows = { limit: 20 }

/** Each setting with the value in force: what a form compares its own with. */
const values = (answer: unknown): unknown =>
  Object.fromEntries((answer as readonly { key: string; value: unknown }[]).map(({ key, value }) => [key, value]))

const topics: Readonly<Record<string, Omit<Topic, 'name'>>> = {
  health: { query: 'health.get', params: {} },
  overview: { query: 'overview.get', params: {} },
  sessions: { query: 'sessions.list', params: rows },
  models: { query: 'models.list', params: rows },
  settings: { query: 'settings.get', params: {}, shown: values },
  mints: { query: 'mints.list', params: {} },
  payouts: { query: 'payouts.list', params: rows },
  requests: { query: 'requests.list', params: rows },
  logs: { query: 'logs.list', params: rows },
  remote: { query: 'remote.get', params: {} },
  setup: { query: 'setup.get', params: {} },
  alerts: { query: 'alerts.list', params: rows },
}

/** The topic of a name; undefined: there is none, or this node cannot answer its query yet. */
export function topicOf(name: string, table: Pick<Table, 'find'>): Topic | undefined {
  const [, session] = /^session:([0-9a-f]{12,64})$/.exec(name) ?? []
  const found =
    session === undefined
      ? Object.hasOwn(topics, name)
        ? topics[name]
        : undefined
      : { query: 'sessions.get', params: { session } }
  return found === undefined || table.find(found.query) === undefined ? undefined : { name, ...found }
}

/** For rpc.describe. */
export const topicNames = (table: Pick<Table, 'find'>): readonly string[] => [
  ...Object.keys(topics).filter((name) => topicOf(name, table) !== undefined),
  'session:<key>',
]
