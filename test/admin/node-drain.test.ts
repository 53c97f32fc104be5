/** node.drain: no deposits and no new keys; what the node holds can be spent and refunded (remote-admin 10, contract 1.5). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Caller } from '../../core/admin/principal'
import { type Economy, errorOf, startEconomy } from '../kit/economy'
import type { Envelope } from '../kit/node'

let economy: Economy
beforeAll(async () => {
  economy = await startEconomy()
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
})

const answered = async (response: Response) =>
  [response.status, response.ok ? undefined : (await errorOf(response)).code] as const

test('contract 1.5 a draining node takes no deposit by any way, serves and refunds what it holds, and resumes', async () => {
  const { node, mint, post, info } = economy
  const key = await economy.key(1000)
  expect((await node.call('node.drain', { on: true, note: 'moving house' })).result).toEqual({ state: 'draining' })
  const refused = [503, 'node_draining'] as const
  const token = mint.token(50)
  expect(await answered(await post('/v1/balance/create', { initial_balance_token: token }))).toEqual(refused)
  expect(await answered(await post('/v1/balance/topup', { cashu_token: token }, key))).toEqual(refused)
  expect(await answered(await post('/v1/balance/donate', { token }))).toEqual(refused)
  expect(await answered(await post('/v1/lightning/invoice', { amount_sats: 50, purpose: 'create' }))).toEqual(refused)
  expect(await answered(await economy.chat(token))).toEqual(refused)
  const body = { model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 }
  const paid = await post('/v1/chat/completions', body, undefined, { 'x-cashu': token })
  expect(paid.headers.get('x-cashu')).toBe(token)
  expect(await answered(paid)).toEqual(refused)
  expect((await economy.chat(key)).status).toBe(200)
  expect((await post('/v1/balance/refund', {}, key)).status).toBe(200)
  expect((await node.call('node.status')).result).toMatchObject({ state: 'draining' })
  const { banners } = (await node.call('overview.get')).result as { banners: { kind: string; text: string }[] }
  expect(banners.find(({ kind }) => kind === 'draining')?.text).toContain('moving house')
  expect((await node.call('node.resume')).result).toEqual({ state: 'running' })
  expect((await info(token)).balance).toBe(50_000)
})

test('C-168 a pause is the stronger one: both at once answer node_paused, and draining outlives it', async () => {
  const { node } = economy
  const key = await economy.key(100)
  await node.call('node.pause')
  expect((await node.call('node.drain', { on: true })).result).toEqual({ state: 'paused' })
  expect(await answered(await economy.chat(key))).toEqual([503, 'node_paused'])
  expect((await node.call('node.drain', { on: false })).result).toEqual({ state: 'paused' })
  await node.call('node.resume')
  expect((await economy.chat(key)).status).toBe(200)
})

test('R-045 draining may be switched on by a request of ten hours ago, off by none', async () => {
  const nowS = Math.floor(Date.now() / 1000)
  const late: Caller = {
    principal: { admin: 'owner', name: 'owner', role: 'owner', stepUp: false },
    door: 'nostr',
    createdAtS: nowS - 36_000,
    durable: true,
  }
  const ask = async (on: boolean) =>
    (await economy.node.node.dispatch.dispatch(
      { id: crypto.randomUUID(), method: 'node.drain', params: { on }, exp: nowS + 60 },
      late,
    )) as Envelope
  expect((await ask(true)).result).toEqual({ state: 'draining' })
  expect((await ask(false)).error?.data.reason).toBe('STALE')
  await economy.node.call('node.resume')
})
