/** The few sat that their own fee eats keep no mint for ever: removing it writes them off as the owner's loss (wallet 9.5). */
import { afterEach, expect, test } from 'bun:test'
import { startTwoMints, type TwoMints } from '../kit/two-mints'

let two: TwoMints
afterEach(() => two.stop())
const remove = () => two.node.call('mints.remove', { mint: two.mint.url })
const donate = async (sat: number) =>
  expect((await two.post('/v1/balance/donate', { token: two.mint.token(sat) })).status).toBe(200)

test('wallet 9.5 what a drain leaves because its own fee eats it is written off with the mint, and its counters stay used', async () => {
  two = await startTwoMints({ first: { feePpk: 100 } })
  await donate(500)
  two.mint.setLightning({ fee: 1 })
  expect((await remove()).error?.data).toMatchObject({ code: 'mint-not-empty' })
  expect((await two.drain()).result).toBeDefined()
  await two.drained()
  expect((await two.drain()).error?.data).toMatchObject({ code: 'nothing-to-drain' })
  const dustMsat = await two.sheet('free', two.mint)
  expect([dustMsat > 0, dustMsat <= 6000]).toEqual([true, true])
  expect((await remove()).result).toEqual({ mint: two.mint.url, writtenOffMsat: dustMsat })
  expect([await two.sheet('free', two.mint), await two.sheet('owner:losses', two.mint)]).toEqual([0, dustMsat])
  // What was given up is at the mint still, and nobody's.
  await two.check([dustMsat / 1000, 0])
  expect((await two.node.call('mints.add', { url: two.mint.url })).result).toBeDefined()
  expect((await two.info(two.mint.token(100))).balance).toBe(99_000)
  expect((await two.node.call('wallet.restore', { mints: [two.mint.url] })).result).toMatchObject({
    mints: [{ isBehind: false, unattributedMsat: 0, lostMsat: 0 }],
  })
  expect(await two.sheet('unattributed')).toBe(0)
  await two.check([dustMsat / 1000, 0])
}, 60_000)

test('wallet 9.5 a customer’s sat is no dust, and neither is what a drain still moves', async () => {
  two = await startTwoMints({ first: { feePpk: 100 } })
  const key = await two.key(3)
  expect((await remove()).error?.data).toMatchObject({ code: 'mint-not-empty', heldMsat: 2000, owedMsat: 2000 })
  expect((await two.info(key)).balance).toBe(2000)
  await donate(100)
  await two.refund(key)
  expect((await remove()).error?.data).toMatchObject({ code: 'mint-not-empty' })
  expect(await two.sheet('owner:losses')).toBe(0)
}, 60_000)
