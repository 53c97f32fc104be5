/** The Overview tells the truth: days of any zone add up, every number opens its rows, unknown is no zero (P-20). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let clockMs = Date.parse('2026-10-20T12:00:00Z')
let economy: Economy
const costs: { readonly at: number; readonly msat: number }[] = []
type Json = Record<string, unknown>
type Series = { readonly name: string; readonly points: readonly (number | null)[]; readonly total: number | null }
type Chart = {
  readonly from: number
  readonly to: number
  readonly tz: string
  readonly bucket: string
  readonly at: readonly number[]
  readonly series: readonly Series[]
  readonly total: number | null
  readonly before: number | null
  readonly change: number | null
  readonly unknown?: number
}

async function ask<Answer>(name: string, params: Json): Promise<Answer> {
  const { result, error } = await economy.node.call(name, params)
  expect([name, error]).toEqual([name, undefined])
  return result as Answer
}
const chart = (params: Json) => ask<Chart>('overview.series', params)
type Totals = { readonly totals: { readonly requests: number; readonly costMsat: number } }
const totalsOf = async (params: Json) => (await ask<Totals>('requests.list', { limit: 1, ...params })).totals

/** Turns the clock to an instant; the price of bitcoin is asked for anew, as it would have been meanwhile. */
async function turnTo(text: string): Promise<void> {
  clockMs = Date.parse(text)
  await economy.node.call('settings.apply', { changes: { 'identity.description': text } })
  await until('a price is current', () => economy.node.node.adminNode.rate() !== undefined)
}

const instants = [
  // Midnight in Kolkata; the clock of Berlin goes back at 01:00 UTC.
  '2026-10-24T18:29:59.900Z',
  '2026-10-24T18:30:00.100Z',
  '2026-10-24T22:00:00.000Z',
  '2026-10-25T00:59:59.900Z',
  '2026-10-25T01:00:00.100Z',
  '2026-10-25T22:59:59.900Z',
  '2026-10-25T23:00:00.000Z',
  // Midnight in St Johns before and after its clock goes back at 04:30 UTC.
  '2026-11-01T02:29:59.900Z',
  '2026-11-01T02:30:00.000Z',
  '2026-11-01T04:29:59.900Z',
  '2026-11-01T04:30:00.100Z',
  '2026-11-02T03:29:59.900Z',
  '2026-11-02T03:30:00.000Z',
]

beforeAll(async () => {
  economy = await startEconomy({ node: { now: () => clockMs } })
  const key = await economy.key(3000)
  for (const [n, instant] of instants.entries()) {
    await turnTo(instant)
    economy.upstream.next({ tokens: { prompt: 500 + 10 * n, completion: 50 + n } })
    const answer = await economy.chat(key, n % 3 === 0 ? { stream: true } : {})
    await answer.text()
    const { rows } = await ask<{ rows: { costMsat: number; at: number }[] }>('requests.list', { limit: 1 })
    costs.push({ at: clockMs, msat: rows[0]?.costMsat ?? 0 })
  }
  await turnTo('2026-11-02T04:00:00Z')
  economy.upstream.next({ fault: { status: 500, body: 'no' } })
  expect((await economy.chat(key)).status).toBe(424)
  await turnTo('2026-11-02T12:00:00Z')
}, 60_000)
afterAll(() => economy.stop())

