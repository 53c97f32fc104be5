/** A payment by Lightning whose coins their mint takes no more: nobody is paid, and what is worthless waits (wallet 8.1). */
import { expect, test } from 'bun:test'
import { expiredAt } from '../../core/processes/expired-coins'
import { earned, finish, lightningInvoice, withdrawByLightning } from '../kit/melts'
import { until } from '../kit/node'
import { accountOf, moneySuite } from '../kit/suite'

const { kit } = moneySuite()

test.each(['expire', 'forget'] as const)(
  'wallet 6.4, 8.1 coins of a payment whose keyset ends (%s) between lock and send: it is given back, and they wait for the owner',
  async (end) => {
    const one = kit()
    await earned(one)
    const [old = ''] = one.mint.keysetIds()
    let isDone = false
    one.onStop(async (place) => {
      if (place !== 'melt: before the send' || isDone) return
      isDone = true
      one.mint.rotate('sat')
      one.mint[end](old)
    })
    one.swaps.start()
    const heldMsat = await accountOf(one, 'free')
    const payout = await withdrawByLightning(one, 100, lightningInvoice(100, one.now()))
    void one.melts.resume()
    await until('the keyset ended', () => isDone)
    const isKnown = async () => {
      one.turn(60_000)
      await one.melts.resume()
      await one.swaps.resume()
      const [mint] = one.payoutDeps.mints()
      return mint !== undefined && (await expiredAt(mint, one.payoutDeps)).length === 1
    }
    await until('what waits is known', isKnown, 30_000)
    expect(one.mint.lightningOutMsat()).toBe(0)
    expect((await accountOf(one, 'free')) + (await accountOf(one, 'locked'))).toBe(heldMsat)
    expect(await accountOf(one, 'owner:losses')).toBe(0)
    if (end === 'forget') return
    one.mint.expire(old, false)
    expect(await finish(one, payout)).toBe('rejected')
    expect(await accountOf(one, 'free')).toBe(heldMsat)
  },
  60_000,
)
