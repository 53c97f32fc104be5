/** A one-shot payment in a bad hour: slow mint, full disk, a bug of ours. The money is never lost (contract 7.2, 7.3, P-26). */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import type { OneShots } from '../../core/processes/one-shot-types'
import { noLadder } from '../kit/deposits'
import { allowWrites, refuseWrites } from '../kit/disk'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { type Answered, type Customer, createCustomer, faceOf } from '../kit/x-cashu'

let economy: Economy
let customer: Customer
let skewMs = 0
let isHurried = false
/** A place at which our own program breaks once. */
let broken: string | undefined
beforeAll(async () => {
  economy = await startEconomy({
    node: {
      // Change needs a swap, so that it can be late.
      ladder: noLadder,
      environment: { EXCHANGE_FEE: '1', UPSTREAM_FEE: '1', MINT_WAIT_S: '2', PRICE_MAX_AGE_S: '7200' },
      now: () => Date.now() + skewMs,
      pause(ms) {
        if (!isHurried) return Bun.sleep(ms)
        skewMs += ms
        return Bun.sleep(1)
      },
      async stopHere(place) {
        if (place !== broken) return
        broken = undefined
        throw new Error('a bug')
      },
    },
  })
  customer = createCustomer(economy)
}, 60_000)
afterAll(async () => {
  await customer.check()
  await economy.stop()
})
afterEach(() => {
  economy.mint.clearFaults()
  economy.upstream.reset()
})

/** Answers the change once it can be had; until then it is said to be on its way. */
async function collected(token: string): Promise<Answered> {
  let last: Answered | undefined
  await until(
    'the change is there',
    async () => {
      last = await customer.collect(token)
      if (last.status !== 200) {
        expect([last.status, last.code]).toEqual([425, 'refund_pending'])
        await Bun.sleep(50)
      }
      return last.status === 200
    },
    20_000,
  )
  if (last === undefined) throw new Error('nobody answered')
  expect(last.token).toBe(String(last.json.token))
  return last
}
const unitsOf = (token: string | null | undefined) => faceOf(token ?? '').units
/** One coin, so that what is left of it needs a swap. */
const oneCoin = () => customer.token(64, 'sat', { amounts: [64] })
const eventsOf = async (type: string) =>
  (
    (await economy.node.call('events.list', { type, limit: 200 })).result as {
      rows: { data: { requestId?: string } }[]
    }
  ).rows

test('C-141 C-143 P-26 a redemption of unknown outcome: 503, no upstream call, and later the full amount', async () => {
  const token = customer.token(50)
  economy.mint.fault({ path: 'swap', kind: 'delay-after', ms: 3500 })
  const paid = await customer.pay(token)
  expect([paid.status, paid.code, paid.token, paid.change]).toEqual([503, 'deposit_pending', null, 'pending'])
  expect(Number(paid.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await customer.collect(token)).code).toBe('refund_pending')
  const again = await customer.pay(token)
  expect([again.status, again.code, again.token]).toEqual([503, 'deposit_pending', null])
  const { json } = await collected(token)
  expect([unitsOf(String(json.token)), json.sats]).toEqual([50, '50'])
  const replay = await customer.pay(token)
  expect([replay.status, replay.code, replay.token]).toEqual([400, 'cashu_token_already_spent', String(json.token)])
  expect(economy.upstream.calls()).toBe(0)
})

test('C-143 C-141 redeemed too late for its request: the same call gets the full refund', async () => {
  const token = customer.token(50)
  economy.mint.fault({ path: 'swap', kind: 'delay-after', ms: 2500 })
  expect((await customer.pay(token)).code).toBe('deposit_pending')
  let answer: Answered | undefined
  await until('it is redeemed', async () => {
    answer = await customer.pay(token)
    return answer.code !== 'deposit_pending'
  })
  expect([answer?.status, answer?.code, answer?.change]).toEqual([400, 'cashu_token_already_spent', 'sent'])
  expect([answer?.token, unitsOf(answer?.token)]).toEqual([answer?.refundToken ?? '', 50])
  expect(economy.upstream.calls()).toBe(0)
})

test('C-141 C-070 a mint slow after the answer: the answer leaves without change, which is collected later', async () => {
  const token = oneCoin()
  economy.mint.fault({ path: 'swap', kind: 'delay-before', nth: 2, ms: 5000 })
  const paid = await customer.pay(token)
  expect([paid.status, paid.token, paid.change]).toEqual([200, null, 'pending'])
  expect(paid.headers.get('x-routstr-cost-msats')).toBe('2000')
  const again = await customer.pay(token)
  expect([again.status, again.code, again.change]).toEqual([425, 'payment_in_progress', 'pending'])
  expect(unitsOf((await collected(token)).token)).toBe(62)
  expect(economy.upstream.calls()).toBe(1)
})

