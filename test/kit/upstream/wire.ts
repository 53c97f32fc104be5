/** A small HTTP/1.1 server that can also be rude: every byte is ours, so that it can lie, stop or cut anywhere. */
import net from 'node:net'

export type WireRequest = {
  readonly method: string
  readonly path: string
  /** As they came, in order, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type Wire = {
  readonly write: (bytes: string | Uint8Array) => void
  /** Closed once what was written has arrived. */
  readonly end: () => void
  /** The connection breaks, whatever was promised. */
  readonly cut: () => void
  readonly isOpen: () => boolean
  /** Resolves when the other side, or we, closed it. */
  readonly closed: Promise<void>
}

export type WireServer = { readonly port: number; readonly stop: () => Promise<void> }

/** One request after the other on each connection; `handle` resolves when its answer is out. */
export function serveWire(port: number, handle: (request: WireRequest, wire: Wire) => Promise<void>): WireServer {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    void closed.then(() => sockets.delete(socket))
    const wire: Wire = {
      write: (bytes) => void (socket.writable && socket.write(bytes)),
      end: () => void socket.end(),
      cut: () => void socket.destroy(),
      isOpen: () => socket.writable,
      closed,
    }
    let waiting: Buffer = Buffer.alloc(0)
    let isBusy = false
    async function work(): Promise<void> {
      if (isBusy) return
      isBusy = true
      for (let found = takeRequest(waiting); found !== undefined; found = takeRequest(waiting)) {
        waiting = found.rest
        await handle(found.request, wire)
      }
      isBusy = false
    }
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes: Buffer) => {
      waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
      void work().catch(() => socket.destroy())
    })
  })
  server.listen(port, '127.0.0.1')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop() {
      for (const socket of sockets) socket.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Bodies by Content-Length only: that is what a well-behaved JSON client sends. */
function takeRequest(bytes: Buffer): { readonly request: WireRequest; readonly rest: Buffer } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  const bodyEnd = headEnd + 4 + Number(headers['content-length'] ?? 0)
  if (bytes.length < bodyEnd) return undefined
  const body = Buffer.from(bytes.subarray(headEnd + 4, bodyEnd))
  return { request: { method, path, headers, body }, rest: Buffer.from(bytes.subarray(bodyEnd)) }
}

export type Headers = Readonly<Record<string, string>>

export const head = (status: number, headers: Headers): string =>
  `HTTP/1.1 ${status} ${reasons[status] ?? 'Status'}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 302: 'Found', 400: 'Bad Request', 404: 'Not Found' }

/** A whole answer; `declared` is a length other than the true one. */
export function writeWhole(
  wire: Wire,
  status: number,
  headers: Headers,
  body: string | Uint8Array,
  declared = Buffer.byteLength(body),
): void {
  const start = Buffer.from(head(status, { ...headers, 'content-length': String(declared) }))
  wire.write(Buffer.concat([start, typeof body === 'string' ? Buffer.from(body) : body]))
}

export const startChunks = (wire: Wire, headers: Headers): void =>
  wire.write(head(200, { ...headers, 'transfer-encoding': 'chunked' }))

export function writeChunk(wire: Wire, bytes: Uint8Array): void {
  if (bytes.length > 0) wire.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, crlf]))
}

export const endChunks = (wire: Wire): void => wire.write('0\r\n\r\n')

const crlf = Buffer.from('\r\n')
