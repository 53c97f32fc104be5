/** Which topic tells of a query, and which query a topic's snapshot answers whole (dashboard 5, remote-admin 5). */
import type { QueryName } from './client'

type NounOf<Name> = Name extends `${infer Noun}.${string}` ? Noun : never

/** What has no topic of its own goes by that of the page it stands on. */
const topics: Readonly<Record<NounOf<QueryName>, string>> = {
  admins: 'settings',
  backups: 'settings',
  commands: 'settings',
  config: 'settings',
  devices: 'settings',
  events: 'logs',
  exports: 'requests',
  health: 'overview',
  logs: 'logs',
  me: 'overview',
  mints: 'mints',
  models: 'models',
  money: 'requests',
  node: 'overview',
  overview: 'overview',
  payouts: 'payouts',
  refunds: 'payouts',
  requests: 'requests',
  search: 'overview',
  sessions: 'sessions',
  settings: 'settings',
  setup: 'setup',
  sweep: 'payouts',
  tokens: 'settings',
  upstreams: 'models',
  withdraw: 'payouts',
}

export function topicOf(name: QueryName, input: object): string {
  const session = 'session' in input ? String(input.session) : ''
  if (name.startsWith('sessions.') && /^[0-9a-f]{12,64}$/.test(session)) return `session:${session.slice(0, 12)}`
  return topics[name.split('.')[0] as NounOf<QueryName>]
}

/** Name and input of the query that such a snapshot is the answer of; the others are parts of longer lists. */
export function answeredBy(topic: string): readonly [QueryName, object] | undefined {
  if (topic === 'overview') return ['overview.get', {}]
  if (topic === 'mints') return ['mints.list', {}]
  if (topic === 'setup') return ['setup.get', {}]
  const [, session] = topic.split(':')
  return session === undefined ? undefined : ['sessions.get', { session }]
}

/** Its snapshot tells ages that go on: that it differs says nothing. */
export const differsAlways = (topic: string): boolean => topic === 'overview'
