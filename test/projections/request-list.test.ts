/** Pages and sums of requests are those of every request there is, found without looking through all of them (P-23, D-025). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Charged, listRequests, type RequestFilter, sumUsage, totalRequests } from '../../events'
import { createChance } from '../bench/chance'
import { openTestLog, openTestViews, type TestLog, temporaryDirectory } from '../kit/log'
import { createPast, type Past } from '../kit/past'

const directory = temporaryDirectory()
const beganMs = Date.UTC(2026, 0, 1)
const minuteMs = 60_000
let opened: TestLog
let views: Awaited<ReturnType<typeof openTestViews>>
let past: Past
const sessions = ['a', 'b', 'c'].map((digit) => `session-${digit.repeat(64)}`)
const failure = (status: number | null, why: string | undefined) => ({
  outcome: 'upstream-failed' as const,
  status: 502,
  attempts: [{ upstream: 'up', model: 'm', status, ms: 1, ...(why === undefined ? {} : { why }) }],
})

beforeAll(async () => {
  opened = await openTestLog(directory.path)
  past = createPast(opened)
  const chance = createChance(11)
  for (const session of sessions) await past.open(session, 1_000_000_000, beganMs)
  for (let n = 0; n < 600; n += 1) {
    const kind = chance.next()
    const rare = chance.next() < 0.02
    const more: Partial<Charged> = {
      model: rare ? 'rare' : chance.pick(['small', 'large']),
      upstream: chance.pick(['one', 'two']),
      usage: {
        ...usage,
        input: chance.whole(0, 90),
        cacheRead: chance.whole(0, 9),
        output: chance.whole(0, 50),
        estimated: chance.next() < 0.1,
      },
      shortfallMsat: (chance.next() < 0.1 ? chance.whole(1, 40) : 0) as Charged['shortfallMsat'],
      ...(kind < 0.05 ? failure(500, 'status 500') : kind < 0.08 ? failure(null, 'no answer in time') : {}),
      ...(kind > 0.97 ? { outcome: 'empty' as const } : {}),
      ...(kind > 0.4 && kind < 0.6 ? { upstreamCostUsd: '0.00001', usdPerBtc: '100000' } : {}),
    }
    // Not in order of time: what is committed a little later may have been asked a little earlier.
    const at = beganMs + n * 3 * minuteMs + chance.whole(-4, 4) * minuteMs
    await past.ask(
      chance.pick(sessions as [string, ...string[]]),
      more.outcome === undefined ? chance.whole(1, 999) : 0,
      at,
      more,
    )
  }
  views = await openTestViews(directory.path, opened.log)
}, 60_000)
afterAll(async () => {
  await views.close()
  await opened.close()
  directory.remove()
})

const usage = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  output: 0,
  searches: 0,
  estimated: false,
  mismatch: false,
}

/** The same question put to every charge. */
const matching = (filter: Omit<RequestFilter, 'limit'>) =>
  past.charges.filter(
    (one) =>
      (filter.fromMs === undefined || one.writtenAt >= filter.fromMs) &&
      (filter.toMs === undefined || one.writtenAt < filter.toMs) &&
      (filter.model === undefined || one.model === filter.model) &&
      (filter.upstream === undefined || one.upstream === filter.upstream) &&
      (filter.outcome === undefined || one.outcome === filter.outcome) &&
      (filter.status === undefined || one.status === filter.status) &&
      (filter.minMsat === undefined || one.costMsat >= filter.minMsat) &&
      (filter.mark === undefined || (filter.mark === 'estimated' ? one.usage.estimated : one.shortfallMsat > 0)) &&
      (filter.session === undefined || one.session === filter.session.payer),
  )

