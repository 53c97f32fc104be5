/** How a streamed chat ends when something goes wrong, and who pays for it (contract 6.8, 6.9, P-08, P-09). */
import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import type { Settlement } from '../../core/proxy/chat-stream'
import type { SseEvent } from '../../core/upstream/sse'
import { behaving, chunk, cost, read, said, served } from '../kit/chat-stream'
import { type Behaviour, createTestUpstream } from '../kit/upstream'

const upstream = createTestUpstream()
afterAll(upstream.stop)
afterEach(upstream.reset)

const long: Behaviour = { text: 'a'.repeat(20), pieces: 20 }

/** Events that come when they are told to. */
function told() {
  const waiting: PromiseWithResolvers<IteratorResult<SseEvent, undefined>>[] = []
  const ready: IteratorResult<SseEvent, undefined>[] = []
  let asked = 0
  return {
    asked: () => asked,
    say(event: unknown) {
      const result = { done: false, value: { name: undefined, data: JSON.stringify(event) } } as const
      const first = waiting.shift()
      if (first === undefined) ready.push(result)
      else first.resolve(result)
    },
    breaks: () => waiting.shift()?.reject(new Error('broken')),
    events: {
      next() {
        asked += 1
        const first = ready.shift()
        if (first !== undefined) return Promise.resolve(first)
        const wait = Promise.withResolvers<IteratorResult<SseEvent, undefined>>()
        waiting.push(wait)
        return wait.promise
      },
    } satisfies AsyncIterator<SseEvent, undefined>,
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isSo(); turn += 1) await Bun.sleep(4)
  expect(isSo()).toBe(true)
}

describe('a failure after the first byte', () => {
  test.each<[string, Behaviour]>([
    ['an error event', { ...long, fault: 'error-event-later' }],
    ['a cut between chunks', { ...long, fault: 'cut-mid-stream' }],
    ['a cut in mid-chunk', { ...long, fault: 'cut-mid-chunk' }],
    ['silence', { ...long, fault: 'hang-mid-stream' }],
    ['an end before anything finished', { ...long, fault: 'end-early', usage: 'every' }],
    ['a finish by error', { ...long, finish: 'error' }],
    ['one of two choices that never finished', { ...long, choices: 2, fault: 'end-early' }],
  ])('C-129 %s: one error event, no [DONE], and the charge is told', async (_, behaviour) => {
    const asked = await behaving(upstream, behaviour, {}, 80)
    const { lines, objects } = await read(asked)
    expect(asked.settled).toMatchObject([{ ending: 'failed', seen: { hasContent: true, complete: false } }])
    expect(objects.filter((object) => 'error' in object)).toHaveLength(1)
    expect(lines.at(-1)).toStartWith('data: {"error":')
    expect(objects.at(-1)).toEqual({
      error: {
        message: 'The upstream broke off its answer; nothing was charged',
        type: 'upstream_error',
        code: 'UPSTREAM_UNAVAILABLE',
      },
    })
    expect(lines.join()).not.toMatch(/DONE|"cost"/)
  })

  test('an upstream that says [DONE] is complete, with or without a finish', async () => {
    const asked = served(said(chunk({ content: 'a' }), '[DONE]'))
    expect((await read(asked)).text).toEndWith('data: [DONE]\n\n')
    expect(asked.settled).toMatchObject([{ ending: 'complete', seen: { finishes: [], complete: true } }])
  })

  test('what follows [DONE] is read to its end and ignored, so that the connection can serve again', async () => {
    let isAtEnd = false
    async function* events() {
      yield* said(chunk({ content: 'a' }, 'stop'), '[DONE]', chunk({ content: 'late' }), { error: { message: 'late' } })
      isAtEnd = true
      return undefined
    }
    const asked = served(events())
    expect((await read(asked)).text).not.toContain('late')
    await until(() => isAtEnd)
    expect(asked.settled).toHaveLength(1)
  })

  test('a cut after everything was said is no failure', async () => {
    const source = told()
    const asked = served(source.events)
    source.say(chunk({ content: 'a' }, 'stop'))
    await until(() => source.asked() === 2)
    source.breaks()
    expect((await read(asked)).text).toEndWith('data: [DONE]\n\n')
    expect(asked.settled).toMatchObject([{ ending: 'complete' }])
  })

  test.each<[string, () => Promise<Settlement>]>([
    [
      'refused',
      async () => ({ ok: false, error: { message: 'm', type: 'service_unavailable', code: 'settlement_failed' } }),
    ],
    ['thrown', () => Promise.reject(new Error('bug'))],
  ])('C-129 a charge that is %s is an error event, and the finish never leaves', async (_, settle) => {
    const { objects, text } = await read(served(said(chunk({ content: 'a' }), chunk({}, 'stop'), '[DONE]'), { settle }))
    expect(objects.at(-1)).toMatchObject({ error: { code: 'settlement_failed' } })
    expect(text).not.toMatch(/DONE|"stop"|"cost"/)
  })

  test('P-08 an error event says nothing of what the upstream said', async () => {
    const error = { message: 'account org-secret is out of credit', code: 'insufficient_quota' }
    const { text } = await read(await behaving(upstream, { ...long, fault: 'error-event-later', error }))
    expect(text).not.toMatch(/org-secret|credit|quota/)
  })
})

