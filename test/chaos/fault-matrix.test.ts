/**
 * Every fault of a mint against every operation that can move coins, with and without NUT-19, both kinds of keyset ids,
 * with and without fees (wallet 19.2): whatever it did, the operation ends as it would have without.
 */
import { afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createOneShots } from '../../core/processes/one-shots'
import { draftReclaim } from '../../core/processes/reclaims'
import { unlimited, wish } from '../../events'
import { chargeOf, spends } from '../kit/charge'
import type { DepositKit } from '../kit/deposits'
import { type InvoiceKit, openInvoices } from '../kit/invoices'
import { earned, lightningInvoice, stageOf, withdrawByLightning } from '../kit/melts'
import type { TestMintOptions } from '../kit/mint'
import type { FaultKind } from '../kit/mint/faults'
import { until } from '../kit/node'
import { isNightly, spread } from '../kit/sizes'
import { accountOf, moneySuite, type Suite } from '../kit/suite'
import { faceOf } from '../kit/x-cashu'

/** What the fees of a thousand payments cost is the owner's: each operation has books of its own at night. */
let suite: Suite
const patient = Number.POSITIVE_INFINITY

const transport: readonly FaultKind[] = [
  ...(['drop-before', 'drop-after', 'delay-before', 'delay-after', 'zombie', 'status', 'status-after'] as const),
  ...(['limit', 'redirect', 'truncated', 'huge', 'html', 'code'] as const),
]
const lies: readonly FaultKind[] = ['count-wrong', 'amount-wrong', 'keyset-wrong', 'dleq-missing', 'dleq-false']
const evidence: readonly FaultKind[] = ['restore-empty', 'restore-partial', 'restore-reordered', 'states-reordered']

type Operation = {
  readonly name: string
  /** The call that moves the coins. */
  readonly path: 'swap' | 'mint' | 'melt'
  readonly kinds: readonly FaultKind[]
  /** Brings the kit to the point before that call, arms the faults, and answers what came of it. */
  readonly run: (options: TestMintOptions, arm: (mint: DepositKit['mint']) => void) => Promise<unknown>
}

/** The owner believes a mint again that was suspended, and looks after whatever nobody drives. */
async function cared<Outcome>(one: DepositKit, work: Promise<Outcome>): Promise<Outcome> {
  let isOver = false
  void work.then(
    () => {
      isOver = true
    },
    () => {
      isOver = true
    },
  )
  await until(
    'it has its end',
    async () => {
      await believe(one.desk())
      for (const part of [one.deposits, one.payouts, one.swaps, one.melts]) await part.resume()
      return isOver
    },
    20_000,
  )
  one.mint.wakeZombies()
  return work
}
async function believe({ mint, isSuspended }: ReturnType<DepositKit['desk']>): Promise<void> {
  if (!(await isSuspended())) return
  await suite.log().engine.execute(wish('mint', `mint-${mint.mintId}`, { do: 'resume', by: 'owner' }), {
    meta: { actor: 'owner', door: 'console' },
  })
}
const ended = (one: DepositKit, payout: string) =>
  until('the payment has its end', async () => ['paid', 'rejected'].includes(await stageOf(one, payout)), 20_000)

/** A key with a balance that no sum of its coins pays. */
async function spentKey(one: DepositKit): Promise<string> {
  const token = one.mint.token(65, 'sat', { amounts: [64, 1] })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 10_000)
  return one.sessionOf(token)
}

