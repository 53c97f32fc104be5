/** Money that moved is told at the price of its own time, however the price goes on (remote-admin 10, D-011). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { consoleOf } from '../kit/door'
import { type Economy, type Json, startEconomy } from '../kit/economy'
import { startNode, until } from '../kit/node'
import { setRate } from '../kit/rate'

let economy: Economy
const hash = (key: string) => createHash('sha256').update(key).digest('hex')
const [keys, made]: [string[], Json[]] = [[], []]

async function rows(method: string, params: Json = {}): Promise<readonly Json[]> {
  const { result, error } = await economy.node.call(method, params)
  expect(error).toBeUndefined()
  return (result as { readonly rows: Json[] }).rows
}

beforeAll(async () => {
  economy = await startEconomy()
  await until('the price is known', () => economy.node.node.adminNode.rate() !== undefined)
  keys.push(await economy.key(1000))
  expect((await economy.chat(keys[0] ?? '')).status).toBe(200)
  await setRate(economy.node, '110000.5')
  keys.push(await economy.key(1000))
  await setRate(economy.node, '120000')
  await economy.post('/v1/balance/refund', {}, keys[1])
  await until('all of it is listed', async () => {
    made.splice(0, made.length, ...(await rows('money.list')))
    return made.length === 3 && (await rows('requests.list')).length === 1
  })
  await setRate(economy.node, '130000')
}, 60_000)
afterAll(() => economy.stop())

test('D-011 two deposits at two prices tell two worths, and a refund that of its own time', async () => {
  const told = (await rows('money.list')).map(({ kind, usdPerBtc, sat, usd }) => ({ kind, usdPerBtc, sat, usd }))
  expect(told).toEqual([
    { kind: 'refund', usdPerBtc: '120000', sat: 1000, usd: '1.2000' },
    { kind: 'deposit', usdPerBtc: '110000.5', sat: 1000, usd: '1.1000' },
    { kind: 'deposit', usdPerBtc: '100000', sat: 1000, usd: '1.0000' },
  ])
})

test('D-011 a payout, a request and each row of a timeline tell their own price', async () => {
  const [payout] = await rows('payouts.list')
  expect(payout?.usdPerBtc).toBe('120000')
  const { result } = await economy.node.call('payouts.get', { payout: payout?.payout })
  expect(result?.usdPerBtc).toBe('120000')
  expect((await rows('requests.list')).map(({ usdPerBtc }) => usdPerBtc)).toEqual(['100000'])
  const timeline = async (key: string) =>
    (await rows('sessions.timeline', { session: hash(key) })).map(({ kind, usdPerBtc }) => [kind, usdPerBtc])
  expect(await timeline(keys[0] ?? '')).toEqual([
    ['charge', '100000'],
    ['deposit', '100000'],
    ['opened', '100000'],
  ])
  expect(await timeline(keys[1] ?? '')).toEqual([
    ['refund', '120000'],
    ['deposit', '110000.5'],
    ['opened', '110000.5'],
  ])
})

test('D-072 an export of money has the worth of each row at its own price', async () => {
  const file = await consoleOf(economy.node)('GET', '/admin/api/export/money.json')
  const { rows: lines } = JSON.parse(await file.text()) as { readonly rows: readonly Json[] }
  expect(lines.map((line) => [line.usd, line.usd_per_btc])).toEqual([
    ['1.2000', '120000'],
    ['1.1000', '110000.5'],
    ['1.0000', '100000'],
  ])
})

test('D-011 money that moved while nobody knew the price has no worth, and never gets a later one', async () => {
  const node = await startNode({
    environment: { CASHU_MINTS: economy.mint.url, BTC_USD_SOURCES: 'http://127.0.0.1:1/' },
  })
  try {
    const opened = await fetch(`${node.url}/v1/balance/info`, {
      headers: { authorization: `Bearer ${economy.mint.token(50)}` },
    })
    expect(opened.status).toBe(200)
    await setRate(node, '90000')
    const list = async () => (await node.call('money.list')).result as { readonly rows: readonly Json[] }
    await until('it is listed', async () => (await list()).rows.length === 1)
    const [row] = (await list()).rows
    expect([row?.sat, row?.usdPerBtc, row !== undefined && 'usd' in row]).toEqual([50, null, false])
  } finally {
    await node.stop()
  }
})
