/** A failure costs the payer of one request nothing: the token's value less the mint's exact fee comes back (P-08). */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { failures } from '../kit/failures'
import { type Customer, createCustomer, faceOf } from '../kit/x-cashu'

let economy: Economy
let customer: Customer
let now = Date.now()
beforeAll(async () => {
  economy = await startEconomy({
    mint: { feePpk: 300 },
    node: {
      now: () => now,
      environment: {
        BTC_USD_REFRESH_S: '5',
        PRICE_MAX_AGE_S: '7200',
        FIRST_BYTE_STREAM_S: '1',
        FIRST_BYTE_BODY_S: '1',
        IDLE_S: '1',
      },
    },
  })
  customer = createCustomer(economy)
}, 60_000)
afterAll(async () => {
  await customer.check()
  expect(economy.node.node.publicNode.holds.totals()).toEqual({ heldMsat: 0, requests: 0 })
  await economy.stop()
})
afterEach(() => {
  economy.upstream.reset()
  // What failed before shall not be at rest in the next test.
  now += 301_000
})

for (const stream of [false, true])
  test.each(failures)(
    `P-08 P-39 C-100 C-141 %s costs a token nothing but the mint’s fee${stream ? ', streamed' : ''}`,
    async (_, behaviour, status) => {
      const token = customer.token(20, 'sat', { amounts: [16, 2, 1, 1] })
      economy.upstream.next(behaviour)
      const paid = await customer.pay(token, { stream })
      expect([paid.status, paid.change, paid.headers.get('x-should-retry')]).toEqual([status, 'sent', 'false'])
      // Four proofs at 300 ppk: a fee of 2 sat.
      expect([paid.token, faceOf(paid.token ?? '').units]).toEqual([paid.refundToken ?? '', 18])
      const { rows } = (await economy.node.call('events.list', { type: 'session.charged', limit: 1 })).result as {
        rows: { data: { requestId: string; costMsat: number; outcome: string } }[]
      }
      const requestId = paid.headers.get('x-request-id') ?? ''
      expect(rows.map(({ data }) => data)).toMatchObject([{ requestId, costMsat: 0, outcome: 'upstream-failed' }])
    },
  )
