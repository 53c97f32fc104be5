/** Drains that meet with failures, bounds and second thoughts, and a drain by Lightning (wallet 5.6). */
import { afterEach, expect, test } from 'bun:test'
import { getDecodedToken } from '@cashu/cashu-ts'
import { wish } from '../../events'
import { until } from '../kit/node'
import { createReceiver } from '../kit/receiver'
import { type DrainRow, mintOf, startTwoMints, type TwoMints } from '../kit/two-mints'

let two: TwoMints
const fees = { first: { feePpk: 100 }, second: { feePpk: 100 } }
const open = async (options: Parameters<typeof startTwoMints>[0] = fees) => {
  two = await startTwoMints(options)
}
afterEach(() => two.stop())

const codeOf = (answer: { error?: { data: Readonly<Record<string, unknown>> } }) => answer.error?.data.code
const rowOf = (params: Record<string, unknown>) => two.node.call('payouts.get', params)
const isRow = async (fits: (row: DrainRow) => boolean) => {
  const row = await two.drainRow()
  return row !== undefined && fits(row)
}

/** The owner takes what is left as a token, and redeems it elsewhere; the hourly look finds it collected. */
async function takeOut(sat: number): Promise<void> {
  const { engine, log } = two.node.node.adminNode
  const taken = (await two.node.call('payouts.toToken', { mint: two.mint.url, sat })).result as Record<string, string>
  two.mint.spend(getDecodedToken(taken.token ?? '', two.mint.keysetIds()).proofs)
  const payout = `payout-${taken.payout}`
  const state = await engine.state('payout', payout)
  if (state.is !== 'ready') throw new Error('no token')
  await engine.execute(wish('payout', payout, { do: 'claim', seenAt: Date.now() }), {
    meta: { actor: 'owner', door: 'node' },
    moves: state.ready.send.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'out', to: 'spent' })),
    releases: [{ kind: 'uncollected', key: payout }],
  })
  expect(await log.claims('uncollected')).toEqual([])
}

test('wallet 5.6 rounds as large as the other mint takes them, as dear as its quotes, until all is there', async () => {
  await open({ first: { feePpk: 100 }, second: { maxAmount: 900, minAmount: 10 } })
  await two.earn(await two.key(2000))
  two.mint.setLightning({ fee: 1, reserve: 40 })
  await two.drain({ maxFeeSat: 300 })
  await until('a round was too dear', () => isRow(({ rounds }) => rounds >= 2))
  await two.drained()
  const begun = (await two.node.node.log.list({ type: 'drain.round-begun', limit: 100 })).map(
    ({ data }) => (data as { msat: number }).msat,
  )
  expect(Math.max(...begun)).toBeLessThanOrEqual(900_000)
  const ended = (await two.node.node.log.list({ type: 'drain.round-ended', limit: 100 })).map(
    ({ data }) => data as Record<string, unknown>,
  )
  expect(ended.some(({ why }) => why === 'too-dear' || why === 'too-little')).toBe(true)
  expect(await two.sheet('customers', two.mint)).toBe(0)
  await two.check()
}, 60_000)

test('W-15 wallet 5.6 a customer who leaves between two rounds, with more than is left there, is paid where his money went', async () => {
  await open({ first: { feePpk: 100 }, second: { maxAmount: 900, minAmount: 10 } })
  const [stays, leaves] = [await two.key(800), await two.key(1500)]
  await two.earn(stays)
  two.mint.setLightning({ fee: 1 })
  let asked: Promise<Response> | undefined
  two.onStop(async (place) => {
    if (place !== 'drain: after a round ended' || asked !== undefined) return
    asked = two.post('/v1/balance/refund', {}, leaves)
    await until('he asked', async () => (await two.sheet('promised', two.mint)) !== 0)
  })
  await two.drain({ maxFeeSat: 300 })
  await two.drained()
  // Told to come again, or paid at once where the next round was quick.
  expect([425, 200]).toContain((await asked)?.status ?? 0)
  await until('he is paid', async () => (await two.post('/v1/balance/refund', {}, leaves)).status === 200)
  const refunded = await two.refund(leaves)
  expect([mintOf(refunded.token), refunded.sats]).toEqual([two.second.url, '1499'])
  expect(await two.sheet('customers', two.mint)).toBe(0)
  await two.check()
}, 60_000)

