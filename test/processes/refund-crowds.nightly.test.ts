/** Many customers who leave at once choose coins in turn (wallet 5.2, W-15). */
import { expect, test } from 'bun:test'
import type { Refund } from '../../core/processes/payout-types'
import { spends } from '../kit/charge'
import { brokenIn } from '../kit/invariants'
import { until } from '../kit/node'
import { moneySuite } from '../kit/suite'

const { kit } = moneySuite()

test('P-02 W-15 forty refunds at one instant all begin: none loses a race for its coins too often', async () => {
  const one = kit()
  one.payouts.start()
  const sessions: string[] = []
  for (let n = 0; n < 40; n += 1) {
    const token = one.mint.token(4)
    await one.redeem(token)
    const session = one.sessionOf(token)
    await spends(one, session, 1000)
    sessions.push(session)
  }
  const all = () => Promise.all(sessions.map((session) => one.payouts.refund(session, 'r', 30_000)))
  const isReady = (refund: Refund) => 'is' in refund && refund.is === 'ready' && refund.sats === 3
  const isBegun = (refund: Refund) => isReady(refund) || ('is' in refund && refund.is === 'pending')
  expect((await all()).filter((refund) => !isBegun(refund))).toEqual([])
  await until('every refund is ready', async () => (await all()).every(isReady), 30_000)
  expect(await brokenIn(one)).toEqual([])
}, 60_000)
