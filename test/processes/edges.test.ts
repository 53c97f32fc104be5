/** Edges that a wallet meets seldom (wallet 19.4, 19.10): odd tokens, many callers, and a mint that is away for long. */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { wish } from '../../events'
import { spends } from '../kit/charge'
import { earned, finish, lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const { kit } = suite
const minute = 60_000

test('wallet 19.4 W-10 thirty redeems of one token in three spellings: one deposit, one swap, one credit', async () => {
  const one = kit({ feePpk: 100 })
  const proofs = one.mint.proofs(21)
  const spellings = [
    one.mint.encode(proofs),
    one.mint.encode(proofs, 'sat', { version: 3 }),
    one.mint.encode([...proofs].reverse(), 'sat', { mint: `${one.mint.url.toUpperCase().replace('HTTP', 'http')}/` }),
  ]
  const texts = Array.from({ length: 30 }, (_, n) => spellings[n % 3] ?? '')
  const outcomes = await Promise.all(texts.map((text) => one.redeem(text)))
  for (const outcome of outcomes) expect(outcome).toMatchObject({ settled: true, amountMsat: 20_000 })
  expect(outcomes.filter(({ first }) => first === true)).toHaveLength(1)
  expect(one.mint.calls('swap')).toBe(1)
  expect(await accountOf(one, 'customers')).toBe(-20_000)
  // The proofs belong to the session that was first, whatever text they come under (wallet 3).
  const targets = new Set(outcomes.map((outcome) => ('target' in outcome ? outcome.target : '')))
  expect(targets.size).toBe(1)
})

test('wallet 19.4 W-03 eight sends at once: each has its token, no counter and no coin is used twice', async () => {
  const one = kit({ feePpk: 100, keysetVersion: 'v2' })
  const sessions: string[] = []
  for (let n = 0; n < 8; n += 1) {
    const token = one.mint.token(65, 'sat', { amounts: [64, 1] })
    await one.redeem(token)
    await spends(one, one.sessionOf(token), 10_000 + n * 1000)
    sessions.push(one.sessionOf(token))
  }
  const refunds = await Promise.all(sessions.map((session) => one.refund(session)))
  const ready = refunds.flatMap((refund) => ('is' in refund && refund.is === 'ready' ? [refund] : []))
  expect(ready.map(({ sats }) => sats)).toEqual([54, 53, 52, 51, 50, 49, 48, 47])
  const secrets = ready.flatMap(({ token }) => one.payoutDeps.wallet.decodeToken(token, one.mint.keysetIds()) ?? [])
  expect(new Set(secrets.map(({ secret }) => secret)).size).toBe(secrets.length)
}, 30_000)

test('wallet 19.10 a token of one unit that the fee eats is refused before anything is sent, and stays whole', async () => {
  const one = kit({ feePpk: 100 })
  const token = one.mint.token(1)
  expect(await one.redeem(token)).toMatchObject({ refused: 'token-fees', feeUnits: 1, amountMsat: 1000, feeMsat: 1000 })
  expect([one.mint.calls('swap'), one.mint.heldByStrangers('sat')]).toEqual([0, 1])
  const two = one.mint.token(2)
  expect(await one.redeem(two)).toMatchObject({ settled: true, amountMsat: 1000, feeMsat: 1000 })
})

test('wallet 19.10 257 proofs are refused unseen, 256 are taken', async () => {
  const one = kit({ keysetVersion: 'v2' })
  const many = one.mint.proofs(limits.tokenProofs + 1, 'sat', {
    amounts: Array.from({ length: limits.tokenProofs + 1 }, () => 1),
  })
  expect(await one.redeem(one.mint.encode(many))).toMatchObject({ refused: 'token-invalid' })
  expect(one.mint.calls()).toBe(0)
  expect(await one.redeem(one.mint.encode(many.slice(1)))).toMatchObject({ settled: true, amountMsat: 256_000 })
}, 30_000)

test('wallet 8.1 more proofs than a mint takes: refused, nothing spent, and fewer of them are credited', async () => {
  const one = kit()
  const proofs = one.mint.proofs(12, 'sat', { amounts: Array.from({ length: 12 }, () => 1) })
  one.mint.fault({ path: 'swap', kind: 'code', code: 11_014 })
  expect(await one.redeem(one.mint.encode(proofs))).toMatchObject({ refused: 'token-rejected' })
  expect(one.mint.heldByStrangers('sat')).toBe(12)
  expect(await one.redeem(one.mint.encode(proofs.slice(0, 10)))).toMatchObject({ settled: true, amountMsat: 10_000 })
})

test('T9 a short keyset id that its mint does not know costs one refresh, one that fits two keysets is refused', async () => {
  const one = kit({ keysetVersion: 'v2' })
  await one.redeem(one.mint.token(1))
  const asked = one.mint.calls('keysets')
  const foreign = kit({ keysetVersion: 'v2' })
  const text = foreign.mint.encode(foreign.mint.proofs(4), 'sat', { mint: one.mint.url })
  expect(await one.redeem(text)).toMatchObject({ refused: 'token-invalid' })
  expect([one.mint.calls('keysets') - asked, one.mint.calls('swap')]).toEqual([1, 1])
  // Again and again it costs nothing more.
  for (let n = 0; n < 20; n += 1) await one.redeem(text)
  expect(one.mint.calls('keysets') - asked).toBe(1)
  const [id = ''] = one.mint.keysetIds()
  const { decodeToken } = one.payoutDeps.wallet
  const own = one.mint.token(4)
  expect(decodeToken(own, [id])?.map((proof) => proof.id)).toEqual([id])
  const twin = `${id.slice(0, 16)}${id.slice(16).split('').reverse().join('')}`
  expect(decodeToken(own, [id, twin])).toBeUndefined()
})

test('W-15 a mint that is away for twenty minutes: what was begun ends when it is back, and nothing is given up', async () => {
  const one = kit({ feePpk: 100 })
  const key = one.mint.token(65, 'sat', { amounts: [64, 1] })
  await one.redeem(key)
  await spends(one, one.sessionOf(key), 10_000)
  one.mint.fault({ path: 'swap', kind: 'drop-before', times: 2 })
  const token = one.mint.token(21)
  // Neither request is known not to have left: both stay open, and the mint goes away behind them.
  const sent = new Set<string>()
  one.onStop(async (place) => {
    if (!place.endsWith(': after the swap')) return
    sent.add(place)
    await until('both were sent', () => sent.size === 2)
    await one.mint.stop()
  })
  const [deposit, refund] = [one.redeem(token), one.refund(one.sessionOf(key))]
  await until('both were sent', () => sent.size === 2)
  const goneAt = one.now()
  await until('twenty minutes are over', () => one.now() - goneAt > 20 * minute)
  one.onStop(async () => undefined)
  // What was promised stays promised, and what did not come is nobody's balance yet.
  const books = await Promise.all(['customers', 'promised', 'locked'].map((name) => accountOf(one, name)))
  expect([books, one.mint.outstanding('sat')]).toEqual([[0, -54_000, 64_000], 85])
  one.mint.restart()
  expect(await deposit).toMatchObject({ settled: true, amountMsat: 20_000 })
  expect(await refund).toMatchObject({ is: 'ready', sats: 54 })
}, 30_000)

test('wallet 19.10 a mint that restarts with inputs of ours pending: they stay ours to wait for, and are booked as it ends', async () => {
  for (const how of ['paid', 'failed'] as const) {
    const one = kit()
    await earned(one)
    one.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 4 })
    const invoice = lightningInvoice(100, one.now(), 30 * 86_400)
    const payout = await withdrawByLightning(one, 100, invoice)
    one.swaps.start()
    void one.melts.follow(payout, 1)
    await until('it is on its way', () => one.mint.melts().some(({ state }) => state === 'PENDING'))
    const locked = await accountOf(one, 'locked')
    await one.mint.stop()
    const stoppedAt = one.now()
    await until('a minute is over', () => one.now() - stoppedAt > minute)
    one.mint.restart()
    // Cancelling now frees nothing: a fence of pending inputs proves nothing.
    await suite.log().engine.execute(wish('payout', payout, { do: 'want-cancel', why: 'owner', by: 'owner' }), {
      meta: { actor: 'owner', door: 'console' },
    })
    one.melts.wake(payout)
    await Bun.sleep(50)
    expect([await accountOf(one, 'locked'), await stageOf(one, payout)]).toEqual([locked, 'planned'])
    if (how === 'failed') one.mint.setLightning({ outcome: 'failed' })
    one.mint.endMelt(invoice, how)
    expect(await finish(one, payout)).toBe(how === 'paid' ? 'paid' : 'rejected')
    expect(await accountOf(one, 'locked')).toBe(0)
  }
}, 30_000)
