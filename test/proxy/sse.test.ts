/** The parser of contract 6.8: nothing that the network or an upstream's style does may change what was said. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createSseParser, EventTooLarge, type SseEvent } from '../../core/upstream/sse'

const bytes = (text: string) => new TextEncoder().encode(text)
const most = 8 * 1024 * 1024

function read(pieces: readonly Uint8Array[], mostBytes = most): SseEvent[] {
  const parser = createSseParser(mostBytes)
  return [...pieces.flatMap((piece) => parser.feed(piece)), ...parser.end()]
}
const readText = (text: string) => read([bytes(text)])
const data = (...texts: readonly string[]): SseEvent[] => texts.map((text) => ({ name: undefined, data: text }))

const stream = [
  ': hello',
  'data: {"a":"ä€😀"}',
  '',
  'id: 4',
  'event: message_delta',
  'data:{"b":1,',
  'data: "c":2}',
  'retry: 100',
  '',
  '',
  'data:  two spaces',
  '',
  'data',
  '',
  'data: [DONE]',
  '',
  '',
].join('\n')
const expected: SseEvent[] = [
  { name: undefined, data: '{"a":"ä€😀"}' },
  { name: 'message_delta', data: '{"b":1,\n"c":2}' },
  { name: undefined, data: ' two spaces' },
  { name: undefined, data: '' },
  { name: undefined, data: '[DONE]' },
]

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('with %s', (_, lineEnd) => {
  const text = bytes(stream.replaceAll('\n', lineEnd))

  test('C-126 a stream split in two at every byte position gives the same events', () => {
    for (let at = 0; at <= text.length; at += 1)
      expect(read([text.subarray(0, at), text.subarray(at)])).toEqual(expected)
  })

  test('C-126 a stream that comes one byte at a time gives the same events', () => {
    expect(read(Array.from(text, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  test('an event is out with its blank line, not with the byte after it', () => {
    const parser = createSseParser(most)
    expect(parser.feed(bytes(`data: now${lineEnd}${lineEnd}`))).toEqual(data('now'))
  })
})

test('C-126 any text in any pieces comes out as it went in', () => {
  const lines = fc.array(
    fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '')),
    { minLength: 1 },
  )
  const cuts = fc.array(fc.nat(), { maxLength: 8 })
  fc.assert(
    fc.property(fc.array(lines), cuts, fc.constantFrom('\n', '\r\n', '\r'), (events, cutsAt, lineEnd) => {
      const text = bytes(
        events.map((event) => event.map((line) => `data: ${line}${lineEnd}`).join('') + lineEnd).join(''),
      )
      const at = [0, ...cutsAt.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
      const pieces = at.slice(1).map((end, index) => text.subarray(at[index], end))
      expect(read(pieces)).toEqual(data(...events.map((event) => event.join('\n'))))
    }),
  )
})

test('a byte order mark at the beginning says nothing', () => {
  expect(read([Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), bytes('data: x\n\n')])).toEqual(data('x'))
})

test('comments, ids and retries alone make no event', () => {
  expect(readText(': ping\n\nid: 1\n\nretry: 5\n\nevent: ping\n\n')).toEqual([])
})

test('a complete JSON tail without a blank line counts', () => {
  expect(readText('data: {"a":1}')).toEqual(data('{"a":1}'))
  expect(readText('data: {"a":1}\n')).toEqual(data('{"a":1}'))
  expect(readText('data: [DONE]')).toEqual(data('[DONE]'))
})

test('an incomplete tail is dropped', () => {
  expect(readText('data: {"a":1}\n\ndata: {"a":')).toEqual(data('{"a":1}'))
  expect(readText('data: {"a":1}\n\ndata: [DO')).toEqual(data('{"a":1}'))
})

describe('one event has a bound', () => {
  const small = 100
  test.each([
    ['a line without end', 'data: '.concat('a'.repeat(200))],
    ['many lines of data', 'data: aaaaaaaaaa\n'.repeat(20)],
    ['endless empty lines of data', 'data:\n'.repeat(200)],
    ['an endless comment', ':'.repeat(200)],
  ])('%s is refused', (_, text) => {
    expect(() => read([bytes(text)], small)).toThrow(EventTooLarge)
    expect(() =>
      read(
        Array.from(bytes(text), (byte) => Uint8Array.of(byte)),
        small,
      ),
    ).toThrow(EventTooLarge)
  })

  test('many events in one piece are not one large event', () => {
    expect(read([bytes('data: aaaa\n\n'.repeat(100))], small)).toHaveLength(100)
  })

  test('a large event in many pieces is read in one pass', () => {
    const piece = bytes('a'.repeat(1024))
    const parser = createSseParser(most)
    parser.feed(bytes('data: '))
    for (let count = 0; count < 7 * 1024; count += 1) parser.feed(piece)
    expect(parser.feed(bytes('\n\n'))[0]?.data.length).toBe(7 * 1024 * 1024)
  })
})
