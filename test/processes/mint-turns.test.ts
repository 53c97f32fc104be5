/** Strangers' tokens and customers' refunds take turns at a mint: a flood of the ones never starves the others (wallet 9.4). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import type { MintAnswer } from '../../core/money/mint-request'
import { createMintQueue, type Urgency } from '../../core/processes/mint-queue'
import { spends } from '../kit/charge'
import { until } from '../kit/node'
import { moneySuite } from '../kit/suite'

const { kit } = moneySuite()
const done: MintAnswer<string> = { is: 'done', value: '' }
const settle = () => Bun.sleep(0)

/** A queue whose calls end when they are told to. */
function queue() {
  const began: string[] = []
  const running: (() => void)[] = []
  const made = createMintQueue({ now: () => 1_700_000_000_000, pause: () => settle() })
  return {
    closed: made.closed,
    began,
    ask: (name: string, urgency: Urgency, isMoney = true) =>
      made.run({ urgency, isMoney }, () => {
        began.push(name)
        return new Promise<MintAnswer<string>>((end) => running.push(() => end(done)))
      }),
    async end(calls: number) {
      for (let n = 0; n < calls; n += 1) {
        running.shift()?.()
        await settle()
      }
    },
  }
}
type Kit = ReturnType<typeof queue>

async function flood(kit: Kit, count: number): Promise<void> {
  for (let n = 0; n < limits.mintCalls + count; n += 1) void kit.ask('token', 'redeem')
  await settle()
  kit.began.length = 0
}

test('wallet 9.4 behind a hundred tokens every second turn is that of a refund', async () => {
  const kit = queue()
  await flood(kit, 100)
  for (let n = 0; n < 10; n += 1) void kit.ask('refund', 'customer')
  await kit.end(22)
  const refunds = kit.began.flatMap((name, turn) => (name === 'refund' ? [turn] : []))
  expect(refunds.length).toBe(10)
  expect(refunds[0]).toBeLessThanOrEqual(1)
  // One turn in eight is that of whoever waits longest.
  for (const [n, turn] of refunds.entries()) expect(turn - (refunds[n - 1] ?? turn)).toBeLessThanOrEqual(3)
})

test('wallet 9.4 behind a hundred refunds every second turn is that of a token, and looks have turns of their own', async () => {
  const kit = queue()
  for (let n = 0; n < limits.mintCalls + 100; n += 1) void kit.ask('refund', 'customer')
  await settle()
  kit.began.length = 0
  for (let n = 0; n < 5; n += 1) void kit.ask('token', 'redeem')
  for (let n = 0; n < 5; n += 1) void kit.ask('look', 'redeem', false)
  await kit.end(16)
  expect(kit.began.filter((name) => name === 'token').length).toBeGreaterThanOrEqual(4)
})

test('wallet 9.4 a queue that is full of tokens lets the newest of them go for a refund, and is closed to one more token', async () => {
  const kit = queue()
  for (let n = 0; n < limits.mintCalls; n += 1) void kit.ask('lane', 'redeem')
  const gone: number[] = []
  for (let n = 0; n < limits.mintQueue; n += 1)
    void kit.ask('token', 'redeem').then((answer) => answer === undefined && gone.push(n))
  await settle()
  expect([kit.closed('redeem'), kit.closed('customer'), kit.closed()]).toEqual(['limited', undefined, undefined])
  expect(await kit.ask('one more', 'redeem')).toBeUndefined()
  void kit.ask('refund', 'customer')
  await settle()
  expect(gone).toEqual([limits.mintQueue - 1])
  await kit.end(3)
  expect(kit.began).toContain('refund')
})

test('P-17 wallet 9.4 worthless tokens of strangers at a mint that limits us hold a refund up by a few calls, not by all of them', async () => {
  const one = kit({ rates: { moneyPerMinute: 20 } })
  one.payouts.start()
  const token = one.mint.token(64)
  await one.redeem(token)
  const session = one.sessionOf(token)
  await spends(one, session, 1000)
  // The limit is met, so that every call waits for its turn from now on.
  while (one.desk().callsPerMinute() === undefined) await one.redeem(one.mint.token(1))
  let openDoors: () => void = () => undefined
  const doors = new Promise<void>((open) => {
    openDoors = open
  })
  let waiting = 0
  const atRefund = { swaps: 0, answered: 0 }
  one.onStop(async (place) => {
    if (place === 'payout: after the swap') Object.assign(atRefund, { swaps: one.mint.calls('swap') - swaps, answered })
    if (place !== 'deposit: before the swap' && place !== 'payout: before the swap') return
    waiting += 1
    await doors
  })
  let swaps = 0
  let answered = 0
  const answers: Promise<unknown>[] = []
  while (answers.length < 40) {
    const proofs = one.mint.proofs(1)
    one.mint.spend(proofs)
    answers.push(one.redeem(one.mint.encode(proofs)).finally(() => (answered += 1)))
    await until('it waits', () => waiting === answers.length)
  }
  const refund = one.refund(session)
  await until('it waits', () => waiting > answers.length)
  swaps = one.mint.calls('swap')
  openDoors()
  expect(await refund).toMatchObject({ is: 'ready', sats: 63 })
  expect(atRefund.answered).toBeLessThan(answers.length / 2)
  // Refused ones are counted too; in order of arrival it would be all of them.
  expect(atRefund.swaps).toBeWithin(1, answers.length)
  for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ refused: 'token-spent' })
}, 60_000)
