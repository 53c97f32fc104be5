/** exports.make and the files of it (dashboard 4, D-072): exactly the filtered rows, their totals, safe to open. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { type What, whats } from '../../core/admin/exports/lists'
import { consoleOf, jsonOf, type Send } from '../kit/door'
import { type Economy, type Json, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
let send: Send
const keys: string[] = []
const zone = 'Asia/Kolkata'
const hash = (key: string) => createHash('sha256').update(key).digest('hex')

beforeAll(async () => {
  economy = await startEconomy()
  send = consoleOf(economy.node)
  await call('settings.apply', { changes: { 'display.timeZone': zone } })
  for (let count = 0; count < 5; count += 1) keys.push(await economy.key(100 + count))
  for (const key of keys) expect((await economy.chat(key)).status).toBe(200)
  await until('the requests are listed', async () => (await rows('requests.list')).length === keys.length)
  for (const [index, label] of ['=1+1', '@SUM(A1)', 'a "quoted", one', '-2', 'two\nlines'].entries())
    await call('sessions.rename', { session: hash(keys[index] ?? ''), label })
  await economy.post('/v1/balance/refund', {}, keys[4])
}, 60_000)
afterAll(() => economy.stop())

async function call<T = Json>(method: string, params: Json = {}): Promise<T> {
  const { result, error } = await economy.node.call(method, params)
  expect(error).toBeUndefined()
  return result as T
}
const rows = async (method: string, params: Json = {}): Promise<readonly Json[]> =>
  (await call<{ rows: Json[] }>(method, params)).rows

/** Reads RFC 4180. */
function csv(text: string): readonly (readonly string[])[] {
  expect(text.endsWith('\r\n')).toBe(true)
  const lines: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '\r\n') lines.push([])
  }
  return lines.slice(0, -1)
}
async function file(name: string): Promise<string> {
  const response = await send('GET', `/admin/api/export/${name}`)
  expect([name, response.status]).toEqual([name, 200])
  return response.text()
}
const column = (lines: readonly (readonly string[])[], name: string) =>
  lines.slice(1, -1).map((line) => line[lines[0]?.indexOf(name) ?? -1])
const total = (lines: readonly (readonly string[])[], name: string) => lines.at(-1)?.[lines[0]?.indexOf(name) ?? -1]

test('D-072 an export holds exactly the filtered rows, and its last line their totals', async () => {
  const lines = csv(await file('requests.csv'))
  const listed = await rows('requests.list')
  expect(column(lines, 'request_id')).toEqual(listed.map(({ requestId }) => String(requestId)))
  const costMsat = listed.reduce((sum, row) => sum + Number(row.costMsat), 0)
  expect([lines.at(-1)?.slice(0, 2), total(lines, 'cost_msat')]).toEqual([['total', '5 rows'], String(costMsat)])
  const session = hash(keys[1] ?? '')
  const filtered = csv(await file(`requests.csv?session=${session}&status=200`))
  expect(column(filtered, 'key12')).toEqual([session.slice(0, 12)])
  expect(total(filtered, 'cost_msat')).toBe(column(filtered, 'cost_msat')[0])
  expect(csv(await file('requests.csv?status=500')).map((line) => line[0])).toEqual(['at UTC', 'total'])
  const funded = csv(await file('sessions.csv?funded=true'))
  const balances = (await rows('sessions.list', { funded: true })).map(({ balanceMsat }) => Number(balanceMsat))
  expect(total(funded, 'balance_msat')).toBe(String(balances.reduce((sum, msat) => sum + msat, 0)))
  expect(funded.length).toBe(balances.length + 2)
})

test('D-072 a filter that the list does not have is refused: it would quietly filter nothing', async () => {
  for (const query of ['stattus=200', 'cursor=1', 'limit=1']) {
    const refused = await send('GET', `/admin/api/export/requests.csv?${query}`)
    expect([query, refused.status]).toEqual([query, 400])
  }
  expect((await send('GET', '/admin/api/export/requests.csv?status=many')).status).toBe(409)
  const answer = await economy.node.call('exports.make', { what: 'requests', filter: { stattus: 200 } })
  expect(answer.error?.data).toMatchObject({ code: 'filter-unknown', filter: 'stattus' })
  for (const name of ['weather.csv', 'requests.pdf'])
    expect((await send('GET', `/admin/api/export/${name}`)).status).toBe(404)
  expect((await fetch(`${economy.node.url}/admin/api/export/requests.csv`)).status).toBe(401)
})

