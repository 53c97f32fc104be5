/** A drain whose target mint loses sight of its quote while the payment is under way (wallet 5.6, 6.3): what arrived is signed. */
import { expect, test } from 'bun:test'
import { until } from '../kit/node'
import { startTwoMints } from '../kit/two-mints'

const dayMs = 24 * 3600_000

test('W-17 wallet 5.6, 6.3 an invoice of a move that lapsed is asked for again once it is paid', async () => {
  let shift = 0
  const now = () => Date.now() + shift
  const two = await startTwoMints({ first: { feePpk: 0, now }, second: { feePpk: 0, now }, node: { now } })
  await two.key(1000)
  await two.post('/v1/balance/donate', { token: two.mint.token(300) })
  two.mint.setLightning({ outcome: 'pending', fee: 0, reserve: 3 })
  expect((await two.drain()).error).toBeUndefined()
  await until('the payment is under way', () => two.mint.melts().some(({ state }) => state === 'PENDING'))
  shift += 7.5 * dayMs
  await two.restart()
  const logOf = () => two.node.node.log
  const [move] = await logOf().list({ type: 'deposit.requested', limit: 1 })
  const isLapsed = async () => (await logOf().read(move?.stream ?? '', 0)).some(({ type }) => type === 'deposit.lapsed')
  await until('the invoice has lapsed', isLapsed, 20_000)
  two.mint.setLightning({ fee: 0, reserve: 3 })
  for (const { state, quote } of two.mint.melts()) if (state === 'PENDING') two.mint.endMelt(quote, 'paid')
  await two.restart()
  const isSigned = () => two.second.quotes().every(({ state }) => state !== 'PAID')
  const isMoved = async () => isSigned() && (await two.sheet('customers', two.second)) === -1_000_000
  await until(
    'what arrived is signed, and the customer’s',
    async () => {
      shift += 60_000
      return isMoved()
    },
    40_000,
  )
  const ended = await logOf().list({ type: 'drain.round-ended', limit: 9 })
  expect(ended.map(({ data }) => (data as { readonly how: string }).how)).not.toContain('lost')
  await two.stop()
}, 90_000)
