/** What an attack on money out found, each as a test that failed then (wallet 5.2, 5.4, 9.4, 15, R-016, R-018). */
import { afterEach, expect, test } from 'bun:test'
import type { Caller } from '../../core/admin/principal'
import { verifyLog } from '../../events'
import { noLadder } from '../kit/deposits'
import { type Economy, startEconomy } from '../kit/economy'
import { type Envelope, until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'
import { atNight } from '../kit/sizes'

type World = Economy & { readonly receiver: TestReceiver }
const open: World[] = []
let offsetMs = 0
async function world(feePpk = 0): Promise<World> {
  const receiver = createReceiver()
  const economy = await startEconomy({
    mint: { feePpk },
    node: {
      now: () => Date.now() + offsetMs,
      foreign: receiver.foreign,
      // Few coins: what is locked is more than what is paid.
      ladder: noLadder,
      environment: { MINT_WAIT_S: '1' },
    },
  })
  const made = { ...economy, receiver }
  open.push(made)
  return made
}
afterEach(async () => {
  for (const { node, mint, receiver, stop } of open.splice(0)) {
    await until('the books agree', async () =>
      Boolean(((await node.call('books.check')).result as { balanced: boolean }).balanced),
    )
    expect((await verifyLog(node.node.log)).problems).toEqual([])
    const rows = await node.node.log.sheet()
    const held = rows.filter(({ account }) => ['free', 'locked', 'out'].includes(account))
    expect(BigInt(mint.outstanding('sat')) * 1000n).toBe(held.reduce((msat, row) => msat + row.msat, lost))
    lost = 0n
    await stop()
    await receiver.stop()
  }
})

/** msat of coins that the mint signed and nobody holds. */
let lost = 0n

const keyOf = async ({ post, mint }: World, sat: number) => {
  const made = await post('/v1/balance/create', { initial_balance_token: mint.token(sat) })
  return ((await made.json()) as { api_key: string }).api_key
}
type Refunded = { readonly sats: string; readonly remaining_msats: number; readonly status?: string }
const sheetOf = async ({ node }: World, account: string) =>
  (await node.node.log.sheet()).reduce((msat, row) => msat + (row.account === account ? Number(row.msat) : 0), 0)

test('C-064 a refund while other coins are on their way waits for them: it is not paid in part', async () => {
  const one = await world()
  const rich = await keyOf(one, 4096)
  one.upstream.next({ tokens: { prompt: 600_000, completion: 500 } })
  await one.chat(rich)
  const key = await keyOf(one, 100)
  await one.node.call('payouts.toToken', { sat: 100 })
  await keyOf(one, 8)
  one.mint.fault({ path: 'swap', kind: 'delay-after', ms: 1200, times: 1 })
  const first = one.post('/v1/balance/refund', {}, rich)
  await Bun.sleep(300)
  await one.post('/v1/balance/refund', {}, key)
  await first
  await until('it is paid', async () => (await one.post('/v1/balance/refund', {}, key)).status === 200)
  const refund = (await (await one.post('/v1/balance/refund', {}, key)).json()) as Refunded
  expect([refund.sats, refund.remaining_msats]).toEqual(['100', 0])
}, 30_000)

test('R-016 R-018 another sweep address waits a day also when it was emptied before, and a sweep by Nostr asks for a code', async () => {
  const one = await world()
  const by = (door: 'nostr' | 'console'): Caller => ({
    principal: { admin: 'owner', name: 'owner', role: 'owner', stepUp: true },
    door,
    createdAtS: Math.floor(Date.now() / 1000),
  })
  const ask = async (method: string, params: Record<string, unknown>, door: 'nostr' | 'console' = 'nostr') =>
    (await one.node.node.dispatch.dispatch({ id: crypto.randomUUID(), method, params }, by(door))) as Envelope
  await ask('settings.apply', { changes: { 'sweep.address': one.receiver.address } }, 'console')
  await ask('settings.apply', { changes: { 'sweep.address': '' } })
  const thief = await ask('settings.apply', { changes: { 'sweep.address': 'thief@evil.example' } })
  expect(thief.result).toHaveProperty('later')
  expect((await ask('sweep.run', {})).error?.data).toMatchObject({ reason: 'CONFIRM_REQUIRED', kind: 'second-way' })
}, 30_000)

atNight(
  'wallet 6.4 a mint that keeps the change takes it from the owner: the payment is booked, the key answered',
  async () => {
    const one = await world()
    const key = await keyOf(one, 64)
    one.upstream.next({ tokens: { prompt: 2500, completion: 50 } })
    await one.chat(key)
    one.mint.setLightning({ fee: 1, reserve: 2, changeAs: () => [] })
    const ask = () => one.post('/v1/balance/refund', { lightning_address: one.receiver.address }, key)
    await ask()
    await until(
      'it is paid',
      async () => {
        // No change at all is believed ten seconds after the mint first called it paid.
        offsetMs += 6000
        await ask()
        return (await sheetOf(one, 'locked')) === 0 && (await sheetOf(one, 'promised')) === 0
      },
      40_000,
    )
    expect(one.mint.melts().at(-1)?.state).toBe('PAID')
    expect(await sheetOf(one, 'owner:lightningFees')).toBeGreaterThan(0)
  },
  60_000,
)

test('wallet 7/21 T7 change of a keyset that came meanwhile is kept, and is worth its face at the mint', async () => {
  const one = await world()
  const key = await keyOf(one, 300)
  one.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 2 })
  await one.post('/v1/balance/refund', { lightning_address: one.receiver.address }, key)
  await until('it is under way', async () => one.mint.melts().some(({ state }) => state === 'PENDING'))
  const young = one.mint.rotate('sat')
  let changeSat: readonly number[] = []
  one.mint.setLightning({
    fee: 1,
    reserve: 2,
    changeAs(blanks, left) {
      changeSat = [1, 2, 4, 8, 16, 32, 64, 128, 256].filter((amount) => (left & amount) !== 0)
      return changeSat.map((amount, at) => one.mint.sign({ id: young.id, B_: blanks[at]?.B_ ?? '', amount }))
    },
  })
  one.mint.endMelt(one.receiver.invoices().at(-1) ?? '', 'paid')
  const { rows } = (await one.node.call('payouts.list')).result as { rows: { payout: string }[] }
  await one.node.call('payouts.ask', { payout: rows[0]?.payout })
  await until('it is paid', async () => (await sheetOf(one, 'locked')) === 0)
  const purses = [...new Set((await one.node.node.log.sheet()).map(({ purse }) => purse))]
  const coins = (await Promise.all(purses.map((purse) => one.node.node.log.coins(purse)))).flat()
  expect(coins.filter(({ signedBy }) => signedBy === young.id).map(({ amount }) => amount)).toEqual([...changeSat])
  // Its fee is that of its signer, also where the cost of paying everyone out is reckoned.
  const { free } = await one.node.node.log.holdings()
  expect(free.filter(({ keysetId }) => keysetId === young.id).map(({ coins }) => coins)).toEqual([changeSat.length])
  const { perMint } = (await one.node.call('books.check')).result as {
    perMint: { coinsMsat: number; unspentMsat: number }[]
  }
  expect(perMint.every(({ coinsMsat, unspentMsat }) => coinsMsat === unspentMsat)).toBe(true)
  // It leaves with the next refund, and another wallet takes it.
  const refund = await one.post('/v1/balance/refund', {}, key)
  const { token, refund_id } = (await refund.json()) as { token: string; refund_id: string }
  expect((await one.post('/v1/balance/create', { initial_balance_token: token })).status).toBe(200)
  const asked = (await one.node.call('payouts.ask', { payout: refund_id })).result
  expect(asked).toMatchObject({ state: 'collected' })
}, 60_000)

