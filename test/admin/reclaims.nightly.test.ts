/** payouts.takeBack, refunds.makeAgain and refunds.take by command, and a node that dies in the middle of one (wallet 5.2, 7). */
import { afterAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { startNode, type TestNode, until } from '../kit/node'

let offsetMs = 0
const now = () => Date.now() + offsetMs
const open: Economy[] = []
const economyWith = async (stopHere?: (place: string) => Promise<void>): Promise<Economy> => {
  const made = await startEconomy({
    mint: { feePpk: 100 },
    node: { now, environment: { MINT_WAIT_S: '2' }, ...(stopHere === undefined ? {} : { stopHere }) },
  })
  open.push(made)
  return made
}
afterAll(async () => {
  for (const one of open) await one.stop()
})
type Refunded = { readonly token: string; readonly refund_id: string; readonly sats: string }
const balanced = async (node: TestNode) =>
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
async function refundOf({ post, mint }: Economy, sat: number) {
  const made = await post('/v1/balance/create', { initial_balance_token: mint.token(sat) })
  const { api_key: key } = (await made.json()) as { api_key: string }
  const refund = (await (await post('/v1/balance/refund', {}, key)).json()) as Refunded
  return { key, refund }
}

/** A customer who leaves a few sat: what fees cost is the owner's. */
async function earnSome({ post, mint, upstream, chat }: Economy): Promise<void> {
  const made = await post('/v1/balance/create', { initial_balance_token: mint.token(500) })
  const { api_key: key } = (await made.json()) as { api_key: string }
  upstream.next({ tokens: { prompt: 50_000, completion: 100 } })
  expect((await chat(key)).status).toBe(200)
}

test('P-30 refunds.makeAgain, refunds.take: the customer gets another token; only past its age the operator takes it', async () => {
  const economy = await economyWith()
  const { node, post } = economy
  await earnSome(economy)
  const { key, refund } = await refundOf(economy, 30)
  const again = await node.call('refunds.makeAgain', { refund: refund.refund_id })
  expect(again.result).toMatchObject({ payout: refund.refund_id, state: 'uncollected' })
  const other = (await (await post('/v1/balance/refund', {}, key)).json()) as Refunded
  expect([other.refund_id, other.sats, other.token === refund.token]).toEqual([refund.refund_id, refund.sats, false])
  const young = await node.call('refunds.take', { refund: refund.refund_id, reason: 'tidy' })
  expect(young.error?.data).toMatchObject({ code: 'refund-too-young', ageDays: 0, needDays: 180 })
  offsetMs += 181 * 24 * 3600_000
  const taken = await node.call('refunds.take', { refund: refund.refund_id, reason: 'not collected for half a year' })
  expect(taken.result).toMatchObject({ state: 'takenBack' })
  const gone = await post('/v1/balance/refund', {}, key)
  expect([gone.status, ((await gone.json()) as { error: { code: string } }).error.code]).toEqual([410, 'refund_swept'])
  expect((await node.call('payouts.get', { payout: refund.refund_id })).result).toMatchObject({ state: 'takenBack' })
  const owners = await node.call('payouts.takeBack', { payout: refund.refund_id })
  expect(owners.error?.data).toMatchObject({ code: 'payout-not-theirs' })
  expect(
    (await node.call('refunds.take', { refund: '0'.repeat(32), reason: 'nobody knows it' })).error?.data.reason,
  ).toBe('NOT_FOUND')
  await balanced(node)
}, 30_000)

test('payouts.takeBack: the owner’s own token comes home less the mint’s fee', async () => {
  const economy = await economyWith()
  const { node, upstream, chat, mint, post } = economy
  const made = await post('/v1/balance/create', { initial_balance_token: mint.token(2000) })
  const { api_key: key } = (await made.json()) as { api_key: string }
  upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await chat(key)).status).toBe(200)
  const { payout } = (await node.call('payouts.toToken', { sat: 50 })).result as { payout: string }
  const mineOf = async () =>
    ((await node.call('overview.get')).result as { totals: { mineMsat: number } }).totals.mineMsat
  const without = await mineOf()
  expect((await node.call('payouts.takeBack', { payout })).result).toMatchObject({ state: 'takenBack' })
  expect((await mineOf()) - without).toBe(49_000)
  expect((await node.call('payouts.takeBack', { payout })).error?.data).toMatchObject({
    code: 'payout-not-uncollected',
  })
  await balanced(node)
}, 30_000)

test.each(['swap: after the swap'])(
  'P-01 a node that dies %s ends with one token of the same value',
  async (place) => {
    let reached = false
    const economy = await economyWith(async (at) => {
      if (at !== place) return
      reached = true
      await new Promise<void>(() => undefined)
    })
    await earnSome(economy)
    const { key, refund } = await refundOf(economy, 30)
    void economy.node.call('refunds.makeAgain', { refund: refund.refund_id }).catch(() => undefined)
    await until(`the node reaches ${place}`, () => reached)
    await economy.node.abandon()
    const node = await startNode({
      directory: economy.node.directory,
      now,
      environment: { CASHU_MINTS: economy.mint.url, MINT_WAIT_S: '2' },
    })
    const ask = async () => {
      const headers = { authorization: `Bearer ${key}` }
      return fetch(`${node.url}/v1/balance/refund`, { method: 'POST', headers })
    }
    await until('the token is there', async () => (await ask()).status === 200)
    const again = (await (await ask()).json()) as Refunded
    expect([again.refund_id, again.sats, again.token === refund.token]).toEqual([refund.refund_id, refund.sats, false])
    await balanced(node)
    await node.stop()
  },
  60_000,
)