const anyTime = fc.option(fc.integer({ min: -30, max: 1830 }), { nil: undefined, freq: 2 })
const anyFilter = fc
  .record({
    fromMs: anyTime.map((n) => (n === undefined ? undefined : beganMs + n * minuteMs)),
    toMs: anyTime.map((n) => (n === undefined ? undefined : beganMs + n * minuteMs)),
    model: fc.option(fc.constantFrom('small', 'large', 'rare', 'unheard'), { nil: undefined }),
    upstream: fc.option(fc.constantFrom('one', 'two'), { nil: undefined, freq: 2 }),
    outcome: fc.option(fc.constantFrom('answered', 'empty', 'upstream-failed'), { nil: undefined }),
    status: fc.option(fc.constantFrom(200, 502), { nil: undefined, freq: 2 }),
    mark: fc.option(fc.constantFrom('estimated', 'shortfall'), { nil: undefined, freq: 2 }),
    minMsat: fc.option(fc.integer({ min: 0, max: 1100 }), { nil: undefined, freq: 2 }),
    session: fc.option(
      fc.constantFrom(...sessions).map((payer) => ({ payer })),
      { nil: undefined, freq: 2 },
    ),
  })
  .map((filter): Omit<RequestFilter, 'limit'> => filter)

test('D-025 P-23 any filter: page after page gives every matching request once, newest first, and the totals are theirs', async () => {
  await fc.assert(
    fc.asyncProperty(anyFilter, fc.integer({ min: 1, max: 40 }), async (filter, limit) => {
      const wanted = matching(filter)
      const found: string[] = []
      for (let before: bigint | undefined; ; ) {
        const page = await listRequests(views.sql, { ...filter, limit, before })
        found.push(...page.map(({ requestId }) => requestId))
        before = page.at(-1)?.position
        if (page.length < limit) break
      }
      expect(found).toEqual(wanted.map(({ requestId }) => requestId).reverse())
      const totals = await totalRequests(views.sql, { ...filter, limit })
      expect(Number(totals.requests)).toBe(wanted.length)
      expect(Number(totals.costMsat)).toBe(wanted.reduce((sum, { costMsat }) => sum + costMsat, 0))
      expect(Number(totals.outputTokens)).toBe(wanted.reduce((sum, one) => sum + one.usage.output, 0))
      expect(Number(totals.cachedTokens)).toBe(wanted.reduce((sum, one) => sum + one.usage.cacheRead, 0))
      expect(Number(totals.shortfallMsat)).toBe(wanted.reduce((sum, one) => sum + one.shortfallMsat, 0))
      expect(totals.sinceMs).toBeUndefined()
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('P-20 sums over any window are those of its requests to the ms, and a cost that nobody told is counted as unknown', async () => {
  const time = fc.integer({ min: beganMs - 30 * minuteMs, max: beganMs + 1830 * minuteMs })
  await fc.assert(
    fc.asyncProperty(time, time, async (a, b) => {
      const window = { fromMs: Math.min(a, b), toMs: Math.max(a, b) }
      const wanted = matching(window)
      const sums = await sumUsage(views.sql, window)
      const served = wanted.filter(({ outcome }) => outcome !== 'upstream-failed')
      const costed = wanted.filter(({ upstreamCostUsd }) => upstreamCostUsd !== undefined)
      expect(Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, Number(value)]))).toEqual({
        requests: wanted.length,
        answered: wanted.filter(({ outcome }) => outcome === 'answered').length,
        empty: wanted.filter(({ outcome }) => outcome === 'empty').length,
        failed: wanted.length - served.length,
        left: 0,
        estimated: wanted.filter((one) => one.usage.estimated).length,
        inputTokens: wanted.reduce((sum, one) => sum + one.usage.input + one.usage.cacheRead, 0),
        cachedTokens: wanted.reduce((sum, one) => sum + one.usage.cacheRead, 0),
        outputTokens: wanted.reduce((sum, one) => sum + one.usage.output, 0),
        revenueMsat: wanted.reduce((sum, one) => sum + one.costMsat, 0),
        shortfallMsat: wanted.reduce((sum, one) => sum + one.shortfallMsat, 0),
        upstreamCostMsat: costed.length * 10,
        costedRevenueMsat: costed.reduce((sum, one) => sum + one.costMsat, 0),
        uncosted: served.length - served.filter(({ upstreamCostUsd }) => upstreamCostUsd !== undefined).length,
      })
    }),
    { numRuns: 40 },
  )
}, 60_000)