/** An own opinion of which day it is there. */
const dayIn = (zone: string, ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(ms)

const zones = [
  ['Asia/Kolkata', '2026-10-19T18:30:00Z', '2026-11-02T18:30:00Z'],
  ['America/St_Johns', '2026-10-20T02:30:00Z', '2026-11-03T03:30:00Z'],
  ['Europe/Berlin', '2026-10-19T22:00:00Z', '2026-11-02T23:00:00Z'],
  ['UTC', '2026-10-20T00:00:00Z', '2026-11-03T00:00:00Z'],
] as const
test.each(zones)(
  'P-20 D-014 D-025 days of %s add up to the range, to the list behind each of them, and to the ledger',
  async (tz, first, end) => {
    const [from, to] = [Date.parse(first) / 1000, Date.parse(end) / 1000]
    const drawn = await chart({ from, to, tz, metric: 'revenue', bucket: '1d' })
    expect([drawn.tz, drawn.bucket, drawn.from, drawn.to]).toEqual([tz, '1d', from, to])
    const revenue = drawn.series.find(({ name }) => name === 'revenue')
    const byDay = Map.groupBy(costs, ({ at }) => dayIn(tz, at))
    const wanted = drawn.at.map((start) => {
      const day = byDay.get(dayIn(tz, start * 1000 + 1))
      return day?.reduce((sum, { msat }) => sum + msat, 0) ?? 0
    })
    expect(revenue?.points).toEqual(wanted)
    expect(wanted.filter((msat) => msat > 0).length).toBeGreaterThan(3)
    for (const [n, start] of drawn.at.entries()) {
      const behind = await totalsOf({ from: start, to: drawn.at[n + 1] ?? to })
      expect([start, behind.costMsat]).toEqual([start, wanted[n] ?? -1])
    }
    const all = costs.reduce((sum, { msat }) => sum + msat, 0)
    expect([revenue?.total, drawn.total, (await totalsOf({ from, to })).costMsat]).toEqual([all, all, all])
    const earned = (await economy.node.node.log.sheet()).filter(({ account }) => account === 'owner:earned')
    expect(earned.reduce((sum, { msat }) => sum - Number(msat), 0)).toBe(all)
  },
)

test.each(zones)(
  'P-20 D-072 the CSV of that range in %s adds up to the same days and to the same total',
  async (tz, first, last) => {
    await economy.node.call('settings.apply', { changes: { 'display.timeZone': tz } })
    const filter = { from: Date.parse(first) / 1000, to: Date.parse(last) / 1000 }
    const { text } = await ask<{ text: string }>('exports.make', { what: 'requests', filter })
    const [header = [], ...lines] = text.split('\r\n').map((line) => line.split(','))
    const [day, cost] = [header.indexOf(`at ${tz === 'UTC' ? 'local' : tz}`), header.indexOf('cost_msat')]
    const end = lines.findIndex(([first]) => first === 'total')
    const rows = lines.slice(0, end)
    const sums = (days: readonly (readonly [string, number])[]) =>
      [...Map.groupBy(days, ([name]) => name)].map(([name, all]) => [
        name,
        all.reduce((sum, [, msat]) => sum + msat, 0),
      ])
    const listed = sums(rows.map((line) => [line[day]?.slice(0, 10) ?? '', Number(line[cost])]))
    expect(listed.toSorted()).toEqual(sums(costs.map(({ at, msat }) => [dayIn(tz, at), msat])).toSorted())
    expect(Number(lines[end]?.[cost])).toBe(costs.reduce((sum, { msat }) => sum + msat, 0))
  },
)

test('D-014 the reporting zone is the setting’s, unless a question names another', async () => {
  await economy.node.call('settings.apply', { changes: { 'display.timeZone': 'America/St_Johns' } })
  const drawn = await chart({ range: '3m', metric: 'requests' })
  expect([drawn.tz, drawn.bucket]).toEqual(['America/St_Johns', '1d'])
  expect(
    drawn.at.every((at) => new Date(at * 1000).toLocaleTimeString('en-GB', { timeZone: drawn.tz }) === '00:00:00'),
  ).toBe(true)
  expect((await economy.node.call('overview.numbers', { range: '7d', tz: 'Mars/Base' })).error?.data).toMatchObject({
    reason: 'PARAMS',
    path: 'tz',
  })
})

const presets = ['24h', '7d', '30d', '3m', '12m']
const metrics = ['revenue', 'margin', 'requests', 'errors', 'tokens', 'payments', 'latency', 'assets']
test.each(metrics)(
  'D-026 P-20 %s is drawn for every preset and a custom range in at most 96 points, whose sum is the total',
  async (metric) => {
    const custom = { from: Date.parse('2026-11-02T03:00:00Z') / 1000, to: Date.parse('2026-11-02T10:00:00Z') / 1000 }
    for (const range of [...presets.map((preset) => ({ range: preset })), custom]) {
      const drawn = await chart({ ...range, metric })
      expect(drawn.at.length).toBeLessThanOrEqual(96)
      expect(drawn.at[0]).toBe(drawn.from)
      expect(drawn.series.length).toBeGreaterThan(0)
      for (const { name, points, total } of drawn.series) {
        expect([metric, name, points.length]).toEqual([metric, name, drawn.at.length])
        const known = points.filter((point) => point !== null)
        if (metric === 'latency') continue
        const sum = known.reduce((all, point) => all + point, 0)
        // No upstream here tells what it takes.
        const isUnknown = known.length === 0 || name === 'margin' || name === 'upstreamCost'
        const wanted = metric === 'assets' ? (known.at(-1) ?? null) : isUnknown ? null : sum
        expect([metric, name, total]).toEqual([metric, name, wanted])
      }
    }
  },
)

test('P-20 what was before the node is unknown, what did not happen is zero, and what no upstream told is unknown', async () => {
  const drawn = await chart({ range: '12m', metric: 'requests' })
  const answered = drawn.series.find(({ name }) => name === 'answered')
  expect(answered?.points.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => null))
  expect(answered?.total).toBe(instants.length)
  const quiet = await chart({ range: '24h', metric: 'requests' })
  expect(quiet.series[0]?.points).toContain(0)
  expect([quiet.before, drawn.before, drawn.change]).toEqual([4, null, null])
  const margin = await chart({ range: '30d', metric: 'margin' })
  expect([margin.total, margin.unknown]).toEqual([null, instants.length])
})

