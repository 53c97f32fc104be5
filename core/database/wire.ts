/** The few bytes of PostgreSQL's protocol that the append path speaks itself (protocol 3.0, message formats). */
import { protocol } from '@electric-sql/pglite'
import type { SqlColumn, SqlFailure, SqlValue, Step } from '../../events/sql'

const { serialize } = protocol
const errorMessage = 0x45 // 'E'
const readyForQuery = 0x5a // 'Z'
const idle = 0x49 // 'I': no transaction is open

/** Prepares one statement under a name. */
export const prepareMessage = (name: string, text: string): Uint8Array =>
  joined([serialize.parse({ name, text }), serialize.sync()])

/** Several Bind and Execute before one Sync: the server makes one transaction of them. */
export function batchMessage(steps: readonly Step[], nameOf: (text: string) => string): Uint8Array {
  const parts: Uint8Array[] = []
  for (const step of steps) {
    parts.push(
      serialize.bind({ statement: nameOf(step.text), values: step.params.map(wireValue) }),
      serialize.execute({}),
    )
  }
  parts.push(serialize.sync())
  return joined(parts)
}

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

function wireValue(value: SqlValue | SqlColumn): string | Uint8Array | null {
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return value
  return typeof value === 'object' ? arrayBytes(value) : String(value)
}

/** Type OIDs of pg_type, and how many bytes a value takes; text tells its own length. */
const wireTypes = { bool: [16, 1], int8: [20, 8], int2: [21, 2], int4: [23, 4], text: [25, undefined] } as const
const arrayHead = 20

/** The binary form of a one-dimensional, not empty array: its head, then each value behind its length, -1 for null. */
function arrayBytes({ of, values }: SqlColumn): Uint8Array {
  const [oid, size] = wireTypes[of]
  const sizes = values.map((value) => (value === null ? 0 : (size ?? Buffer.byteLength(String(value)))))
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, one) => sum + 4 + one, arrayHead))
  bytes.writeInt32BE(1, 0)
  bytes.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  bytes.writeInt32BE(oid, 8)
  bytes.writeInt32BE(values.length, 12)
  bytes.writeInt32BE(1, 16)
  let offset = arrayHead
  values.forEach((value, index) => {
    const length = sizes[index] ?? 0
    bytes.writeInt32BE(value === null ? -1 : length, offset)
    if (value !== null) writeValue(bytes, of, value, offset + 4)
    offset += 4 + length
  })
  return bytes
}

function writeValue(bytes: Buffer, of: SqlColumn['of'], value: string | number | bigint | boolean, at: number): void {
  switch (of) {
    case 'text':
      bytes.write(String(value), at)
      return
    case 'bool':
      bytes.writeUInt8(value === true ? 1 : 0, at)
      return
    case 'int2':
      bytes.writeInt16BE(Number(value), at)
      return
    case 'int4':
      bytes.writeInt32BE(Number(value), at)
      return
    case 'int8':
      bytes.writeBigInt64BE(BigInt(value), at)
      return
    default:
      of satisfies never
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
