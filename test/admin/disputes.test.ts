/** deposits.closeDispute: the owner decides on an invoice that its mint issued to somebody else (wallet 5.3, 16). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { atNight } from '../kit/sizes'

let economy: Economy
let offsetMs = 0
beforeAll(async () => {
  economy = await startEconomy({ node: { now: () => Date.now() + offsetMs } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
})

type Made = { readonly invoice_id: string; readonly bolt11: string }
const statusOf = async (id: string) =>
  (await (await economy.get(`/v1/lightning/invoice/${id}/status`)).json()) as { status: string; api_key?: string }
async function disputed(sats: number): Promise<{ readonly deposit: string; readonly invoice: string }> {
  const made = (await (await economy.post('/v1/lightning/invoice', { amount_sats: sats })).json()) as Made
  economy.mint.giveQuoteAway(made.bolt11)
  const { log } = economy.node.node
  const events = async () => (await log.list({ type: 'deposit.disputed', limit: 50 })).length
  const before = await events()
  await until('it is disputed', async () => {
    offsetMs += 31_000
    await statusOf(made.invoice_id)
    return (await events()) > before
  })
  const [event] = await log.list({ type: 'deposit.disputed', limit: 1 })
  return { deposit: event?.stream.slice('deposit-'.length) ?? '', invoice: made.invoice_id }
}
const close = (params: Record<string, unknown>) =>
  economy.node.call('deposits.closeDispute', { reason: 'the mint is asked', ...params })

test('wallet 5.3 a dispute is dropped, or credited from the owner’s part and no more than that', async () => {
  const made = await economy.post('/v1/balance/create', { initial_balance_token: economy.mint.token(2000) })
  const { api_key: payer } = (await made.json()) as { api_key: string }
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(payer)).status).toBe(200)
  const large = await disputed(900)
  expect((await close({ deposit: large.deposit, decision: 'credit' })).error?.data).toMatchObject({
    code: 'below-floor',
  })
  expect((await close({ deposit: large.deposit, decision: 'drop' })).result).toMatchObject({ creditedMsat: 0 })
  expect((await close({ deposit: large.deposit, decision: 'drop' })).error?.data).toMatchObject({
    code: 'deposit-not-disputed',
  })
  const small = await disputed(70)
  expect((await statusOf(small.invoice)).status).toBe('settlement_pending')
  expect((await close({ deposit: small.deposit, decision: 'credit' })).result).toMatchObject({ creditedMsat: 70_000 })
  const paid = await statusOf(small.invoice)
  expect(paid.status).toBe('paid')
  expect((await economy.info(paid.api_key ?? '')).balance).toBe(70_000)
  expect((await close({ deposit: '0'.repeat(32), decision: 'drop' })).error?.data.reason).toBe('NOT_FOUND')
}, 60_000)

atNight(
  'wallet 5.3, 13 a dispute that the owner closed stays closed when its mint finds the quote again',
  async () => {
    const { mint, node } = economy
    const made = (await (await economy.post('/v1/lightning/invoice', { amount_sats: 60 })).json()) as Made
    const { log } = node.node
    const waiting = async () => (await log.claims('invoice')).map(({ key }) => key)
    const [stream = ''] = await waiting()
    const has = async (type: string) => (await log.read(stream, 0)).some((event) => event.type === type)
    mint.fault({ path: 'mint', kind: 'status', status: 502, times: 1000 })
    mint.pay(made.bolt11)
    await until('it is seen paid', async () => (await statusOf(made.invoice_id)).status === 'settlement_pending')
    mint.fault({ path: 'quote-state', kind: 'code', code: 50_000, detail: 'unknown quote', times: 1000 })
    await until(
      'it is disputed',
      async () => {
        offsetMs += 31_000
        await Bun.sleep(100)
        return has('deposit.disputed')
      },
      30_000,
    )
    expect(await waiting()).toEqual([stream])
    const deposit = stream.slice('deposit-'.length)
    expect((await close({ deposit, decision: 'credit' })).result).toMatchObject({ creditedMsat: 60_000 })
    expect(await waiting()).toEqual([])
    mint.clearFaults()
    const looks = mint.calls('quote-state')
    offsetMs += 3600_000
    await Bun.sleep(1500)
    const paid = await statusOf(made.invoice_id)
    expect([paid.status, mint.calls('quote-state')]).toEqual(['paid', looks])
    expect((await economy.info(paid.api_key ?? '')).balance).toBe(60_000)
    expect(await has('deposit.reopened')).toBe(false)
  },
  60_000,
)
