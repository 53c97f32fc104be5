/** The events that end a payout by Lightning, or begin its fence (wallet 5.4, 6.4, 6.5). */
import { createHash } from 'node:crypto'
import { type Coin, type Inline, promisedShares, type WalletAttempt, type Wish, wish } from '../../events'
import { limits } from '../limits'
import type { MeltQuote } from '../money/melt-verbs'
import type { Signature } from '../money/mint-answers'
import { sum } from './coin-choice'
import { signingKeyset } from './coins-from'
import { outRelease } from './daily-out'
import { restoredAt } from './evidence'
import { lateLook } from './late-look'
import {
  coinlessClaim,
  hashClaim,
  type MeltCase,
  type MeltDeps,
  type MeltVerdict,
  payingClaim,
  type Stage,
} from './melt-types'
import { fencing } from './payout-cancel'
import { firstPart } from './swap-divide'
import { draftSwap } from './swap-plan'

type Planned = MeltCase<'planned'>
type Rejected = Stage<'rejected'>
/** Change as coins of ours. */
type Change = { readonly coins: readonly Coin[] }

export function createMeltClosing(deps: MeltDeps) {
  const { engine, wallet, trace } = deps
  const metaOf = ({ wish: asked }: MeltCase) => ({ actor: asked.by, door: 'node', cause: asked.requestId }) as const

  /** Nothing was locked: the promise ends, and a customer's money is on his key again. */
  async function giveUp(
    one: MeltCase,
    reason: Rejected['reason'],
    numbers?: Rejected['numbers'],
  ): Promise<MeltVerdict> {
    const { wishes, inline } = givenUp(one.payout, one, reason, numbers)
    const outcome = await engine.execute(wishes, { ...inline, meta: metaOf(one) })
    trace.info('A payment by Lightning was not begun', { payout: one.payout, reason })
    return 'refused' in outcome && outcome.refused !== 'payout-moved-on' ? 'wait' : 'closed'
  }

  /**
   * Paid by the mint's word: the change is what it signed, the rest were fees (W-14). `isFinal`: no change at all is
   * believed too.
   */
  async function pay(one: Planned, quote: MeltQuote | undefined, isFinal: boolean): Promise<MeltVerdict> {
    const { payout, stage, wish: asked, desk } = one
    const change = await changeOf(one, quote?.change)
    if (change === undefined) return 'wait'
    if (!('lie' in change) && change.coins.length === 0 && mayHaveChange(stage) && !isFinal) return 'wait'
    if ('lie' in change) {
      await desk.suspend('lied', `${payout}: ${change.lie}`)
      return 'wait'
    }
    const preimage = quote?.preimage
    if (preimage !== undefined && !isPreimage(preimage, stage.invoice.paymentHash))
      trace.error('A mint named a preimage that is not the invoice’s', { payout, mint: desk.mint.url })
    const { coins } = change
    const returnedMsat = returnedOf(one, sum(coins))
    const seedId = stage.attempts[0]?.seedId ?? wallet.seedId
    // Signed after all, it is found by night (wallet 9.8).
    const late = coins.length === 0 && mayHaveChange(stage) ? lateLook(payout, stage.plan.purse, deps.now()) : undefined
    await deps.stopHere('melt: before it is booked')
    const outcome = await engine.execute(
      [
        wish('payout', payout, {
          do: 'pay',
          seedId,
          change: coins,
          ...(preimage === undefined ? {} : { preimage }),
          evidence: quote === undefined ? 'inputs-spent' : 'quote',
        }),
        ...back(asked.sessionId, payout, [{ purse: stage.plan.purse, msat: returnedMsat as never }]),
      ],
      {
        meta: metaOf(one),
        coins: coins.map((coin) => ({ ...coin, seedId, purse: stage.plan.purse, state: 'free' as const })),
        moves: stage.plan.inputs.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'locked', to: 'spent' })),
        ...(late === undefined ? {} : { claims: late.claims }),
        releases: [payingClaim(payout)],
      },
    )
    await deps.stopHere('melt: after it is booked')
    if ('refused' in outcome && outcome.refused !== 'payout-moved-on')
      throw new Error(`a payment could not be booked: ${outcome.refused}`)
    trace.info('Paid by Lightning', { payout, units: stage.quote.units, purse: stage.plan.purse })
    return 'closed'
  }

  /** Its coins went for something that its log has forgotten, and its owner says that it was not paid (wallet 12.4). */
  async function lose({ payout, stage, wish: asked }: Planned): Promise<MeltVerdict> {
    const shares = [...promisedShares({ is: 'lightning', wish: asked, lightning: stage })]
    const { inputs } = stage.plan
    const outcome = await engine.execute(
      [wish('payout', payout, { do: 'lose' }), ...back(asked.sessionId, payout, shares)],
      {
        meta: { actor: 'node', door: 'node', cause: asked.requestId },
        moves: inputs.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'locked', to: 'spent' })),
        releases: [payingClaim(payout), outRelease(payout), hashClaim(stage.invoice.paymentHash, payout)],
      },
    )
    trace.warn('The coins of a payment are given up', { payout, units: sum(inputs) })
    return 'position' in outcome ? 'closed' : 'wait'
  }

  /** Never less than nothing: what a mint keeps beyond the promise is the owner's cost. */
  function returnedOf({ wish: asked, stage }: Planned, changeUnits: number): number {
    if (asked.sessionId === undefined) return 0
    const usedUnits = sum(stage.plan.inputs) - changeUnits
    const perUnit = stage.plan.purse.endsWith('/sat') ? 1000 : 1
    return Math.max(0, asked.shares.reduce((msat, share) => msat + share.msat, 0) - usedUnits * perUnit)
  }

  /** By index where the mint tells it, of the attempt whose proofs hold; else restored. undefined: not known yet. */
  async function changeOf(
    one: Planned,
    told: readonly Signature[] | undefined,
  ): Promise<Change | { readonly lie: string } | undefined> {
    const { stage, desk } = one
    let lie: { readonly lie: string } | undefined
    for (const attempt of [...stage.attempts].reverse()) {
      // No change told may be change untold: what was signed is restored.
      const isTold = told !== undefined && told.length > 0
      const pairs = isTold ? told.map((signature, index) => ({ index, signature })) : await restoredAt(attempt, desk)
      if (pairs === undefined) return undefined
      if (pairs.length === 0) continue
      const coins = await unblinded(attempt, pairs)
      if (coins === undefined) return undefined
      if (!('lie' in coins)) return due(coins) ? coins : { lie: 'more change than is due' }
      lie = coins
    }
    return lie ?? { coins: [] }

    function due({ coins }: Change): boolean {
      const inputFeeUnits = stage.attempts[0]?.feeUnits ?? 0
      return sum(coins) <= sum(stage.plan.inputs) - stage.quote.units - inputFeeUnits
    }

    async function unblinded(
      attempt: WalletAttempt,
      pairs: readonly { readonly index: number; readonly signature: Signature }[],
    ): Promise<Change | { readonly lie: string } | undefined> {
      const coins: Coin[] = []
      for (const { index, signature } of pairs) {
        const output = attempt.outputs[index]
        if (output === undefined) return { lie: 'more change than blanks' }
        if (signature.amount === 0) continue
        // A keyset that came meanwhile may have signed it (T7).
        const keyset = await signingKeyset(signature.id, one.place.unit, desk)
        if (keyset === undefined) return { lie: 'change of a keyset that the mint does not list' }
        if ('unreachable' in keyset) return undefined
        // The mint chose the amount; it must be signed with the key of that amount.
        const derived = { ...wallet.derive(attempt.keysetId, output.counter, signature.amount), id: signature.id }
        const coin = wallet.unblind(derived, signature, keyset)
        if ('lie' in coin) return coin
        coins.push({
          keysetId: attempt.keysetId,
          counter: output.counter,
          amount: signature.amount,
          c: coin.c,
          ...(signature.id === attempt.keysetId ? {} : { signedBy: signature.id }),
        })
      }
      return { coins }
    }
  }

  /** Only a swap of these very coins proves that the payment cannot happen any more (W-06). */
  async function fence(one: Planned): Promise<MeltVerdict> {
    const { payout, place, stage } = one
    // More than its mint takes at once comes back in parts (wallet 8.1).
    const inputs = await firstPart(stage.plan.inputs, place, deps)
    const wanted = { reason: 'fence' as const, parent: payout, inputs, added: [], sendUnits: 0 }
    const draft = await draftSwap(place, wanted, deps)
    if (!('swap' in draft)) return 'wait'
    const outcome = await engine.execute(draft.wish, {
      ...draft.inline,
      meta: metaOf(one),
      claims: [...(draft.inline.claims ?? []), fencing(payout, draft.swap)],
    })
    return 'position' in outcome ? 'closed' : 'wait'
  }

  return { giveUp, pay, lose, fence }
}

