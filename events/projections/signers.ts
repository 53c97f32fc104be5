/** Read model of who can have signed a change: a row for each device and token there ever was, ended ones too. */
import { type NodeEvent, nodeEvents } from '../schema/node'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type Signer = {
  /** As it stands on the events it caused. */
  readonly id: string
  readonly kind: 'device' | 'token'
  /** Public key of its admin, or `password` or `setup`. */
  readonly admin: string
  readonly label: string
}

const { 'device.opened': deviceOpened, 'token.created': tokenCreated } = nodeEvents

export const signers: Projection<NodeEvent, Signer> = {
  name: 'signers',
  version: 1,
  columns: { id: 'text', kind: 'text', admin: 'text', label: 'text' },
  indexes: [],
  reads: { 'device.opened': deviceOpened, 'token.created': tokenCreated },
  keysOf(event) {
    if (event.type === 'device.opened') return [event.data.device]
    return event.type === 'token.created' ? [event.data.token] : []
  },

  fold(row, event, id) {
    if (event.type === 'device.opened') return { id, kind: 'device', admin: event.data.admin, label: event.data.label }
    if (event.type === 'token.created') return { id, kind: 'token', admin: event.data.admin, label: event.data.name }
    return row
  },
}

/** Those of these ids that are a device or a token. */
export const findSigners = (sql: Sql, ids: readonly string[]): Promise<readonly Signer[]> =>
  sql.query<Signer>(`select * from signers where id = any(string_to_array($1, ' '))`, [ids.join(' ')])
