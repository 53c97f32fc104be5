/** Read model of who commanded what: one row for each admin command, of every door. */
import { type CommandEvent, commandEvents } from '../schema/command'
import type { Sql } from '../sql'
import type { Projection } from './projection'

export type AuditRow = {
  readonly id: string
  readonly position: bigint
  readonly at: bigint
  readonly admin: string
  readonly principal: string
  readonly door: string
  readonly name: string
  /** JSON text with secret fields masked. */
  readonly params: string
  readonly outcome: 'open' | 'done' | 'refused' | 'not-run' | 'unknown'
  readonly finishedAt: bigint | null
  /** JSON text of the seal's proof, for commands that came over Nostr. */
  readonly proof: string | null
}

export const audit: Projection<CommandEvent, AuditRow> = {
  name: 'audit',
  version: 1,
  columns: {
    id: 'text',
    position: 'bigint',
    at: 'bigint',
    admin: 'text',
    principal: 'text',
    door: 'text',
    name: 'text',
    params: 'text',
    outcome: 'text',
    finishedAt: 'bigint',
    proof: 'text',
  },
  indexes: ['(position)'],
  reads: commandEvents,
  keysOf: (event) => [event.stream],

  fold(row, event) {
    switch (event.type) {
      case 'command.received': {
        const { admin, principal, door, method, params, proof } = event.data
        return {
          id: event.stream,
          position: event.position,
          at: BigInt(event.at),
          admin,
          principal,
          door,
          name: method,
          params: JSON.stringify(params),
          outcome: 'open',
          finishedAt: null,
          proof: proof === undefined ? null : JSON.stringify(proof),
        }
      }
      case 'command.finished':
        return row === undefined ? undefined : { ...row, outcome: event.data.state, finishedAt: BigInt(event.at) }
      default:
        return event satisfies never
    }
  },
}

export type AuditFilter = {
  readonly by?: string | undefined
  readonly door?: string | undefined
  readonly outcome?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly before?: bigint | undefined
  readonly limit: number
}

export const listCommands = (sql: Sql, filter: AuditFilter): Promise<readonly AuditRow[]> =>
  sql.query<AuditRow>(
    `select * from audit where ($1::text is null or admin = $1) and ($2::text is null or door = $2)
       and ($3::text is null or outcome = $3) and ($4::bigint is null or at >= $4) and ($5::bigint is null or at < $5)
       and ($6::bigint is null or position < $6)
     order by position desc limit $7`,
    [
      filter.by ?? null,
      filter.door ?? null,
      filter.outcome ?? null,
      filter.fromMs ?? null,
      filter.toMs ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  )