test('W-15 wallet 5.6 a refund of money at both mints, which neither can hand out, follows the drain and is paid', async () => {
  await open()
  const leaves = await two.key(800)
  const topUp = { cashu_token: two.second.token(300) }
  expect((await two.post('/v1/balance/topup', topUp, leaves)).status).toBe(200)
  const opened = await two.post('/v1/balance/create', { initial_balance_token: two.second.token(1000) })
  await two.earn(((await opened.json()) as { readonly api_key: string }).api_key)
  expect((await two.post('/v1/balance/refund', {}, leaves)).status).toBe(425)
  await two.drain({ maxFeeSat: 100 })
  await until('he is paid', async () => (await two.post('/v1/balance/refund', {}, leaves)).status === 200, 30_000)
  expect(mintOf((await two.refund(leaves)).token)).toBe(two.second.url)
  await two.drained()
  expect(await two.sheet('customers', two.mint)).toBe(0)
  await two.check()
}, 60_000)

test('wallet 5.6 a payment that fails is taken back and moved again', async () => {
  await open()
  await two.earn(await two.key(1000))
  two.mint.setLightning({ outcome: 'failed' })
  await two.drain()
  await until('a round failed', () => isRow(({ whyNot }) => whyNot !== undefined))
  // Nothing moved, but the fence that brought the coins back had its fee.
  await until('its fence is counted', () => isRow(({ movedSat, feeSat }) => movedSat === 0 && feeSat > 0))
  two.mint.setLightning({ fee: 1 })
  await two.drained()
  expect(await two.sheet('customers', two.mint)).toBe(0)
  expect(await two.sheet('locked')).toBe(0)
  await two.check()
}, 60_000)

test('wallet 5.6 a mint that does not answer is waited for, whichever it is', async () => {
  await open()
  await two.earn(await two.key(1000))
  await two.second.stop()
  expect((await two.drain()).error?.data.reason).toBe('UNAVAILABLE')
  two.second.restart()
  await two.node.call('mints.test', { mint: two.second.url })
  two.mint.setLightning({ outcome: 'pending', fee: 1 })
  await until('it begins', async () => (await two.drain()).result !== undefined)
  await until('it is on its way', () => two.mint.melts().some(({ state }) => state === 'PENDING'))
  await two.second.stop()
  two.mint.setLightning({ fee: 1 })
  two.mint.endMelt(two.mint.melts().at(-1)?.quote ?? '', 'paid')
  await two.node.call('payouts.ask', { payout: (await two.drainRow())?.payout })
  expect(await two.drainRow()).toMatchObject({ state: 'moving' })
  two.second.restart()
  await two.drained()
  expect(await two.sheet('customers', two.mint)).toBe(0)
  await two.check()
}, 60_000)

test('wallet 5.6 the owner cancels: coins come back by a fence, no round follows, and the mint may take deposits again', async () => {
  await open()
  await two.earn(await two.key(1000))
  two.mint.setLightning({ outcome: 'pending' })
  const { payout } = (await two.drain()).result as { payout: string }
  await until('it is on its way', () => two.mint.melts().some(({ state }) => state === 'PENDING'))
  await two.node.call('payouts.cancel', { payout })
  expect(await two.drainRow()).toMatchObject({ state: 'moving', whyNot: 'cancelled' })
  two.mint.endMelt(two.mint.melts().at(-1)?.quote ?? '', 'failed')
  two.mint.setLightning({})
  await two.node.call('payouts.ask', { payout })
  await two.drained()
  expect((await rowOf({ payout })).result).toMatchObject({ state: 'failed' })
  expect(two.mint.melts()).toHaveLength(1)
  expect(await two.sheet('customers', two.second)).toBe(0)
  expect((await two.node.call('mints.change', { mint: two.mint.url, deposits: true })).result).toMatchObject({
    deposits: true,
  })
  await two.check()
}, 60_000)

