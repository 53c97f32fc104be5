/** What a mint can do to an invoice, and what the node makes of it (wallet 5.3, 6.3, 13). */
import { afterEach, expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import { type InvoiceKit, type InvoiceKitOptions, openInvoices } from '../kit/invoices'
import { spread } from '../kit/sizes'
import { fileLog } from '../kit/suite'

/** A third of the slowest pace at which a mint is asked (wallet 9.4, 13). */
const looksLimited = limits.mintRateLeast / 3

const { opened } = fileLog()

const open: InvoiceKit[] = []
function kit(options: InvoiceKitOptions = {}): InvoiceKit {
  const made = openInvoices(opened(), options)
  open.push(made)
  return made
}
afterEach(async () => {
  for (const one of open.splice(0)) {
    const sums = (await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)
    expect(sums).toBe(0n)
    await one.close()
  }
})

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const credited = ['requested', 'quoted', 'paid-seen', 'planned', 'settled'].map((word) => `deposit.${word}`)
const status = async (one: InvoiceKit, id: string) => (await one.invoices.status(id))?.status

test('C-080 P-04 an invoice is credited without any client, within one period of the watcher', async () => {
  const one = kit()
  const { deposit, bolt11, invoiceId } = await one.made(21)
  await one.watch(30_000)
  expect(await one.events(deposit)).toEqual(credited.slice(0, 2))
  one.mint.pay(bolt11)
  const paidAt = one.now()
  await one.watch(minute, async () => (await one.free()) > 0)
  expect(one.now() - paidAt).toBeLessThanOrEqual(10_000)
  expect(await one.events(deposit)).toEqual(credited)
  expect(await one.free()).toBe(21_000)
  expect(one.mint.outstanding('sat')).toBe(21)
  expect(await one.invoices.status(invoiceId)).toMatchObject({ status: 'paid', sats: 21, purpose: 'create' })
})

test('C-080 P-04 W-17 an invoice paid long after its expiry is credited once', async () => {
  const one = kit()
  const { deposit, bolt11 } = await one.made(5)
  await one.watch(hour)
  one.turn(hour)
  one.mint.pay(bolt11)
  await one.watch(30 * minute)
  expect(await one.events(deposit)).toEqual(credited)
  expect(await one.free()).toBe(5000)
})

test('wallet 13 the watcher asks often in the beginning and seldom later', async () => {
  const one = kit()
  await one.made(5)
  const looks = async (ms: number) => {
    const before = one.mint.calls('quote-state')
    await one.watch(ms)
    return one.mint.calls('quote-state') - before
  }
  expect(await looks(2 * minute)).toBeWithin(20, 26)
  expect(await looks(8 * minute)).toBeWithin(28, 36)
  expect(await looks(50 * minute)).toBeWithin(45, 55)
  one.turn(day)
  expect(await looks(hour)).toBeWithin(5, 9)
})

test('wallet 13 a mint that limits us is asked less, and every invoice has its turn', async () => {
  const one = kit()
  const made = []
  for (let n = 0; n < 12; n += 1) made.push(await one.made(3))
  one.mint.fault({ path: 'quote-state', kind: 'limit', retryAfter: '1' })
  await one.watch(3000)
  const before = one.mint.calls('quote-state')
  await one.watch(minute)
  expect(one.mint.calls('quote-state') - before).toBeLessThanOrEqual(2 * looksLimited)
  for (const { bolt11 } of made) one.mint.pay(bolt11)
  await one.watch(5 * minute, async () => (await one.free()) === 36_000)
  expect(await one.free()).toBe(36_000)
})

test('wallet 13 an unpaid invoice lapses a week after its expiry, and a payment even then is found by its status', async () => {
  const one = kit()
  const { deposit, bolt11, invoiceId } = await one.made(9)
  one.turn(limits.invoiceWatchedMs + 2 * hour)
  await one.watch(minute)
  expect(await one.events(deposit)).toEqual([...credited.slice(0, 2), 'deposit.lapsed'])
  expect(await status(one, invoiceId)).toBe('expired')
  const calls = one.mint.calls('quote-state')
  await one.watch(hour)
  expect(one.mint.calls('quote-state')).toBe(calls)
  one.mint.pay(bolt11)
  expect(await status(one, invoiceId)).toBe('paid')
  expect(await one.events(deposit)).toEqual([
    ...credited.slice(0, 2),
    'deposit.lapsed',
    'deposit.reopened',
    ...credited.slice(2),
  ])
})

test('P-04 a mint that is unreachable lapses nothing', async () => {
  const one = kit()
  const { deposit, bolt11 } = await one.made(9)
  one.mint.fault({ path: 'quote-state', kind: 'drop-before', times: 1000 })
  await one.watch(10 * minute)
  expect(await one.events(deposit)).toEqual(credited.slice(0, 2))
  // A mint that is down is looked at every half minute, not for every invoice.
  expect(one.mint.calls('quote-state')).toBeLessThanOrEqual(30)
  one.mint.clearFaults()
  await one.mint.stop()
  await one.watch(minute)
  one.mint.restart()
  one.mint.pay(bolt11)
  await one.watch(2 * minute)
  expect(await one.free()).toBe(9000)
})

test('P-04 wallet 6.3 a quote that the mint does not know any more lapses after two looks, half a minute apart', async () => {
  const one = kit()
  const { deposit, bolt11, invoiceId } = await one.made(9)
  one.mint.forgetQuote(bolt11)
  await one.watch(20_000)
  expect(await one.events(deposit)).toEqual(credited.slice(0, 2))
  await one.watch(20_000)
  expect(await one.events(deposit)).toEqual([...credited.slice(0, 2), 'deposit.lapsed'])
  expect(await status(one, invoiceId)).toBe('expired')
})

test('wallet 6.3 a quote that was seen paid and is forgotten before it was issued becomes a dispute', async () => {
  const one = kit()
  const { deposit, bolt11, invoiceId } = await one.made(9)
  one.mint.pay(bolt11)
  one.mint.fault({ path: 'mint', kind: 'status', status: 500, times: 2 })
  one.mint.fault({ path: 'quote-state', kind: 'code', code: 50_000, nth: 2, times: 1000 })
  const flight = one.watch(1)
  await until(async () => (await one.events(deposit)).includes('deposit.planned'))
  one.mint.clearFaults()
  one.mint.forgetQuote(bolt11)
  await flight
  expect(await one.events(deposit)).toEqual([...credited.slice(0, 4), 'deposit.disputed'])
  expect(await status(one, invoiceId)).toBe('settlement_pending')
  expect(await one.sheet()).toEqual([])
})

test('P-04 a quote that was issued to somebody else becomes a dispute, never a credit', async () => {
  const one = kit()
  const { deposit, bolt11 } = await one.made(9)
  one.mint.giveQuoteAway(bolt11)
  await one.watch(20_000)
  expect(await one.events(deposit)).toEqual(credited.slice(0, 2))
  await one.watch(minute)
  expect(await one.events(deposit)).toEqual([...credited.slice(0, 2), 'deposit.disputed'])
  expect(await one.sheet()).toEqual([])
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await Bun.sleep(2)
}

test.each(
  spread(['drop-after', 'drop-before', 'status', 'status-after', 'truncated', 'html', 'huge', 'redirect'] as const, 3),
)('W-02 wallet 7/15 an issue that ends in %s is credited once', async (kind) => {
  const one = kit()
  const { deposit, bolt11 } = await one.made(21)
  one.mint.pay(bolt11)
  one.mint.fault({ path: 'mint', kind })
  await one.watch(2 * minute, async () => (await one.free()) > 0)
  expect(await one.events(deposit)).toEqual(credited)
  expect(one.mint.outstanding('sat')).toBe(21)
})

test.each(spread(['amount-wrong', 'count-wrong', 'keyset-wrong', 'dleq-missing', 'dleq-false'] as const, 2))(
  'wallet 6.1 a mint that issues with %s is suspended, and nothing is credited',
  async (kind) => {
    const one = kit()
    const { bolt11 } = await one.made(21)
    one.mint.pay(bolt11)
    one.mint.fault({ path: 'mint', kind, times: 1000 })
    one.mint.fault({ path: 'restore', kind, times: 1000 })
    void one.watch(1)
    await until(() => one.desk().isSuspended())
    expect(await one.sheet()).toEqual([])
    expect(await one.ask(5)).toEqual({ refused: 'mint-down' })
  },
)

test('wallet 6.3 a mint that restores a part of what it issued is suspended', async () => {
  const one = kit()
  const { bolt11 } = await one.made(21)
  one.mint.pay(bolt11)
  one.mint.fault({ path: 'mint', kind: 'drop-after' })
  one.mint.fault({ path: 'restore', kind: 'restore-partial', times: 1000 })
  void one.watch(1)
  await until(() => one.desk().isSuspended())
  expect(await one.sheet()).toEqual([])
})

test('wallet 6.3 an empty restore beside an issued quote is believed at the second look only', async () => {
  const one = kit()
  const { deposit, bolt11 } = await one.made(21)
  one.mint.pay(bolt11)
  one.mint.fault({ path: 'mint', kind: 'drop-after' })
  one.mint.fault({ path: 'restore', kind: 'restore-empty' })
  await one.watch(minute)
  expect(await one.events(deposit)).toEqual(credited)
})

test('wallet 7/9 a keyset that rotates between plan and issue is planned for anew', async () => {
  let rotated = false
  const one: InvoiceKit = kit({
    stopHere: async (place) => {
      if (place !== 'invoice: before the issue' || rotated) return
      rotated = true
      one.mint.rotate('sat')
    },
  })
  const { deposit, bolt11 } = await one.made(21)
  one.mint.pay(bolt11)
  await one.watch(minute)
  expect(await one.events(deposit)).toEqual([...credited.slice(0, 4), 'deposit.replanned', 'deposit.settled'])
  expect(await one.free()).toBe(21_000)
})

test('W-03 counters used elsewhere are jumped over', async () => {
  const one = kit()
  const { deposit, bolt11 } = await one.made(21)
  one.mint.pay(bolt11)
  one.mint.fault({ path: 'mint', kind: 'code', code: 11_008, times: 2 })
  await one.watch(minute)
  expect(await one.events(deposit)).toEqual([...credited.slice(0, 4), 'deposit.replanned', 'deposit.settled'])
})

test.each(['old', 'new', 'off'] as const)('T13 a mint that knows NUT-20 as %s issues to us', async (nut20) => {
  const one = kit({ nut20 })
  const { deposit, bolt11 } = await one.made(21)
  one.mint.pay(bolt11)
  await one.watch(minute)
  expect(await one.events(deposit)).toEqual(credited)
  expect(one.mint.calls('mint')).toBe(nut20 === 'old' ? 2 : 1)
})

test('wallet 9.1 msat alone, ids of version 2 and a mint that names no expiry are all the same', async () => {
  const one = kit({ units: ['msat'], keysetVersion: 'v2', quoteExpiryS: null, invoiceExpiryS: 600 })
  const { bolt11, expiresAt, invoiceId } = await one.made(21)
  expect(expiresAt).toBe(Math.floor(one.now() / 1000) + 600)
  one.mint.pay(bolt11)
  await one.watch(minute)
  expect(await one.free()).toBe(21_000)
  expect(await one.invoices.status(invoiceId)).toMatchObject({ status: 'paid', sats: 21 })
})

test.each([
  ['another amount', { msat: 20_000 }],
  ['a hash that was used before', { paymentHash: 'ab'.repeat(32) }],
] as const)('wallet 5.3 an invoice for %s is never shown', async (_, twist) => {
  const one = kit()
  if ('paymentHash' in twist) {
    one.mint.twistInvoices(twist)
    await one.made(7)
  }
  one.mint.twistInvoices(twist)
  expect(await one.ask(21)).toEqual({ refused: 'mint-unusable' })
  const deposit = (await opened().log.streams('deposit-')).at(-1) ?? ''
  expect(await one.events(deposit)).toEqual(['deposit.requested', 'deposit.lapsed'])
})

test('wallet 5.3 a quote that is for another amount once it is paid becomes a dispute, after two looks', async () => {
  const one = kit()
  const { bolt11, deposit } = await one.made(21)
  one.mint.pay(bolt11)
  one.mint.fault({ path: 'quote-state', kind: 'amount-wrong', times: 1000 })
  await one.watch(20_000)
  expect(await one.events(deposit)).toEqual(credited.slice(0, 2))
  await one.watch(minute)
  expect(await one.events(deposit)).toEqual([...credited.slice(0, 2), 'deposit.disputed'])
  expect(one.mint.calls('mint')).toBe(0)
})

test('W-17 a mint that names an absurd expiry is not watched for ever', async () => {
  const one = kit({ quoteExpiryS: 100 * 365 * 24 * 3600 })
  const { expiresAt } = await one.made(5)
  expect(expiresAt * 1000 - one.now()).toBeLessThanOrEqual(30 * day)
})

test('wallet 9.1 a mint that makes no invoices is not asked for one', async () => {
  const one = kit({ nuts: [7, 9, 12] })
  expect(await one.ask(5)).toEqual({ refused: 'mint-down' })
  expect(one.mint.calls('quote')).toBe(0)
})

test('wallet 5.3 test money is taken only from a mint that runs beside the node', async () => {
  expect(await kit({ privateAddress: false }).ask(21)).toEqual({ refused: 'mint-unusable' })
  expect(await kit({ privateAddress: false, network: 'bc' }).ask(21)).toMatchObject({ invoiceId: expect.any(String) })
})

test('wallet 13 what a mint cannot do is refused without an event and without a quote', async () => {
  const one = kit({ minAmount: 10, maxAmount: 100 })
  const before = opened().log.head()
  for (const sats of [9, 101]) expect(await one.ask(sats)).toEqual({ refused: 'mint-down' })
  await one.mint.stop()
  const closed = kit()
  await closed.mint.stop()
  expect(await closed.ask(5)).toEqual({ refused: 'mint-down' })
  expect(one.mint.calls('quote')).toBe(0)
  // The keyset that the first mint was asked about is pinned.
  expect((await opened().log.after(before, 100)).filter(({ stream }) => stream.startsWith('deposit-'))).toEqual([])
})

test('contract 1.10 so many invoices wait at once, until they expire', async () => {
  const one = kit()
  await Promise.all(Array.from({ length: limits.openInvoices }, () => one.made(1)))
  const before = opened().log.head()
  expect(await one.ask(1)).toEqual({ refused: 'invoices-open' })
  expect(opened().log.head()).toBe(before)
  one.turn(hour + minute)
  expect(await one.ask(1)).toMatchObject({ invoiceId: expect.any(String) })
}, 60_000)

test('contract 5.2 the key of a paid invoice is forgotten once it was used and a week has passed', async () => {
  const one = kit()
  const key = `sk-${'5'.repeat(64)}`
  const { bolt11, invoiceId, deposit } = await one.made(21, { key })
  one.mint.pay(bolt11)
  const keyNow = async () => (await one.invoices.status(invoiceId))?.key
  expect(await keyNow()).toBe(key)
  one.turn(8 * day)
  await one.invoices.forgetKeys()
  expect(await keyNow()).toBe(key)
  expect((await opened().log.claims('invoice-key')).some((claim) => claim.key === deposit)).toBe(true)
})

test('P-03 thirty looks at once, a watcher and a status make one credit', async () => {
  const one = kit()
  const { bolt11, deposit, invoiceId } = await one.made(21)
  one.mint.pay(bolt11)
  await Promise.all([one.watch(3000), ...Array.from({ length: 30 }, () => one.invoices.status(invoiceId))])
  expect(await one.events(deposit)).toEqual(credited)
  expect(one.mint.calls('mint')).toBe(1)
})

test('wallet 7/13 a request whose answer was lost lapses at the next start, and its quote is never shown', async () => {
  const one = kit({
    stopHere: async (place) => (place === 'invoice: after the quote' ? new Promise(() => undefined) : undefined),
  })
  void one.ask(21)
  await until(async () => one.mint.calls('quote') === 1)
  await Bun.sleep(20)
  const deposit = (await opened().log.streams('deposit-')).at(-1) ?? ''
  expect(await one.events(deposit)).toEqual(['deposit.requested'])
  const next = one.restart()
  expect(await next.invoices.resume()).toBeGreaterThan(0)
  expect(await next.events(deposit)).toEqual(['deposit.requested', 'deposit.lapsed'])
})

test('wallet 9.4 a mint that hangs while it is asked for invoices redeems and makes others meanwhile', async () => {
  const one = kit()
  for (let n = 0; n < 20; n += 1) await one.made(3)
  one.mint.fault({ path: 'quote-state', kind: 'hang-before', times: 1000 })
  void one.watch(1)
  await until(async () => one.mint.calls('quote-state') >= limits.invoiceLooksAtOnce)
  expect(await one.ask(5)).toMatchObject({ invoiceId: expect.any(String) })
  expect(one.mint.calls('quote-state')).toBe(limits.invoiceLooksAtOnce)
  one.mint.clearFaults()
})

test('wallet 13 clients who ask all the time get no more looks out of a mint than it bears', async () => {
  const one = kit()
  const made = await Promise.all(Array.from({ length: 20 }, () => one.made(3)))
  one.mint.fault({ path: 'quote-state', kind: 'limit', retryAfter: '1' })
  await one.watch(2000)
  const before = one.mint.calls('quote-state')
  const from = one.now()
  for (let second = 0; second < 60; second += 3) {
    await Promise.all(made.map(({ invoiceId }) => one.invoices.status(invoiceId)))
    await one.watch(3000)
  }
  // What the mint bears doubles with each minute that it bore.
  const minutes = Math.ceil((one.now() - from) / minute)
  expect(minutes).toBeLessThanOrEqual(3)
  expect(one.mint.calls('quote-state') - before).toBeLessThanOrEqual(looksLimited * 2 ** minutes)
})
