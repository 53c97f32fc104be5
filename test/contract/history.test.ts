/** The history of a key and donations over HTTP (contract 4.5, 4.6): every movement, page by page, and never a token. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { verifyLog } from '../../events'
import { type Economy, errorOf, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
beforeAll(async () => {
  economy = await startEconomy({ mint: { units: ['sat', 'msat'], feePpk: 100 } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
})

type Entry = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string }
type Page = { readonly transactions: readonly Entry[]; readonly next: string | null }
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const ask = (key: string, query = '') => economy.get(`/v1/balance/history${query}`, { authorization: `Bearer ${key}` })
const history = async (key: string, query = '') => (await (await ask(key, query)).json()) as Page
const code = async (response: Response) =>
  response.ok ? response.status : `${response.status} ${(await errorOf(response)).code}`
const refund = async (key: string) =>
  (await (await economy.post('/v1/balance/refund', {}, key)).json()) as { token: string; refund_id: string }
const topUp = (key: string, sat: number) =>
  economy.post('/v1/balance/topup', { cashu_token: economy.mint.token(sat) }, key)

test('C-073 history pages through all movements, newest first, and no page holds a token', async () => {
  const key = await economy.key(101)
  await topUp(key, 51)
  const first = await refund(key)
  await topUp(key, 21)
  const made = await economy.post('/lightning/invoice', { purpose: 'topup', amount_sats: 30 }, key)
  const { bolt11 } = (await made.json()) as { bolt11: string }
  economy.mint.pay(bolt11)
  await until('the invoice is credited', async () => (await economy.info(key)).balance === 50_000)
  const second = await refund(key)
  const whole = await history(key)
  expect(whole.next).toBeNull()
  expect(
    whole.transactions.map(({ type, source, amount, unit, status, collected }) => [
      type,
      source,
      amount,
      unit,
      status,
      collected,
    ]),
  ).toEqual([
    ['out', 'refund', 50, 'sat', 'ready', false],
    ['in', 'lightning', 30, 'sat', 'credited', true],
    ['in', 'cashu', 20, 'sat', 'credited', true],
    ['out', 'refund', 150, 'sat', 'ready', false],
    ['in', 'cashu', 50, 'sat', 'credited', true],
    ['in', 'cashu', 100, 'sat', 'credited', true],
  ] as never)
  expect(whole.transactions[0]).toMatchObject({ id: second.refund_id, swept: false, mint_url: economy.mint.url })
  expect(whole.transactions.at(-1)).toMatchObject({ fee_msats: 1000, created_at: expect.any(Number) })
  const pages: Entry[] = []
  for (let before = ''; ; ) {
    const page = await history(key, `?limit=2${before}`)
    pages.push(...page.transactions)
    expect(page.transactions.length).toBeLessThanOrEqual(2)
    if (page.next === null) break
    before = `&before=${page.next}`
  }
  expect(pages).toEqual([...whole.transactions])
  expect((await history(key, '?type=in')).transactions).toEqual(whole.transactions.filter(({ type }) => type === 'in'))
  expect((await history(key, '?type=out')).transactions).toEqual(
    whole.transactions.filter(({ type }) => type === 'out'),
  )
  const text = JSON.stringify([whole, pages])
  for (const secret of [first.token, second.token, key]) expect(text).not.toContain(secret.slice(3, 40))
  expect(text).not.toContain('cashuB')
})

test('C-073 an invoice that nobody paid and a token that was refused are no movements', async () => {
  const key = await economy.key(11)
  await economy.post('/lightning/invoice', { purpose: 'topup', amount_sats: 5 }, key)
  const spent = economy.mint.token(8)
  await economy.info(spent)
  expect((await economy.post('/v1/balance/topup', { cashu_token: spent }, key)).status).toBe(400)
  expect((await history(key)).transactions.map(({ amount }) => amount)).toEqual([10])
})

test('contract 4.5 the operator’s credits and debits and the price of child keys stand in it', async () => {
  const key = await economy.key(101)
  const other = await economy.key(101)
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  await economy.chat(other)
  const session = hashOf(key)
  const reason = 'as the test wants it'
  await economy.node.call('settings.apply', { changes: { 'pricing.childKeyMsat': 250 } })
  await economy.node.call('sessions.credit', { session, msat: 1500, reason })
  await economy.node.call('sessions.debit', { session, msat: 500, reason })
  await economy.post('/v1/balance/child-key', { count: 2 }, key)
  await economy.node.call('settings.apply', { changes: { 'pricing.childKeyMsat': 0 } })
  await economy.post('/v1/balance/child-key', {}, key)
  const { transactions } = await history(key)
  expect(transactions.map(({ type, source, amount, unit }) => [type, source, amount, unit])).toEqual([
    ['out', 'operator', 500, 'msat'],
    ['out', 'operator', 500, 'msat'],
    ['in', 'operator', 1500, 'msat'],
    ['in', 'cashu', 100, 'sat'],
  ] as never)
  const [, second] = transactions
  expect((await history(key, `?before=${second?.id}`)).transactions).toEqual(transactions.slice(2))
  expect(JSON.stringify(transactions)).not.toContain(reason)
})

test('C-073 contract 4.5 charges are told to the key that pays, and a child sees its own only', async () => {
  const parent = await economy.key(101)
  const made = await economy.post('/v1/balance/child-key', { count: 2 }, parent)
  const [one = '', two = ''] = ((await made.json()) as { api_keys: string[] }).api_keys
  for (const key of [parent, one, one, two]) expect((await economy.chat(key)).status).toBe(200)
  const ofParent = await history(parent, '?type=charge')
  const ofOne = await history(one, '?type=charge')
  expect([ofParent.transactions.length, ofOne.transactions.length]).toEqual([4, 2])
  const sum = ofParent.transactions.reduce((msat, { cost_msats }) => msat + Number(cost_msats), 0)
  expect(sum).toBe((await economy.info(parent)).total_spent)
  expect(Object.keys(ofOne.transactions[0] ?? {}).sort()).toEqual(
    ['cost_msats', 'created_at', 'estimated', 'id', 'input_tokens', 'model', 'output_tokens', 'type'].sort(),
  )
  expect((await history(one)).transactions).toEqual([])
  const page = await history(one, '?type=charge&limit=1')
  expect((await history(one, `?type=charge&limit=1&before=${page.next}`)).transactions).toEqual(
    ofOne.transactions.slice(1),
  )
  // What is not its own is no cursor.
  const foreign = (await history(two, '?type=charge')).transactions[0]?.id
  expect(await code(await ask(one, `?type=charge&before=${foreign}`))).toBe('400 invalid_field')
})

test('contract 4.5 wrong wishes are refused, and only a key that exists has a history', async () => {
  const [key, other] = [await economy.key(11), await economy.key(12)]
  const foreign = (await history(other)).transactions[0]?.id
  for (const query of ['?type=all', '?limit=0', '?limit=201', '?limit=x', '?before=nonsense', `?before=${foreign}`])
    expect([query, await code(await ask(key, query))]).toEqual([query, '400 invalid_field'])
  expect((await ask(key, '?limit=200')).status).toBe(200)
  expect(await code(await ask(`sk-${'0'.repeat(64)}`))).toBe('401 invalid_api_key')
  expect(await code(await economy.get('/v1/wallet/history'))).toBe('401 missing_api_key')
})

test('contract 4.6 P-27 a donation is the node’s own money, thanked once, and opens no key', async () => {
  const totals = async () =>
    (await economy.node.call('overview.get')).result?.totals as { owedMsat: number; mineMsat: number }
  const before = await totals()
  const token = economy.mint.token(41)
  const given = await economy.post('/v1/balance/donate', { token, ref: 'for the good work' })
  expect([given.status, await given.json()]).toEqual([200, 'Thanks!'])
  const after = await totals()
  expect([after.owedMsat - before.owedMsat, after.mineMsat - before.mineMsat]).toEqual([0, 40_000])
  expect(await code(await economy.post('/v1/balance/donate', { token }))).toBe('400 cashu_token_already_spent')
  expect(await code(await economy.get('/v1/balance/info', { authorization: `Bearer ${token}` }))).toBe(
    '400 cashu_token_already_spent',
  )
  const key = await economy.key(5)
  expect(await code(await economy.post('/v1/balance/topup', { cashu_token: token }, key))).toBe(
    '400 cashu_token_already_spent',
  )
  const byQuery = await economy.post(`/v1/wallet/donate?token=${economy.mint.token(3)}`, '')
  expect(await byQuery.json()).toBe('Thanks!')
  expect(await code(await economy.post('/v1/balance/donate', {}))).toBe('400 invalid_field')
  expect(await code(await economy.post('/v1/balance/donate', { token: 'cashuBnonsense' }))).toBe(
    '400 invalid_cashu_token',
  )
  expect(await code(await economy.post('/v1/balance/donate', { token: key, ref: 'x'.repeat(201) }))).toBe(
    '400 invalid_field',
  )
  const parallel = economy.mint.token(9)
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => code(await economy.post('/v1/balance/donate', { token: parallel }))),
  )
  expect(answers.filter((one) => one === 200)).toHaveLength(1)
})
