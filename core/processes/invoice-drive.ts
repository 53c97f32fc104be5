/** Asks what became of an invoice and does what is due (wallet 6.3): the mint's word chooses, the clock decides nothing. */
import { LogUnavailable, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Quote, Signature } from '../money/mint-answers'
import type { MintAnswer } from '../money/mint-request'
import { restore } from './evidence'
import { createInvoiceClosing } from './invoice-close'
import { type InvoiceCase, type InvoiceDeps, type InvoiceVerdict, isQuoted, isWatched } from './invoice-types'
import { createSlots } from './invoice-watch'

/** What one flight remembers from round to round. */
type Memory = {
  /** What led to the look. */
  readonly via: 'poll' | 'socket'
  /** Code of the newest refusal of an issue, acted on once the quote was asked again. */
  code: number | undefined
  /** Forms of the signature that the mint refused so far (20008). */
  refusedForms: number
  clashes: number
  replans: number
}

/** First sight of what would close an invoice against its payer; believed at the second look, half a minute later. */
type Doubt = { readonly of: 'unknown' | 'given-away' | 'another-amount'; readonly at: number }

/** `watch`: the quote waits for its payer. `asked`: by a client, who may have an invoice looked at that had lapsed. */
export function createInvoiceDrive(deps: InvoiceDeps & { readonly isStopping: () => boolean }) {
  const { engine, now, trace } = deps
  const closing = createInvoiceClosing(deps)
  /** What is only watched leaves a mint's calls to money that moves. */
  const inTurn = createSlots(limits.invoiceLooksAtOnce)
  const doubts = new Map<string, Doubt>()

  async function drive(deposit: string, asked: boolean, via: 'poll' | 'socket'): Promise<'watch' | 'closed'> {
    const startedAt = now()
    const memory: Memory = { via, code: undefined, refusedForms: 0, clashes: 0, replans: 0 }
    let backOffMs: number = limits.driveFirstMs
    while (!deps.isStopping()) {
      const one = await load(deposit, asked)
      if (one === 'watch' || one === 'closed') return one
      const verdict = await written(() => look(one, memory))
      if (verdict === 'closed') doubts.delete(deposit)
      if (verdict === 'closed' || verdict === 'watch') return verdict
      if (verdict === 'again') continue
      await deps.pause(Math.max(backOffMs * (0.8 + Math.random() * 0.4), one.desk.health().pausedUntil - now()))
      backOffMs = Math.min(backOffMs * 2, mostPause(now() - startedAt))
    }
    return 'watch'
  }

  async function load(deposit: string, asked: boolean): Promise<InvoiceCase | 'watch' | 'closed'> {
    const state = await engine.state('deposit', deposit)
    if (state.is !== 'invoice' || !isQuoted(state.invoice)) return 'closed'
    const { invoice } = state
    if (!isWatched(invoice) && !(invoice.is === 'lapsed' && asked)) return 'closed'
    const mint = deps.mints().find(({ url }) => url === invoice.plan.mint)
    const isPaid = invoice.is === 'paid-seen' || invoice.is === 'planned'
    if (mint !== undefined) return { deposit, invoice, desk: deps.desk(mint).as(isPaid ? 'issue' : 'watch') }
    trace.warn('An invoice waits for a mint that is no longer trusted', { deposit })
    return 'watch'
  }

  /** A log that cannot be written is waited for: what the mint did is found again by its quote (W-15). */
  async function written(round: () => Promise<InvoiceVerdict>): Promise<InvoiceVerdict> {
    try {
      return await round()
    } catch (error) {
      if (error instanceof LogUnavailable) return 'wait'
      throw error
    }
  }

  async function look(one: InvoiceCase, memory: Memory): Promise<InvoiceVerdict> {
    const { desk, invoice } = one
    const ask = () => desk.call(() => desk.client.quoteState(invoice.quote.quoteId))
    const isPaid = invoice.is === 'paid-seen' || invoice.is === 'planned'
    const answer = await (isPaid ? ask() : inTurn(desk.mint.url, ask))
    if (answer?.is !== 'done') return isUnknownQuote(answer) ? unknown(one) : patience(one)
    if (answer.value.state === 'UNPAID') return unpaid(one)
    if (invoice.is === 'lapsed' || invoice.is === 'disputed') {
      doubts.delete(one.deposit)
      return closing.reopen(one)
    }
    if (answer.value.state === 'ISSUED') return issued(one)
    const { units, unit } = answer.value
    if ((units ?? invoice.plan.units) === invoice.plan.units && (unit ?? invoice.plan.unit) === invoice.plan.unit)
      return paid(one, memory)
    return doubted(one, 'another-amount') ? closing.dispute(one, 'amount-differs') : patience(one)
  }

  /** Watched for a week beyond its expiry; a client's question looks at it even then (wallet 13). */
  async function unpaid(one: InvoiceCase): Promise<InvoiceVerdict> {
    doubts.delete(one.deposit)
    const { is, quote } = one.invoice
    if (is === 'quoted' && now() > quote.expiresAt * 1000 + limits.invoiceWatchedMs) return closing.lapse(one, 'unpaid')
    return patience(one)
  }

  async function paid(seen: InvoiceCase, memory: Memory): Promise<InvoiceVerdict> {
    const one = { ...seen, desk: seen.desk.as('issue') }
    const { deposit, invoice } = one
    doubts.delete(deposit)
    if (invoice.is === 'quoted') {
      await engine.execute(wish('deposit', deposit, { do: 'see-paid', via: memory.via, at: now() }), {
        meta: { actor: 'node', door: 'node', cause: invoice.plan.requestId },
      })
      await deps.stopHere('invoice: seen paid')
    }
    const attempt = await attemptFor(one, memory)
    if (attempt === undefined) return 'wait'
    const answer = await send(one, attempt, memory)
    if (answer?.is === 'done') return closing.settle(one, attempt, answer.value, false)
    memory.code = answer?.is === 'rejected' ? answer.code : undefined
    return afterRefusal(one, memory)
  }

  /** The plan there is, or a new one where the mint's last word asks for it; the quote was just seen PAID. */
  async function attemptFor(one: InvoiceCase, memory: Memory): Promise<WalletAttempt | undefined> {
    const { code } = memory
    memory.code = undefined
    const newest = one.invoice.attempts.at(-1)
    if (newest === undefined) return closing.plan(one)
    if (code === 12001 || code === 12002) {
      memory.replans += 1
      return closing.plan(one, 'rotation')
    }
    memory.clashes = code === 11003 || code === 11008 ? memory.clashes + 1 : 0
    return memory.clashes > 1 ? closing.plan(one, 'counter-clash') : newest
  }

  /** W-02: outputs as they stand in the plan, with a signature made then; after 20008 in the other form (T13). */
  async function send(
    { desk, invoice }: InvoiceCase,
    attempt: WalletAttempt,
    memory: Memory,
  ): Promise<MintAnswer<readonly Signature[]> | undefined> {
    const { quoteId, locked } = invoice.quote
    const forms = [...(locked ? [] : [undefined]), attempt.signature, attempt.oldSignature]
    const signature = forms[memory.refusedForms % forms.length]
    const outputs = attempt.outputs.map(({ amount, b }) => ({ amount, id: attempt.keysetId, B_: b }))
    await deps.stopHere('invoice: before the issue')
    const answer = await desk.move(() => desk.client.issue(quoteId, outputs, signature))
    await deps.stopHere('invoice: after the issue')
    return answer
  }

  /** A refusal is a hint (W-05): the quote is asked again before anything follows from it. */
  async function afterRefusal(one: InvoiceCase, memory: Memory): Promise<InvoiceVerdict> {
    const { code } = memory
    if (code === undefined) return 'wait'
    if (code >= 30_000 && code < 40_000) {
      await one.desk.suspend('wants-auth', one.deposit)
      return 'wait'
    }
    switch (code) {
      case 20008:
      case 20009:
        memory.refusedForms += 1
        if (memory.refusedForms === mostForms)
          trace.error('A mint refuses our signature of a quote', { deposit: one.deposit, mint: one.desk.mint.url })
        return memory.refusedForms < mostForms ? 'again' : 'wait'
      case 12001:
      case 12002:
        return memory.replans === 0 ? 'again' : 'wait'
      case 20002:
        return 'again'
      default:
        return 'wait'
    }
  }

  /** Only our own outputs tell whether it was issued to us. */
  async function issued(one: InvoiceCase): Promise<InvoiceVerdict> {
    const found = await restored(one)
    if (found !== 'nothing') return found
    return doubted(one, 'given-away') ? closing.dispute(one, 'issued-not-by-us') : patience(one)
  }

  async function unknown(one: InvoiceCase): Promise<InvoiceVerdict> {
    if (one.invoice.is === 'disputed') return 'watch'
    const found = await restored(one)
    if (found !== 'nothing') return found
    if (one.invoice.is === 'lapsed') return 'closed'
    if (!doubted(one, 'unknown')) return patience(one)
    return one.invoice.is === 'quoted' ? closing.lapse(one, 'quote-unknown') : closing.dispute(one, 'quote-unknown')
  }

  async function restored(one: InvoiceCase): Promise<InvoiceVerdict | 'nothing'> {
    for (const attempt of [...one.invoice.attempts].reverse()) {
      const signatures = await restore(attempt, one.desk)
      if (signatures === undefined) return 'wait'
      if (signatures.length === attempt.outputs.length) return closing.settle(one, attempt, signatures, true)
      if (signatures.length > 0) {
        await one.desk.suspend('partial-restore', one.deposit)
        return 'wait'
      }
    }
    return 'nothing'
  }

  function doubted({ deposit }: InvoiceCase, of: Doubt['of']): boolean {
    const first = doubts.get(deposit)
    if (first?.of === of) return now() - first.at >= limits.looksApartMs
    doubts.set(deposit, { of, at: now() })
    return false
  }

  return drive
}

/** None, the amended message, the old one. */
const mostForms = 3

/** What was not seen paid is watched, not driven; what had lapsed stays so. */
function patience({ invoice }: InvoiceCase): InvoiceVerdict {
  if (invoice.is === 'lapsed') return 'closed'
  return invoice.is === 'quoted' || invoice.is === 'disputed' ? 'watch' : 'wait'
}

/**
 * Mints name no common code for it, but each names one: a page without is of something that stands before the mint and
 * says nothing (W-05), and so does a look-up that failed for another reason (wallet 6.4).
 */
function isUnknownQuote(answer: MintAnswer<Quote> | undefined): boolean {
  if (answer?.is !== 'rejected' || answer.code === undefined) return false
  const { status, code, detail } = answer
  return status === 404 || ((code === 0 || code === 50_000) && saysUnknownQuote.test(detail))
}

/** Of a quote, and not of a host, a state or a database. */
const saysUnknownQuote = /\bquote\b.*(unknown|not found|not exist)|(unknown|no such)\b.*\bquote\b/i

function mostPause(openMs: number): number {
  if (openMs > 24 * 3600_000) return limits.driveDayMs
  return openMs > 3600_000 ? limits.driveHourMs : limits.driveMostMs
}
