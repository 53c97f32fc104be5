/** What customers do while their mint is drained: requests, change, refunds that come back, keys that end (wallet 5.2, 5.6, 16). */
import { expect, test } from 'bun:test'
import { until } from '../kit/node'
import { createReceiver } from '../kit/receiver'
import { mintOf, startTwoMints, type TwoMints } from '../kit/two-mints'
import { createCustomer } from '../kit/x-cashu'

/** A key that is revoked after all that gives what is left to the owner where it lies. */
async function endsRevoked(two: TwoMints, key: string): Promise<void> {
  const { rows } = (await two.node.call('sessions.list', {})).result as {
    rows: { key12: string; balanceMsat: number }[]
  }
  const last = rows.find(({ balanceMsat }) => balanceMsat === 199_000)
  expect((await two.info(key)).balance).toBe(199_000)
  await two.node.call('sessions.revoke', { sessions: [last?.key12], reason: 'end of a test', balance: 'keep' })
  await until('it ended', async () => (await two.sheet('owner:forfeited', two.second)) === -199_000)
}

test('wallet 16 a request, change, a refund that fails and a cancelled one: each finds its money where it lies after the merge', async () => {
  const receiver = createReceiver(Date.now)
  const fee = { feePpk: 100 }
  const two = await startTwoMints({ first: fee, second: fee, node: { foreign: receiver.foreign } })
  const keys = await Promise.all([3000, 600, 300, 200].map(two.key))
  const [spender = '', sender = '', waiter = '', parent = ''] = keys
  await two.earn(spender)
  await two.earn(spender)
  // By Lightning, and the mint does not know its end: coins are locked at the first mint.
  two.mint.setLightning({ outcome: 'pending', fee: 1 })
  const sent = await two.post('/v1/balance/refund', { lightning_address: receiver.address }, sender)
  expect(sent.status).toBe(409)
  const sentInvoice = receiver.invoices().at(-1) ?? ''
  // A one-shot payment whose answer takes longer than the drain.
  const customer = createCustomer(two)
  const token = customer.token(400)
  two.upstream.next({ pieces: 12, pauseMs: 400, tokens: { prompt: 100_000, completion: 500 } })
  const answer = customer.pay(token, { stream: true })
  await until('its request runs', async () => (await two.sheet('customers')) < -3_300_000)
  // The first round hangs: a refund that begins meanwhile finds no coins, and waits.
  await two.drain({ maxFeeSat: 300 })
  await until('it is on its way', () => two.mint.melts().filter(({ state }) => state === 'PENDING').length === 2)
  expect((await two.post('/v1/balance/refund', {}, waiter)).status).not.toBe(200)
  const waiting = (await two.node.node.log.claims('coinless')).map(({ key }) => key)
  expect(waiting).toHaveLength(1)
  const owed = await two.sheet('promised', two.mint)
  two.mint.setLightning({ fee: 1 })
  const move = two.mint.melts().find(({ request, state }) => state === 'PENDING' && request !== sentInvoice)
  two.mint.endMelt(move?.quote ?? '', 'paid')
  await two.node.call('payouts.ask', { payout: (await two.drainRow())?.payout })
  await until('the purses are merged', async () => (await two.sheet('customers', two.mint)) === 0, 20_000)
  expect(
    (await two.node.node.log.list({ type: 'wallet.purse-merged', limit: 9 })).map(({ data }) => data),
  ).toMatchObject([{ promisedMsat: 299_000 }])
  // What holds coins at the first mint is promised there still.
  expect(await two.sheet('promised', two.mint)).toBe(owed + 299_000)
  expect(mintOf((await two.refund(waiter)).token)).toBe(two.second.url)
  // Its payment fails: the money is back on the key at the first mint, and follows with another round.
  two.mint.endMelt(sentInvoice, 'failed')
  await until('the money is back', async () => (await two.info(sender)).balance === 599_000, 20_000)
  await two.drained()
  expect((await answer).status).toBe(200)
  const change = await customer.collect(token)
  expect([change.status, mintOf(String((change.json as { token?: string }).token ?? change.token))]).toEqual([
    200,
    two.second.url,
  ])
  expect([await two.sheet('customers', two.mint), await two.sheet('promised', two.mint)]).toEqual([0, 0])
  expect(mintOf((await two.refund(sender)).token)).toBe(two.second.url)
  await endsRevoked(two, parent)
  const balance = (await two.info(spender)).balance
  expect(await two.sheet('customers', two.second)).toBe(-balance)
  await two.check()
  await two.stop()
  await receiver.stop()
}, 90_000)
