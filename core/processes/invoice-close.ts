/** The events that carry a paid invoice to its end: planned, credited once, or disputed (wallet 5.3, 6.3). */
import { createHash } from 'node:crypto'
import { asMsat, type Coin, type DisputeReason, type LapseReason, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import { coinsFrom } from './coins-from'
import { makeAttempt } from './deposit-plan'
import { type InvoiceCase, type InvoiceDeps, type InvoiceVerdict, idOf, keyClaim, openClaim } from './invoice-types'
import { isTrusted } from './mint-cap'
import { asMade, type Bookable, bookable } from './restored-coins'

export type InvoiceClosing = {
  /** A new set of outputs, signed for once; undefined: the mint cannot be asked for its keys now. */
  readonly plan: (one: InvoiceCase, why?: 'rotation' | 'counter-clash') => Promise<WalletAttempt | undefined>
  /** Turns signatures into coins and credits them; a mint that lied is suspended, the invoice stays open. */
  readonly settle: (
    one: InvoiceCase,
    attempt: WalletAttempt,
    signatures: readonly Signature[],
    restored: boolean,
  ) => Promise<InvoiceVerdict>
  readonly lapse: (one: InvoiceCase, why: LapseReason) => Promise<InvoiceVerdict>
  /** One that its mint forgot after it was seen paid is watched on: the mint may know it again. */
  readonly dispute: (one: InvoiceCase, what: DisputeReason) => Promise<InvoiceVerdict>
  /** Its mint says that it was paid after all. */
  readonly reopen: (one: InvoiceCase) => Promise<InvoiceVerdict>
}

/** Lost races for the counter are decided again; so many in a row do not happen. */
const mostRaces = 100
const byNode = (cause: string) => ({ actor: 'node', door: 'node', cause }) as const

export function createInvoiceClosing(deps: InvoiceDeps): InvoiceClosing {
  const { engine, wallet, quoteKeys, trace, now } = deps

  async function plan(one: InvoiceCase, why?: 'rotation' | 'counter-clash'): Promise<WalletAttempt | undefined> {
    const { deposit, invoice, desk } = one
    const { units, unit, requestId } = invoice.plan
    const keyset = await desk.outputKeyset(unit, why !== undefined)
    if ('unreachable' in keyset) return undefined
    const skip = why === 'counter-clash' ? limits.counterJump : 0
    if (skip > 0) trace.error('Counters of this wallet were used elsewhere', { deposit, keyset: keyset.id })
    for (let race = 0; race < mostRaces; race += 1) {
      const n = invoice.attempts.length + 1
      const made = await makeAttempt({ n, units, feeUnits: 0, purse: invoice.plan.purse, keyset, skip }, deps)
      const attempt = signed(one, made.attempt)
      const outcome = await engine.execute(
        wish('deposit', deposit, why === undefined ? { do: 'plan', attempt } : { do: 'replan', attempt, why }),
        { meta: byNode(requestId), cursors: [made.cursor] },
      )
      if ('position' in outcome) return attempt
      if (outcome.guard !== 'cursor') throw new Error(`an invoice could not be planned: ${outcome.refused}`)
    }
    throw new Error('an invoice could not get a counter range')
  }

  /** Signed once and kept: a replay is the same body (T13). */
  function signed({ deposit, invoice }: InvoiceCase, attempt: WalletAttempt): WalletAttempt {
    const outputs = attempt.outputs.map(({ amount, b }) => ({ amount, id: attempt.keysetId, B_: b }))
    return { ...attempt, ...quoteKeys.sign(idOf(deposit), invoice.quote.quoteId, outputs) }
  }

  async function settle(
    one: InvoiceCase,
    attempt: WalletAttempt,
    signatures: readonly Signature[],
    restored: boolean,
  ): Promise<InvoiceVerdict> {
    const coins = await coinsFrom(attempt, signatures, one.desk, wallet)
    if ('unreachable' in coins) return 'wait'
    if ('lie' in coins) {
      await one.desk.suspend('lied', `${one.deposit}: ${coins.lie}`)
      return 'wait'
    }
    const { purse } = one.invoice.plan
    const kept = restored ? await bookable(one.deposit, { purse, coins }, one.desk, deps) : asMade(coins)
    return kept === undefined ? 'wait' : credit(one, attempt, coins, kept)
  }

  /** Credit and coins in one append with the event that closes (W-13, W-14); the stream settles once. */
  async function credit(
    one: InvoiceCase,
    attempt: WalletAttempt,
    coins: readonly Coin[],
    kept: Bookable,
  ): Promise<InvoiceVerdict> {
    const { deposit, invoice } = one
    if (invoice.plan.purpose === 'move') return arrived(one, attempt, coins, kept)
    const { purse, unit, mint, requestId, limits: keyLimits, apiKey } = invoice.plan
    const ended = (await engine.state('session', invoice.plan.target)).is === 'ended'
    const fresh = ended ? newKey(wallet) : undefined
    const target = fresh?.target ?? invoice.plan.target
    const units = coins.reduce((sum, coin) => sum + coin.amount, 0)
    await deps.stopHere('invoice: before the credit')
    const outcome = await engine.execute(
      [
        wish('deposit', deposit, {
          do: 'settle',
          attemptN: attempt.n,
          seedId: attempt.seedId,
          coins,
          instead: fresh?.instead,
        }),
        wish('session', target, { do: 'open', origin: 'invoice', limits: keyLimits }),
        wish('session', target, {
          do: 'credit',
          depositId: deposit,
          amountMsat: asMsat(unit === 'sat' ? units * 1000 : units),
          feeMsat: asMsat(0),
          purse,
          unit,
          mint,
        }),
        ...kept.wishes,
      ],
      {
        meta: { actor: target, door: 'public', cause: requestId },
        coins: kept.free.map((coin) => ({ ...coin, seedId: attempt.seedId, purse, state: 'free' as const })),
        releases: [openClaim(deposit)],
        claims: [{ ...keyClaim(deposit), owner: String(invoice.paidAt ?? now()) }],
        ...(fresh === undefined ? {} : { seal: [fresh.sealed], erase: apiKey === undefined ? [] : [apiKey] }),
      },
    )
    await deps.stopHere('invoice: after the credit')
    if ('refused' in outcome && outcome.refused === 'session-ended' && !ended) return credit(one, attempt, coins, kept)
    if ('refused' in outcome && outcome.refused !== 'deposit-closed')
      throw new Error(`an invoice could not be credited: ${outcome.refused}`)
    trace.info('Deposit credited', { deposit, units, unit })
    return 'closed'
  }

  /** A move brings nobody's credit: it is the owner's money, and shares follow it when they are merged (wallet 5.6). */
  async function arrived(
    one: InvoiceCase,
    attempt: WalletAttempt,
    coins: readonly Coin[],
    kept: Bookable,
  ): Promise<InvoiceVerdict> {
    const { deposit, invoice } = one
    const { seedId, n: attemptN } = attempt
    const { purse, requestId } = invoice.plan
    await deps.stopHere('invoice: before the credit')
    const settled = wish('deposit', deposit, { do: 'settle', attemptN, seedId, coins })
    const outcome = await engine.execute([settled, ...kept.wishes], {
      meta: byNode(requestId),
      coins: kept.free.map((coin) => ({ ...coin, seedId, purse, state: 'free' as const })),
      releases: [openClaim(deposit)],
    })
    await deps.stopHere('invoice: after the credit')
    if ('refused' in outcome && outcome.refused !== 'deposit-closed')
      throw new Error(`a move could not be booked: ${outcome.refused}`)
    trace.info('Moved money arrived', { deposit, purse })
    return 'closed'
  }

  async function lapse({ deposit, invoice }: InvoiceCase, why: LapseReason): Promise<InvoiceVerdict> {
    await engine.execute(wish('deposit', deposit, { do: 'lapse', why }), {
      meta: byNode(invoice.plan.requestId),
      releases: [openClaim(deposit)],
    })
    trace.info('An invoice is watched no longer', { deposit, why })
    return 'closed'
  }

  async function dispute({ deposit, invoice }: InvoiceCase, what: DisputeReason): Promise<InvoiceVerdict> {
    // Time never closes what was seen paid: a mint that knows it again is heard (wallet 6.3).
    const isWatched = what === 'quote-unknown'
    await engine.execute(wish('deposit', deposit, { do: 'dispute', what }), {
      meta: byNode(invoice.plan.requestId),
      releases: isWatched ? [] : [openClaim(deposit)],
    })
    trace.error('A paid invoice could not be credited: its mint says otherwise', { deposit, what })
    return isWatched ? 'watch' : 'closed'
  }

  /** What had lapsed was asked for by a client; what is disputed is watched, and held its claim unless it is old. */
  async function reopen({ deposit, invoice }: InvoiceCase): Promise<InvoiceVerdict> {
    const { target, mint, requestId: cause } = invoice.plan
    const hasLapsed = invoice.is === 'lapsed'
    const by = hasLapsed ? 'client' : 'watcher'
    const outcome = await engine.execute(
      wish('deposit', deposit, () => ({ do: 'reopen', by, isMintTrusted: isTrusted(mint, deps) })),
      {
        meta: { ...(hasLapsed ? { actor: target, door: 'public' } : { actor: 'node', door: 'node' }), cause },
        releases: [openClaim(deposit)],
        claims: [{ ...openClaim(deposit), owner: 'deposit' }],
      },
    )
    return 'refused' in outcome && outcome.refused === 'mint-unknown' ? 'closed' : 'again'
  }

  return { plan, settle, lapse, dispute, reopen }
}

/** The key of a top-up ended while its invoice was being paid: a new one, which the status tells (contract 5.4). */
function newKey(wallet: InvoiceDeps['wallet']) {
  const key = `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}`
  const target = `session-${createHash('sha256').update(key).digest('hex')}`
  const sealed = wallet.seal(`invoice-key/${crypto.randomUUID()}`, key)
  return { target, sealed, instead: { target, apiKey: sealed.ref } }
}
