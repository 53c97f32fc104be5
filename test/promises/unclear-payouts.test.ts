/** A payment whose outcome nobody knows: shown so, paid at most once, and only proof ends it (P-16, wallet 5.4, 6.4, 6.5). */
import { expect, test } from 'bun:test'
import { wish } from '../../events'
import type { DepositKit } from '../kit/deposits'
import { die, earned, finish, lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const { kit } = suite

const day = 24 * 3600_000
const begun = [
  'melt: before the invoice is kept',
  'melt: after the quote',
  'melt: before the lock',
  'melt: after the lock',
  'melt: before the send',
  'melt: after the send',
]
const booked = ['melt: before it is booked', 'melt: after it is booked']

type Case = {
  readonly name: string
  readonly end: 'paid' | 'rejected'
  readonly begin: (one: DepositKit) => void
  /** What the mint does once the process that asked is gone. */
  readonly decide: (one: DepositKit, invoice: string) => Promise<void>
}
const isHanging = (one: DepositKit) => one.mint.melts().some(({ state }) => state === 'PENDING')
/** Looked at for two days, slower and slower: time alone frees nothing. */
async function twoDays(one: DepositKit): Promise<void> {
  await one.melts.resume()
  await until('it is on its way', async () => {
    await one.swaps.resume()
    await one.melts.resume()
    return isHanging(one)
  })
  const [until2d, locked] = [one.now() + 2 * day, await accountOf(one, 'locked')]
  await until('two days are over', () => one.now() >= until2d)
  expect([await accountOf(one, 'locked'), locked > 0]).toEqual([locked, true])
}
const cases: readonly Case[] = [
  {
    name: 'no answer came and it was paid',
    end: 'paid',
    begin: ({ mint }) => mint.fault({ path: 'melt', kind: 'drop-after' }),
    decide: async () => undefined,
  },
  {
    name: 'no answer came and it was not paid',
    end: 'rejected',
    begin({ mint }) {
      mint.fault({ path: 'melt', kind: 'drop-before' })
      mint.setLightning({ outcome: 'failed' })
    },
    decide: async () => undefined,
  },
  {
    name: 'it was pending for two days and then paid',
    end: 'paid',
    begin: ({ mint }) => mint.setLightning({ outcome: 'pending', fee: 1, reserve: 4 }),
    async decide(one, invoice) {
      await twoDays(one)
      one.mint.endMelt(invoice, 'paid')
    },
  },
  {
    name: 'it was pending for two days and then failed',
    end: 'rejected',
    begin: ({ mint }) => mint.setLightning({ outcome: 'pending' }),
    async decide(one, invoice) {
      await twoDays(one)
      one.mint.setLightning({ outcome: 'failed' })
      one.mint.endMelt(invoice, 'failed')
    },
  },
  {
    name: 'the mint forgot the quote of what it paid',
    end: 'paid',
    begin: ({ mint }) => mint.setLightning({ outcome: 'pending', fee: 1, reserve: 4 }),
    async decide(one, invoice) {
      await one.melts.resume()
      await until('it is on its way', async () => {
        await one.swaps.resume()
        await one.melts.resume()
        return isHanging(one)
      })
      one.mint.endMelt(invoice, 'paid')
      one.mint.forgetMelt(invoice)
    },
  },
  {
    name: 'the mint began to work when the line had long been dead',
    end: 'paid',
    begin: ({ mint }) => mint.fault({ path: 'melt', kind: 'zombie' }),
    async decide(one) {
      one.mint.wakeZombies()
    },
  },
]
const matrix = cases.flatMap((one) =>
  [...begun, ...(one.end === 'paid' ? booked : [])].map((place) => [place, one.name, one] as const),
)

test.each(spread(matrix, 5))(
  'P-16 I5 a process that dies %s, and %s: one payment at most, change and all',
  async (place, _, { end, begin, decide }) => {
    const one = kit({ feePpk: 100 })
    await earned(one)
    one.mint.setLightning({ fee: 1, reserve: 4 })
    begin(one)
    let dead = false
    one.onStop(async (at) => {
      if (at !== place || dead) return
      dead = true
      throw new Error('killed')
    })
    one.swaps.start()
    const invoice = lightningInvoice(100, one.now(), 30 * 86_400)
    const payout = await withdrawByLightning(one, 100, invoice)
    void one.melts.resume()
    await until('it died, or nobody knows what became of it', () => dead || isHanging(one))
    const next = die(one)
    await decide(next, invoice)
    expect(await finish(next, payout)).toBe(end)
    await until('it died on its way', () => dead)
    expect(one.mint.lightningOutMsat()).toBe(end === 'paid' ? 101_000 : 0)
    expect([await accountOf(one, 'locked'), await accountOf(one, 'promisedOwner')]).toEqual([0, 0])
    const events = await suite.log().log.read(payout, 0)
    const cancelled = events.find(({ type }) => type === 'payout.cancelled')?.data as { swapId: string } | undefined
    expect(cancelled === undefined).toBe(end === 'paid')
    // Only a swap of these very coins proves that nothing was paid.
    if (cancelled !== undefined) expect((await suite.log().engine.state('swap', cancelled.swapId)).is).toBe('settled')
  },
)

test('P-16 while a payment is unclear nobody else pays with its coins, cancelling waits for proof, and another mint pays', async () => {
  const [one, other] = [kit(), kit()]
  await earned(one)
  await earned(other)
  one.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 4 })
  one.swaps.start()
  const invoice = lightningInvoice(100, one.now())
  const payout = await withdrawByLightning(one, 100, invoice)
  void one.melts.follow(payout, 1)
  await until('it is on its way', () => isHanging(one))
  const locked = async () =>
    (await suite.log().log.coins(one.purse())).filter(({ state }) => state === 'locked').map(({ counter }) => counter)
  const before = await locked()
  await suite.log().engine.execute(wish('payout', payout, { do: 'want-cancel', why: 'owner', by: 'owner' }), {
    meta: { actor: 'owner', door: 'console' },
  })
  one.melts.wake(payout)
  // A customer is paid in full from the other coins meanwhile.
  const token = one.mint.token(77)
  await one.redeem(token)
  expect(await one.refund(one.sessionOf(token))).toMatchObject({ is: 'ready', sats: 77 })
  const elsewhere = await withdrawByLightning(other, 100, lightningInvoice(100, other.now()))
  expect(await finish(other, elsewhere)).toBe('paid')
  expect([await locked(), await stageOf(one, payout)]).toEqual([before, 'planned'])
  expect(await suite.log().log.claimedBy('fencing', payout)).toBeUndefined()
  one.mint.endMelt(invoice, 'paid')
  expect(await finish(one, payout)).toBe('paid')
  expect([one.mint.lightningOutMsat(), other.mint.lightningOutMsat()]).toEqual([101_000, 101_000])
}, 20_000)
