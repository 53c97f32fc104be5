/** The owner's money leaves by Lightning, against what mint and receiver can do (wallet 5.4, 6.4, 6.5). */
import { beforeAll, expect, test } from 'bun:test'
import type { Economy } from '../kit/economy'
import { lightningSuite } from '../kit/lightning-shop'
import { until } from '../kit/node'
import type { TestReceiver } from '../kit/receiver'
import { atNight } from '../kit/sizes'

let economy: Economy
let receiver: TestReceiver
let offsetMs = 0
const { shop, earn, sheet } = lightningSuite(() => Date.now() + offsetMs)
beforeAll(() => {
  ;({ economy, receiver } = shop())
})

const pay = (params: Record<string, unknown>) => economy.node.call('payouts.toLightning', params)
type Paid = { readonly payout: string; readonly state: string }
const stateOf = async (payout: string) =>
  ((await economy.node.call('payouts.get', { payout })).result as { state: string }).state

test('wallet 5.4 the owner pays a Lightning address: invoice, quote, locked coins, change; fees on top are his', async () => {
  await earn()
  economy.mint.setLightning({ fee: 1, reserve: 3 })
  const before = economy.mint.lightningOutMsat()
  const done = (await pay({ sat: 50, to: receiver.address, maxFeeSat: 10 })).result as Paid
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  expect(economy.mint.lightningOutMsat() - before).toBe(51_000)
  expect(receiver.asked().slice(-2)).toEqual([
    'wallet.example /.well-known/lnurlp/owner',
    'wallet.example /pay?user=a&amount=50000',
  ])
  expect(await sheet('owner:withdrawn')).toBe(50_000)
  expect(await sheet('owner:lightningFees')).toBe(1000)
  expect([await sheet('locked'), await sheet('promisedOwner')]).toEqual([0, 0])
  expect((await economy.node.call('payouts.get', { payout: done.payout })).result).toMatchObject({
    state: 'paid',
    to: receiver.address,
    sat: 50,
    purpose: 'withdraw-lightning',
  })
  expect(await economy.node.node.log.claims('paying')).toEqual([])
})

test('D-062 wallet 5.4 a small amount is paid at the fee that was quoted; below it the reason is told with its numbers', async () => {
  await earn()
  economy.mint.setLightning({ fee: 1, reserve: 2 })
  const { feeMaxSat } = (await economy.node.call('payouts.quote', { sat: 40, to: receiver.address })).result as {
    feeMaxSat: number
  }
  // What the coins themselves cost comes on top of the usual two.
  expect(feeMaxSat).toBeGreaterThan(2)
  const done = (await pay({ sat: 40, to: receiver.address, maxFeeSat: feeMaxSat })).result as Paid
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  const dear = (await pay({ sat: 40, to: receiver.address, maxFeeSat: 1 })).result as Paid
  await until('it failed', async () => (await stateOf(dear.payout)) === 'failed')
  const { steps } = (await economy.node.call('payouts.get', { payout: dear.payout })).result as {
    steps: { sentence: string }[]
  }
  expect(steps.at(-1)?.sentence).toMatch(
    /^Its fees would be [23] sat, and at most 1 sat were allowed\. The money went back/,
  )
})

test('wallet 14.1 P-33 the owner is paid at his own server at home, whose invoices come from the host that he typed', async () => {
  await earn()
  economy.mint.setLightning({ fee: 1, reserve: 3 })
  const before = economy.mint.lightningOutMsat()
  const done = (await pay({ sat: 12, to: receiver.privateAddress, maxFeeSat: 10 })).result as Paid
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  expect(economy.mint.lightningOutMsat() - before).toBe(13_000)
})

test('wallet 5.4 an invoice is paid as it is, once: the same one again, or for another amount, is refused', async () => {
  await earn()
  await receiver.foreign.dial(
    { address: '', host: 'wallet.example', path: '/pay?amount=20000' },
    AbortSignal.timeout(1000),
  )
  const invoice = receiver.invoices().at(-1)
  expect((await pay({ sat: 21, to: invoice })).error?.data).toMatchObject({ code: 'invoice-amount-differs' })
  expect((await pay({ sat: 20, to: invoice, maxFeeSat: 5 })).result).toMatchObject({ state: 'paid' })
  expect((await pay({ sat: 20, to: `lightning:${invoice}`, maxFeeSat: 5 })).result).toMatchObject({
    state: 'failed: already-paying',
  })
  expect((await pay({ sat: 20, to: 'nonsense' })).error?.data).toMatchObject({ code: 'destination-unusable' })
})

test('wallet 5.4 a quote that is dearer than allowed locks nothing', async () => {
  await earn()
  economy.mint.setLightning({ reserve: 9 })
  const free = await sheet('free')
  const done = (await pay({ sat: 30, to: receiver.address, maxFeeSat: 5 })).result as {
    state: string
    numbers: unknown
  }
  expect(done).toMatchObject({ state: 'failed: too-dear', numbers: { mostMsat: 5000 } })
  expect([await sheet('free'), await sheet('promisedOwner')]).toEqual([free, 0])
})

