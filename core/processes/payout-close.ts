/** The events that end a round of a payout's swap: its token is ready, its money goes back, or it is planned anew. */
import { promisedShares, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import { feeOf, sum } from './coin-choice'
import { coinsFrom } from './coins-from'
import { outRelease } from './daily-out'
import type { Case as AnyCase, Closing, ReplanWhy, Verdict } from './drive-types'
import { evidenceOf } from './evidence'
import { payoutExpired } from './expired-coins'
import { lateLook } from './late-look'
import { changeAgain } from './one-shot-claim'
import { fencing } from './payout-cancel'
import { payoutAttempt, placesOf, unitsOf } from './payout-coins'
import type { OpenPayout, PayoutDeps } from './payout-types'
import { asMade, bookable } from './restored-coins'
import { divide, firstPart } from './swap-divide'
import { draftSwap } from './swap-plan'
import { sealedToken } from './token-text'

type Case = AnyCase<OpenPayout>

export function createPayoutClosing(deps: PayoutDeps): Closing<OpenPayout> {
  const { engine, wallet, trace } = deps
  const metaOf = ({ wish: asked }: OpenPayout) => ({ actor: asked.by, door: 'node', cause: asked.requestId }) as const

  /** Every signed output becomes a coin: those to hand out are `out` from their first instant. */
  async function settle(
    one: Case,
    attempt: WalletAttempt,
    signatures: readonly Signature[],
    isRestored = false,
  ): Promise<Verdict> {
    const { operation: payout, state, desk } = one
    const coins = await coinsFrom(attempt, signatures, desk, wallet)
    if ('unreachable' in coins) return 'wait'
    if ('lie' in coins) {
      await desk.suspend('lied', `${payout}: ${coins.lie}`)
      return 'wait'
    }
    const { plan } = state
    const part = (wanted: string) => coins.filter((_, index) => attempt.outputs[index]?.part === wanted)
    const [send, keep] = [part('send'), part('keep')]
    const { purse } = plan
    const kept = isRestored ? await bookable(payout, { purse, coins: keep }, desk, deps) : asMade(keep)
    if (kept === undefined) return 'wait'
    const token = sealedToken({ mint: plan.mint, unit: unitOf(plan.purse), coins: send }, wallet)
    const { seedId } = attempt
    const row = { seedId, purse }
    await deps.stopHere('payout: before it is ready')
    const outcome = await engine.execute(
      [wish('payout', payout, { do: 'settle', seedId, send, keep, token: token.ref }), ...kept.wishes],
      {
        meta: metaOf(state),
        coins: [
          ...send.map((coin) => ({ ...coin, ...row, state: 'out' as const })),
          ...kept.free.map((coin) => ({ ...coin, ...row, state: 'free' as const })),
        ],
        moves: movesOf(state, 'spent'),
        seal: [token],
        releases: [{ kind: 'swapping', key: payout }],
        claims: [{ kind: 'uncollected', key: payout, owner: 'payout' }],
      },
    )
    await deps.stopHere('payout: after it is ready')
    if ('refused' in outcome && outcome.refused !== 'payout-moved-on')
      throw new Error(`a payout could not be booked: ${outcome.refused}`)
    trace.info('Payout ready', { payout, units: sum(send), purse: plan.purse })
    return 'closed'
  }

  /** Money back to the session in the append that gives the coins up (W-13); the owner's counts as left no more. */
  async function reject(one: Case, reason: 'spent-elsewhere' | 'refused' | 'not-sent', kind: string): Promise<Verdict> {
    const { operation: payout, state, desk } = one
    if (reason !== 'not-sent') {
      // Coins of ours that another spender had: the mint is not believed until its owner says so (wallet 6.1).
      await desk.suspend('lied', `${payout}: coins of ours are spent`)
      if (one.looks.at(-1)?.unspent !== 0) return 'wait'
    }
    const shares = promisedShares(state)
    const fate = reason === 'not-sent' ? ('free' as const) : ('spent' as const)
    const { sessionId } = state.wish
    const late = lateLook(payout, state.plan.purse, deps.now())
    const outcome = await engine.execute(
      [
        wish('payout', payout, {
          do: 'reject',
          reason: reason === 'not-sent' ? 'not-sent' : 'coins-gone',
          evidence: evidenceOf(one, kind),
        }),
        ...(sessionId === undefined ? [] : [wish('session', sessionId, { do: 'return', payoutId: payout, shares })]),
      ],
      {
        meta: metaOf(state),
        moves: movesOf(state, fate),
        releases: [{ kind: 'swapping', key: payout }, outRelease(payout), ...late.releases],
        claims: [...changeAgain(state.wish), ...late.claims],
      },
    )
    if ('refused' in outcome) throw new Error(`a payout could not be given back: ${outcome.refused}`)
    trace.warn('Payout given back', { payout, reason })
    return 'closed'
  }

  /** What is handed out keeps its amount, what is kept absorbs the difference; the inputs stay (W-08). */
  async function replan(one: Case, why: ReplanWhy): Promise<Verdict> {
    const { operation: payout, state, desk } = one
    const { plan, attempts } = state
    const unit = unitOf(plan.purse)
    const keyset = await desk.outputKeyset(unit, true)
    const all = await desk.listed()
    if ('unreachable' in keyset || 'unreachable' in all) return 'wait'
    const feePpk = (id: string) => all.find((known) => known.id === id)?.feePpk ?? 0
    const feeUnits = feeOf(plan.inputs, { feePpk })
    const sendUnits = unitsOf(unit, state.wish.msat)
    const keepUnits = sum(plan.inputs) - sendUnits - feeUnits
    if (keepUnits < 0) return fence(one)
    const skip = why === 'counter-clash' ? limits.counterJump : 0
    if (skip > 0) trace.error('Counters of this wallet were used elsewhere', { payout, keyset: keyset.id })
    const made = await payoutAttempt(
      { n: attempts.length + 1, sendUnits, keepUnits, feeUnits, purse: plan.purse, leaving: [], keyset, skip },
      deps,
    )
    const outcome = await engine.execute(wish('payout', payout, { do: 'replan', attempt: made.attempt, why }), {
      meta: metaOf(state),
      cursors: [made.cursor],
    })
    return 'position' in outcome && attempts.length === 1 ? 'again' : 'wait'
  }

  /** The fees rose above what was locked, and a request left: only a swap of these coins frees them (W-06, wallet 6.5). */
  async function fence({ operation: payout, state: { plan } }: Case): Promise<Verdict> {
    trace.error('The fees of a mint rose above what a payout locked', { payout })
    const [place] = placesOf([plan.purse], deps)
    if (place === undefined) return 'wait'
    const inputs = await firstPart(plan.inputs, place, deps)
    const wanted = { reason: 'fence' as const, parent: payout, inputs, added: [], sendUnits: 0 }
    const draft = await draftSwap(place, wanted, deps)
    if (!('swap' in draft)) return 'wait'
    const outcome = await engine.execute(draft.wish, {
      ...draft.inline,
      meta: { actor: 'node', door: 'node' },
      claims: [...(draft.inline.claims ?? []), fencing(payout, draft.swap)],
    })
    return 'position' in outcome ? 'closed' : 'wait'
  }

  /** Its parts bring the coins back, and the money with them: what is asked for then keeps to the bound. */
  const inParts = async ({ operation }: Case): Promise<Verdict> => ((await divide(operation, deps)) ? 'closed' : 'wait')

  return {
    settle,
    reject,
    replan,
    expired: ({ operation, state }) => payoutExpired(operation, state.plan, deps),
    divide: inParts,
  }
}

const unitOf = (purse: string): 'sat' | 'msat' => (purse.endsWith('/sat') ? 'sat' : 'msat')

const movesOf = ({ plan }: OpenPayout, to: 'spent' | 'free') =>
  plan.inputs.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'locked' as const, to }))
