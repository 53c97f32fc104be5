/** Reads server-sent events as they arrive (contract 6.8): chunk borders, line ends and comments never matter. */

export type SseEvent = { readonly name: string | undefined; readonly data: string }

/** A single event grew beyond its bound: whoever sends it is broken. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge'
}

/** Feed it bytes, it answers the events that are complete; `end` gives a last one that is whole JSON without a blank line. */
export function createSseParser(mostBytes: number) {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  let data: string[] = []
  let name: string | undefined
  let size = 0

  function feed(bytes: Uint8Array): SseEvent[] {
    return consume(decoder.decode(bytes, { stream: true }), false)
  }

  function end(): SseEvent[] {
    const events = consume(decoder.decode(), true)
    const last = finish()
    return last !== undefined && isWhole(last.data) ? [...events, last] : events
  }

  function consume(text: string, last: boolean): SseEvent[] {
    rest += text
    if (rest.length + size > mostBytes) throw new EventTooLarge('an event is too large')
    const events: SseEvent[] = []
    let start = 0
    for (;;) {
      const found = lineEnd(rest, start, last)
      if (found === undefined) break
      const event = takeLine(rest.slice(start, found.at))
      if (event !== undefined) events.push(event)
      start = found.next
    }
    rest = rest.slice(start)
    if (last && rest.length > 0) {
      takeLine(rest)
      rest = ''
    }
    return events
  }

  function takeLine(line: string): SseEvent | undefined {
    if (line === '') return finish()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon === -1 ? line : line.slice(0, colon)
    const raw = colon === -1 ? '' : line.slice(colon + 1)
    const value = raw.startsWith(' ') ? raw.slice(1) : raw
    if (field === 'data') {
      data.push(value)
      size += value.length
    } else if (field === 'event') name = value
    return undefined
  }

  function finish(): SseEvent | undefined {
    const event = data.length === 0 ? undefined : { name, data: data.join('\n') }
    data = []
    name = undefined
    size = 0
    return event
  }

  return { feed, end }
}

/** LF, CRLF or CR. A CR at the end of what arrived may be half of a CRLF: it waits unless nothing more comes. */
function lineEnd(
  text: string,
  from: number,
  last: boolean,
): { readonly at: number; readonly next: number } | undefined {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 10) return { at, next: at + 1 }
    if (code !== 13) continue
    if (at + 1 < text.length) return { at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 }
    return last ? { at, next: at + 1 } : undefined
  }
  return undefined
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
