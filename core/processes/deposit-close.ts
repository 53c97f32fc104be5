/** The events that end a round of a deposit: credited, rejected with evidence, or planned anew (wallet 5.1, 6.1). */
import { asMsat, type Coin, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import { coinsFrom } from './coins-from'
import { makeAttempt } from './deposit-plan'
import type { DepositDeps, OpenDeposit } from './deposit-types'
import { type Case as AnyCase, type Closing, enoughLooks, type Verdict } from './drive-types'
import { evidenceOf } from './evidence'
import { expiryClaims } from './key-expiry'
import { lateLook } from './late-look'
import { isTrusted } from './mint-cap'
import { oneShotClaim } from './one-shot-claim'
import { asMade, type Bookable, bookable } from './restored-coins'
import { eraseAfter, eraseAgain } from './sealed-rows'

type Case = AnyCase<OpenDeposit>

export function createClosing(deps: DepositDeps): Closing<OpenDeposit> {
  const { engine, wallet, trace } = deps

  async function settle(
    one: Case,
    attempt: WalletAttempt,
    signatures: readonly Signature[],
    isRestored = false,
  ): Promise<Verdict> {
    const { operation, state, desk } = one
    const coins = await coinsFrom(attempt, signatures, desk, wallet)
    // Without its keys nothing is proven, in neither direction: the same answer can be restored later.
    if ('unreachable' in coins) return 'wait'
    if ('lie' in coins) {
      await desk.suspend('lied', `${operation}: ${coins.lie}`)
      return 'wait'
    }
    const { purse } = state.plan
    const kept = isRestored ? await bookable(operation, { purse, coins }, desk, deps) : asMade(coins)
    return kept === undefined ? 'wait' : credit(one, attempt, coins, kept)
  }

  /** Credit and coins in one append with the event that closes (W-13, W-14). */
  async function credit(one: Case, attempt: WalletAttempt, coins: readonly Coin[], kept: Bookable): Promise<Verdict> {
    const { operation: deposit, state } = one
    const { plan } = state
    const units = coins.reduce((sum, coin) => sum + coin.amount, 0)
    const msatPerUnit = plan.unit === 'sat' ? 1000 : 1
    const { purse, unit } = plan
    // A top-up whose key ended meanwhile is the money of its own token's text (wallet 5.1, 6).
    const hasEnded = plan.target !== '' && (await engine.state('session', plan.target)).is === 'ended'
    const target = hasEnded ? plan.sessionId : plan.target
    const instead = hasEnded ? { target } : undefined
    const isDonation = plan.via === 'donate'
    await deps.stopHere('deposit: before the credit')
    const settled = wish('deposit', deposit, () => ({
      do: 'settle',
      attemptN: attempt.n,
      seedId: attempt.seedId,
      coins,
      instead,
      target: plan.target,
      isMintTrusted: isTrusted(plan.mint, deps),
    }))
    const credited = creditWishes(one, target, units, msatPerUnit)
    const expiry = expiryClaims(target, plan.payout)
    const outcome = await engine.execute(
      // A donation is the owner's by the event that settles it.
      [settled, ...(isDonation ? [] : credited), ...kept.wishes],
      {
        meta: { actor: target || 'donor', door: 'public', cause: plan.requestId },
        coins: kept.free.map((coin) => ({ ...coin, seedId: attempt.seedId, purse, state: 'free' as const })),
        releases: [{ kind: 'open', key: deposit }, ...rejectedBefore(deposit, plan), ...expiry.releases],
        claims: [
          eraseAfter(plan.proofs, deps.now() + limits.proofsKeptMs),
          ...expiry.claims,
          // Until its request has ended: found by it after a crash (wallet 5.2).
          ...(plan.via === 'x-cashu' ? [oneShotClaim(target)] : []),
        ],
      },
    )
    await deps.stopHere('deposit: after the credit')
    if ('refused' in outcome && outcome.refused === 'session-ended' && !hasEnded)
      return credit(one, attempt, coins, kept)
    // Its own driver finds the same coins, and credits who presents it now.
    if ('refused' in outcome && ['deposit-renewed', 'mint-unknown'].includes(outcome.refused)) return 'wait'
    if ('refused' in outcome && outcome.refused !== 'deposit-closed')
      throw new Error(`a deposit could not be credited: ${outcome.refused}`)
    trace.info('Deposit credited', { deposit, units, unit })
    return 'closed'
  }

  async function reject(one: Case, reason: 'spent-elsewhere' | 'refused' | 'not-sent', kind: string): Promise<Verdict> {
    const { operation: deposit, state } = one
    const mintId = state.plan.purse.split('/')[0] ?? ''
    // A proof that was spent elsewhere stays claimed: its answer comes from the log from now on (wallet 6.1).
    const unspent = reason === 'spent-elsewhere' ? one.looks.at(-1)?.unspentYs : undefined
    const freed = reason === 'spent-elsewhere' ? (unspent ?? []) : state.plan.inputs.map(({ y }) => y)
    const late = lateLook(deposit, state.plan.purse, deps.now())
    await engine.execute(wish('deposit', deposit, { do: 'reject', reason, evidence: evidenceOf(one, kind) }), {
      meta: { actor: state.plan.target || 'donor', door: 'public', cause: state.plan.requestId },
      releases: [
        { kind: 'open', key: deposit },
        ...freed.map((y) => ({ kind: 'y', key: `${mintId}:${y}` })),
        ...late.releases,
      ],
      claims: [eraseAfter(state.plan.proofs, deps.now() + limits.proofsKeptMs), ...late.claims],
    })
    trace.info('Deposit rejected', { deposit, reason })
    return 'closed'
  }

  /** New counters, a fresh keyset, fee and net anew; every earlier attempt stays in the restore set (W-08). */
  async function replan(one: Case, why: 'rotation' | 'fee' | 'counter-clash'): Promise<Verdict> {
    const { operation: deposit, state, desk } = one
    const { plan } = state
    const keyset = await desk.outputKeyset(plan.unit, true)
    const all = await desk.listed()
    if ('unreachable' in keyset || 'unreachable' in all) return 'wait'
    const feeOf = (keysetId: string) => all.find((known) => known.id === keysetId)?.feePpk ?? 0
    const feeUnits = Math.ceil(plan.inputs.reduce((sum, input) => sum + feeOf(input.keysetId), 0) / 1000)
    const netUnits = plan.faceUnits - feeUnits
    if (netUnits <= 0)
      return enoughLooks(one, limits.looksApartMs) ? reject(one, 'refused', 'fees exceed the value') : 'wait'
    const jump = why === 'counter-clash' ? limits.counterJump : 0
    if (jump > 0) trace.error('Counters of this wallet were used elsewhere', { deposit, keyset: keyset.id })
    const made = await makeAttempt(
      { n: state.attempts.length + 1, units: netUnits, feeUnits, purse: plan.purse, keyset, skip: jump },
      deps,
    )
    const outcome = await engine.execute(wish('deposit', deposit, { do: 'replan', attempt: made.attempt, why }), {
      meta: { actor: 'node', door: 'node', cause: plan.requestId },
      cursors: [made.cursor],
    })
    // One new plan is sent at once; a mint that is never content is asked slower and slower.
    return 'position' in outcome && state.attempts.length === 1 ? 'again' : 'wait'
  }

  return { settle, reject, replan }
}

/** What the books of the key it credits say: opened if new, its value and fee, and where its rest goes (W-13). */
function creditWishes({ operation, state: { plan } }: Case, target: string, units: number, msatPerUnit: number) {
  const { purse, unit, mint, limits, payout } = plan
  return [
    wish('session', target, { do: 'open', origin: plan.via === 'x-cashu' ? 'x-cashu' : 'token', limits }),
    wish('session', target, {
      do: 'credit',
      depositId: operation,
      amountMsat: asMsat(units * msatPerUnit),
      feeMsat: asMsat((plan.faceUnits - units) * msatPerUnit),
      purse,
      unit,
      mint,
    }),
    ...(payout === undefined ? [] : [wish('session', target, { do: 'set-payout', payout })]),
  ]
}

/** Claims of a token that had been given up and is credited late. */
const rejectedBefore = (deposit: string, { proofs, purse }: OpenDeposit['plan']) => [
  ...eraseAgain(proofs),
  ...lateLook(deposit, purse, 0).releases,
]
