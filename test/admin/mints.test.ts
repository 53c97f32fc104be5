/** mints.change, mints.remove and money.list: how far a mint is trusted, and what came and went (wallet 9.5, 9.7). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, type ErrorEnvelope, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'

let economy: Economy
let second: TestMint
beforeAll(async () => {
  second = createTestMint()
  economy = await startEconomy({ mints: [second.url] })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
  await second.stop()
})
const create = async (token: string) => economy.post('/v1/balance/create', { initial_balance_token: token })
const codeOf = async (response: Response) => ((await response.json()) as ErrorEnvelope).error.code
const change = (params: Record<string, unknown>) => economy.node.call('mints.change', { mint: second.url, ...params })

test('wallet 9.5 without deposits nothing new is taken from a mint, what was taken is refunded, and others are named', async () => {
  const token = second.token(30)
  const { api_key: key } = (await (await create(token)).json()) as { api_key: string }
  expect((await change({ deposits: false })).result).toMatchObject({ deposits: false })
  const refused = await create(second.token(10))
  const { error } = (await refused.json()) as ErrorEnvelope
  expect([refused.status, error.code]).toEqual([422, 'cashu_untrusted_source_mint'])
  expect(error.details).toMatchObject({ accepted_mints: [economy.mint.url] })
  expect(((await (await create(token)).json()) as { api_key: string }).api_key).toBe(key)
  const info = (await (await economy.get('/v1/info')).json()) as { mints: string[] }
  expect(info.mints).toEqual([economy.mint.url])
  expect((await economy.node.call('mints.remove', { mint: second.url })).error?.data).toMatchObject({
    code: 'mint-not-empty',
    heldMsat: 30_000,
    owedMsat: 30_000,
  })
  expect((await economy.post('/v1/balance/refund', {}, key)).status).toBe(200)
})

test('wallet 9.7 above its cap a mint takes no more; the default mint stands first', async () => {
  expect((await change({ deposits: true, capSat: 35, default: true })).result).toMatchObject({ capSat: 35 })
  expect((await create(second.token(10))).status).toBe(200)
  expect(await codeOf(await create(second.token(10)))).toBe('cashu_untrusted_source_mint')
  const { rows } = (await economy.node.call('mints.list')).result as { rows: { mint: string }[] }
  expect(rows[0]?.mint).toBe(second.url)
  expect((await change({ mint: 'https://nobody.example' })).error?.data.reason).toBe('NOT_FOUND')
})

test('wallet 9.5 an empty mint is removed', async () => {
  const third = createTestMint()
  await economy.node.call('mints.add', { url: third.url })
  expect((await economy.node.call('mints.remove', { mint: third.url })).result).toEqual({ mint: third.url })
  await third.stop()
})

test('money.list shows what came and went, by kind, text and page, with the sum of all', async () => {
  type List = {
    rows: { kind: string; sat: number; id: string; session?: string; usd?: string }[]
    total: number
    next?: string
  }
  const list = async (params: Record<string, unknown> = {}) =>
    (await economy.node.call('money.list', params)).result as List
  const all = await list()
  expect(all.rows.map(({ kind, sat }) => [kind, sat])).toEqual([
    ['deposit', 10],
    ['refund', 30],
    ['deposit', 30],
  ])
  expect(all.rows[0]?.usd).toBe('0.0100')
  expect((await list({ kind: 'refund' })).total).toBe(1)
  expect((await list({ text: all.rows[1]?.session ?? '' })).total).toBe(2)
  const first = await list({ limit: 2 })
  expect((await list({ limit: 2, cursor: first.next })).rows).toHaveLength(1)
})
