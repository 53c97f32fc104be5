/** The owner's withdrawal by token, killed at each of its steps: one token, told again, and nothing the log does not know (P-01). */
import { expect, test } from 'bun:test'
import { draftTokenWithdrawal } from '../../core/processes/withdrawals'
import { LogUnavailable } from '../../events'
import type { DepositKit } from '../kit/deposits'
import { earned } from '../kit/melts'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { accountOf, moneySuite } from '../kit/suite'
import { faceOf } from '../kit/x-cashu'

const suite = moneySuite()
const { kit } = suite
const patient = Number.POSITIVE_INFINITY

/** No sum of the coins there are: a swap is needed. */
const wantedSat = 77
async function withdraw(one: DepositKit, units = wantedSat): Promise<string> {
  const asked = {
    command: crypto.randomUUID(),
    mint: undefined,
    unit: 'sat',
    units,
    by: 'owner',
    door: 'console',
  } as const
  const draft = await draftTokenWithdrawal(asked, one.payoutDeps)
  if (!('payout' in draft)) throw new Error(JSON.stringify(draft))
  await suite.log().engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'owner', door: 'console' } })
  return draft.payout
}
async function tokenOf(one: DepositKit, payout: string): Promise<string> {
  const told = await one.payouts.follow(payout, patient, 'dashboard')
  if (!('is' in told) || told.is !== 'ready') throw new Error(JSON.stringify(told))
  return told.token
}

const places = [
  'payout: before the swap',
  'payout: after the swap',
  'payout: before it is ready',
  'payout: after it is ready',
]
const faults = ['none', 'drop-before', 'drop-after', 'status-after'] as const
const matrix = places.flatMap((place) => faults.map((fault) => [place, fault] as const))

test.each(spread(matrix, 5))(
  'P-01 a process that dies %s of a withdrawal, fault %s, has made one token after the restart, told again',
  async (place, fault) => {
    const one = kit({ feePpk: 100 })
    await earned(one)
    let dead = false
    one.onStop(async (at) => {
      if (at !== place || dead) return
      dead = true
      throw new Error('killed')
    })
    if (fault !== 'none') one.mint.fault({ path: 'swap', kind: fault })
    const payout = await withdraw(one)
    void one.payouts.resume()
    await until('it died', () => dead)
    one.payouts.stop()
    const next = one.restart()
    await next.payouts.resume()
    const token = await tokenOf(next, payout)
    expect([faceOf(token).units, await tokenOf(next, payout)]).toEqual([wantedSat, token])
    // Another process tells the same text from the log alone.
    expect(await tokenOf(next.restart(), payout)).toBe(token)
    expect((await one.events(payout)).filter((type) => type === 'payout.ready')).toHaveLength(1)
    expect([await accountOf(one, 'out'), await accountOf(one, 'locked')]).toEqual([wantedSat * 1000, 0])
    expect(await one.redeem(token)).toMatchObject({ settled: true })
    await next.payouts.watch()
    expect([await accountOf(one, 'out'), await accountOf(one, 'promisedOwner')]).toEqual([0, 0])
  },
  20_000,
)

test.each(['payout.requested', 'payout.ready'])(
  'P-01 a withdrawal whose append of %s fails: no token that the log does not know, and no coin is lost',
  async (type) => {
    const one = kit({ feePpk: 100 })
    await earned(one)
    const { log } = suite.log()
    const { append } = log
    let failures = 0
    const failing = log as { append: typeof append }
    failing.append = async (wished) => {
      const isIt = wished.streams.some(({ events }) => events.some((event) => event.type === type))
      if (!isIt || failures > 0) return append(wished)
      failures += 1
      throw new LogUnavailable('the disk is full')
    }
    try {
      const before = await one.sheet()
      if (type === 'payout.requested') {
        const failed = await withdraw(one).catch((error: unknown) => error)
        expect(String(failed)).toContain('the disk is full')
        expect([await one.sheet(), one.mint.calls('swap')]).toEqual([before, 1])
      }
      const payout = await withdraw(one)
      void one.payouts.resume()
      const token = await tokenOf(one, payout)
      expect([faceOf(token).units, failures]).toEqual([wantedSat, 1])
      expect((await one.events(payout)).filter((event) => event === 'payout.ready')).toHaveLength(1)
    } finally {
      failing.append = append
    }
  },
  20_000,
)
