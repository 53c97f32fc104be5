/** Money leaves by Lightning: the owner's withdrawals and customers' refunds, against what mint and receiver can do (wallet 5.4, 14). */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { verifyLog } from '../../events'
import { type Economy, type ErrorEnvelope, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'
import { until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'

let economy: Economy
let receiver: TestReceiver
let second: TestMint
let offsetMs = 0
const now = () => Date.now() + offsetMs
beforeAll(async () => {
  receiver = createReceiver(now)
  second = createTestMint()
  economy = await startEconomy({
    mint: { feePpk: 100 },
    mints: [second.url],
    node: { now, foreign: receiver.foreign, environment: { MINT_WAIT_S: '2' } },
  })
}, 60_000)
afterEach(async () => {
  receiver.twist({})
  receiver.setAddresses(['93.184.216.34'])
  economy.mint.setLightning({})
  economy.mint.clearFaults()
  await until('the books agree', async () => {
    const books = (await economy.node.call('books.check')).result as { balanced: boolean }
    return books.balanced
  })
})
afterAll(async () => {
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
  await receiver.stop()
  await second.stop()
})

async function earn(): Promise<string> {
  const made = await economy.post('/v1/balance/create', { initial_balance_token: economy.mint.token(2000) })
  const { api_key: key } = (await made.json()) as { api_key: string }
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(key)).status).toBe(200)
  return key
}
const sheet = async (account: string) =>
  (await economy.node.node.log.sheet())
    .filter((row) => row.account === account)
    .reduce((msat, row) => msat + Number(row.msat), 0)
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

