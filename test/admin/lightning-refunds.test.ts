/** Customers' refunds by Lightning: what is debited, what comes back, and addresses that are refused (contract 4.4, wallet 14). */
import { beforeAll, expect, test } from 'bun:test'
import { readBolt11 } from '../../core/money/bolt11'
import type { Economy, ErrorEnvelope } from '../kit/economy'
import { lightningSuite } from '../kit/lightning-shop'
import type { TestMint } from '../kit/mint'
import { until } from '../kit/node'
import type { TestReceiver } from '../kit/receiver'
import { atNight, spread } from '../kit/sizes'

let economy: Economy
let receiver: TestReceiver
let second: TestMint
const { shop, earn, sheet } = lightningSuite()
beforeAll(() => {
  ;({ economy, receiver, second } = shop())
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

test('contract 4.4 whoever lost the answer of a paid refund by Lightning is told it by the very same call', async () => {
  const key = await economy.key(300)
  economy.mint.setLightning({ fee: 0, reserve: 1 })
  const call = () => refund(key, { lightning_address: receiver.address })
  const paid = (await (await call()).json()) as Refunded
  expect(paid).toMatchObject({ status: 'paid', recipient: receiver.address })
  // What came back is more than a sat, and too little for one more payment.
  expect((await economy.info(key)).balance).toBeGreaterThanOrEqual(1000)
  const again = await call()
  expect([again.status, await again.json()]).toEqual([200, paid])
})

type Movement = {
  readonly type: 'in' | 'out'
  readonly amount: number
  readonly unit: string
  readonly status: string
  readonly fee_msats: number
}
const historyOf = async (key: string, type = '') =>
  (await (await economy.get(`/v1/balance/history${type}`, { authorization: `Bearer ${key}` })).json()) as {
    transactions: (Movement & { readonly cost_msats: number })[]
  }
/** What the key's history adds up to, in msat. */
async function historySum(key: string): Promise<number> {
  const moves = (await historyOf(key)).transactions.filter(({ status }) => status !== 'reversed')
  const charges = (await historyOf(key, '?type=charge')).transactions
  const msatOf = ({ type, amount, unit }: Movement) => amount * (unit === 'sat' ? 1000 : 1) * (type === 'out' ? -1 : 1)
  const spent = charges.reduce((msat, { cost_msats }) => msat + cost_msats, 0)
  return moves.reduce((msat, move) => msat + msatOf(move), 0) - spent
}
const listed = async (method: string, kind: Record<string, unknown> = {}) =>
  ((await economy.node.call(method, kind)).result as { rows: Readonly<Record<string, unknown>>[] }).rows[0]

test('contract 4.5 a refund by Lightning: history adds up to the balance, and lists tell what the receiver got and the fees', async () => {
  const key = await economy.key(2000)
  expect((await economy.chat(key)).status).toBe(200)
  economy.mint.setLightning({ fee: 1, reserve: 2 })
  const paid = (await (await refund(key, { lightning_address: receiver.address })).json()) as Refunded
  expect(paid).toMatchObject({ status: 'paid' })
  const reachedSat = (readBolt11(receiver.invoices().at(-1) ?? '')?.amountMsat ?? 0) / 1000
  const { balance } = await economy.info(key)
  expect(await historySum(key)).toBe(balance)
  const [newest] = (await historyOf(key)).transactions
  const feeSat = Number(paid.fee_sats)
  expect(newest).toMatchObject({ type: 'out', amount: reachedSat + feeSat, unit: 'sat', fee_msats: feeSat * 1000 })
  for (const row of [await listed('payouts.list'), await listed('money.list')])
    expect(row).toMatchObject({ sat: reachedSat, movedSat: reachedSat, feeSat })
})

atNight(
  'contract 4.5 while a refund by Lightning is open its history holds all that was debited, and reversed it counts nothing',
  async () => {
    const key = await economy.key(300)
    economy.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
    await refund(key, { lightning_address: receiver.address })
    expect(await historySum(key)).toBe((await economy.info(key)).balance)
    economy.mint.endMelt(receiver.invoices().at(-1) ?? '', 'failed')
    economy.mint.setLightning({ outcome: 'failed' })
    await until('it is back', async () => {
      await refund(key, { lightning_address: receiver.address })
      return (await economy.info(key)).balance > 290_000
    })
    expect(await historySum(key)).toBe((await economy.info(key)).balance)
    for (const row of [await listed('payouts.list'), await listed('money.list')])
      expect(row).toMatchObject({ sat: expect.closeTo(300, -1), movedSat: 0 })
  },
  20_000,
)

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

test.each(spread(['failed', 'paid'] as const, 2))(
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
    // The owner may be paid there, a customer may not send us there.
    receiver.privateAddress,
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
