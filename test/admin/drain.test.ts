/** mints.drain over two mints with fees: coins move, shares follow, customers notice nothing (wallet 5.6, 15). */
import { afterEach, expect, test } from 'bun:test'
import { until } from '../kit/node'
import { mintOf, startTwoMints, type TwoMints } from '../kit/two-mints'

let two: TwoMints
const fees = { first: { feePpk: 100 }, second: { feePpk: 100 } }
const open = async (options: Parameters<typeof startTwoMints>[0] = fees) => {
  two = await startTwoMints(options)
}
afterEach(() => two.stop())

const codeOf = (answer: { error?: { data: Readonly<Record<string, unknown>> } }) => answer.error?.data.code
const rowOf = (params: Record<string, unknown>) => two.node.call('payouts.get', params)

test('P-19 a drain moves the node’s own coins: balances follow to the other mint, tokens that are out stay what they are', async () => {
  await open()
  const [spender, saver, leaver] = [await two.key(2000), await two.key(500), await two.key(100)]
  await two.earn(spender)
  const out = await two.refund(leaver)
  const balance = (await two.info(spender)).balance
  const before = [two.mint.calls('melt'), two.second.calls('swap')]
  const { payout } = (await two.drain()).result as { payout: string }
  await two.drained()
  expect(before).toEqual([0, 0])
  expect((await rowOf({ payout })).result).toMatchObject({ purpose: 'move', state: 'paid', to: two.second.url })
  expect(await two.sheet('customers', two.mint)).toBe(0)
  expect(await two.sheet('customers', two.second)).toBe(-(balance + (await two.info(saver)).balance))
  expect(await two.sheet('out', two.mint)).toBe(Number(out.sats) * 1000)
  expect(await two.sheet('free', two.mint)).toBeLessThanOrEqual(4000)
  // All fees are the owner's, and nothing else changed for anybody.
  expect(await two.sheet('owner:withdrawn')).toBe(0)
  expect((await two.info(spender)).balance).toBe(balance)
  const refunded = await two.refund(saver)
  expect([mintOf(refunded.token), mintOf(out.token)]).toEqual([two.second.url, two.mint.url])
  expect(Number(refunded.sats)).toBe(499)
  const again = await two.post('/v1/balance/refund', { refund_id: out.refund_id }, leaver)
  expect(((await again.json()) as { token: string }).token).toBe(out.token)
  expect((await two.chat(spender)).status).toBe(200)
  expect((await two.post('/v1/balance/topup', { cashu_token: two.second.token(50) }, spender)).status).toBe(200)
  expect((await two.post('/v1/balance/topup', { cashu_token: two.mint.token(50) }, spender)).status).toBe(422)
  await two.check([50, 0])
  expect((await two.node.call('money.list', { kind: 'move' })).result).toMatchObject({ total: expect.any(Number) })
}, 60_000)

test('wallet 15 while customers’ coins are between two mints no owner spend runs by any command, and a refund waits for them', async () => {
  await open()
  const [spender, saver] = [await two.key(2000), await two.key(500)]
  await two.earn(spender)
  await two.earn(spender)
  await two.post('/v1/balance/topup', { cashu_token: two.second.token(400) }, spender)
  two.mint.setLightning({ outcome: 'pending', fee: 1 })
  await two.drain()
  await until('it is on its way', () => two.mint.melts().some(({ state }) => state === 'PENDING'))
  const { key12 } = ((await two.node.call('sessions.list', {})).result as { rows: { key12: string }[] }).rows[0] ?? {
    key12: '',
  }
  for (const [method, params] of [
    ['payouts.toToken', { sat: 1 }],
    ['payouts.toToken', { mint: two.second.url, sat: 1 }],
    ['payouts.toLightning', { sat: 1, to: 'owner@wallet.example' }],
    ['sessions.credit', { session: key12, msat: 1, reason: 'a gift' }],
  ] as const)
    expect([method, codeOf(await two.node.call(method, params))]).toEqual([method, 'below-floor'])
  expect(codeOf(await two.drain())).toBe('drain-open')
  expect(codeOf(await two.node.call('mints.change', { mint: two.mint.url, deposits: true }))).toBe('drain-open')
  expect(codeOf(await two.node.call('mints.remove', { mint: two.second.url }))).toBe('mint-not-empty')
  expect(await two.drainRow()).toMatchObject({ state: 'moving', rounds: 1, movedSat: 0 })
  const asked = await two.post('/v1/balance/refund', {}, saver)
  expect(asked.status).not.toBe(200)
  expect((await two.chat(spender)).status).toBe(200)
  const melt = two.mint.melts().at(-1)
  two.mint.setLightning({ fee: 1 })
  two.mint.endMelt(melt?.quote ?? '', 'paid')
  await two.node.call('payouts.ask', { payout: (await two.drainRow())?.payout })
  await two.drained()
  const refunded = await two.refund(saver)
  expect([mintOf(refunded.token), refunded.sats]).toEqual([two.second.url, '499'])
  expect(await two.sheet('promised', two.mint)).toBe(0)
  await two.check()
}, 60_000)

test('wallet 15 mints.drain moves no customers’ money where the owner has nothing for its fees, and refuses itself, strangers, closed mints, invoices and empty purses', async () => {
  await open()
  const refusals: readonly [Record<string, unknown>, string][] = [
    [{ to: two.mint.url }, 'drain-target'],
    [{ to: 'nobody' }, 'destination-unusable'],
    [{ to: 'lightning' }, 'destination-unusable'],
    [{}, 'nothing-to-drain'],
  ]
  for (const [params, code] of refusals) expect([params, codeOf(await two.drain(params))]).toEqual([params, code])
  await two.key(700)
  const refused = await two.drain()
  expect(refused.error?.data).toMatchObject({ code: 'below-floor', spendableMsat: 0 })
  expect(await two.drainRow()).toBeUndefined()
  // Nothing was done: deposits go on.
  expect((await two.post('/v1/balance/create', { initial_balance_token: two.mint.token(5) })).status).toBe(200)
  await two.check()
  await two.node.call('mints.change', { mint: two.second.url, deposits: false })
  expect(codeOf(await two.drain())).toBe('drain-target')
  expect((await two.drain({ mint: 'https://nobody.example' })).error?.data.reason).toBe('NOT_FOUND')
}, 60_000)
