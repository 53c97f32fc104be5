/** The way of a payout by Lightning until its coins are locked: invoice, quote, coins (wallet 5.4, 14). */
import { type CoinsHeld, type WalletAttempt, wholePartsUp, wish } from '../../events'
import { limits } from '../limits'
import { invoiceFor, readDestination } from '../money/pay-request'
import { choosing, coinOf, countOf, coverCoins, ppkBy, sum } from './coin-choice'
import { gather } from './coin-gather'
import { beginGathering } from './coin-gathering'
import { newOutputs } from './deposit-plan'
import { floorsOf } from './floor'
import { inputCap } from './input-cap'
import { blanksFor, type createMeltClosing } from './melt-close'
import { coinlessClaim, hashClaim, type MeltCase, type MeltDeps, type MeltMemory, type MeltVerdict } from './melt-types'
import { factsOf, msatPer } from './payout-coins'
import { draftSwap } from './swap-plan'

/** The fees leave room for a smaller invoice only: it is asked for outside of any lane. */
type Smaller = { readonly smallerMsat: number }

const mainnet = 'bc'
const longestQuoteId = 200

export function createMeltPlanning(deps: MeltDeps, closing: ReturnType<typeof createMeltClosing>) {
  const { engine, now, trace } = deps
  const metaOf = ({ wish: asked }: MeltCase) => ({ actor: asked.by, door: 'node', cause: asked.requestId }) as const

  /** An invoice for exactly what may be paid; its hash is claimed, so that no other payout pays it too. */
  async function resolve(
    one: MeltCase<'requested' | 'quoted'>,
    memory: MeltMemory,
    msat: number,
  ): Promise<MeltVerdict> {
    const { payout, wish: asked, desk } = one
    if (asked.deposit !== undefined) return resolveMove(one, asked.deposit)
    const destination = readDestination(asked.destination ?? '')
    if (destination === undefined || msat < msatPer(one.place.unit)) return closing.giveUp(one, 'no-invoice')
    const network = desk.mint.privateAddress ? undefined : mainnet
    // Without a session it is the owner's, who typed where it goes.
    const isTyped = asked.sessionId === undefined && destination.is === 'pay-request'
    const ask = isTyped ? deps.askTyped(destination.url) : deps.askForeign
    const found = await invoiceFor(destination, { msat, network, nowS: Math.floor(now() / 1000) }, ask)
    if ('refused' in found) {
      memory.asked += 1
      trace.info('No invoice to pay', { payout, why: found.refused })
      return found.later === true && memory.asked < limits.invoiceAsks ? 'wait' : closing.giveUp(one, 'no-invoice')
    }
    return keepInvoice(one, found)
  }

  /** Our own invoice at another mint: the two processes are tied by its payment hash (wallet 5.6). */
  async function resolveMove(one: MeltCase<'requested' | 'quoted'>, deposit: string): Promise<MeltVerdict> {
    const found = await deps.moveInvoice(deposit)
    if ('refused' in found) return closing.giveUp(one, 'no-invoice')
    const { bolt11, paymentHash, expiresAt } = found
    return keepInvoice(one, { bolt11, paymentHash, expiresAt, msat: one.wish.msat })
  }

  async function keepInvoice(
    one: MeltCase<'requested' | 'quoted'>,
    invoice: MeltCase<'resolved'>['stage']['invoice'],
  ): Promise<MeltVerdict> {
    const { payout, stage } = one
    await deps.stopHere('melt: before the invoice is kept')
    const outcome = await engine.execute(wish('payout', payout, { do: 'resolve', invoice }), {
      meta: metaOf(one),
      claims: [hashClaim(invoice.paymentHash, payout)],
      releases: stage.is === 'quoted' ? [hashClaim(stage.invoice.paymentHash, payout)] : [],
    })
    if ('position' in outcome) return 'again'
    return outcome.guard === 'claim' ? closing.giveUp(one, 'already-paying') : 'wait'
  }

  async function quote(one: MeltCase<'resolved'>, memory: MeltMemory): Promise<MeltVerdict> {
    const { payout, place, desk, stage } = one
    const { invoice } = stage
    if (now() / 1000 > invoice.expiresAt) return closing.giveUp(one, 'no-invoice')
    const answer = await desk.move(() => desk.client.meltQuote(invoice.bolt11, place.unit))
    await deps.stopHere('melt: after the quote')
    if (answer?.is === 'rejected') return closing.giveUp(one, 'mint-refuses', { code: answer.code ?? answer.status })
    if (answer?.is === 'unclear' && answer.status === 200) memory.asked += 1
    // Nothing is locked yet: a mint whose quotes cannot be read is not asked for ever.
    if (answer?.is !== 'done') return memory.asked < limits.invoiceAsks ? 'wait' : closing.giveUp(one, 'mint-refuses')
    const { id, units, reserveUnits, state, expiresAt } = answer.value
    const isSound = id !== '' && id.length <= longestQuoteId && state === 'UNPAID'
    const isOurUnit = (answer.value.unit ?? place.unit) === place.unit
    if (!isSound || !isOurUnit || units * msatPer(place.unit) !== invoice.msat)
      return closing.giveUp(one, 'quote-differs', { units })
    const outcome = await engine.execute(
      wish('payout', payout, {
        do: 'quote',
        quote: {
          purse: place.purse,
          mint: place.mint.url,
          quoteId: id,
          units,
          reserveUnits,
          expiresAt: expiresAt ?? invoice.expiresAt,
        },
      }),
      { meta: metaOf(one) },
    )
    if (!('position' in outcome)) return 'wait'
    memory.unpaidQuote = id
    return 'again'
  }

  /** Coins for amount, reserve and their own fee; little money is locked behind a slow payment. */
  async function lock(one: MeltCase<'quoted'>, memory: MeltMemory): Promise<MeltVerdict | Smaller> {
    const { payout, place, stage, wish: asked } = one
    const { units, reserveUnits } = stage.quote
    const facts = await factsOf(place, deps)
    const cap = await inputCap(place.mint.mintId, deps)
    const choose = ({ free, hasLocked }: CoinsHeld) => {
      const cover = coverCoins(free, units + reserveUnits, facts, cap)
      // More than one request holds are put together first, and chosen anew.
      const tooMany = cover !== undefined && countOf(cover.lots) > cap ? cover.lots : undefined
      return { lots: tooMany === undefined ? (cover?.lots ?? []) : [], cover, tooMany, hasLocked }
    }
    const { coins, cover, tooMany, hasLocked } = await choosing(place.purse, choose, deps)
    if (now() / 1000 > stage.invoice.expiresAt) return closing.giveUp(one, 'no-invoice')
    const groups = tooMany === undefined ? [] : (gather(tooMany, ppkBy(facts), cap)?.groups ?? [])
    if (groups.length > 0) {
      await beginGathering(place, payout, groups, deps)
      return 'wait'
    }
    // Coins that are under way come back: waited for as long as the invoice holds.
    if (cover === undefined || tooMany !== undefined)
      return hasLocked ? 'wait' : closing.giveUp(one, 'too-little', { units, reserveUnits })
    const { feeUnits } = cover
    const grossMsat = asked.shares.reduce((msat, share) => msat + share.msat, 0)
    const mostMsat = asked.sessionId === undefined ? (asked.maxFeeMsat ?? 0) : grossMsat - stage.invoice.msat
    const feesMsat = (reserveUnits + feeUnits) * msatPer(place.unit)
    if (feesMsat > mostMsat) return tooDear(one, { feesMsat, mostMsat, grossMsat })
    const need = units + reserveUnits + feeUnits
    // A purse that is drained goes as a whole: a split would only cost another fee.
    const maySplit = memory.splits === 0 && asked.purpose !== 'move'
    if (maySplit && sum(coins) - need > Math.max(limits.splitAboveUnits, wholePartsUp(need, 50)))
      return split(one, memory, { coins, need })
    const moved = asked.shares.filter(({ purse }) => purse !== place.purse)
    if (moved.length > 0 && !(await bears(place.purse, moved))) return closing.giveUp(one, 'too-little')
    const keyset = await place.desk.outputKeyset(place.unit)
    if ('unreachable' in keyset || (await place.desk.mayPlan(place.unit)) !== undefined) return 'wait'
    const made = await blankAttempt({ n: 1, largest: sum(coins) - feeUnits - units, feeUnits, keyset, skip: 0 }, deps)
    const inputs = coins.map(coinOf)
    const plan = { purse: place.purse, mint: place.mint.url, moved: [...moved], inputs, attempt: made.attempt }
    await deps.stopHere('melt: before the lock')
    const outcome = await engine.execute(wish('payout', payout, { do: 'lock', plan }), {
      meta: metaOf(one),
      moves: inputs.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'free', to: 'locked' })),
      cursors: [made.cursor],
      releases: [coinlessClaim(payout)],
    })
    await deps.stopHere('melt: after the lock')
    // Coins or counters were taken meanwhile: reckoned again.
    return 'position' in outcome || outcome.guard !== undefined ? 'again' : 'wait'
  }

  /** A customer's invoice gets smaller and is asked for again, a few times; the owner set his own bound. */
  async function tooDear(
    one: MeltCase<'quoted'>,
    {
      feesMsat,
      mostMsat,
      grossMsat,
    }: { readonly feesMsat: number; readonly mostMsat: number; readonly grossMsat: number },
  ): Promise<MeltVerdict | Smaller> {
    const { stage, wish: asked, place } = one
    const smaller = grossMsat - feesMsat - msatPer(place.unit)
    const canTry = asked.sessionId !== undefined && stage.tries < limits.dearInvoices
    const isFixed = readDestination(asked.destination ?? '')?.is === 'invoice'
    if (!canTry || isFixed || smaller < msatPer(place.unit) || smaller >= stage.invoice.msat)
      return closing.giveUp(one, 'too-dear', { feesMsat, mostMsat })
    return { smallerMsat: smaller - (smaller % 1000) }
  }

  /** The owner's money takes the place of what lies elsewhere (wallet 5.2). Called in the owner lane. */
  async function bears(purse: string, moved: MeltCase['wish']['shares']): Promise<boolean> {
    const spendable = (await floorsOf(deps)).get(purse)?.spendableMsat ?? 0
    return moved.reduce((msat, share) => msat + share.msat, 0) <= spendable
  }

  async function split(
    one: MeltCase<'quoted'>,
    memory: MeltMemory,
    { coins, need }: { readonly coins: Parameters<typeof sum>[0]; readonly need: number },
  ): Promise<MeltVerdict> {
    memory.splits += 1
    // A coin of each amount of the invoice, its fees and a little more for the fee of the new coins.
    const wanted = need + (limits.splitAboveUnits >> 1)
    const inputs = coins as Parameters<typeof draftSwap>[1]['inputs']
    const draft = await draftSwap(
      one.place,
      { reason: 'split', parent: one.payout, inputs, added: [], sendUnits: 0, keepApart: wanted },
      deps,
    )
    if (!('swap' in draft)) return 'again'
    const outcome = await engine.execute(draft.wish, { ...draft.inline, meta: metaOf(one) })
    return 'position' in outcome ? 'wait' : 'again'
  }

  return { resolve, quote, lock }
}

/** Blinded outputs without amount: the mint fills in the change (NUT-08). */
export async function blankAttempt(
  wanted: {
    readonly n: number
    /** Units of the largest possible change. */
    readonly largest: number
    readonly feeUnits: number
    readonly keyset: Parameters<typeof newOutputs>[0]['keyset']
    readonly skip: number
  },
  deps: Pick<MeltDeps, 'log' | 'wallet'>,
) {
  const { n, largest, feeUnits, keyset, skip } = wanted
  const parts = Array.from({ length: blanksFor(largest) }, () => ({ amount: 1, part: 'blank' as const }))
  const { from, outputs, cursor } = await newOutputs({ parts, keyset, skip }, deps)
  const attempt: WalletAttempt = { n, seedId: deps.wallet.seedId, keysetId: keyset.id, from, outputs, feeUnits }
  return { attempt, cursor }
}
