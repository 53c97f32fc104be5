/** A mint's bad day stays at that mint (P-17, wallet 9.4): whatever one does, the other one's customers notice nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'
import { until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'
import { isNightly } from '../kit/sizes'
import { moneySuite } from '../kit/suite'

const suite = moneySuite()
let economy: Economy
let sound: TestMint
let receiver: TestReceiver
beforeAll(async () => {
  receiver = createReceiver()
  sound = createTestMint()
  economy = await startEconomy({
    mints: [sound.url],
    node: { foreign: receiver.foreign, environment: { RECEIVE_LN_ADDRESS: receiver.address, MINT_WAIT_S: '3' } },
  })
  await economy.node.call('settings.apply', { changes: { 'sweep.thresholdSat': 5, 'sweep.capSat': 20 } })
}, 60_000)
afterAll(async () => {
  economy.mint.clearFaults()
  await until('the books agree', async () => (await economy.node.call('books.check')).result?.balanced === true)
  await economy.stop()
  await sound.stop()
  await receiver.stop()
})

/** Far below the time that a call at the bad mint hangs, far above what a busy machine needs. */
const quickMs = 5000
const began = () => {
  const at = performance.now()
  return () => performance.now() - at < quickMs
}

/** All that a customer and the owner do at the sound mint; each has to be quick. */
async function day(): Promise<void> {
  const { post, chat, info, node, upstream } = economy
  let isQuick = began()
  const { api_key: key } = await info(sound.token(200))
  expect(isQuick()).toBe(true)
  isQuick = began()
  upstream.next({ tokens: { prompt: 90_000, completion: 10 } })
  expect([(await chat(key)).status, isQuick()]).toEqual([200, true])
  isQuick = began()
  expect([(await post('/v1/balance/topup', { cashu_token: sound.token(30) }, key)).status, isQuick()]).toEqual([
    200,
    true,
  ])
  isQuick = began()
  const paid = await post('/v1/chat/completions', { model: 'gpt-x', messages: [], max_tokens: 5 }, undefined, {
    'x-cashu': sound.token(64),
  })
  expect([paid.status, paid.headers.has('x-cashu'), isQuick()]).toEqual([200, true, true])
  isQuick = began()
  expect([(await post('/v1/balance/refund', {}, key)).status, isQuick()]).toEqual([200, true])
  isQuick = began()
  const withdrawn = await node.call('payouts.toToken', { sat: 7, mint: sound.url })
  expect([withdrawn.error, isQuick()]).toEqual([undefined, true])
  isQuick = began()
  const payouts = sound.melts().length
  const { result } = await node.call('sweep.run')
  expect(result).toHaveProperty('payout')
  await until('it is swept', () => sound.melts().length > payouts && sound.melts().at(-1)?.state === 'PAID')
  expect(isQuick()).toBe(true)
}

/** Customers of the bad mint, of whom nobody knows how long they wait. */
const knock = () =>
  Array.from({ length: 6 }, () =>
    economy.get('/v1/balance/info', { authorization: `Bearer ${economy.mint.token(21)}` }).catch(() => undefined),
  )

test.each([
  ['hangs', { kind: 'hang-before' }],
  ['floods', { kind: 'huge' }],
  ['lies', { kind: 'dleq-false' }],
  ['limits us', { kind: 'limit', retryAfter: '3600' }],
  ['answers pages', { kind: 'html' }],
] as const)(
  'P-17 while one mint %s, deposits, requests, refunds, withdrawals and sweeps at another one are as quick as ever',
  async (_, fault) => {
    for (const path of ['swap', 'checkstate', 'restore', 'keysets', 'melt'])
      economy.mint.fault({ path, ...fault, times: 1000 })
    const waiting = knock()
    await day()
    await Promise.all(waiting)
    economy.mint.clearFaults()
  },
  60_000,
)

test('P-17 while one mint is down, deposits, requests, refunds, withdrawals and sweeps at another one are as quick as ever', async () => {
  await economy.mint.stop()
  const waiting = knock()
  await day()
  for (const answer of await Promise.all(waiting)) expect(answer?.status).toBe(503)
  economy.mint.restart()
}, 60_000)

test('P-17 a dead token costs its mint one look, however often it comes', async () => {
  const one = suite.kit()
  const proofs = one.mint.proofs(6)
  one.mint.spend(proofs)
  const text = one.mint.encode(proofs)
  expect(await one.redeem(text)).toMatchObject({ refused: 'token-spent' })
  const calls = one.mint.calls()
  const times = isNightly ? 10_000 : 500
  for (let n = 0; n < times; n += 1) expect(await one.redeem(text)).toMatchObject({ refused: 'token-spent' })
  // In another spelling, and by another process, it is answered from the log.
  expect(await one.redeem(one.mint.encode(proofs, 'sat', { version: 3 }))).toMatchObject({ refused: 'token-spent' })
  expect(await one.restart().redeem(text)).toMatchObject({ refused: 'token-spent' })
  expect(one.mint.calls() - calls).toBe(0)
})

test('P-17 a valid token after a rotation costs one refresh', async () => {
  const one = suite.kit()
  await one.redeem(one.mint.token(3))
  one.mint.rotate('sat')
  const asked = one.mint.calls('keysets')
  expect(await one.redeem(one.mint.token(5))).toMatchObject({ settled: true })
  expect(one.mint.calls('keysets') - asked).toBe(1)
})
