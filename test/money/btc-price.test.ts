/** The rate's sources: shapes, bounds, ages, and what never becomes a rate (contract 2.6). */
import { afterEach, expect, test } from 'bun:test'
import { createBtcPrice } from '../../core/money/btc-price'
import { nextRate, noRate, toDecimal } from '../../events'

type Answer = { readonly status?: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
const open: { readonly stop: () => unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop()
})

/** Sources that answer by path; what they say may be changed between rounds. */
function sources(answers: Record<string, Answer | (() => Response | Promise<Response>)>) {
  const asked: { readonly method: string; readonly agent: string | null; readonly cookie: string | null }[] = []
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      const { method, headers } = request
      asked.push({ method, agent: headers.get('user-agent'), cookie: headers.get('cookie') })
      const answer = answers[new URL(request.url).pathname.slice(1)]
      if (typeof answer === 'function') return answer()
      return new Response(answer?.body ?? '', { status: answer?.status ?? 200, headers: answer?.headers })
    },
  })
  open.push({ stop: () => server.stop(true) })
  return { asked, answers, urls: () => Object.keys(answers).map((name) => `${server.url}${name}`) }
}

function priceFrom(urls: () => readonly string[], more: Partial<Parameters<typeof createBtcPrice>[0]> = {}) {
  const clock = { ms: 1_000_000 }
  const price = createBtcPrice({
    sources: urls,
    refreshMs: () => 3_600_000,
    maxAgeMs: () => 900_000,
    now: () => clock.ms,
    userAgent: 'routstr-node/test',
    ...more,
  })
  open.push(price)
  return { price, clock }
}

const kraken = (value: unknown) => JSON.stringify({ error: [], result: { XXBTZUSD: { a: ['9'], c: [value, '0.1'] } } })
const coinbase = (value: unknown) => JSON.stringify({ data: { base: 'BTC', currency: 'USD', amount: value } })
const plain = (value: unknown) => JSON.stringify({ symbol: 'BTCUSDT', price: value })

test('C-028 three sources in three shapes make one rate, asked without cookies', async () => {
  const { asked, urls } = sources({
    a: { body: kraken('100000.0') },
    b: { body: coinbase('100100') },
    c: { body: plain('250000.00') },
  })
  const { price } = priceFrom(urls)
  expect(price.current()).toBeUndefined()
  await price.ask()
  expect(price.current()).toEqual({ usdPerBtc: '100050', at: 1_000_000 })
  expect(asked[0]).toEqual({ method: 'GET', agent: 'routstr-node/test', cookie: null })
  expect(asked).toHaveLength(3)
})

test('C-028 a fixed rate is exact and asks nobody', async () => {
  const { price } = priceFrom(() => ['fixed:63857.41'])
  await price.ask()
  expect(price.current()?.usdPerBtc).toBe('63857.41')
})

test.each([
  ['zero', { body: plain('0') }],
  ['a negative number', { body: plain(-5) }],
  ['NaN', { body: plain('NaN') }],
  ['a price beyond all numbers', { body: '{"price":1e999}' }],
  ['nothing', { body: '' }],
  ['null', { body: 'null' }],
  ['text', { body: 'hello' }],
  ['a page', { body: '<html></html>' }],
  ['an error body', { body: '{"error":["EGeneral"],"result":{}}' }],
  ['a number in no object', { body: '100000' }],
  ['a status of 500', { status: 500, body: plain('100000') }],
  ['a status of 404', { status: 404, body: plain('100000') }],
  ['more than 64 KiB', { body: JSON.stringify({ price: '100000', pad: 'x'.repeat(70_000) }) }],
] as const)('C-028 P-13 %s never becomes the rate, nor spoils another source', async (_, answer) => {
  const good = { body: plain('99000') }
  const { answers, urls } = sources({ bad: answer, good })
  const { price } = priceFrom(urls)
  await price.ask()
  expect(price.current()?.usdPerBtc).toBe('99000')
  delete answers.good
  const alone = priceFrom(() => urls().slice(0, 1))
  await alone.price.ask()
  expect(alone.price.current()).toBeUndefined()
})

test('C-028 a body without announced length is read to its bound and no further', async () => {
  let sent = 0
  const endless = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          sent += 16_384
          if (sent > 64 * 1024 * 1024) controller.close()
          else controller.enqueue(new Uint8Array(16_384).fill(32))
        },
      }),
    )
  const { urls } = sources({ endless, good: { body: plain('99000') } })
  const { price } = priceFrom(urls)
  await price.ask()
  expect(price.current()?.usdPerBtc).toBe('99000')
  expect(sent).toBeLessThan(32 * 1024 * 1024)
})