atNight(
  'P-04 more change than is due is a lie: nothing is booked, the mint is suspended',
  async () => {
    const one = await world()
    const key = await keyOf(one, 500)
    one.mint.setLightning({
      fee: 1,
      reserve: 2,
      changeAs: (blanks) => blanks.map((blank) => one.mint.sign({ ...blank, amount: 512 })),
    })
    await one.post('/v1/balance/refund', { lightning_address: one.receiver.address }, key)
    await until('the mint is suspended', async () =>
      Boolean(
        ((await one.node.call('mints.list')).result as { rows: { state: string }[] }).rows[0]?.state === 'suspended',
      ),
    )
    expect((await one.info(key)).balance).toBeLessThan(1000)
    lost =
      BigInt(one.mint.outstanding('sat')) * 1000n -
      BigInt(await sheetOf(one, 'locked')) -
      BigInt(await sheetOf(one, 'free'))
  },
  30_000,
)

atNight(
  'R-019 tokens made again are paid for above the floor only',
  async () => {
    const one = await world(100)
    await keyOf(one, 100)
    const key = await keyOf(one, 40)
    const refund = (await (await one.post('/v1/balance/refund', {}, key)).json()) as { refund_id: string }
    const again = await one.node.call('refunds.makeAgain', { refund: refund.refund_id })
    expect(again.error?.data).toMatchObject({ code: 'below-floor' })
  },
  30_000,
)

atNight(
  'wallet 5.6 the sweep leaves room for a reserve in whole units, and none is begun at a suspended mint',
  async () => {
    const one = await world()
    const key = await keyOf(one, 2000)
    one.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
    await one.chat(key)
    await one.node.call('settings.apply', {
      changes: { 'sweep.address': one.receiver.address, 'sweep.thresholdSat': 10 },
    })
    expect((await one.node.call('sweep.run')).result).toHaveProperty('payout')
    await until('it is paid', async () => {
      const { rows } = (await one.node.call('payouts.list', { purpose: 'sweep' })).result as {
        rows: { state: string }[]
      }
      return rows[0]?.state === 'paid'
    })
  },
  30_000,
)
