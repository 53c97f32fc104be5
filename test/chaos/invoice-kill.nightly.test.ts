/** A node thrown away at every step of an invoice credits it exactly once afterwards (wallet 7, promises 1.2). */
import { expect, test } from 'bun:test'
import { createTestMint, type TestMint } from '../kit/mint'
import { startNode, type TestNode, until } from '../kit/node'
import { spread } from '../kit/sizes'

const never = new Promise<void>(() => undefined)
/** Ten times as fast as the real one: the watcher's pause between two looks is half a second. */
const began = Date.now()
const now = () => began + (Date.now() - began) * 10

async function nodeThatStops(mint: TestMint, place: string | undefined) {
  let reached = false
  const node = await startNode({
    now,
    environment: { CASHU_MINTS: mint.url },
    stopHere: async (at) => {
      if (at !== place) return
      reached = true
      await never
    },
  })
  return { node, reached: () => reached }
}

const again = (mint: TestMint, directory: string) =>
  startNode({ now, directory, environment: { CASHU_MINTS: mint.url } })

async function ask(node: TestNode, sats: number) {
  const response = await fetch(`${node.url}/v1/lightning/invoice`, {
    method: 'POST',
    body: JSON.stringify({ amount_sats: sats, balance_limit: 5000 }),
  })
  return (await response.json()) as { invoice_id: string; bolt11: string }
}

const statusOf = async (node: TestNode, id: string) =>
  (await (await fetch(`${node.url}/v1/lightning/invoice/${id}/status`)).json()) as { status: string; api_key: string }

const credits = async (node: TestNode) =>
  ((await node.call('events.list', { type: 'session.credited' })).result as { rows: unknown[] }).rows.length

async function creditedOnce(node: TestNode, mint: TestMint, id: string, sats: number): Promise<void> {
  // No client asks for it: the watcher alone finds the payment.
  await until('the invoice is credited', async () => (await credits(node)) === 1, 15_000)
  const { status, api_key } = await statusOf(node, id)
  expect(status).toBe('paid')
  const info = await fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${api_key}` } })
  expect(await info.json()).toMatchObject({ balance: sats * 1000, balance_limit: 5000 })
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  expect(mint.outstanding('sat')).toBe(sats)
  expect(await credits(node)).toBe(1)
}

test('C-080 P-04 an invoice that is paid while the node is down is credited once, though nobody asks', async () => {
  const mint = createTestMint()
  const { node: first } = await nodeThatStops(mint, undefined)
  const { invoice_id, bolt11 } = await ask(first, 100)
  await first.abandon()
  mint.pay(bolt11)
  const second = await again(mint, first.directory)
  await creditedOnce(second, mint, invoice_id, 100)
  await second.stop({ keep: true })
  const third = await again(mint, first.directory)
  expect(await statusOf(third, invoice_id)).toMatchObject({ status: 'paid' })
  expect(await credits(third)).toBe(1)
  await third.stop()
  await mint.stop()
}, 60_000)

// The other places, and kills in the middle of a recovery: invoice-matrix.test.ts.
test.each(spread(['invoice: after the issue', 'invoice: before the credit'], 2))(
  'C-080 P-03 a node that dies %s credits the invoice once after restart',
  async (place) => {
    const mint = createTestMint({ feePpk: 100 })
    const { node: first, reached } = await nodeThatStops(mint, place)
    const { invoice_id, bolt11 } = await ask(first, 100)
    mint.pay(bolt11)
    await until(`the node reaches ${place}`, reached, 15_000)
    await first.abandon()
    const second = await again(mint, first.directory)
    await creditedOnce(second, mint, invoice_id, 100)
    await second.stop()
    await mint.stop()
  },
  60_000,
)

test.each(['invoice: after the quote'])(
  'wallet 7/13 a node that dies %s shows no invoice, and the request lapses',
  async (place) => {
    const mint = createTestMint()
    const { node: first, reached } = await nodeThatStops(mint, place)
    void ask(first, 100).catch(() => undefined)
    await until(`the node reaches ${place}`, reached, 15_000)
    await first.abandon()
    const second = await again(mint, first.directory)
    const [deposit = ''] = await second.node.log.streams('deposit-')
    const events = await second.node.log.read(deposit, 0)
    expect(events.map(({ type }) => type)).toEqual(['deposit.requested', 'deposit.lapsed'])
    expect(
      await second.node.log.sealed((events[0]?.data as { apiKey: string } | undefined)?.apiKey ?? ''),
    ).toBeUndefined()
    await second.stop()
    await mint.stop()
  },
  60_000,
)
