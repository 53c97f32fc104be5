/** The owner cannot spend customers' money: every spend, every door, one sat above what is owed (P-18, wallet 15, R-019). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import type { Caller, Door } from '../../core/admin/principal'
import { type Economy, startEconomy } from '../kit/economy'
import { searchMint, signBeyond, spendCoin, walletOf } from '../kit/losses'
import { type Envelope, until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'

let economy: Economy
let receiver: TestReceiver
let key: string
let dispute: string
let offsetMs = 0
const now = () => Date.now() + offsetMs
const reason = 'as the test wants it'
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

beforeAll(async () => {
  receiver = createReceiver(now)
  economy = await startEconomy({
    node: { now, foreign: receiver.foreign, environment: { MINT_WAIT_S: '2', RECEIVE_LN_ADDRESS: receiver.address } },
  })
  const { mint, node, post } = economy
  // Owed: a balance, a refund that nobody collected, one that Lightning has not decided, and a disputed invoice.
  key = await economy.key(300)
  const uncollected = await economy.key(100)
  expect((await post('/v1/balance/refund', {}, uncollected)).status).toBe(200)
  mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
  const paying = await economy.key(50)
  expect((await post('/v1/balance/refund', { lightning_address: receiver.address }, paying)).status).toBe(409)
  const invoice = (await (await post('/v1/lightning/invoice', { amount_sats: 2 })).json()) as Record<string, string>
  mint.giveQuoteAway(invoice.bolt11 ?? '')
  await until('it is disputed', async () => {
    offsetMs += 31_000
    await economy.get(`/v1/lightning/invoice/${invoice.invoice_id}/status`)
    return (await node.node.log.list({ type: 'deposit.disputed', limit: 1 })).length > 0
  })
  const [event] = await node.node.log.list({ type: 'deposit.disputed', limit: 1 })
  dispute = event?.stream.slice('deposit-'.length) ?? ''
  await node.call('settings.apply', { changes: { 'sweep.thresholdSat': 1 } })
  await until('the key is listed', async () => (await debit(1000)).error === undefined)
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
  await receiver.stop()
})

const debit = (msat: number) => economy.node.call('sessions.debit', { session: hashOf(key), msat, reason })
const mineMsat = async () =>
  ((await economy.node.call('overview.get')).result as { totals: { mineMsat: number } }).totals.mineMsat

/** As the owner, by a door; over Nostr with the code that only the terminal shows. */
async function ask(door: Door, method: string, params: Record<string, unknown>): Promise<Envelope> {
  const caller: Caller = {
    // Another device each time, so that no rate of one is met.
    principal: { admin: 'owner', name: crypto.randomUUID(), role: 'owner', stepUp: true },
    door,
    createdAtS: Math.floor(now() / 1000),
  }
  const sent = async (name: string, wanted: Record<string, unknown>) =>
    (await economy.node.node.dispatch.dispatch(
      { id: crypto.randomUUID(), method: name, params: wanted },
      caller,
    )) as Envelope
  const answer = await sent(method, params)
  if (answer.error?.data.reason !== 'CONFIRM_REQUIRED') return answer
  const told = /^confirm ([0-9A-Z]{5})$/m.exec(economy.node.printed.at(-1) ?? '')?.[1] ?? ''
  return sent('commands.confirm', { code: told })
}

const spends = (sat: number): readonly (readonly [string, Record<string, unknown>])[] => [
  ['payouts.toToken', { sat }],
  ['payouts.toLightning', { sat, to: receiver.address }],
  ['sessions.credit', { session: hashOf(key), msat: sat * 1000, reason }],
  ['deposits.closeDispute', { deposit: dispute, decision: 'credit', reason }],
]
const doors: readonly Door[] = ['console', 'http', 'nostr']

test('P-18 with one sat above what is owed, two are refused with the numbers, by every spend and every door', async () => {
  expect(await mineMsat()).toBe(1000)
  const head = economy.mint.calls('swap')
  for (const door of doors)
    for (const [method, params] of spends(2)) {
      const { error } = await ask(door, method, { ...params, force: true, override: true })
      expect([door, method, error?.data]).toEqual([door, method, expect.objectContaining({ code: 'below-floor' })])
      expect(error?.data).toMatchObject({ spendableMsat: 1000, owedMsat: 299_000, inFlightMsat: 0 })
    }
  // The sweep would need its fees above the floor too.
  for (const door of doors)
    expect((await ask(door, 'sweep.run', {})).result).toMatchObject({ whyNot: 'below-threshold' })
  expect([await mineMsat(), economy.mint.calls('swap')]).toEqual([1000, head])
}, 30_000)

test('P-18 twenty spends of the one sat at once, by all doors: one of them gets it', async () => {
  const [token = ['', {}], , credit = ['', {}]] = spends(1)
  const asked = Array.from({ length: 20 }, (_, n) =>
    ask(n % 2 === 0 ? 'console' : 'http', ...((n % 3 === 0 ? credit : token) as [string, Record<string, unknown>])),
  )
  const answers = await Promise.all(asked)
  expect(answers.filter(({ error }) => error === undefined)).toHaveLength(1)
  const codes = answers.flatMap(({ error }) => (error === undefined ? [] : [error.data.code]))
  expect(new Set(codes)).toEqual(new Set(['below-floor']))
  expect(await mineMsat()).toBe(0)
}, 30_000)

test('P-18 a loss that makes the owner’s side negative is shown so, and nothing is spent until it is made up for', async () => {
  const { mint, node } = economy
  const { log } = node.node
  const wallet = await walletOf(node)
  const purse = (await log.sheet())[0]?.purse ?? ''
  const [coin] = (await log.coins(purse)).filter(({ state, amount }) => state === 'free' && amount >= 16)
  if (coin === undefined) throw new Error('no coin to lose')
  spendCoin(coin, mint, wallet)
  await signBeyond({ log, mint, wallet }, 1, 3)
  await searchMint(node, mint)
  const lostMsat = (coin.amount - 1) * 1000
  expect(await mineMsat()).toBe(-lostMsat)
  const { perMint } = (await node.call('withdraw.get')).result as { perMint: { mineSat: number; safeSat: number }[] }
  expect(perMint[0]).toMatchObject({ mineSat: -lostMsat / 1000, safeSat: 0 })
  for (const [method, params] of spends(1))
    expect((await ask('console', method, params)).error?.data).toMatchObject({ code: 'below-floor', spendableMsat: 0 })
  expect((await ask('console', 'sweep.run', {})).result).toMatchObject({ whyNot: 'below-threshold' })
  // What the owner is given first makes up for the loss, and only then is his to spend.
  expect((await debit(lostMsat)).error).toBeUndefined()
  expect(await mineMsat()).toBe(0)
  const one = spends(1)[0] as [string, Record<string, unknown>]
  expect((await ask('console', ...one)).error?.data).toMatchObject({ code: 'below-floor', spendableMsat: 0 })
  expect((await debit(1000)).error).toBeUndefined()
  expect((await ask('console', ...one)).result).toHaveProperty('token')
}, 30_000)