/** What an append writes that gives up a payout which holds no coins. */
export function givenUp(
  payout: string,
  { wish: asked, stage }: Pick<MeltCase, 'wish' | 'stage'>,
  reason: Rejected['reason'],
  numbers?: Rejected['numbers'],
): { readonly wishes: readonly Wish[]; readonly inline: Inline } {
  const hash = 'invoice' in stage ? [hashClaim(stage.invoice.paymentHash, payout)] : []
  return {
    wishes: [
      wish('payout', payout, {
        do: 'give-up',
        reason,
        shares: asked.shares,
        ...(numbers === undefined ? {} : { numbers }),
      }),
      ...back(asked.sessionId, payout, asked.shares),
    ],
    inline: {
      releases: [payingClaim(payout), coinlessClaim(payout), outRelease(payout), ...hash],
    },
  }
}

const mayHaveChange = ({ plan, quote, attempts }: Stage<'planned'>): boolean =>
  sum(plan.inputs) - (attempts[0]?.feeUnits ?? 0) > quote.units

type Shares = MeltCase['wish']['shares']
const back = (sessionId: string | undefined, payout: string, shares: Shares): readonly Wish[] => {
  const some = shares.filter(({ msat }) => msat > 0)
  return sessionId === undefined || some.length === 0
    ? []
    : [wish('session', sessionId, { do: 'return', payoutId: payout, shares: some })]
}

function isPreimage(preimage: string, paymentHash: string): boolean {
  return createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex') === paymentHash
}

/** NUT-08: as many blanks as the largest possible change has bits. */
export const blanksFor = (units: number): number => Math.max(1, Math.min(units.toString(2).length, limits.outputs))