test('D-022 D-025 what was held and owed ends at what the Wallet Summary says', async () => {
  const { totals } = await ask<{ totals: Record<string, number> }>('overview.get', {})
  const drawn = await chart({ range: '30d', metric: 'assets' })
  expect(drawn.series.map(({ name, total }) => [name, total])).toEqual([
    ['held', totals.totalMsat ?? -1],
    ['owed', totals.owedMsat ?? -1],
  ])
  expect(drawn.total).toBe(totals.mineMsat ?? -1)
})

type Tile = {
  readonly name: string
  readonly value: number | null
  readonly before: number | null
  readonly change: number | null
}

test('D-025 every tile is the sum of the list that it opens', async () => {
  const { from, to, tiles, unknown } = await ask<{ from: number; to: number; tiles: Tile[]; unknown: number }>(
    'overview.numbers',
    { range: '30d' },
  )
  const told = (name: string) => tiles.find((tile) => tile.name === name)?.value
  const all = await totalsOf({ from, to })
  const failed = await totalsOf({ from, to, outcome: 'upstream-failed' })
  const money = await ask<{ totals: { sat: number } }>('money.list', { kind: 'deposit', from, to })
  expect(['requests', 'revenue', 'errors', 'paymentsIn', 'margin'].map(told)).toEqual([
    all.requests,
    all.costMsat,
    failed.requests,
    money.totals.sat * 1000,
    null,
  ])
  expect(unknown).toBe(instants.length)
  expect(tiles.find(({ name }) => name === 'revenue')).toMatchObject({ before: null, change: null })
  expect(told('successRate')).toBeCloseTo(instants.length / (instants.length + 1), 6)
})

test('D-025 each figure of the Wallet Summary is the total of the list that it opens', async () => {
  const { totals } = await ask<{ totals: Record<string, number> }>('overview.get', {})
  type Parts = { readonly rows: readonly { readonly what: string; readonly msat: number }[]; readonly totals: Json }
  const wanted = {
    total: totals.totalMsat,
    users: totals.owedMsat,
    yours: totals.mineMsat,
    available: totals.availableMsat,
  }
  for (const [part, msat] of Object.entries(wanted)) {
    const list = await ask<Parts>('overview.wallet', { part })
    expect([part, list.totals.msat, list.rows.reduce((sum, row) => sum + row.msat, 0)]).toEqual([part, msat, msat])
  }
  const { rows } = await ask<Parts>('overview.wallet', { part: 'users' })
  const sessions = await ask<{ totals: { balanceMsat: number } }>('sessions.list', {})
  expect(rows.find(({ what }) => what === 'customers')?.msat).toBe(sessions.totals.balanceMsat)
  const running = await ask<{ totals: { heldMsat: number } }>('requests.running', {})
  expect(running.totals.heldMsat).toBe(totals.inFlightMsat ?? -1)
})

