/** A node that dies at any step of either side of a drain: the money arrives once, shares follow once (wallet 5.6, 7). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { startTwoMints, type TwoMints } from '../kit/two-mints'

let two: TwoMints
let keys: readonly string[] = []
beforeAll(async () => {
  two = await startTwoMints({ first: { feePpk: 100 }, second: { feePpk: 100 } })
  keys = [await two.key(3000), await two.key(400)]
  await two.earn(keys[0] ?? '')
  await two.earn(keys[0] ?? '')
}, 60_000)
afterAll(() => two.stop())

const places = [
  'drain: after a round',
  'invoice: before the quote',
  'invoice: after the quote',
  'melt: before the invoice is kept',
  'melt: after the quote',
  'melt: before the lock',
  'melt: after the lock',
  'melt: before the send',
  'melt: after the send',
  'melt: before it is booked',
  'melt: after it is booked',
  'invoice: seen paid',
  'invoice: before the issue',
  'invoice: after the issue',
  'invoice: before the credit',
  'invoice: after the credit',
  'drain: before a round ends',
  'drain: after a round ended',
  'drain: before the merge',
  'drain: after the merge',
  'drain: before a round',
]
const faults = ['none', 'lost-melt', 'lost-issue'] as const
const cases = places.flatMap((place) => faults.map((fault) => [place, fault] as const))

/** Each case drains the mint at which the one before it left the money. */
let turns = 0
const ends = () => (turns % 2 === 0 ? ([two.mint, two.second] as const) : ([two.second, two.mint] as const))
const balances = async () => (await Promise.all(keys.map((key) => two.info(key)))).map(({ balance }) => balance)
const statesOf = async () => {
  const { engine, log } = two.node.node.adminNode
  const names = [
    ...(await log.streams('session-')),
    ...(await log.streams('payout-')),
    ...(await log.streams('drain-')),
  ]
  return Promise.all(names.map(async (name) => [name, await engine.state(name.split('-')[0] as 'session', name)]))
}

test.each(spread(cases, 16))(
  'P-01 P-19 wallet 5.6 a node that dies %s, fault %s: what left one mint is at the other, once, and all balances stand',
  async (place, fault) => {
    const [from, to] = ends()
    turns += 1
    // Each drain costs its owner a few sat.
    if (turns % 10 === 0) await two.earn(keys[0] ?? '')
    await two.node.call('mints.change', { mint: to.url, deposits: true })
    const before = await balances()
    const lightning = () => [two.mint, two.second].map((mint) => mint.lightningOutMsat() - mint.lightningInMsat())
    const paidBefore = lightning()
    if (fault === 'lost-melt') from.fault({ path: 'melt', kind: 'drop-after', times: 1 })
    if (fault === 'lost-issue') to.fault({ path: 'mint', kind: 'drop-after', times: 1 })
    let isDead = false
    two.onStop(async (at) => {
      // From its death on nothing runs any more.
      if (at === place) isDead = true
      if (isDead) throw new Error('killed')
    })
    const begun = await two.drain({ mint: from.url, to: to.url })
    expect(begun.error).toBeUndefined()
    await until(`it died ${place}`, () => isDead, 20_000)
    two.onStop(async () => undefined)
    await two.restart()
    const states = await statesOf()
    expect(states.length).toBeGreaterThan(2)
    await two.drained(from)
    expect(await balances()).toEqual(before)
    expect(await two.sheet('customers', from)).toBe(0)
    expect(await two.sheet('customers', to)).toBe(-before.reduce((sum, msat) => sum + msat, 0))
    expect([await two.sheet('locked'), await two.sheet('promisedOwner'), await two.sheet('owner:withdrawn')]).toEqual([
      0, 0, 0,
    ])
    // What all payments brought in equals what went out less what the way cost.
    const spent = lightning().reduce((sum, msat, at) => sum + msat - (paidBefore[at] ?? 0), 0)
    expect(spent).toBeGreaterThan(0)
    for (const kind of ['drain', 'paying', 'coinless', 'fencing', 'swap'])
      expect([kind, await two.node.node.log.claims(kind)]).toEqual([kind, []])
    await two.check()
    // Folded from event 0, every stream is what it was in memory.
    const live = await statesOf()
    await two.restart()
    expect(await statesOf()).toEqual(live)
  },
  120_000,
)

test('wallet 5.2 at the end each customer is paid out at the mint where his money came to lie', async () => {
  const [from] = ends()
  const [, saver = ''] = keys
  expect((await two.refund(saver)).sats).toBe('399')
  expect(await two.sheet('customers', from)).toBeLessThan(0)
  await two.check()
}, 60_000)