test('P-16 wallet 6.4 a payment that hangs is shown as unclear until the mint decides: paid in the end, change and all', async () => {
  await earn()
  economy.mint.setLightning({ outcome: 'pending', fee: 2, reserve: 4 })
  const done = (await pay({ sat: 40, to: receiver.address, maxFeeSat: 10 })).result as Paid
  expect(done.state).toBe('unclear')
  const locked = await sheet('locked')
  expect(locked).toBeGreaterThan(44_000)
  const cancel = (await economy.node.call('payouts.cancel', { payout: done.payout })).result as Paid
  expect(['unclear', 'sent']).toContain(cancel.state)
  expect(await sheet('locked')).toBe(locked)
  economy.mint.endMelt(receiver.invoices().at(-1) ?? '', 'paid')
  expect((await economy.node.call('payouts.ask', { payout: done.payout })).result).toMatchObject({ state: 'paid' })
  expect([await sheet('locked'), await sheet('promisedOwner')]).toEqual([0, 0])
})

test('wallet 6.5 a payment that fails is taken back by a fence, and the money is the owner’s again', async () => {
  await earn()
  economy.mint.setLightning({ outcome: 'failed' })
  const withdrawn = await sheet('owner:withdrawn')
  const done = (await pay({ sat: 40, to: receiver.address, maxFeeSat: 10 })).result as Paid
  await until('it is given back', async () => (await stateOf(done.payout)) === 'failed')
  expect([await sheet('owner:withdrawn'), await sheet('locked')]).toEqual([withdrawn, 0])
  expect(await economy.node.node.log.claims('fencing')).toEqual([])
})

test('wallet 6.4 a mint that answers before it pays tells a failure by its quote alone: the money is the owner’s again', async () => {
  await earn()
  economy.mint.setLightning({ outcome: 'failed', answersFirst: true })
  const withdrawn = await sheet('owner:withdrawn')
  const before = economy.mint.calls('melt')
  const done = (await pay({ sat: 40, to: receiver.address, maxFeeSat: 10 })).result as Paid
  await until('it is given back', async () => (await stateOf(done.payout)) === 'failed')
  expect([await sheet('owner:withdrawn'), await sheet('locked')]).toEqual([withdrawn, 0])
  expect(economy.mint.calls('melt') - before).toBe(1)
})

test('P-01 a mint that calls a payment paid before it signs the change: nobody loses it', async () => {
  await earn()
  economy.mint.setLightning({ fee: 1, reserve: 8, lateChange: true })
  const fees = await sheet('owner:lightningFees')
  const done = (await pay({ sat: 33, to: receiver.address, maxFeeSat: 10 })).result as Paid
  expect([done.state, (await sheet('locked')) > 0]).toEqual(['sent', true])
  economy.mint.signChange(receiver.invoices().at(-1) ?? '')
  await economy.node.call('payouts.ask', { payout: done.payout })
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  expect([(await sheet('owner:lightningFees')) - fees, await sheet('locked')]).toEqual([1000, 0])
})

atNight('wallet 6.4 a payment that used its whole reserve has no change: believed at a later look', async () => {
  await earn()
  economy.mint.setLightning({ fee: 3, reserve: 3 })
  const fees = await sheet('owner:lightningFees')
  const done = (await pay({ sat: 40, to: receiver.address, maxFeeSat: 10 })).result as Paid
  expect(done.state).toBe('sent')
  offsetMs += 11_000
  await economy.node.call('payouts.ask', { payout: done.payout })
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  expect((await sheet('owner:lightningFees')) - fees).toBe(3000)
})

atNight(
  'D-065 wallet 6.4 a payment that hung for long is paid soon after its mint says so, without change too',
  async () => {
    await earn()
    economy.mint.setLightning({ outcome: 'pending', fee: 3, reserve: 3 })
    const done = (await pay({ sat: 40, to: receiver.address, maxFeeSat: 10 })).result as Paid
    const ask = () => economy.node.call('payouts.ask', { payout: done.payout })
    const looks = () => economy.mint.calls('melt-quote-state')
    // Each look in vain doubles the rest that follows: the next ones would be half a minute apart.
    for (let asked = 0; asked < 5; asked += 1) {
      const before = looks()
      void ask()
      await until('the mint is asked', () => looks() > before)
    }
    economy.mint.endMelt(receiver.invoices().at(-1) ?? '', 'paid')
    await ask()
    await until('it is paid', async () => (await stateOf(done.payout)) === 'paid', 8000)
  },
)

test('P-01 an answer that is lost and change that is not told are found again', async () => {
  await earn()
  economy.mint.setLightning({ fee: 1, reserve: 8, silentChange: true })
  economy.mint.fault({ path: 'melt', kind: 'drop-after', times: 1 })
  const done = (await pay({ sat: 33, to: receiver.address, maxFeeSat: 10 })).result as Paid
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  expect(economy.mint.melts().at(-1)?.change.length).toBeGreaterThan(0)
  expect(await sheet('locked')).toBe(0)
})

atNight('wallet 6.4 a mint that forgot the quote: its coins tell', async () => {
  await earn()
  economy.mint.setLightning({ outcome: 'pending', fee: 1 })
  const done = (await pay({ sat: 25, to: receiver.address, maxFeeSat: 10 })).result as Paid
  const invoice = receiver.invoices().at(-1) ?? ''
  economy.mint.endMelt(invoice, 'paid')
  economy.mint.forgetMelt(invoice)
  await economy.node.call('payouts.ask', { payout: done.payout })
  offsetMs += 31_000
  await economy.node.call('payouts.ask', { payout: done.payout })
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  expect(await sheet('locked')).toBe(0)
})