test('W-16 C-141 a mint that is down after the redemption: coins that add up leave at once, others when it is back', async () => {
  for (const [behaviour, units] of [
    [{ pieces: 6, pauseMs: 50, fault: 'cut-mid-stream' }, 64],
    [{ pieces: 6, pauseMs: 50 }, 62],
  ] as const) {
    const token = oneCoin()
    const calls = economy.upstream.calls()
    economy.upstream.next(behaviour)
    const paying = customer.pay(token, { stream: true })
    await until('the upstream is asked', () => economy.upstream.calls() > calls)
    await economy.mint.stop()
    const paid = await paying
    expect(paid.change).toBe(units === 64 ? 'sent' : 'pending')
    economy.mint.restart()
    skewMs += 301_000
    expect(unitsOf((await collected(token)).token)).toBe(units)
  }
})

test('C-141 P-26 settlement_failed: nothing is charged, and the whole amount is collected once the disk has room', async () => {
  for (const isLive of [false, true]) {
    const token = customer.token(50)
    const calls = economy.upstream.calls()
    economy.upstream.next({ pieces: 4, pauseMs: 100 })
    const paying = customer.pay(token, { stream: true }, isLive ? { 'x-cashu-stream': 'live' } : {})
    await until('the upstream is asked', () => economy.upstream.calls() > calls)
    isHurried = true
    await refuseWrites(economy.node)
    const paid = await paying
    expect([paid.status, paid.code, paid.token, paid.change]).toEqual(
      isLive ? [200, undefined, null, 'pending'] : [503, 'settlement_failed', null, 'pending'],
    )
    if (isLive) expect(paid.text).toContain('settlement_failed')
    expect(paid.text).not.toContain('refund_token')
    expect((await customer.collect(token)).code).toBe('log_unavailable')
    isHurried = false
    await allowWrites(economy.node)
    await until('the log is written again', () => economy.node.node.log.isWritable())
    expect(unitsOf((await collected(token)).token)).toBe(50)
  }
}, 30_000)

test.each([
  ['one-shot: after the redemption', 50],
  ['inference: before the upstream', 50],
  ['charge: before the append', 50],
  ['charge: after the append', 48],
] as const)('C-141 P-26 a bug of ours %s: 500 with the change of what was charged', async (place, units) => {
  const token = customer.token(50)
  broken = place
  const paid = await customer.pay(token)
  expect([paid.status, paid.code, paid.change]).toEqual([500, 'internal_error', 'sent'])
  expect([paid.token, unitsOf(paid.token)]).toEqual([paid.refundToken ?? '', units])
  expect(paid.headers.get('x-should-retry')).toBe('false')
  expect((await collected(token)).token).toBe(paid.token)
  expect(economy.node.node.publicNode.holds.totals().requests).toBe(0)
})

test.each(['deposit: after the swap', 'payout: after the coins', 'payout: after the swap'])(
  'P-26 C-141 a flight of ours that breaks %s is taken up again by the next look, without a restart',
  async (place) => {
    const token = oneCoin()
    broken = place
    const paid = await customer.pay(token)
    const isRedeemed = place !== 'deposit: after the swap'
    expect([paid.status, paid.token, paid.change]).toEqual([isRedeemed ? 200 : 503, null, 'pending'])
    expect(unitsOf((await collected(token)).token)).toBe(isRedeemed ? 62 : 64)
  },
)

test('wallet 5.2 a payment that lost its request becomes change after a minute, by itself', async () => {
  const token = customer.token(50)
  economy.mint.fault({ path: 'swap', kind: 'delay-after', ms: 2500 })
  const paid = await customer.pay(token)
  expect(paid.code).toBe('deposit_pending')
  const requestId = paid.headers.get('x-request-id')
  await until('it is redeemed', async () => (await economy.node.node.log.claims('one-shot')).length === 1)
  const oneShots = economy.node.node.publicNode.oneShots as OneShots
  await oneShots.sweep()
  expect((await eventsOf('payout.requested')).some(({ data }) => data.requestId === requestId)).toBe(false)
  skewMs += limits.oneShotLateMs
  expect(await oneShots.sweep()).toBe(1)
  expect((await eventsOf('payout.requested')).some(({ data }) => data.requestId === requestId)).toBe(true)
  expect(unitsOf((await collected(token)).token)).toBe(50)
  expect(await oneShots.sweep()).toBe(0)
})

test('C-141 change that nobody collected: made again the new text is told; swept, 410 and no token', async () => {
  const token = customer.token(50)
  const paid = await customer.pay(token)
  const refund = String((await customer.collect(token)).json.refund_id)
  // Coins for the fee and the swap of it come from elsewhere.
  expect((await economy.node.call('refunds.makeAgain', { refund })).result).toMatchObject({ state: 'uncollected' })
  const again = await collected(token)
  expect([unitsOf(again.token), again.token === paid.token, again.json.refund_id]).toEqual([48, false, refund])
  expect((await customer.pay(token)).token).toBe(again.token)
  skewMs += 181 * 24 * 3600_000
  expect((await economy.node.call('refunds.take', { refund, reason: 'too old' })).error).toBeUndefined()
  const gone = await customer.collect(token)
  expect([gone.status, gone.code, gone.token]).toEqual([410, 'refund_swept', null])
  const replay = await customer.pay(token)
  expect([replay.status, replay.code, replay.token, replay.change]).toEqual([
    400,
    'cashu_token_already_spent',
    null,
    'none',
  ])
})