test('C-028 a source that sends us elsewhere is not followed', async () => {
  const { asked, urls } = sources({
    here: { status: 302, body: plain('98000'), headers: { location: '/there' } },
    there: { body: plain('99000') },
  })
  const { price } = priceFrom(() => urls().slice(0, 1))
  await price.ask()
  expect(price.current()).toBeUndefined()
  expect(asked).toHaveLength(1)
})

test('C-028 a source that nobody answers at is one source less', async () => {
  const { price } = priceFrom(() => ['http://127.0.0.1:1/', 'not a url', 'fixed:99000'])
  await price.ask()
  expect(price.current()?.usdPerBtc).toBe('99000')
})

test('P-13 C-027 the last good rate serves for 15 minutes, then there is none, and both turns are told once', async () => {
  const told: boolean[] = []
  const { answers, urls } = sources({ a: { body: plain('100000') } })
  const { price, clock } = priceFrom(urls, { changed: (isKnown) => told.push(isKnown) })
  await price.ask()
  answers.a = { status: 500, body: '' }
  clock.ms += 900_000
  await price.ask()
  expect(price.current()).toEqual({ usdPerBtc: '100000', at: 1_000_000 })
  clock.ms += 1
  expect(price.current()).toBeUndefined()
  await price.ask()
  await price.ask()
  answers.a = { body: plain('101000') }
  await price.ask()
  expect(price.current()?.usdPerBtc).toBe('101000')
  expect(told).toEqual([true, false, true])
})

test('P-13 calls while a round runs share it, so that a jump is never confirmed by itself', async () => {
  const { answers, asked, urls } = sources({ a: { body: plain('100000') } })
  const { price } = priceFrom(urls)
  await price.ask()
  answers.a = { body: plain('150000') }
  await Promise.all([price.ask(), price.ask(), price.ask()])
  expect(asked).toHaveLength(2)
  expect(price.current()?.usdPerBtc).toBe('100000')
  await price.ask()
  expect(price.current()?.usdPerBtc).toBe('150000')
})

test('the next round follows by itself, and none after stop', async () => {
  const rounds: (() => void)[] = []
  const second = new Promise<void>((resolve) => rounds.push(() => undefined, resolve))
  const { asked, urls } = sources({
    a: () => {
      rounds.shift()?.()
      return new Response(plain('100000'))
    },
  })
  const { price } = priceFrom(urls, { refreshMs: () => 1 })
  await price.ask()
  await second
  price.stop()
  await price.ask()
  const before = asked.length
  await price.ask()
  expect(asked.length).toBe(before + 1)
})

test('P-13 every mix of broken sources keeps the last good rate or follows the sane majority', () => {
  const broken = [0, -5, 'NaN', 'text', null, undefined, '1e999']
  const first = nextRate(noRate, [100_000, 100_100], 1)
  for (const a of broken)
    for (const b of broken) {
      expect(nextRate(first, [a, b], 2)).toEqual(first)
      const one = nextRate(first, [a, b, '100500'], 2).good
      expect([one === undefined ? '' : toDecimal(one.usdPerBtc), one?.at]).toEqual(['100500', 2])
      // Ten times the price beside two sane ones is dropped.
      const two = nextRate(first, [a, '1000000', '100300', '100100'], 3).good
      expect(two === undefined ? '' : toDecimal(two.usdPerBtc)).toBe('100200')
    }
})

test('P-13 a jump is forgotten when the next round disagrees, and a failed round between changes nothing', () => {
  const good = nextRate(noRate, ['100000'], 1)
  const doubted = nextRate(good, ['130000'], 2)
  expect(doubted.good).toEqual(good.good)
  const calmed = nextRate(doubted, ['101000'], 3)
  expect([calmed.doubted, calmed.good?.at]).toEqual([undefined, 3])
  expect(nextRate(doubted, ['70000'], 3)).toMatchObject({ good: good.good })
  expect(nextRate(nextRate(doubted, [], 3), ['131000'], 4).good?.at).toBe(4)
  // Exactly 20 % is no jump.
  expect(nextRate(good, ['120000'], 2).good?.at).toBe(2)
  expect(nextRate(good, ['120001'], 2).good?.at).toBe(1)
  expect(nextRate(good, ['80000'], 2).good?.at).toBe(2)
})

test('dashboard 3 the clock is compared with that of the nearest source, and with none while none is asked', async () => {
  const dated = (ms: number) => ({ body: plain('100000'), headers: { date: new Date(ms).toUTCString() } })
  const { urls } = sources({ a: dated(1_000_000 - 90_000), b: dated(1_000_000 - 40_000) })
  const { price } = priceFrom(urls)
  expect(price.clock()).toBeUndefined()
  await price.ask()
  expect(price.clock()).toEqual({ skewMs: 39_500, at: 1_000_000 })
  const { price: fixed } = priceFrom(() => ['fixed:63857.41'])
  await fixed.ask()
  expect(fixed.clock()).toBeUndefined()
})
