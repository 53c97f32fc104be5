/** The events that end a round of a deposit: credited, rejected with evidence, or planned anew (wallet 5.1, 6.1). */
import { asMsat, type Coin, type Evidence, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import { makeAttempt } from './deposit-plan'
import { type Case, type DepositDeps, enoughLooks, type Verdict } from './deposit-types'
import type { MintDesk } from './mint-desk'

export type Closing = {
  /** Turns signatures into coins and credits them; a mint that lied is suspended, the deposit stays open. */
  readonly settle: (one: Case, attempt: WalletAttempt, signatures: readonly Signature[]) => Promise<Verdict>
  readonly reject: (one: Case, reason: 'spent-elsewhere' | 'refused' | 'not-sent', kind: string) => Promise<Verdict>
  readonly replan: (one: Case, why: 'rotation' | 'fee' | 'counter-clash') => Promise<Verdict>
}

type Coins = readonly Coin[] | { readonly lie: string } | { readonly unreachable: string }

export function createClosing(deps: DepositDeps): Closing {
  const { engine, log, wallet, trace } = deps

  async function settle(one: Case, attempt: WalletAttempt, signatures: readonly Signature[]): Promise<Verdict> {
    const coins = await coinsFrom(attempt, signatures, one.desk)
    // Without its keys nothing is proven, in neither direction: the same answer can be restored later.
    if ('unreachable' in coins) return 'wait'
    if (!('lie' in coins)) return credit(one, attempt, coins)
    await one.desk.suspend('lied', `${one.deposit}: ${coins.lie}`)
    return 'wait'
  }

  async function coinsFrom(attempt: WalletAttempt, signatures: readonly Signature[], desk: MintDesk): Promise<Coins> {
    if (signatures.length !== attempt.outputs.length) return { lie: 'another number of signatures than outputs' }
    const all = await desk.keysets()
    if ('unreachable' in all) return all
    const info = all.find((keyset) => keyset.id === attempt.keysetId)
    if (info === undefined) return { lie: 'signatures of a keyset that the mint does not list' }
    const keyset = await desk.withKeys(info)
    if ('unreachable' in keyset) return keyset
    const coins: Coin[] = []
    for (const [index, output] of attempt.outputs.entries()) {
      const signature = signatures[index]
      if (signature === undefined) return { lie: 'a missing signature' }
      const derived = wallet.derive(attempt.keysetId, output.counter, output.amount)
      const unblinded = wallet.unblind(derived, signature, keyset)
      if ('lie' in unblinded) return unblinded
      coins.push({ keysetId: attempt.keysetId, counter: output.counter, amount: output.amount, c: unblinded.c })
    }
    return coins
  }

  /** Credit and coins in one append with the event that closes (W-13, W-14). */
  async function credit({ deposit, state }: Case, attempt: WalletAttempt, coins: readonly Coin[]): Promise<Verdict> {
    const { plan } = state
    const units = coins.reduce((sum, coin) => sum + coin.amount, 0)
    const msatPerUnit = plan.unit === 'sat' ? 1000 : 1
    const { purse, unit, mint, target } = plan
    await deps.stopHere('deposit: before the credit')
    const outcome = await engine.execute(
      [
        wish('deposit', deposit, { do: 'settle', attemptN: attempt.n, seedId: attempt.seedId, coins }),
        wish('session', target, { do: 'open', origin: 'token', limits: plan.limits }),
        wish('session', target, {
          do: 'credit',
          depositId: deposit,
          amountMsat: asMsat(units * msatPerUnit),
          feeMsat: asMsat((plan.faceUnits - units) * msatPerUnit),
          purse,
          unit,
          mint,
        }),
      ],
      {
        meta: { actor: target, door: 'public', cause: plan.requestId },
        coins: coins.map((coin) => ({ ...coin, seedId: attempt.seedId, purse, state: 'free' as const })),
        releases: [{ kind: 'open', key: deposit }],
        erase: [plan.proofs],
      },
    )
    await deps.stopHere('deposit: after the credit')
    if ('refused' in outcome && outcome.refused !== 'deposit-closed')
      throw new Error(`a deposit could not be credited: ${outcome.refused}`)
    trace.info('Deposit credited', { deposit, units, unit })
    return 'closed'
  }

  async function reject(one: Case, reason: 'spent-elsewhere' | 'refused' | 'not-sent', kind: string): Promise<Verdict> {
    const { deposit, state } = one
    const mintId = state.plan.purse.split('/')[0] ?? ''
    // A proof that was spent elsewhere stays claimed: its answer comes from the log from now on (wallet 6.1).
    const unspent = reason === 'spent-elsewhere' ? one.looks.at(-1)?.unspentYs : undefined
    const freed = reason === 'spent-elsewhere' ? (unspent ?? []) : state.plan.inputs.map(({ y }) => y)
    await engine.execute(wish('deposit', deposit, { do: 'reject', reason, evidence: evidenceOf(one, kind) }), {
      meta: { actor: state.plan.target, door: 'public', cause: state.plan.requestId },
      releases: [{ kind: 'open', key: deposit }, ...freed.map((y) => ({ kind: 'y', key: `${mintId}:${y}` }))],
      erase: [state.plan.proofs],
    })
    trace.info('Deposit rejected', { deposit, reason })
    return 'closed'
  }

  /** New counters, a fresh keyset, fee and net anew; every earlier attempt stays in the restore set (W-08). */
  async function replan(one: Case, why: 'rotation' | 'fee' | 'counter-clash'): Promise<Verdict> {
    const { deposit, state, desk } = one
    const { plan } = state
    const keyset = await desk.outputKeyset(plan.unit, true)
    const all = await desk.keysets()
    if ('unreachable' in keyset || 'unreachable' in all) return 'wait'
    const feeOf = (keysetId: string) => all.find((known) => known.id === keysetId)?.feePpk ?? 0
    const feeUnits = Math.ceil(plan.inputs.reduce((sum, input) => sum + feeOf(input.keysetId), 0) / 1000)
    const netUnits = plan.faceUnits - feeUnits
    if (netUnits <= 0)
      return enoughLooks(one, limits.looksApartMs) ? reject(one, 'refused', 'fees exceed the value') : 'wait'
    const jump = why === 'counter-clash' ? limits.counterJump : 0
    if (jump > 0) trace.error('Counters of this wallet were used elsewhere', { deposit, keyset: keyset.id })
    const made = await makeAttempt(
      { n: state.attempts.length + 1, units: netUnits, feeUnits, keyset, skip: jump },
      { log, wallet },
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

function evidenceOf({ looks, sends, answer }: Case, kind: string): Evidence {
  const seen = looks.slice(-limits.looksKept).map(({ at, unspent, pending, spent, restored }) => ({
    at,
    unspent,
    pending,
    spent,
    restored: restored.length,
  }))
  if (answer?.is !== 'rejected') return { kind, looks: seen, sends }
  const { status, code } = answer
  return { kind, looks: seen, sends, lastStatus: status, ...(code === undefined ? {} : { lastCode: code }) }
}
