/** Reads a whole answer within its bound of bytes and silence, decompressed. */
import { limits } from '../limits'
import type { Patience } from './patience'

/** An answer of known, small length is read in one piece: most of them. */
const readAtOnce = 256 * 1024

/** undefined: it is larger than 64 MiB. Rejects when the connection breaks or is silent for `idleMs`. */
export async function bodyBytes(
  response: Response,
  patience: Patience,
  idleMs: number,
): Promise<Uint8Array | undefined> {
  const isPlain = response.headers.get('content-encoding') === null
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  if (length > limits.upstreamBodyBytes) return undefined
  if (isPlain && length <= readAtOnce)
    return new Uint8Array(await patience.within(response.arrayBuffer(), idleMs, 'the answer stopped'))
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const next = reader === undefined ? undefined : await patience.within(reader.read(), idleMs, 'the answer stopped')
    if (next === undefined || next.done) return Buffer.concat(chunks, size)
    size += next.value.length
    if (size > limits.upstreamBodyBytes) return undefined
    chunks.push(next.value)
  }
}
