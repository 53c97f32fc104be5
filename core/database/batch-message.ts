/** A batch of statements in the bytes of PostgreSQL's protocol (3.0, message formats). */
import type { SqlColumn, SqlValue, Step } from '../../events/sql'

/**
 * Several Bind and Execute before one Sync: the server makes one transaction of them. The bytes stand in a buffer of
 * their own, so that they are handed to another thread without being copied.
 */
export function batchMessage(steps: readonly Step[], nameOf: (text: string) => string): Uint8Array<ArrayBuffer> {
  const message = createWriter()
  for (const step of steps) {
    message.bind(nameOf(step.text), step.params)
    message.execute()
  }
  message.sync()
  return message.bytes()
}

/** One question in a transaction of its own; its answer tells the columns before the rows. */
export function lookupMessage(name: string, params: Step['params']): Uint8Array<ArrayBuffer> {
  const message = createWriter()
  message.bind(name, params)
  message.describe()
  message.execute()
  message.sync()
  return message.bytes()
}

/** Type OIDs of pg_type, and how many bytes a value takes; text tells its own length. */
const wireTypes = { bool: [16, 1], int8: [20, 8], int2: [21, 2], int4: [23, 4], text: [25, undefined] } as const

/** A batch of the usual size fits; a larger one doubles its room until it does. */
const firstRoom = 16 * 1024

/** Messages of the protocol, one behind the other; numbers are big-endian, a length counts itself. */
function createWriter() {
  let buffer = Buffer.from(new ArrayBuffer(firstRoom))
  let end = 0

  function room(bytes: number): void {
    if (end + bytes <= buffer.length) return
    const wider = Buffer.from(new ArrayBuffer(Math.max(buffer.length * 2, end + bytes)))
    wider.set(buffer.subarray(0, end))
    buffer = wider
  }

  function int2(value: number): void {
    room(2)
    buffer.writeInt16BE(value, end)
    end += 2
  }

  function int4(value: number): void {
    room(4)
    buffer.writeInt32BE(value, end)
    end += 4
  }

  /** UTF-8. */
  function text(value: string): void {
    // No character of a string takes more than three bytes.
    room(value.length * 3)
    end += buffer.write(value, end)
  }

  function zeroEnded(value: string): void {
    text(value)
    room(1)
    buffer.writeUInt8(0, end)
    end += 1
  }

  function begin(type: string): number {
    room(5)
    buffer.write(type, end)
    end += 5
    return end - 4
  }

  function finish(start: number): void {
    buffer.writeInt32BE(end - start, start)
  }

  /** A value behind its length in bytes, -1 for null. */
  function sized(value: SqlValue | SqlColumn): void {
    const start = end
    int4(-1)
    if (value === null) return
    if (value instanceof Uint8Array) {
      room(value.length)
      buffer.set(value, end)
      end += value.length
    } else if (typeof value === 'object') column(value)
    else text(String(value))
    buffer.writeInt32BE(end - start - 4, start)
  }

  /** The binary form of a one-dimensional, not empty array: its head, then each value behind its length. */
  function column({ of, values }: SqlColumn): void {
    const [oid, size] = wireTypes[of]
    int4(1)
    int4(values.includes(null) ? 1 : 0)
    int4(oid)
    int4(values.length)
    int4(1)
    for (const value of values) {
      if (value === null || size === undefined) sized(value)
      else {
        int4(size)
        room(size)
        writeFixed(buffer, of, value, end)
        end += size
      }
    }
  }

  return {
    /** Parameters as text, but bytes and columns in binary; results as text. */
    bind(statement: string, params: Step['params']): void {
      const start = begin('B')
      zeroEnded('')
      zeroEnded(statement)
      int2(params.length)
      for (const param of params) int2(typeof param === 'object' && param !== null ? 1 : 0)
      int2(params.length)
      for (const param of params) sized(param)
      int2(0)
      finish(start)
    },
    /** The unnamed portal, all rows. */
    execute(): void {
      const start = begin('E')
      zeroEnded('')
      int4(0)
      finish(start)
    },
    /** The unnamed portal. */
    describe(): void {
      const start = begin('D')
      zeroEnded('P')
      finish(start)
    },
    sync: () => finish(begin('S')),
    bytes: () => new Uint8Array(buffer.buffer, 0, end),
  }
}

function writeFixed(bytes: Buffer, of: SqlColumn['of'], value: string | number | bigint | boolean, at: number): void {
  switch (of) {
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
    case 'text':
      throw new Error('a text has no fixed size')
    default:
      of satisfies never
  }
}
