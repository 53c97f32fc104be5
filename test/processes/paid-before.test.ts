/** Quotes that are paid with coins which this log does not know, as an old backup meets them: paid once (P-29, wallet 6.4). */
import { expect, test } from 'bun:test'
import { getDecodedToken } from '@cashu/cashu-ts'
import { limits } from '../../core/limits'
import type { DepositKit } from '../kit/deposits'
import { brokenIn } from '../kit/invariants'
import { die, earned, finish, lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { accountOf, moneySuite } from '../kit/suite'

const suite = moneySuite()
const { kit } = suite

/** As the node that wrote the log did after its backup was taken. */
async function payElsewhere({ mint }: DepositKit): Promise<void> {
  const quote = mint.melts().at(-1)?.quote
  const inputs = getDecodedToken(mint.token(110), mint.keysetIds() as never).proofs
  const answer = await fetch(`${mint.url}/v1/melt/bolt11`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      quote,
      inputs: inputs.map(({ id, amount, secret, C }) => ({ id, amount: Number(amount), secret, C })),
    }),
  })
  expect([answer.status, ((await answer.json()) as { readonly state: string }).state]).toEqual([200, 'PAID'])
}

/** Withdraws 100 sat in a process that dies at `place`; the quote is paid elsewhere before it lives again. */
async function diesAt(place: string): Promise<{ readonly one: DepositKit; readonly payout: string }> {
  const one = kit({ feePpk: 100 })
  await earned(one)
  one.mint.setLightning({ fee: 1, reserve: 4 })
  let dead = false
  one.onStop(async (at) => {
    if (at !== place || dead) return
    dead = true
    throw new Error('killed')
  })
  one.swaps.start()
  const payout = await withdrawByLightning(one, 100, lightningInvoice(100, one.now()))
  void one.melts.resume()
  await until('it died', () => dead)
  return { one, payout }
}

test('P-29 wallet 6.4 no coins are locked for a quote that is paid: it is booked once, against what was lost', async () => {
  const { one, payout } = await diesAt('melt: before the lock')
  await payElsewhere(one)
  const again = die(one)
  const free = await accountOf(again, 'free')
  expect(await finish(again, payout)).toBe('paid')
  expect(one.mint.lightningOutMsat()).toBe(101_000)
  const [locked, promised, lost] = await Promise.all(
    ['locked', 'promisedOwner', 'owner:losses'].map((account) => accountOf(again, account)),
  )
  expect([locked, promised, lost, await accountOf(again, 'free')]).toEqual([0, 0, -100_000, free])
  expect(await again.opened.log.claims('paying')).toEqual([])
  expect(await again.opened.log.claims('coinless')).toEqual([])
  expect(await brokenIn(again)).toEqual([])
})

test('P-29 wallet 6.5 coins that were locked for a quote which others paid come back by a fence, beside the payment', async () => {
  const { one, payout } = await diesAt('melt: before the send')
  await payElsewhere(one)
  const again = die(one)
  const from = again.now()
  expect(await finish(again, payout)).toBe('paid')
  expect(again.now() - from).toBeGreaterThanOrEqual(limits.looksApartMs)
  const fees = await accountOf(again, 'owner:mintFees')
  const [locked, promised, lost] = await Promise.all(
    ['locked', 'promisedOwner', 'owner:losses'].map((account) => accountOf(again, account)),
  )
  expect([locked, promised, lost]).toEqual([0, 0, -100_000])
  expect([fees, one.mint.lightningOutMsat()]).toEqual([1000, 101_000])
  expect(await again.opened.log.claims('fencing')).toEqual([])
  expect(await brokenIn(again)).toEqual([])
})

test('W-05 a quote whose mint is silent when the process lives again is unclear: nothing is locked, nothing given up', async () => {
  const { one, payout } = await diesAt('melt: before the lock')
  await one.mint.stop()
  const again = die(one)
  await again.melts.resume()
  const from = again.now()
  await until('its invoice is long over', () => again.now() - from > 3 * 24 * 3600_000, 20_000)
  expect(await stageOf(again, payout)).toBe('quoted')
  one.mint.restart()
  expect(await finish(again, payout)).toBe('rejected')
  expect(await accountOf(again, 'promisedOwner')).toBe(0)
  expect(await brokenIn(again)).toEqual([])
})
