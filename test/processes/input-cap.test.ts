/** What needs more coins than a mint takes in one request is done in parts, and nothing waits for ever (wallet 5.5, 8.1). */
import { expect, test } from 'bun:test'
import { inputCap } from '../../core/processes/input-cap'
import { createMaintenance } from '../../core/processes/maintenance'
import { draftReclaim } from '../../core/processes/reclaims'
import { unlimited, wish } from '../../events'
import { spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { finish, lightningInvoice, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'

const { kit } = moneySuite()

/** A wallet whose tokens become coins of one sat when asked. */
function small(options: Parameters<typeof kit>[0] = {}) {
  const ladder = { coins: 0, coinsWithFee: 0, largest: 1 }
  const one = kit({ ...options, ladder })
  async function ones(count: number): Promise<string> {
    Object.assign(ladder, { coins: 1000, coinsWithFee: 1000 })
    const token = one.mint.token(count)
    await one.redeem(token)
    Object.assign(ladder, { coins: 0, coinsWithFee: 0 })
    return one.sessionOf(token)
  }
  return { one, ones }
}

/** Each token leaves one coin. */
async function smallCoins(one: DepositKit, count: number, sat: number): Promise<string> {
  const first = one.mint.token(sat)
  await one.redeem(first)
  const session = one.sessionOf(first)
  for (let n = 1; n < count; n += 1) {
    const text = one.mint.token(sat)
    const sessionId = one.sessionOf(text)
    await one.deposits.redeem(
      { text, via: 'topup', sessionId, target: session, limits: unlimited, requestId: 'r' },
      Number.POSITIVE_INFINITY,
    )
  }
  return session
}

const coinsOf = async (one: DepositKit) =>
  (await one.opened.log.coins(one.purse())).filter(({ state }) => state === 'free')
const capOf = async (one: DepositKit) =>
  (await one.opened.engine.state('mint', `mint-${one.purse().split('/')[0]}`)).limits.maxInputs
const learns = (one: DepositKit, maxInputs: number) =>
  one.opened.engine.execute(
    wish('mint', `mint-${one.purse().split('/')[0]}`, { do: 'learn-input-cap', maxInputs, at: one.now() }),
    {
      meta: { actor: 'test', door: 'node', cause: undefined },
    },
  )
const proofsIn = (one: DepositKit, token: string) => one.wallet.readTokenHead(token)?.secrets.length ?? 0
const nothingOpen = (one: DepositKit) =>
  until('nothing is open', async () => {
    for (const kind of ['swap', 'swapping', 'fencing', 'coinless'])
      if ((await one.opened.log.claims(kind)).length > 0) return false
    return true
  })

async function inOrder(one: DepositKit, isDone: () => Promise<boolean>, coinsInPurse = 10): Promise<void> {
  const { round } = createMaintenance(one.payoutDeps, { coinsInPurse, coinsAtOnce: 64 })
  await until('the wallet is in order', async () => {
    await round()
    return (await accountOf(one, 'locked')) === 0 && (await isDone())
  })
}

test('wallet 5.5, 8.1 a consolidation that its mint refuses as too large is done in parts, and later ones keep to the bound', async () => {
  const { one, ones } = small({ rates: { maxInputs: 20 } })
  one.swaps.start()
  await ones(50)
  await inOrder(one, async () => (await coinsOf(one)).length <= 10)
  expect(await accountOf(one, 'free')).toBe(50_000)
  // Refused were 50, then half of them; half of those it takes.
  expect(await capOf(one)).toBe(24)
  const swaps = (await one.opened.log.streams('swap-')).length
  expect(swaps).toBeGreaterThan(4)
  await ones(30)
  const refused = one.mint.rates.refused()
  await inOrder(one, async () => (await coinsOf(one)).length <= 10)
  expect([one.mint.rates.refused() - refused, await accountOf(one, 'free')]).toEqual([0, 80_000])
}, 30_000)

test('wallet 5.5, 8.1 coins of an ended keyset leave it in swaps that the mint takes, each for its exact fee', async () => {
  const { one, ones } = small({ rates: { maxInputs: 20 }, feePpk: 100 })
  one.swaps.start()
  await ones(46)
  await learns(one, 40)
  one.mint.rotate('sat')
  await one.desk().keysets(true)
  const [old] = await coinsOf(one)
  const before = await accountOf(one, 'free')
  expect((await coinsOf(one)).length).toBe(45)
  await inOrder(one, async () => (await coinsOf(one)).every(({ keysetId }) => keysetId !== old?.keysetId), 100)
  // 20, 20 and 5 coins cost 2, 2 and 1.
  expect([await accountOf(one, 'owner:mintFees'), before - (await accountOf(one, 'free'))]).toEqual([5000, 5000])
  expect([one.mint.rates.mostInputs(), one.mint.rates.refused()]).toEqual([20, 0])
}, 30_000)

test('wallet 5.2, 8.1 a refund that needs more coins than one request holds puts them together first', async () => {
  const { one, ones } = small({ rates: { maxInputs: 10 } })
  one.swaps.start()
  const session = await ones(60)
  await learns(one, 19)
  const refund = await one.refund(session)
  expect(refund).toMatchObject({ is: 'ready', sats: 60 })
  expect(proofsIn(one, 'token' in refund ? refund.token : '')).toBeLessThanOrEqual(10)
  expect([one.mint.rates.mostInputs(), one.mint.rates.refused()]).toEqual([10, 0])
}, 30_000)

test('wallet 5.2, 8.1 coins that are put together first are read a swap at a time, and never all of the purse', async () => {
  const { one, ones } = small({ rates: { maxInputs: 10 } })
  one.swaps.start()
  const session = await ones(60)
  await ones(60)
  await learns(one, 19)
  const read: number[] = []
  const { log } = one.opened
  const { coins, freeCoins } = log
  const counting = Object.assign(log as { coins: unknown; freeCoins: typeof freeCoins }, {
    coins: undefined,
    async freeCoins(...asked: Parameters<typeof freeCoins>) {
      const rows = await freeCoins(...asked)
      read.push(rows.length)
      return rows
    },
  })
  try {
    expect(await one.refund(session)).toMatchObject({ is: 'ready', sats: 60 })
  } finally {
    Object.assign(counting, { coins, freeCoins })
  }
  // Six swaps of ten put together what pays; then come the coins that it takes.
  expect([read.slice(0, 6), Math.max(...read)]).toEqual([[10, 10, 10, 10, 10, 10], 10])
  expect([one.mint.rates.mostInputs(), one.mint.rates.refused()]).toEqual([10, 0])
}, 30_000)

test('W-16 wallet 8.1 while its mint is away coins that add up are handed over, though it takes fewer at once', async () => {
  const { one, ones } = small()
  const session = await ones(60)
  await learns(one, 19)
  await one.mint.stop()
  const refund = await one.restart().refund(session)
  expect(refund).toMatchObject({ is: 'ready', sats: 60 })
  expect(proofsIn(one, 'token' in refund ? refund.token : '')).toBe(60)
  one.mint.restart()
}, 30_000)

test('W-06 wallet 8.1 a refund that its mint refuses as too large comes back in parts, and the next one is paid', async () => {
  const one = kit({ rates: { maxInputs: 10 } })
  one.swaps.start()
  one.payouts.start()
  const session = await smallCoins(one, 12, 2)
  await spends(one, session, 1000)
  expect(await one.refund(session)).toMatchObject({ is: 'pending' })
  await nothingOpen(one)
  expect([(await one.opened.engine.state('session', session)).balanceMsat, await capOf(one)]).toEqual([23_000, 11])
  expect(await one.refund(session)).toMatchObject({ is: 'ready', sats: 23 })
  await nothingOpen(one)
}, 30_000)

test.each(spread([2, 1, 3], 3))(
  'W-01 wallet 8.1 killed after part %d of a swap, the next start brings all of it back',
  async (part) => {
    const { one, ones } = small({ rates: { maxInputs: 10 } })
    await ones(40)
    let settled = 0
    one.onStop(async (place) => {
      if (place === 'swap: after it is settled') settled += 1
      if (settled >= part) throw new Error('killed')
    })
    one.swaps.start()
    await createMaintenance(one.payoutDeps, { coinsInPurse: 10, coinsAtOnce: 64 }).round()
    await until('it is killed', async () => settled >= part)
    one.swaps.stop()
    one.onStop(async () => undefined)
    const again = one.restart()
    again.swaps.start()
    await again.swaps.resume()
    await nothingOpen(again)
    expect([await accountOf(again, 'free'), await accountOf(again, 'locked')]).toEqual([40_000, 0])
    again.swaps.stop()
  },
)

test('wallet 5.4, 8.1 a payment by Lightning keeps to what its mint takes in one request', async () => {
  const { one, ones } = small({ rates: { maxInputs: 10 } })
  const session = await ones(60)
  await learns(one, 19)
  await spends(one, session, 60_000)
  one.mint.setLightning({ fee: 1, reserve: 2 })
  const payout = await withdrawByLightning(one, 40, lightningInvoice(40, one.now()), 5000)
  expect(await finish(one, payout)).toBe('paid')
  expect([one.mint.rates.mostInputs() <= 10, one.mint.rates.refused()]).toEqual([true, 0])
  expect([one.mint.lightningOutMsat(), await accountOf(one, 'free')]).toEqual([41_000, 19_000])
}, 30_000)

test('wallet 5.1, 8.1, 8.2 a token of more proofs than its mint takes is refused untouched, and the next one costs no call', async () => {
  const one = kit({ rates: { maxInputs: 20 } })
  const token = () => one.mint.token(30, 'sat', { amounts: Array.from({ length: 30 }, () => 1) })
  expect(await one.redeem(token())).toMatchObject({ refused: 'token-rejected' })
  const calls = one.mint.calls()
  expect(await one.redeem(token())).toMatchObject({
    refused: 'token-rejected',
    why: expect.stringContaining('29 proofs'),
  })
  expect([one.mint.calls() - calls, one.mint.heldByStrangers('sat')]).toEqual([0, 60])
  // Fewer than were refused may be taken: that is for the mint to say.
  expect(await one.redeem(one.mint.token(20, 'sat', { amounts: Array.from({ length: 20 }, () => 1) }))).toMatchObject({
    settled: true,
  })
}, 30_000)

test('P-17 P-30 wallet 8.1 what one stray refusal taught is tried again an hour later, without a restart', async () => {
  const one = kit({ rates: { maxInputs: 20 } })
  const token = () => one.mint.token(30, 'sat', { amounts: Array.from({ length: 30 }, () => 1) })
  const refused = () => one.mint.rates.refused()
  expect(await one.redeem(token())).toMatchObject({ refused: 'token-rejected' })
  one.turn(59 * 60_000)
  expect(await one.redeem(token())).toMatchObject({ refused: 'token-rejected', why: expect.stringContaining('29') })
  expect(refused()).toBe(1)
  one.turn(2 * 60_000)
  // Refused again: that is fresh, and holds for another hour.
  expect(await one.redeem(token())).toMatchObject({ refused: 'token-rejected' })
  expect(await one.redeem(token())).toMatchObject({ refused: 'token-rejected', why: expect.stringContaining('29') })
  expect([refused(), await inputCap(one.purse().split('/')[0] ?? '', one.payoutDeps)]).toEqual([2, 15])
  one.turn(61 * 60_000)
  expect(await inputCap(one.purse().split('/')[0] ?? '', one.payoutDeps)).toBe(100)
}, 30_000)

test('wallet 5.1, 8.1 a token that is on its way in is joined, whatever was learnt of its mint meanwhile', async () => {
  const one = kit()
  const token = one.mint.token(30, 'sat', { amounts: Array.from({ length: 30 }, () => 1) })
  one.mint.fault({ path: 'swap', kind: 'drop-after' })
  let goOn: () => void = () => undefined
  const held = new Promise<void>((go) => {
    goOn = go
  })
  one.onStop((place) => (place === 'deposit: after the swap' ? held : Promise.resolve()))
  const first = one.redeem(token)
  await until('its answer is lost', () => one.mint.calls('swap') > 0)
  await learns(one, 20)
  const second = one.redeem(token)
  goOn()
  expect(await second).toMatchObject({ settled: true, amountMsat: 30_000 })
  expect(await first).toMatchObject({ settled: true })
}, 30_000)

test('wallet 5.2, 8.1 a token of more coins than its mint takes at once is not swapped behind its holder', async () => {
  const { one, ones } = small()
  const session = await ones(30)
  const refund = await one.refund(session)
  await learns(one, 20)
  const payout = 'payout' in refund ? refund.payout : ''
  expect(await draftReclaim({ payout, into: 'reissued', by: 'owner' }, one.payoutDeps)).toEqual({
    refused: 'token-above-input-cap',
  })
}, 30_000)
