/** What the log says and hears itself in PostgreSQL's protocol, but for what it sends often (protocol 3.0, message formats). */
import { protocol, types } from '@electric-sql/pglite'
import type { SqlFailure } from '../../events/sql'

const { serialize } = protocol
const errorMessage = 0x45 // 'E'
const rowDescription = 0x54 // 'T'
const dataRow = 0x44 // 'D'
const readyForQuery = 0x5a // 'Z'
const idle = 0x49 // 'I': no transaction is open

/** Prepares one statement under a name. */
export const prepareMessage = (name: string, text: string): Uint8Array =>
  Buffer.concat([serialize.parse({ name, text }), serialize.sync()])

/** A batch counts only if no error came back and the server is idle again. */
export function failureIn(reply: Uint8Array): SqlFailure | undefined {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength)
  let offset = 0
  let endedIdle = false
  let failure: SqlFailure | undefined
  while (offset + 5 <= reply.length) {
    const type = reply[offset]
    const length = view.getUint32(offset + 1)
    if (type === errorMessage && failure === undefined)
      failure = readError(reply.subarray(offset + 5, offset + 1 + length))
    if (type === readyForQuery) endedIdle = reply[offset + 5] === idle
    offset += 1 + length
  }
  if (failure === undefined && !endedIdle) return { code: 'XX000', message: 'the database did not end the batch idle' }
  return failure
}

type Column = { readonly name: string; readonly of: number }

/** Rows of an answer in text form, each value as `parsers` (by type OID) and PGlite's own make it. */
export function rowsIn(reply: Uint8Array, parsers: Parameters<typeof types.parseType>[2]): Record<string, unknown>[] {
  const bytes = Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength)
  const rows: Record<string, unknown>[] = []
  let columns: readonly Column[] = []
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    if (bytes[at] === rowDescription) columns = columnsAt(bytes, at + 5)
    else if (bytes[at] === dataRow) rows.push(rowAt(bytes, at + 5, columns, parsers))
  }
  return rows
}

/** Behind each name: table, column number, type, its size and modifier, and the format. */
function columnsAt(bytes: Buffer, start: number): readonly Column[] {
  const columns: Column[] = []
  let at = start + 2
  for (let left = bytes.readInt16BE(start); left > 0; left -= 1) {
    const end = bytes.indexOf(0, at)
    columns.push({ name: bytes.toString('utf8', at, end), of: bytes.readInt32BE(end + 7) })
    at = end + 19
  }
  return columns
}

function rowAt(bytes: Buffer, start: number, columns: readonly Column[], parsers: Parameters<typeof rowsIn>[1]) {
  const row: Record<string, unknown> = {}
  let at = start + 2
  for (const { name, of } of columns) {
    const length = bytes.readInt32BE(at)
    const end = at + 4 + Math.max(0, length)
    row[name] = length === -1 ? null : types.parseType(bytes.toString('utf8', at + 4, end), of, parsers)
    at = end
  }
  return row
}

function readError(body: Uint8Array): SqlFailure {
  const fields = new Map<string, string>()
  for (const field of new TextDecoder().decode(body).split('\0')) {
    if (field.length > 0) fields.set(field.slice(0, 1), field.slice(1))
  }
  const constraint = fields.get('n')
  const known = { code: fields.get('C') ?? 'XX000', message: fields.get('M') ?? 'unknown error' }
  return constraint === undefined ? known : { ...known, constraint }
}
