/** What the append path says and hears itself in PostgreSQL's protocol, but for its batches (protocol 3.0, message formats). */
import { protocol } from '@electric-sql/pglite'
import type { SqlFailure } from '../../events/sql'

const { serialize } = protocol
const errorMessage = 0x45 // 'E'
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

function readError(body: Uint8Array): SqlFailure {
  const fields = new Map<string, string>()
  for (const field of new TextDecoder().decode(body).split('\0')) {
    if (field.length > 0) fields.set(field.slice(0, 1), field.slice(1))
  }
  const constraint = fields.get('n')
  const known = { code: fields.get('C') ?? 'XX000', message: fields.get('M') ?? 'unknown error' }
  return constraint === undefined ? known : { ...known, constraint }
}