test('D-072 a cell that a spreadsheet would run is text, and a number stays a number', async () => {
  const text = await file('sessions.csv')
  const labels = column(csv(text), 'label')
  expect(labels.toSorted()).toEqual(["'=1+1", "'@SUM(A1)", '-2', 'a "quoted", one', 'two\nlines'].toSorted())
  expect(text).not.toMatch(/(^|,)"?[=@]/m)
})

test('D-072 instants stand in UTC and in the reporting zone', async () => {
  const lines = csv(await file('sessions.csv'))
  const utc = column(lines, 'created_at UTC')
  const local = column(lines, `created_at ${zone}`)
  expect(utc[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  for (const [index, text] of local.entries()) {
    expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+05:30$/)
    expect(Date.parse(String(text).replace(' ', 'T'))).toBe(Date.parse(String(utc[index])))
  }
})

test('D-072 page by page it is the same file, in either format', async () => {
  for (const format of ['csv', 'json']) {
    let [text, pages] = ['', 0]
    for (let cursor: unknown; ; ) {
      const page = await call('exports.make', {
        what: 'requests',
        format,
        limit: 2,
        ...(pages === 0 ? {} : { cursor }),
      })
      text += page.text
      pages += 1
      cursor = page.next
      if (cursor === undefined) break
    }
    expect(pages).toBe(3)
    expect(text).toBe(await file(`requests.${format}`))
  }
  const parsed = JSON.parse(await file('requests.json')) as { rows: Json[]; totals: Json; timeZone: string }
  expect([parsed.timeZone, parsed.rows.length, parsed.totals.rows]).toEqual([zone, 5, 5])
  expect(parsed.totals.cost_msat).toBe(parsed.rows.reduce((sum, row) => sum + Number(row.cost_msat), 0))
  const bent = await economy.node.call('exports.make', { what: 'requests', cursor: 'bm90IG91cnM' })
  expect(bent.error?.data.code).toBe('cursor-invalid')
})

const asked: Partial<Record<What, () => string>> = {
  series: () => '?range=7d&metric=revenue',
  timeline: () => `?session=${hash(keys[0] ?? '')}`,
}
test('D-072 P-21 every list can be taken away in both formats, and none holds a key', async () => {
  for (const what of whats) {
    const lines = csv(await file(`${what}.csv${asked[what]?.() ?? ''}`))
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    const parsed = JSON.parse(await file(`${what}.json${asked[what]?.() ?? ''}`)) as { rows: Json[]; totals: Json }
    expect([what, parsed.rows.length]).toEqual([what, Number(parsed.totals.rows)])
    expect(lines.at(-1)?.slice(0, 2)).toEqual(['total', `${lines.length - 2} rows`])
    const texts = JSON.stringify([lines, parsed])
    for (const secret of [...keys, 'canary-upstream-key']) expect(texts).not.toContain(secret)
  }
  for (const what of ['requests', 'sessions', 'models', 'payouts', 'refunds', 'money'] as const)
    expect([what, csv(await file(`${what}.csv`)).length - 2]).toEqual([what, (await rows(`${what}.list`)).length])
  expect(csv(await file('settings.csv')).length - 2).toBe((await call<Json[]>('settings.get')).length)
})

test('D-072 P-20 a chart goes away as its points: their sum is the total, and what is unknown is empty', async () => {
  const chart = { range: '24h', metric: 'revenue' }
  type Drawn = { total: number; series: { name: string; points: (number | null)[] }[] }
  const { total, series } = await call<Drawn>('overview.series', chart)
  const lines = csv(await file('series.csv?range=24h&metric=revenue'))
  const names = column(lines, 'name')
  for (const { name, points } of series) {
    const values = column(lines, 'value').filter((_, n) => names[n] === name)
    expect(values).toEqual(points.map((point) => String(point ?? '')))
    if (name === 'revenue') expect(values.reduce((sum, value) => sum + Number(value), 0)).toBe(total)
  }
  expect(new Set(column(lines, 'unit'))).toEqual(new Set(['msat']))
  expect((await send('GET', '/admin/api/export/series.csv')).status).toBe(409)
})

test('D-072 D-029 the timeline of a key goes away as its movements, which add up to what is left', async () => {
  const session = hash(keys[2] ?? '')
  const lines = csv(await file(`timeline.csv?session=${session}`))
  const { balanceMsat } = await call<{ balanceMsat: number }>('sessions.get', { session })
  expect([total(lines, 'msat'), column(lines, 'balance_msat')[0]]).toEqual([String(balanceMsat), String(balanceMsat)])
  expect(column(lines, 'kind')).toEqual((await rows('sessions.timeline', { session })).map(({ kind }) => String(kind)))
  expect(csv(await file(`timeline.csv?session=${session}&kind=charge`)).length).toBe(3)
})

test('D-072 D-025 what was asked for and did not move is in the file, and in no total', async () => {
  expect((await economy.post('/v1/lightning/invoice', { amount_sats: 77 })).status).toBe(200)
  const listed = async () => await call<{ total: number; totals: { sat: number } }>('money.list')
  await until('the invoice is listed', async () => (await listed()).total > keys.length + 1)
  const lines = csv(await file('money.csv'))
  expect(column(lines, 'sat')).toContain('77')
  const { total: count, totals } = await listed()
  expect([lines.at(-1)?.[1], total(lines, 'moved_sat')]).toEqual([`${count} rows`, String(totals.sat)])
  const payouts = csv(await file('payouts.csv'))
  const out = await call<{ totals: { sat: number } }>('payouts.list')
  expect(total(payouts, 'moved_sat')).toBe(String(out.totals.sat))
})

test('P-24 an export is a file that no cache keeps and no other site reads', async () => {
  const response = await send('GET', '/admin/api/export/money.csv')
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="money-\d{4}-\d\d-\d\d\.csv"$/)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  expect((await jsonOf(await send('GET', '/admin/api/export/money.json'))).what).toBe('money')
})