test('wallet 6.4 a payment that used its whole reserve has no change: believed at a later look', async () => {
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

test('P-01 an answer that is lost and change that is not told are found again', async () => {
  await earn()
  economy.mint.setLightning({ fee: 1, reserve: 8, silentChange: true })
  economy.mint.fault({ path: 'melt', kind: 'drop-after', times: 1 })
  const done = (await pay({ sat: 33, to: receiver.address, maxFeeSat: 10 })).result as Paid
  await until('it is paid', async () => (await stateOf(done.payout)) === 'paid')
  expect(economy.mint.melts().at(-1)?.change.length).toBeGreaterThan(0)
  expect(await sheet('locked')).toBe(0)
})

test('wallet 6.4 a mint that forgot the quote: its coins tell', async () => {
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

type Refunded = {
  readonly refund_id: string
  readonly status: string
  readonly sats: string
  readonly fee_sats: string
}
const refund = (key: string, body: unknown) => economy.post('/v1/balance/refund', body, key)

test('contract 4.4 a refund by Lightning: gross debit, what the fees did not take comes back, and goes out with the next', async () => {
  const key = await economy.key(500)
  economy.mint.setLightning({ fee: 1, reserve: 2 })
  const response = await refund(key, { lightning_address: receiver.address })
  const paid = (await response.json()) as Refunded
  expect(paid).toMatchObject({ status: 'paid', recipient: receiver.address })
  const { balance } = await economy.info(key)
  const gross = Number(paid.sats)
  expect(gross).toBeGreaterThanOrEqual(498)
  expect(balance).toBeGreaterThan(0)
  expect(((await (await refund(key, { refund_id: paid.refund_id })).json()) as Refunded).refund_id).toBe(paid.refund_id)
  const next = (await (await refund(key, {})).json()) as { refund_id: string; token: string; sats: string }
  expect([next.refund_id === paid.refund_id, next.sats]).toEqual([false, String(Math.floor(balance / 1000))])
  expect(await sheet('promised')).toBeLessThanOrEqual(0)
})

test('wallet 5.2 a key of two mints is paid by Lightning from the purse where the owner’s money covers the rest', async () => {
  // He earns at the first mint alone; the newest deposit, where a refund looks first, lies at the second.
  for (let n = 0; n < 3; n += 1) await earn()
  const key = await economy.key(300)
  expect((await economy.post('/v1/balance/topup', { cashu_token: second.token(200) }, key)).status).toBe(200)
  economy.mint.setLightning({ fee: 1, reserve: 2 })
  const paid = (await (await refund(key, { lightning_address: receiver.address })).json()) as Refunded
  expect(paid).toMatchObject({ status: 'paid', recipient: receiver.address })
  expect(Number(paid.sats)).toBeGreaterThanOrEqual(498)
  expect(second.lightningOutMsat()).toBe(0)
})

test.each(['paid', 'failed'] as const)(
  'P-02 C-071 a Lightning refund of unknown outcome answers 409 until the mint decides: %s',
  async (outcome) => {
    const key = await economy.key(300)
    economy.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
    const asked = () => refund(key, { lightning_address: receiver.address })
    for (let call = 0; call < 3; call += 1) {
      const unclear = await asked()
      const code = ((await unclear.json()) as ErrorEnvelope).error.code
      expect([unclear.status, code]).toEqual([409, 'refund_unresolved'])
    }
    expect((await economy.info(key)).balance).toBeLessThan(1000)
    const before = economy.mint.lightningOutMsat()
    economy.mint.endMelt(receiver.invoices().at(-1) ?? '', outcome)
    economy.mint.setLightning({ outcome, fee: 1 })
    await until('it is decided', async () =>
      outcome === 'paid' ? (await asked()).status === 200 : (await economy.info(key)).balance > 290_000,
    )
    // Asked again and again, and paid once or not at all; what the fees did not take is on the key.
    const outMsat = economy.mint.lightningOutMsat() - before
    const { balance } = await economy.info(key)
    if (outcome === 'failed') expect(outMsat).toBe(0)
    else expect([outMsat <= 300_000 - balance, balance > 0]).toEqual([true, true])
  },
  20_000,
)

test('P-33 wallet 14.2 addresses that are not public, not https, redirect or lie debit nothing', async () => {
  const key = await economy.key(100)
  const before = await economy.info(key)
  const refused = async (address: unknown) => {
    const response = await refund(key, { lightning_address: address })
    return [response.status, ((await response.json()) as ErrorEnvelope).error.code]
  }
  const no = [400, 'invalid_lightning_address']
  for (const text of [
    '',
    'me',
    'a@',
    'http://wallet.example/x',
    receiver.invoices().at(-1),
    7,
    'a@wallet.example:8080',
    // Decimal, octal and short spellings of a loopback address, and a trailing dot.
    ...['a@2130706433', 'a@0177.0.0.1', 'a@127.1', 'https://[::1]/x', 'https://127.0.0.1./x'],
  ])
    expect(await refused(text)).toEqual(no as never)
  for (const address of [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    'fd00::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])
    for (const all of [[address], ['93.184.216.34', address]]) {
      receiver.setAddresses(all)
      expect(await refused(receiver.address)).toEqual(no as never)
    }
  receiver.setAddresses(['93.184.216.34'])
  const asked = receiver.asked().length
  for (const offer of [
    () => new Response(null, { status: 302, headers: { location: 'https://wallet.example/elsewhere' } }),
    () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    () => new Response('x'.repeat(100_000)),
    () => new Response('no', { status: 500 }),
    { tag: 'withdrawRequest' },
    { minSendable: 1e9 },
    { callback: 7 },
    { status: 'ERROR', reason: 'nobody' },
  ]) {
    receiver.twist({ offer })
    expect(await refused(receiver.address)).toEqual(no as never)
  }
  expect(receiver.asked().length - asked).toBe(8)
  expect(await economy.info(key)).toEqual(before)
})

test('P-33 wallet 14.4 a callback elsewhere, or an invoice of another amount, network, or time is not paid, and the key has its money', async () => {
  const key = await economy.key(100)
  const callbacks = [
    'https://10.0.0.1/pay',
    'http://wallet.example/pay',
    'https://[::ffff:127.0.0.1]/pay',
    'https://2130706433/',
  ]
  for (const twist of [
    ...[{ msat: 1000 }, { network: 'lntb' }, { expiryS: 30 }, { invoice: { pr: 7 } }, { invoice: {} }],
    // P-33: a callback obeys the rules of the address itself.
    ...callbacks.map((callback) => ({ offer: { callback } })),
  ]) {
    receiver.twist(twist as never)
    const paying = receiver.asked().filter((request) => request.includes('amount=')).length
    await refund(key, { lightning_address: receiver.address })
    if ('offer' in twist) expect(receiver.asked().filter((request) => request.includes('amount='))).toHaveLength(paying)
    await until('the money is back', async () => (await economy.info(key)).balance >= 99_000)
  }
})
