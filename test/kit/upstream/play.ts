/** Sends one answer of the test upstream over the wire, faults included. */
import zlib from 'node:zlib'
import { chatBody, chatChunks, errorOf } from './answers'
import type { Behaviour, Fault, Json } from './behaviour'
import { endChunks, type Headers, head, startChunks, type Wire, writeChunk, writeWhole } from './wire'

const json = { 'content-type': 'application/json' }
const html = { 'content-type': 'text/html' }
const events = { 'content-type': 'text/event-stream' }
const hugeBytes = 66 * 1024 * 1024
const hugeEventBytes = 9 * 1024 * 1024
const mebibyte = Buffer.alloc(1024 * 1024, 'a')

/** `body` is the request's. */
export async function play(behaviour: Behaviour, body: Json, wire: Wire): Promise<void> {
  const isStream = body.stream === true && behaviour.asJson !== true
  if (await playFault(behaviour, behaviour.fault, isStream, body, wire)) return
  if (isStream) await playStream(behaviour, body, wire)
  else playBody(behaviour, JSON.stringify(chatBody(behaviour, body)), wire)
}

function playBody(behaviour: Behaviour, text: string, wire: Wire): void {
  const { encoding, headers = {} } = behaviour
  const bytes = packed(encoding, Buffer.from(text))
  writeWhole(wire, 200, { ...json, ...encoded(encoding), ...headers }, bytes)
}

/** Faults that leave nothing to say; answers whether this was one. */
async function playFault(
  behaviour: Behaviour,
  fault: Fault | undefined,
  isStream: boolean,
  body: Json,
  wire: Wire,
): Promise<boolean> {
  if (fault === undefined) return false
  if (typeof fault === 'object') {
    const text = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? errorOf(behaviour))
    writeWhole(wire, fault.status, { ...(typeof fault.body === 'string' ? html : json), ...fault.headers }, text)
    return true
  }
  if (fault === 'huge-body') await huge(wire, json, hugeBytes)
  else if (fault === 'huge-event') await huge(wire, events, hugeEventBytes, 'data: ')
  else if (fault.startsWith('hang-') || fault === 'cut-after-headers') return playSilence(fault, isStream, wire)
  else return playWhole(behaviour, fault, body, wire)
  return true
}

/** Answers that are short and wrong. */
function playWhole(behaviour: Behaviour, fault: Fault, body: Json, wire: Wire): boolean {
  if (fault === 'empty-200') writeWhole(wire, 200, json, '')
  else if (fault === 'html-200') writeWhole(wire, 200, html, '<html><body>Login</body></html>')
  else if (fault === 'error-200') writeWhole(wire, 200, json, JSON.stringify(errorOf(behaviour)))
  else if (fault === 'redirect') writeWhole(wire, 302, { location: 'http://127.0.0.1:1/elsewhere' }, '')
  else if (fault === 'close-at-once') wire.cut()
  else if (fault === 'length-too-long' || fault === 'length-too-short') {
    const declared = fault === 'length-too-long' ? 1_000_000 : 20
    writeWhole(wire, 200, json, JSON.stringify(chatBody(behaviour, body)), declared)
    wire.end()
  } else return false
  return true
}

/** Nothing comes, or nothing more. */
async function playSilence(fault: Fault, isStream: boolean, wire: Wire): Promise<boolean> {
  if (fault === 'hang-mid-stream') return false
  if (fault !== 'hang-before-headers')
    wire.write(head(200, { ...(isStream ? events : json), 'transfer-encoding': 'chunked' }))
  if (fault === 'cut-after-headers') return cutSoon(wire)
  await wire.closed
  return true
}

async function huge(wire: Wire, headers: Headers, bytes: number, before = ''): Promise<void> {
  startChunks(wire, headers)
  writeChunk(wire, Buffer.from(before))
  for (let sent = 0; sent < bytes && wire.isOpen(); sent += mebibyte.length) {
    writeChunk(wire, mebibyte)
    await Bun.sleep(0)
  }
  endChunks(wire)
}