test('wallet 9.5 what is left after a drain is less than moving it costs; without it the mint is removed', async () => {
  await open({})
  await two.earn(await two.key(1500))
  await two.drain()
  await two.drained()
  const left = (await two.sheet('free', two.mint)) / 1000
  const remove = () => two.node.call('mints.remove', { mint: two.mint.url })
  if (left > 0) {
    expect(codeOf(await remove())).toBe('mint-not-empty')
    await takeOut(left)
  }
  expect((await remove()).result).toEqual({ mint: two.mint.url })
  expect((await two.node.call('mints.list')).result).toMatchObject({ rows: [{ mint: two.second.url }] })
  await two.check([left, 0])
}, 60_000)

test('wallet 5.6 a drain by Lightning takes the owner’s part alone, to his address, within the limit of the day', async () => {
  const receiver = createReceiver(Date.now)
  const environment = { RECEIVE_LN_ADDRESS: receiver.address }
  await open({ ...fees, node: { foreign: receiver.foreign, environment } })
  const key = await two.key(2000)
  await two.earn(key)
  const { balance } = await two.info(key)
  await two.node.call('settings.apply', { changes: { 'security.dailyOutSat': 10 } })
  expect(codeOf(await two.drain({ to: 'lightning' }))).toBeUndefined()
  await until('what the day allows has left', async () => (await two.drainRow()) === undefined)
  expect(two.mint.lightningOutMsat()).toBeLessThanOrEqual(11_000)
  expect(codeOf(await two.drain({ to: receiver.address }))).toBe('daily-limit')
  expect(await two.sheet('customers', two.mint)).toBe(-balance)
  const { perMint } = (await two.node.call('withdraw.get')).result as { perMint: { safeSat: number }[] }
  expect(perMint[0]?.safeSat).toBeGreaterThan(100)
  expect((await two.refund(key)).sats).toBe(String(Math.floor(balance / 1000)))
  await two.check()
  await receiver.stop()
}, 60_000)

test('wallet 5.6 all of the owner’s part leaves by Lightning, and customers are paid out of what stays', async () => {
  const receiver = createReceiver(Date.now)
  await open({ ...fees, node: { foreign: receiver.foreign } })
  const key = await two.key(2000)
  await two.earn(key)
  const { balance } = await two.info(key)
  expect((await two.drain({ to: receiver.address })).result).toHaveProperty('payout')
  await two.drained()
  expect(two.mint.lightningOutMsat()).toBeGreaterThan(200_000)
  expect(await two.sheet('customers', two.mint)).toBe(-balance)
  expect((await two.refund(key)).sats).toBe(String(Math.floor(balance / 1000)))
  await two.check()
  await receiver.stop()
}, 60_000)

test('wallet 5.6 coins of a unit below the sat are moved in whole sat, and shares follow to the msat', async () => {
  const units = ['sat', 'msat'] as const
  await open({ first: { units, feePpk: 100 }, second: { units, feePpk: 100 } })
  const { api_key: key } = await two.info(two.mint.token(2_000_123, 'msat'))
  await two.earn(key)
  const { balance } = await two.info(key)
  expect((await two.drain({ unit: 'msat' })).result).toHaveProperty('payout')
  await two.drained()
  const held = (one: typeof two.mint) => one.outstanding('msat')
  const rows = (await two.node.node.log.sheet()).filter(({ purse }) => purse.endsWith('/msat'))
  const sum = (...accounts: readonly string[]) =>
    rows.filter(({ account }) => accounts.includes(account)).reduce((msat, row) => msat + Number(row.msat), 0)
  expect(sum('free')).toBe(held(two.mint) + held(two.second))
  expect([sum('customers'), held(two.mint) < 5000]).toEqual([-balance, true])
  expect(mintOf((await two.refund(key)).token)).toBe(two.second.url)
  await two.check()
}, 60_000)