describe('silence', () => {
  test('keep-alives go out while the upstream thinks', async () => {
    const { stream } = served(told().events, { keepaliveMs: 20 })
    const reader = stream.getReader()
    for (let count = 0; count < 3; count += 1)
      expect(new TextDecoder().decode((await reader.read()).value)).toBe(': keep-alive\n\n')
    await reader.cancel()
  })

  test('a busy stream has none', async () => {
    const { lines } = await read(await behaving(upstream, { ...long, pauseMs: 5 }, { keepaliveMs: 2000 }))
    expect(lines.filter((line) => line.startsWith(':'))).toEqual([])
  })
})

describe('a client that leaves', () => {
  test('P-09 the upstream is read to its end and its usage billed, nothing is sent', async () => {
    const { stream, settled } = await behaving(upstream, { ...long, pauseMs: 2 })
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel()
    await until(() => settled.length === 1)
    expect(settled).toMatchObject([{ ending: 'left', seen: { complete: true, usage: { completion_tokens: 500 } } }])
    await until(() => upstream.answered() === 1)
  })

  test('P-09 the upstream is read no longer than the drain time; what was seen is told', async () => {
    const { stream, settled } = await behaving(upstream, { ...long, pieces: 2000, pauseMs: 5 }, { drainMs: 40 })
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel()
    await until(() => settled.length === 1)
    expect(settled).toMatchObject([{ ending: 'left', seen: { complete: false, hasContent: true, usage: undefined } }])
    await until(() => upstream.dropped() === 1)
  })

  test('one that takes nothing for as long is treated as gone', async () => {
    const source = told()
    const asked = served(source.events, { drainMs: 40 })
    const large = 'a'.repeat(300_000)
    for (let count = 0; count < 3; count += 1) source.say(chunk({ content: large }))
    await until(() => source.asked() >= 4)
    source.breaks()
    await until(() => asked.settled.length === 1)
    expect(asked.settled).toMatchObject([{ ending: 'left', seen: { textBytes: 900_000 } }])
    await expect(asked.stream.getReader().read()).rejects.toThrow('the client does not read')
  })

  test('one that leaves while the charge is booked changes nothing about it', async () => {
    const booked = Promise.withResolvers<Settlement>()
    const asked = served(said(chunk({ content: 'a' }, 'stop')), { settle: () => booked.promise })
    await until(() => asked.settled.length === 1)
    await asked.stream.cancel()
    booked.resolve({ ok: true, cost })
    await Bun.sleep(0)
    expect(asked.settled).toMatchObject([{ ending: 'complete' }])
  })
})

test('a slow client slows the upstream: what waits for it is bounded', async () => {
  const source = told()
  const asked = served(source.events)
  const large = 'a'.repeat(64_000)
  for (let count = 0; count < 50; count += 1) source.say(chunk({ content: large }))
  await until(() => source.asked() >= 4)
  for (let turn = 0; turn < 20; turn += 1) await Bun.sleep(0)
  expect(source.asked()).toBeLessThan(10)
  const reader = asked.stream.getReader()
  for (let count = 0; count < 50; count += 1) await reader.read()
  expect(source.asked()).toBe(51)
  await reader.cancel()
  source.breaks()
})
