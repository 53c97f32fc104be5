/** Reads server-sent events as they arrive (contract 6.8): chunk borders, line ends and comments never matter. */

export type SseEvent = { readonly name: string | undefined; readonly data: string }

/** A single event grew beyond its bound: whoever sends it is broken. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge'
}

export type SseParser = {
  /** Events that these bytes complete. Throws `EventTooLarge`. */
  readonly feed: (bytes: Uint8Array) => readonly SseEvent[]
  /** After the last byte: a last event without its blank line counts if it is whole JSON. */
  readonly end: () => readonly SseEvent[]
}

const lineFeed = 10
const carriageReturn = 13
const space = 32

/** `mostBytes` bounds one event. */
export function createSseParser(mostBytes: number): SseParser {
  const decoder = new TextDecoder('utf-8')
  const event = createEvent(mostBytes)
  let line = ''
  let afterReturn = false

  /** Every character is looked at once, however the network cut the text. */
  function consume(text: string): SseEvent[] {
    const events: SseEvent[] = []
    // A CR ends its line at once; the LF of a CRLF may come with the next bytes.
    let start = afterReturn && text.charCodeAt(0) === lineFeed ? 1 : 0
    if (text !== '') afterReturn = false
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code !== lineFeed && code !== carriageReturn) continue
      const whole = event.takeLine(line + text.slice(start, at))
      line = ''
      if (whole !== undefined) events.push(whole)
      if (code === carriageReturn) {
        if (at + 1 === text.length) afterReturn = true
        else if (text.charCodeAt(at + 1) === lineFeed) at += 1
      }
      start = at + 1
    }
    line += text.slice(start)
    event.mustHold(line.length)
    return events
  }

  return {
    feed: (bytes) => consume(decoder.decode(bytes, { stream: true })),
    end() {
      const events = consume(decoder.decode())
      if (line !== '') event.takeLine(line)
      line = ''
      const last = event.takeLine('')
      return last !== undefined && isWhole(last.data) ? [...events, last] : events
    },
  }
}

/** The event whose lines are coming in. */
function createEvent(mostBytes: number) {
  let data: string[] = []
  let name: string | undefined
  let size = 0

  function mustHold(more: number): void {
    if (size + more > mostBytes) throw new EventTooLarge('an event is too large')
  }

  function finish(): SseEvent | undefined {
    const event = data.length === 0 ? undefined : { name, data: data.length === 1 ? (data[0] ?? '') : data.join('\n') }
    data = []
    name = undefined
    size = 0
    return event
  }

  /** An empty line ends the event. */
  function takeLine(text: string): SseEvent | undefined {
    if (text === '') return finish()
    const colon = text.indexOf(':')
    const field = colon === -1 ? text : text.slice(0, colon)
    if (field !== 'data' && field !== 'event') return undefined
    const value = colon === -1 ? '' : text.slice(text.charCodeAt(colon + 1) === space ? colon + 2 : colon + 1)
    if (field === 'event') name = value
    else {
      data.push(value)
      // The line itself counts too: endless empty data lines are an endless event.
      size += value.length + 1
      mustHold(0)
    }
    return undefined
  }

  return { takeLine, mustHold }
}

function isWhole(data: string): boolean {
  if (data === '[DONE]') return true
  try {
    JSON.parse(data)
    return true
  } catch {
    return false
  }
}
