/** A setting has the effect that its name says, from its commit on (remote-admin 17, dashboard 4.4). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, errorOf, startEconomy } from '../kit/economy'
import { createReceiver, type TestReceiver } from '../kit/receiver'

type Row = Record<string, unknown>
const dayS = 24 * 3600
let economy: Economy
let receiver: TestReceiver
beforeAll(async () => {
  receiver = createReceiver()
  economy = await startEconomy({ node: { foreign: receiver.foreign } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
  await receiver.stop()
})

const apply = (changes: Row) => economy.node.call('settings.apply', { changes })
const testAddress = async (address: string) =>
  (await economy.node.call('lightning.testAddress', { address })).result as Record<string, unknown>

test('dashboard 4.4 Sessions: a new key that names no end gets the node’s, one that names one keeps it', async () => {
  const { mint, post, get } = economy
  expect((await apply({ 'sessions.newKeyDays': 0 })).error?.data.reason).toBe('PARAMS')
  expect((await apply({ 'sessions.newKeyDays': 30 })).error).toBeUndefined()
  const endOf = async (key: string) =>
    ((await (await get('/v1/balance/info', { authorization: `Bearer ${key}` })).json()) as { validity_date: unknown })
      .validity_date
  const nowS = Math.floor(Date.now() / 1000)
  const open = async (more: Row = {}) => {
    const made = await post('/v1/balance/create', { initial_balance_token: mint.token(10), ...more })
    return ((await made.json()) as { api_key: string }).api_key
  }
  expect(Math.abs(Number(await endOf(await open())) - nowS - 30 * dayS)).toBeLessThan(60)
  expect(Math.abs(Number(await endOf(await economy.key(10))) - nowS - 30 * dayS)).toBeLessThan(60)
  expect(await endOf(await open({ validity_date: nowS + dayS }))).toBe(nowS + dayS)
  await apply({ 'sessions.newKeyDays': null })
  expect(await endOf(await open())).toBeNull()
})

test('dashboard 4.4 Lightning: invoices outside the operator’s bounds are refused, and the bounds are ordered', async () => {
  const ask = (sats: number) => economy.post('/v1/lightning/invoice', { amount_sats: sats, purpose: 'create' })
  await apply({ 'lightning.minSat': 100, 'lightning.maxSat': 200 })
  for (const sats of [99, 201]) {
    const error = await errorOf(await ask(sats))
    expect([error.code, error.message]).toEqual(['invalid_field', expect.stringContaining('from 100 to 200')])
  }
  expect([(await ask(100)).status, (await ask(200)).status]).toEqual([200, 200])
  expect((await apply({ 'lightning.minSat': 300 })).error?.data).toMatchObject({ code: 'not-ordered' })
  expect((await apply({ 'lightning.minSat': 300, 'lightning.maxSat': 400 })).error).toBeUndefined()
  expect((await apply({ 'lightning.maxSat': 1_000_001 })).error?.data.reason).toBe('PARAMS')
})

test('P-36 dashboard 4.4 Logs: a caller’s address is in the node log only where the operator wants it', async () => {
  const { node } = economy
  const key = await economy.key(1)
  const refused = async () => {
    const from = node.lines.length
    expect((await economy.chat(key, { max_tokens: 100_000 })).status).toBe(402)
    return node.lines.slice(from).find((line) => line.includes('Insufficient balance')) ?? ''
  }
  expect(await refused()).not.toContain('127.0.0.1')
  await apply({ 'logs.callerAddress': true })
  expect(await refused()).toContain('"address":"127.0.0.1"')
  await apply({ 'logs.callerAddress': false })
  expect(await refused()).not.toContain('127.0.0.1')
})

test('wallet 14 lightning.testAddress says what a receiver takes, or why it cannot be paid, and pays nothing', async () => {
  expect(await testAddress(receiver.address)).toEqual({
    ok: true,
    minSat: 1,
    maxSat: 1_000_000,
    sentence: 'wallet.example takes 1 sat to 1,000,000 sat.',
  })
  receiver.twist({ offer: { minSendable: 1500, maxSendable: 10_999 } })
  expect(await testAddress(receiver.address)).toMatchObject({ ok: true, minSat: 2, maxSat: 10 })
  receiver.twist({ offer: { minSendable: 1, maxSendable: 999 } })
  expect(await testAddress(receiver.address)).toMatchObject({ ok: false, minSat: 0, maxSat: 0 })
  receiver.twist({ offer: { status: 'ERROR' } })
  expect((await testAddress(receiver.address)).sentence).toBe('It cannot be paid: its server knows no such receiver.')
  receiver.twist({})
  receiver.setAddresses(['93.184.216.34', '10.0.0.1'])
  expect((await testAddress(receiver.address)).sentence).toContain('private network')
  expect((await testAddress('no address at all')).ok).toBe(false)
  expect((await testAddress(receiver.privateAddress)).sentence).toMatch(/ sat\. It is at a private address\.$/)
  expect(receiver.invoices()).toEqual([])
})