test('D-025 every error of a range is the list of its errors, and what an upstream told adds up to the margin', async () => {
  const { from, to, tiles } = await ask<{ from: number; to: number; tiles: Tile[] }>('overview.numbers', {
    range: '30d',
  })
  const told = (name: string) => tiles.find((tile) => tile.name === name)?.value
  type Costs = { readonly totals: { readonly requests: number; readonly marginMsat: number | null; unknown: number } }
  const failed = await ask<Costs>('requests.list', { from, to, error: 'any', limit: 1 })
  expect(failed.totals.requests).toBe(told('errors') ?? -1)
  expect(told('errorRate')).toBeCloseTo(failed.totals.requests / (told('requests') ?? 1), 5)
  const all = await ask<Costs>('requests.list', { from, to, limit: 1 })
  expect([all.totals.marginMsat, all.totals.unknown]).toEqual([told('margin') ?? null, instants.length])
  const one = await ask<Costs>('requests.list', { from, to, minMsat: 1, limit: 1 })
  expect([one.totals.marginMsat, one.totals.unknown]).toEqual([null, instants.length])
})

test('D-025 a token that was taken back was not paid out, in the tile and in the sum of the list', async () => {
  const out = async () =>
    (await ask<{ tiles: Tile[] }>('overview.numbers', { range: '24h' })).tiles.find(
      ({ name }) => name === 'paymentsOut',
    )?.value
  const listed = async () => (await ask<{ totals: { sat: number } }>('payouts.list', {})).totals.sat
  const before = await out()
  const { payout } = await ask<{ payout: string }>('payouts.toToken', { sat: 1 })
  await until('it is counted', async () => (await out()) === (before ?? 0) + 1000)
  expect(await listed()).toBe(1)
  // One truth for what lies at a mint: the owner's own token has left, wherever it is told.
  const { rows } = await ask<{ rows: { heldSat: number; owedSat: number }[] }>('mints.list', {})
  const { totals } = await ask<{ totals: { totalMsat: number; owedMsat: number } }>('overview.get', {})
  expect(rows.map(({ heldSat, owedSat }) => [heldSat * 1000, owedSat * 1000])).toEqual([
    [totals.totalMsat, totals.owedMsat],
  ])
  const wallet = async (part: string) =>
    (await ask<{ totals: { msat: number } }>('overview.wallet', { part })).totals.msat
  expect([await wallet('total'), await wallet('users')]).toEqual([totals.totalMsat, totals.owedMsat])
  await ask('payouts.takeBack', { payout })
  await until('it came back', async () => (await out()) === before)
  expect(await listed()).toBe(0)
})

test('a period is told against the one before, and a kind of error names its newest request', async () => {
  const day = (text: string) => Date.parse(text) / 1000
  const sums = (first: string, end: string) =>
    costs.filter(({ at }) => at >= Date.parse(first) && at < Date.parse(end)).reduce((sum, { msat }) => sum + msat, 0)
  const drawn = await chart({ from: day('2026-10-31T00:00:00Z'), to: day('2026-11-02T00:00:00Z'), metric: 'revenue' })
  expect(drawn.total).toBe(sums('2026-10-31T00:00:00Z', '2026-11-02T00:00:00Z'))
  expect(drawn.before).toBe(0)
  const { rows, recent } = await ask<{ rows: Json[]; recent: Json[] }>('overview.errors', { range: '24h' })
  const [failure] = (await ask<{ rows: Json[] }>('requests.list', { error: 'upstream-failed' })).rows
  expect(rows).toEqual([
    {
      kind: 'upstream-failed',
      count: 1,
      before: 0,
      change: null,
      lastAt: Number(failure?.at),
      requestId: failure?.requestId,
    },
  ])
  const { at, model, upstream, requestId } = failure ?? {}
  expect(recent).toEqual([{ at, kind: 'upstream-failed', model, upstream, requestId }])
  const models = await ask<{ rows: Json[]; others: Json; totals: Json }>('overview.models', { range: '30d' })
  expect(models.rows).toMatchObject([{ model: 'gpt-x', requests: instants.length + 1, unknown: instants.length }])
  expect(models.others).toMatchObject({ models: 0, requests: 0 })
})