test('wallet 5.6 a mint that was paid and gave the coins to a stranger: the loss is the owner’s, when he says so', async () => {
  let offsetMs = 0
  await open({ ...fees, node: { now: () => Date.now() + offsetMs } })
  const key = await two.key(2000)
  await two.earn(key)
  const { balance } = await two.info(key)
  two.mint.setLightning({ outcome: 'pending', fee: 1 })
  const { payout } = (await two.drain()).result as { payout: string }
  await until('it is on its way', () => two.mint.melts().some(({ state }) => state === 'PENDING'))
  const melt = two.mint.melts().at(-1)
  two.mint.setLightning({ fee: 1 })
  two.mint.endMelt(melt?.quote ?? '', 'paid')
  two.second.giveQuoteAway(melt?.request ?? '')
  await two.node.call('payouts.ask', { payout })
  await until('it is doubted', async () => {
    offsetMs += 31_000
    await Bun.sleep(200)
    return (await two.node.node.log.list({ type: 'deposit.disputed', limit: 1 })).length === 1
  })
  expect(await two.drainRow()).toMatchObject({ state: 'moving' })
  const [disputed] = await two.node.node.log.list({ type: 'deposit.disputed', limit: 1 })
  const deposit = disputed?.stream.slice('deposit-'.length)
  const close = (decision: string) => two.node.call('deposits.closeDispute', { deposit, decision, reason: 'of a test' })
  expect(codeOf(await close('credit'))).toBe('deposit-is-a-move')
  expect((await close('drop')).result).toMatchObject({ creditedMsat: 0 })
  await until(
    'the round ended',
    async () => (await two.node.node.log.list({ type: 'drain.round-ended', limit: 1 })).length === 1,
  )
  expect(await two.drainRow()).toMatchObject({ movedSat: 0 })
  // Owed as before, and nothing of it is spendable until the owner has made up for it.
  expect(await two.sheet('customers')).toBe(-balance)
  expect(codeOf(await two.node.call('payouts.toToken', { sat: 1 }))).toBe('below-floor')
  expect((await two.node.call('books.check')).result).toMatchObject({ balanced: true })
}, 60_000)

test('wallet 15 what arrived for customers, and the fees of rounds to come, are not the owner’s between two rounds', async () => {
  await open({ second: { maxAmount: 400 } })
  const key = await two.key(2000)
  await two.earn(key)
  two.mint.setLightning({ fee: 1 })
  const spendable: number[] = []
  two.onStop(async (place) => {
    if (place !== 'drain: after a round ended' || spendable.length > 0) return
    const answer = await two.node.call('payouts.toToken', { mint: two.second.url, sat: 1_000_000 })
    spendable.push(Number(answer.error?.data.spendableMsat))
  })
  await two.drain({ maxFeeSat: 200 })
  await two.drained()
  expect(spendable).toEqual([0])
  expect(await two.sheet('customers', two.mint)).toBe(0)
  expect((await two.refund(key)).token).toMatch(/^cashu/)
}, 60_000)

test('wallet 5.6 the input fees of the other mint hold up no merge: customers’ coins are there', async () => {
  await open({ second: { feePpk: 1000 } })
  const key = await two.key(1200)
  two.upstream.next({ tokens: { prompt: 15_000, completion: 10 } })
  await two.chat(key)
  two.mint.setLightning({ fee: 1 })
  expect((await two.drain({ maxFeeSat: 200 })).result).toHaveProperty('payout')
  await two.drained()
  expect(await two.sheet('customers', two.mint)).toBe(0)
  expect((await two.refund(key)).token).toMatch(/^cashu/)
}, 60_000)