async function playStream(behaviour: Behaviour, body: Json, wire: Wire): Promise<void> {
  const { encoding, headers = {}, fault, pauseMs = 0, noDone = false, afterDone = false } = behaviour
  const chunks = chatChunks(behaviour, body)
  const texts = chunks.map((chunk) => framed(behaviour, JSON.stringify(chunk)))
  if (!noDone) texts.push(framed(behaviour, '[DONE]'))
  if (afterDone) texts.push(framed(behaviour, JSON.stringify({ ...chunks[1], id: 'after-done' })))
  if (fault === 'error-event-first') texts.unshift(framed(behaviour, JSON.stringify(errorOf(behaviour))))
  const middle = Math.floor(chunks.length / 2)
  if (fault === 'error-event-later')
    texts.splice(middle, texts.length, framed(behaviour, JSON.stringify(errorOf(behaviour))))
  if (fault === 'end-early') texts.splice(middle)
  const last = texts.pop()
  if (last !== undefined) texts.push(behaviour.openTail === true ? last.trimEnd() : last)

  startChunks(wire, { ...events, ...encoded(encoding), ...headers })
  if (encoding !== undefined) writeChunk(wire, packed(encoding, Buffer.from(texts.join(''))))
  else
    for (const [index, text] of texts.entries()) {
      if (await broken(fault, index, middle, text, wire)) return
      await writeText(behaviour, text, wire)
      if (pauseMs > 0) await Promise.race([Bun.sleep(pauseMs), wire.closed])
    }
  endChunks(wire)
}

/** The faults in mid-stream; answers whether the stream is over. */
async function broken(fault: Fault | undefined, index: number, middle: number, text: string, wire: Wire) {
  if (fault === 'cut-after-role' && index === 1) return cutSoon(wire)
  if (index !== middle) return false
  if (fault === 'hang-mid-stream') {
    await wire.closed
    return true
  }
  if (fault === 'cut-mid-stream') return cutSoon(wire)
  if (fault !== 'cut-mid-chunk') return false
  wire.write(`${Buffer.byteLength(text).toString(16)}\r\n${text.slice(0, text.length / 2)}`)
  return cutSoon(wire)
}

/** What was written shall arrive, and be read, first: a busy machine takes its time. */
async function cutSoon(wire: Wire): Promise<true> {
  await Bun.sleep(50)
  wire.cut()
  return true
}

async function writeText({ byteByByte }: Behaviour, text: string, wire: Wire): Promise<void> {
  const bytes = Buffer.from(text)
  if (byteByByte !== true) return writeChunk(wire, bytes)
  for (let at = 0; at < bytes.length && wire.isOpen(); at += 1) {
    writeChunk(wire, bytes.subarray(at, at + 1))
    if (at % 16 === 0) await Bun.sleep(0)
  }
}

function framed({ lineEnd = '\n', multiLine, comments }: Behaviour, text: string): string {
  const comment = comments === true ? `: PROCESSING${lineEnd}${lineEnd}id: 7${lineEnd}retry: 10${lineEnd}` : ''
  // JSON may break after any comma that stands between fields; the line feed is whitespace there.
  const lines = multiLine === true ? text.replaceAll(',"', ',\n"').split('\n') : [text]
  return `${comment}${lines.map((line) => `data: ${line}${lineEnd}`).join('')}${lineEnd}`
}

const packed = (encoding: Behaviour['encoding'], bytes: Buffer): Uint8Array =>
  encoding === 'gzip' ? zlib.gzipSync(bytes) : encoding === 'br' ? zlib.brotliCompressSync(bytes) : bytes

const encoded = (encoding: Behaviour['encoding']): Headers =>
  encoding === undefined ? {} : { 'content-encoding': encoding }
