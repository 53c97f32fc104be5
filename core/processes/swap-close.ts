/** The events that end a round of an own swap, together with those of what it served (wallet 5.5, 6.5). */
import { type Coin, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import { feeOf, sum } from './coin-choice'
import { coinsFrom } from './coins-from'
import { outRelease } from './daily-out'
import { type Case as AnyCase, type Closing, enoughLooks, type ReplanWhy, type Verdict } from './drive-types'
import { evidenceOf } from './evidence'
import { swapExpired } from './expired-coins'
import { lateLook } from './late-look'
import { payoutAttempt } from './payout-coins'
import { createReclaimEnds, movesOf, type Unreclaimed, uncollected, waitsAgain } from './reclaim-ends'
import { asMade, bookable } from './restored-coins'
import { afterFence, type Beside, divide, isPlannedAnew } from './swap-divide'
import type { OpenSwapOfOurs, SwapDeps } from './swap-types'
import { sealedToken } from './token-text'

type Case = AnyCase<OpenSwapOfOurs>
const nothing: Beside = { wishes: [], inline: {} }

export function createSwapClosing(deps: SwapDeps): Closing<OpenSwapOfOurs> {
  const { engine, wallet, trace } = deps
  const meta = { actor: 'node', door: 'node' } as const
  const reclaimEnds = createReclaimEnds(deps)

  async function settle(
    one: Case,
    attempt: WalletAttempt,
    signatures: readonly Signature[],
    isRestored = false,
  ): Promise<Verdict> {
    const { operation: swap, state, desk } = one
    const { plan } = state
    const coins = await coinsFrom(attempt, signatures, desk, wallet)
    if ('unreachable' in coins) return 'wait'
    if ('lie' in coins) {
      await desk.suspend('lied', `${swap}: ${coins.lie}`)
      return 'wait'
    }
    const part = (wanted: string) => coins.filter((_, index) => attempt.outputs[index]?.part === wanted)
    const [send, keep] = [part('send'), part('keep')]
    const { seedId } = attempt
    const { purse } = plan
    const kept = isRestored ? await bookable(swap, { purse, coins: keep }, desk, deps) : asMade(keep)
    if (kept === undefined) return 'wait'
    const beside = await served(swap, state, { seedId, send })
    if (beside === undefined) return 'wait'
    const row = { seedId, purse }
    await deps.stopHere('swap: before it is settled')
    const outcome = await engine.execute(
      [wish('swap', swap, { do: 'settle', attemptN: attempt.n, seedId, send, keep }), ...beside.wishes, ...kept.wishes],
      {
        ...beside.inline,
        meta,
        coins: [
          ...send.map((coin) => ({ ...coin, ...row, state: 'out' as const })),
          ...kept.free.map((coin) => ({ ...coin, ...row, state: 'free' as const })),
        ],
        moves: [
          ...movesOf(plan.inputs, plan.reason === 'reclaim' ? 'out' : 'locked', 'spent'),
          ...movesOf(plan.added, 'locked', 'spent'),
        ],
        releases: [{ kind: 'swap', key: swap }, ...(beside.inline.releases ?? [])],
      },
    )
    await deps.stopHere('swap: after it is settled')
    // Counters that its next part took are somebody else's by now: found again by evidence, and drafted anew.
    if ('refused' in outcome && outcome.guard === 'cursor') return 'wait'
    if ('refused' in outcome) throw new Error(`a swap could not be booked: ${outcome.refused}`)
    trace.info('Swap settled', { swap, reason: plan.reason, purse: plan.purse })
    return 'closed'
  }

  /** What the swap was for ends in the same append. */
  async function served(
    swapId: string,
    { plan }: OpenSwapOfOurs,
    made: { readonly seedId: string; readonly send: readonly Coin[] },
  ): Promise<Beside | undefined> {
    const { parent, reason, then } = plan
    if (parent === undefined) return nothing
    if (reason === 'fence') return afterFence(swapId, plan, deps)
    if (reason !== 'reclaim' || then === undefined) return nothing
    const releases = [{ kind: 'reclaiming', key: parent }]
    const { by, why = '' } = then
    switch (then.is) {
      case 'taken-back':
        return {
          wishes: [wish('payout', parent, { do: 'take-back', swapId, by })],
          inline: { releases: [...releases, outRelease(parent)] },
        }
      case 'swept':
        return { wishes: [wish('payout', parent, { do: 'sweep', swapId, by, reason: why })], inline: { releases } }
      case 'reissued': {
        const unit = plan.purse.endsWith('/sat') ? 'sat' : 'msat'
        const token = sealedToken({ mint: plan.mint, unit, coins: made.send }, wallet)
        return {
          wishes: [wish('payout', parent, { do: 'reissue', swapId, ...made, token: token.ref })],
          inline: { releases, seal: [token], claims: [uncollected(parent)] },
        }
      }
      default:
        return then.is satisfies never
    }
  }

  async function reject(one: Case, reason: 'spent-elsewhere' | 'refused' | 'not-sent', kind: string): Promise<Verdict> {
    const { operation: swap, state, desk } = one
    const { plan } = state
    const isNotSent = reason === 'not-sent'
    // Nobody would plan it anew: it goes on by itself (W-07).
    if (isNotSent && plan.reason === 'fence' && !(await isPlannedAnew(plan, deps))) return 'wait'
    if (!isNotSent && plan.reason !== 'fence' && plan.reason !== 'reclaim') {
      // Coins of ours that another spender had: the mint is not believed until its owner says so (wallet 6.1).
      await desk.suspend('own-coin-spent', swap)
      if (one.looks.at(-1)?.unspent !== 0) return 'wait'
    }
    const beside = await besides(one, isNotSent)
    if (beside === undefined) return 'wait'
    return giveUp(one, isNotSent ? 'not-sent' : 'spent-elsewhere', kind, beside)
  }

  async function besides(one: Case, isNotSent: boolean): Promise<Unreclaimed | undefined> {
    const { reason, parent = '' } = one.state.plan
    if (reason !== 'reclaim') return nothing
    return isNotSent ? waitsAgain(parent) : reclaimEnds.lost(one)
  }

  async function giveUp(
    one: Case,
    why: 'not-sent' | 'spent-elsewhere' | 'expired',
    kind: string,
    beside: Unreclaimed,
  ): Promise<Verdict> {
    const { operation: swap, state } = one
    const { plan } = state
    const own = plan.reason === 'fence' || plan.reason === 'reclaim' ? [] : plan.inputs
    const late = lateLook(swap, plan.purse, deps.now())
    const fenced = plan.reason === 'fence' ? [{ kind: 'fencing', key: plan.parent ?? '' }] : []
    const outcome = await engine.execute(
      [
        wish('swap', swap, {
          do: 'reject',
          why,
          evidence: evidenceOf(one, kind),
          ...(beside.addedFreed === true ? { addedFreed: true } : {}),
        }),
        ...beside.wishes,
      ],
      {
        ...beside.inline,
        meta,
        moves:
          why === 'not-sent'
            ? movesOf([...own, ...plan.added], 'locked', 'free')
            : [...movesOf(own, 'locked', 'spent'), ...(beside.inline.moves ?? [])],
        releases: [{ kind: 'swap', key: swap }, ...fenced, ...late.releases, ...(beside.inline.releases ?? [])],
        claims: [...late.claims, ...(beside.inline.claims ?? [])],
      },
    )
    // Counters of the fence beside it that somebody else took meanwhile: it is drafted anew.
    if ('refused' in outcome && outcome.guard === 'cursor') return 'wait'
    if ('refused' in outcome) throw new Error(`a swap could not be given up: ${outcome.refused}`)
    trace.warn('Swap given up', { swap, reason: plan.reason, why })
    return 'closed'
  }

  /** A reclaim's coins are out: while its mint takes none of them, whoever holds the token has what he had (wallet 5.2). */
  async function expired(one: Case): Promise<Verdict> {
    const { operation, state } = one
    if (state.plan.reason !== 'reclaim') return swapExpired(operation, state.plan, deps)
    const beside = enoughLooks(one, limits.looksApartMs) ? await reclaimEnds.expired(one) : undefined
    return beside === undefined ? 'wait' : giveUp(one, 'expired', 'keyset-expired', beside)
  }

  /** What goes into a token keeps its amount, what comes back absorbs the difference; the inputs stay (W-08). */
  async function replan(one: Case, why: ReplanWhy): Promise<Verdict> {
    const { operation: swap, state, desk } = one
    const { plan, attempts } = state
    const keyset = await desk.outputKeyset(plan.purse.endsWith('/sat') ? 'sat' : 'msat', true)
    const all = await desk.listed()
    if ('unreachable' in keyset || 'unreachable' in all) return 'wait'
    const feePpk = (id: string) => all.find((known) => known.id === id)?.feePpk ?? 0
    const inputs = [...plan.inputs, ...plan.added]
    const feeUnits = feeOf(inputs, { feePpk })
    const sendUnits = plan.attempt.outputs.reduce(
      (units, { part, amount }) => units + (part === 'send' ? amount : 0),
      0,
    )
    const keepUnits = sum(inputs) - sendUnits - feeUnits
    if (keepUnits < 0 || sendUnits + keepUnits === 0) {
      trace.error('The fees of a mint rose above what a swap can pay', { swap, feeUnits })
      return 'wait'
    }
    const skip = why === 'counter-clash' ? limits.counterJump : 0
    const made = await payoutAttempt(
      { n: attempts.length + 1, sendUnits, keepUnits, feeUnits, purse: plan.purse, leaving: [], keyset, skip },
      deps,
    )
    const outcome = await engine.execute(wish('swap', swap, { do: 'replan', attempt: made.attempt, why }), {
      meta,
      cursors: [made.cursor],
    })
    return 'position' in outcome && attempts.length === 1 ? 'again' : 'wait'
  }

  /** A reclaim's coins are out and stay so: it waits for its mint. */
  async function inParts({ operation, state }: Case): Promise<Verdict> {
    return state.plan.reason !== 'reclaim' && (await divide(operation, deps)) ? 'closed' : 'wait'
  }

  return {
    settle,
    reject,
    replan,
    expired,
    divide: inParts,
  }
}
