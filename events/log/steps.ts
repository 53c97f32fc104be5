/** What one append means in SQL: a list of prepared steps that run in one transaction. */
import type { SqlColumn, Step } from '../sql'
import type { Append, CoinMove, CommandRow, Guard, SheetRow } from './log'

/** SQLSTATE of a unique key that was taken, and of our own guard function `must`. */
const guardStates = new Set(['23505', 'RG001'])
const guardOf: Readonly<Record<string, Guard>> = {
  events_stream_version: 'version',
  events_position: 'version',
  streams_name_key: 'version',
  commands_id: 'command',
  claim_key: 'claim',
  cursor: 'cursor',
  coin: 'coin',
  coin_ref: 'coin',
  vault_ref: 'vault',
}

/** The guard that stopped a batch, or undefined if the database failed for another reason. */
export function guardIn(failure: { readonly code: string; readonly constraint?: string }): Guard | undefined {
  return guardStates.has(failure.code) ? guardOf[failure.constraint ?? ''] : undefined
}

export const streamStep = (id: number, name: string): Step => ({
  text: 'insert into streams (id, name) values ($1, $2)',
  params: [id, name],
})

export type EventRow = readonly [
  position: bigint,
  stream: number,
  version: number,
  type: string,
  v: number,
  data: string,
  meta: string,
  commandId: string | null,
  at: number,
]
const eventColumns = {
  position: 'int8',
  stream: 'int4',
  version: 'int4',
  type: 'text',
  v: 'int2',
  data: 'text',
  meta: 'text',
  command_id: 'text',
  at: 'int8',
} as const

/** All events of a group commit in one statement: half the database's work of a statement for each (performance B2). */
export const eventsStep = (rows: readonly EventRow[]): Step => rowsStep('events', eventColumns, rows)

/** Up to this many rows stand in the statement as they are, which is quicker than arrays; more come as arrays. */
const fewRows = 2

/** Inserts rows by one statement, prepared once whatever their number. */
function rowsStep(
  table: string,
  columns: Readonly<Record<string, SqlColumn['of']>>,
  rows: readonly (readonly SqlColumn['values'][number][])[],
  clash = '',
): Step {
  const into = `insert into ${table} (${Object.keys(columns).join(', ')})`
  const kinds = Object.values(columns)
  if (rows.length <= fewRows) {
    const places = rows.map((_, row) => `(${kinds.map((_, at) => `$${row * kinds.length + at + 1}`).join(', ')})`)
    return { text: `${into} values ${places.join(', ')} ${clash}`, params: rows.flat() }
  }
  const arrays = kinds.map((of, at) => `$${at + 1}::${of}[]`)
  return {
    text: `${into} select * from unnest(${arrays.join(', ')}) ${clash}`,
    params: kinds.map((of, at): SqlColumn => ({ of, values: rows.map((row) => row[at] ?? null) })),
  }
}

/** The types that stand in the log, so that start-up need not read all of it to find one that it does not know. */
export const typeStep = (type: string, v: number): Step => ({
  text: 'insert into event_types (type, v) values ($1, $2) on conflict do nothing',
  params: [type, v],
})

export const probeStep = (at: number): Step => ({
  text: 'insert into probe (id, at) values (1, $1) on conflict (id) do update set at = excluded.at',
  params: [at],
})

const sheetColumns = { purse: 'text', account: 'text', msat: 'int8' } as const

/** Sums of a whole group commit: one row for each purse and account. */
export const sheetStep = (rows: readonly SheetRow[]): Step =>
  rowsStep(
    'sheet',
    sheetColumns,
    rows.map(({ purse, account, msat }) => [purse, account, msat]),
    'on conflict (purse, account) do update set msat = sheet.msat + excluded.msat',
  )

export const commandStep = (command: CommandRow, position: bigint, at: number): Step => ({
  // A finished outcome stays: only a row still open may be written again.
  text: `with kept as (
      insert into commands as known (command_id, fingerprint, outcome, position, at) values ($1, $2, $3, $4, $5)
      on conflict (command_id) do update set outcome = excluded.outcome, position = excluded.position
        where known.outcome is null and excluded.outcome is not null and known.fingerprint = excluded.fingerprint
      returning 1
    ) select must(exists (select from kept), 'commands_id')`,
  params: [command.id, command.fingerprint, command.outcome, position, at],
})

const claimColumns = { kind: 'text', key: 'text', owner: 'text' } as const
const coinColumns = {
  seed_id: 'text',
  keyset_id: 'text',
  counter: 'int8',
  amount: 'int8',
  c: 'text',
  purse: 'text',
  state: 'text',
  signed_by: 'text',
} as const

/** All of them, or none: each coin must stand where its move begins. */
const movesStep = (moves: readonly CoinMove[]): Step => ({
  text: `with moved as (
      update coin set state = m.after
      from unnest($1::text[], $2::int8[], $3::text[], $4::text[]) as m (keyset_id, counter, before, after)
      where coin.keyset_id = m.keyset_id and coin.counter = m.counter and coin.state = m.before
      returning 1
    ) select must((select count(*) from moved) = $5::int8, 'coin')`,
  params: [
    { of: 'text', values: moves.map(({ keysetId }) => keysetId) },
    { of: 'int8', values: moves.map(({ counter }) => counter) },
    { of: 'text', values: moves.map(({ from }) => from) },
    { of: 'text', values: moves.map(({ to }) => to) },
    moves.length,
  ],
})

/** The inline tables of wallet 3. */
export function inlineSteps(append: Append): Step[] {
  const steps: Step[] = []
  for (const claim of append.releases ?? [])
    steps.push({ text: 'delete from claim where kind = $1 and key = $2', params: [claim.kind, claim.key] })
  const claims = (append.claims ?? []).map(({ kind, key, owner }) => [kind, key, owner])
  if (claims.length > 0) steps.push(rowsStep('claim', claimColumns, claims))
  for (const cursor of append.cursors ?? [])
    steps.push({
      text: `with advanced as (
          insert into counter as c (seed_id, keyset_id, next) values ($1, $2, $3::bigint + $4::bigint)
          on conflict (seed_id, keyset_id) do update set next = excluded.next where c.next = $3::bigint
          returning 1
        ) select must(exists (select from advanced), 'cursor')`,
      params: [cursor.seedId, cursor.keysetId, cursor.from, cursor.count],
    })
  const coins = (append.coins ?? []).map(({ seedId, keysetId, counter, amount, c, purse, state, signedBy }) => [
    seedId,
    keysetId,
    counter,
    amount,
    c,
    purse,
    state,
    signedBy ?? null,
  ])
  if (coins.length > 0) steps.push(rowsStep('coin', coinColumns, coins))
  if (append.moves !== undefined && append.moves.length > 0) steps.push(movesStep(append.moves))
  for (const row of append.seal ?? [])
    steps.push({ text: 'insert into vault (ref, bytes) values ($1, $2)', params: [row.ref, row.bytes] })
  for (const ref of append.erase ?? []) steps.push({ text: 'delete from vault where ref = $1', params: [ref] })
  return steps
}