const operations: readonly Operation[] = [
  {
    name: 'deposit',
    path: 'swap',
    kinds: [...transport, ...lies, ...evidence],
    async run(options, arm) {
      const one = suite.kit(options)
      arm(one.mint)
      expect(await cared(one, one.redeem(one.mint.token(21)))).toMatchObject({ settled: true })
      return accountOf(one, 'customers')
    },
  },
  {
    name: 'refund',
    path: 'swap',
    kinds: [...transport, ...lies, ...evidence],
    async run(options, arm) {
      const one = suite.kit(options)
      const session = await spentKey(one)
      arm(one.mint)
      const refund = await cared(one, one.refund(session))
      return 'is' in refund && refund.is === 'ready' ? faceOf(refund.token).units : refund
    },
  },
  {
    name: 'change',
    path: 'swap',
    kinds: [...transport, ...lies, ...evidence],
    async run(options, arm) {
      const one = suite.kit(options)
      const oneShots = createOneShots({ ...one.payoutDeps, payouts: one.payouts, deposits: one.deposits })
      const token = one.mint.token(65, 'sat', { amounts: [64, 1] })
      const { session = '', deposit = '' } = oneShots.read(token) ?? {}
      const asked = { text: token, via: 'x-cashu', sessionId: session, target: session, limits: unlimited } as const
      await one.deposits.redeem({ ...asked, requestId: 'r' }, patient)
      await oneShots.close({ deposit, charge: chargeOf(10_001), requestId: 'r' })
      arm(one.mint)
      const change = await cared(one, oneShots.change(deposit, 'header', patient))
      return change.is === 'ready' ? faceOf(change.token).units : change
    },
  },
  {
    name: 'invoice',
    path: 'mint',
    kinds: [...transport, ...lies, 'restore-empty', 'restore-partial', 'restore-reordered'],
    async run(options, arm) {
      const one = openInvoices(suite.log(), options)
      invoices.push(one)
      const { bolt11 } = await one.made(21)
      one.mint.pay(bolt11)
      arm(one.mint)
      void one.watch(3600_000, async () => (await one.free()) > 0)
      await until(
        'it is credited',
        async () => {
          await believe(one.desk())
          return (await one.free()) > 0
        },
        20_000,
      )
      one.mint.wakeZombies()
      return one.free()
    },
  },
  {
    name: 'melt',
    path: 'melt',
    // Change is told by the quote too: what signatures of it can be is tested by themselves (wallet 1.2, T7).
    kinds: [...transport, 'restore-empty', 'restore-reordered'],
    async run(options, arm) {
      const one = suite.kit(options)
      await earned(one)
      one.mint.setLightning({ fee: 1, reserve: 4, silentChange: true })
      one.swaps.start()
      arm(one.mint)
      const payout = await withdrawByLightning(one, 100, lightningInvoice(100, one.now(), 30 * 86_400))
      await cared(one, ended(one, payout))
      return [await stageOf(one, payout), one.mint.lightningOutMsat(), await accountOf(one, 'locked')]
    },
  },
  {
    name: 'swap',
    path: 'swap',
    kinds: [...transport, ...lies, ...evidence],
    async run(options, arm) {
      const one = suite.kit(options)
      await earned(one)
      const token = one.mint.token(21)
      await one.redeem(token)
      const refund = await one.refund(one.sessionOf(token))
      if (!('is' in refund) || refund.is !== 'ready') throw new Error(JSON.stringify(refund))
      const draft = await draftReclaim({ payout: refund.payout, into: 'reissued', by: 'owner' }, one.payoutDeps)
      if (!('swap' in draft)) throw new Error(JSON.stringify(draft))
      arm(one.mint)
      await suite.log().engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'owner', door: 'console' } })
      await cared(one, one.swaps.follow(draft.swap, patient))
      const again = await one.refund(one.sessionOf(token))
      return 'is' in again && again.is === 'ready' ? [faceOf(again.token).units, again.token === refund.token] : again
    },
  },
  {
    name: 'fence',
    path: 'swap',
    kinds: [...transport, ...lies, ...evidence],
    async run(options, arm) {
      const one = suite.kit(options)
      await earned(one)
      one.mint.setLightning({ outcome: 'failed' })
      one.swaps.start()
      const payout = await withdrawByLightning(one, 100, lightningInvoice(100, one.now(), 30 * 86_400))
      let isArmed = false
      one.onStop(async (place) => {
        if (place !== 'melt: after the send' || isArmed) return
        isArmed = true
        arm(one.mint)
      })
      await cared(one, ended(one, payout))
      return [await stageOf(one, payout), one.mint.lightningOutMsat(), await accountOf(one, 'locked')]
    },
  },
]

const invoices: InvoiceKit[] = []
afterEach(async () => {
  for (const one of invoices.splice(0)) {
    expect((await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
    expect(one.mint.outstanding('sat') * 1000).toBe(await one.free())
    await one.close()
  }
})

const variants = [true, false].flatMap((cached) =>
  (['v1', 'v2'] as const).flatMap((keysetVersion) =>
    [0, 100].map((feePpk): TestMintOptions => ({ cached, keysetVersion, feePpk })),
  ),
)
const matrix = operations.flatMap((operation) =>
  operation.kinds.flatMap((kind) =>
    variants.map((options) => [operation.name, kind, JSON.stringify(options), operation, options] as const),
  ),
)
/** By day each operation meets another fault of each kind at another mint; coprime with the eight kinds of mint. */
const step = 211

const chosen = spread(matrix, step)
for (const rows of isNightly ? Map.groupBy(chosen, ([name]) => name).values() : [chosen])
  describe('a fault', () => {
    const own = moneySuite()
    beforeAll(() => {
      suite = own
    })
    test.each([...rows])(
      'W-05 W-15 wallet 19.2 %s, which its mint meets with %s (%s), ends as it would have without',
      async (_, kind, __, { path, run }, options) => {
        const asPlain = await run(options, () => undefined)
        const asMet = await run(options, (mint) => {
          if (evidence.includes(kind)) {
            // Its own answer is lost, so that evidence is looked for, and that is what is twisted.
            mint.fault({ path, kind: 'drop-after' })
            mint.fault({ path: kind.startsWith('states') ? 'checkstate' : 'restore', kind })
          } else mint.fault({ path, kind, ...(kind === 'limit' && options.feePpk === 0 ? { retryAfter: '3' } : {}) })
        })
        expect(asMet).toEqual(asPlain)
      },
      40_000,
    )
  })
