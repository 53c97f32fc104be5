/** Lightning top-ups (wallet 5.3): made, watched without any client, issued and credited once, resumed at boot. */
import { shownSat } from '../../events'
import { limits } from '../limits'
import { readBolt11 } from '../money/bolt11'
import { createInvoice, neverQuoted } from './invoice-create'
import { createInvoiceDrive } from './invoice-drive'
import { draftMove, moveInvoice } from './invoice-move'
import {
  depositOf,
  type InvoiceDeps,
  type InvoiceMade,
  type InvoiceRefused,
  type InvoiceStatus,
  type InvoiceWish,
  isQuoted,
  isWatched,
  keyClaim,
  type MoveInvoice,
  type MoveWish,
  type QuotedInvoice,
} from './invoice-types'
import { createWatchList } from './invoice-watch'

export type Invoices = {
  readonly create: (wish: InvoiceWish) => Promise<InvoiceMade | InvoiceRefused>
  /** Asks the mint at once, then answers; undefined: no invoice of that id was ever shown. */
  readonly status: (invoiceId: string) => Promise<InvoiceStatus | undefined>
  /** undefined: not an invoice at all. */
  readonly hashOf: (bolt11: string) => string | undefined
  /** Whether a payment for this session was seen and is not credited yet. */
  readonly isPaidFor: (session: string) => Promise<boolean>
  /** The status by payment hash: for whoever proved that he paid it, or owns the key. */
  readonly statusByHash: (paymentHash: string) => Promise<InvoiceStatus | undefined>
  /** Of a move between two mints (wallet 5.6): what its append writes, its invoice, and a look at the mint now. */
  readonly draftMove: (wish: MoveWish) => ReturnType<typeof draftMove>
  readonly moveInvoice: (deposit: string) => Promise<MoveInvoice>
  readonly look: (deposit: string) => Promise<void>
  /** One round of the watcher; resolves when what it started has ended. */
  readonly round: () => Promise<void>
  /** Takes up every open invoice; called once at boot. Answers how many there were. */
  readonly resume: () => Promise<number>
  /** Forgets the keys of invoices that were paid long ago and whose key is in use. */
  readonly forgetKeys: () => Promise<void>
  readonly start: () => void
  readonly stop: () => void
}

const words: Readonly<Record<QuotedInvoice['is'], InvoiceStatus['status']>> = {
  quoted: 'pending',
  'paid-seen': 'settlement_pending',
  planned: 'settlement_pending',
  disputed: 'settlement_pending',
  settled: 'paid',
  lapsed: 'expired',
}

export function createInvoices(deps: InvoiceDeps): Invoices {
  const { engine, log, wallet, now, trace } = deps
  let stopping = false
  let timers: ReturnType<typeof setInterval>[] = []
  let creating = 0
  const drive = createInvoiceDrive({ ...deps, isStopping: () => stopping })
  /** Invoices that are looked at: a second caller joins (W-10). */
  const flights = new Map<string, Promise<void>>()
  const lookedAt = new Map<string, number>()
  const watched = createWatchList({ now, looksPerMinute })

  function looksPerMinute(url: string): number {
    const mint = deps.mints().find((one) => one.url === url)
    const desk = mint === undefined ? undefined : deps.desk(mint)
    // While it is down its probe finds out whether it is back (wallet 9.4); a look may do so too.
    if (desk?.health().state === 'down') return 60_000 / limits.mintProbeMs
    // A third of what it bears (wallet 13).
    return Math.min(limits.invoiceLooksPerMinute, (desk?.callsPerMinute() ?? Number.POSITIVE_INFINITY) / 3)
  }

  function watch(deposit: string, { plan, quote }: QuotedInvoice): void {
    const { mint, unit } = plan
    watched.add({ deposit, mint, since: plan.at, expiresAt: quote.expiresAt })
    const topic = { kind: 'bolt11_mint_quote', quoteId: quote.quoteId } as const
    deps.news?.follow(mint, unit, topic, () => void heard(deposit, mint))
  }

  async function unwatch(deposit: string): Promise<void> {
    watched.remove(deposit)
    const invoice = await quoted(deposit)
    if (invoice !== undefined) deps.news?.unfollow(invoice.plan.mint, invoice.quote.quoteId)
  }

  /** News is no evidence: it only asks now instead of later, within what the mint bears (wallet 13). */
  async function heard(deposit: string, mint: string): Promise<void> {
    if (stopping || !watched.has(deposit) || !watched.told(deposit, mint)) return
    // A look that runs may have asked before the news.
    await flights.get(deposit)
    await fly(deposit, false, 'socket')
  }

  function fly(deposit: string, asked = false, via: 'poll' | 'socket' = 'poll'): Promise<void> {
    const running = flights.get(deposit)
    if (running !== undefined) return running
    const flight = drive(deposit, asked, via)
      .then(async (end) => {
        if (end === 'closed') return unwatch(deposit)
        // One that had lapsed and was opened again is watched again.
        const invoice = watched.has(deposit) ? undefined : await quoted(deposit)
        if (invoice !== undefined) watch(deposit, invoice)
      })
      .catch((error: unknown) => {
        // A stop closes the log under it: that is a kill like any other, and the next start goes on.
        if (!stopping) trace.error('An invoice stopped for a reason nobody foresaw', { deposit, why: String(error) })
      })
      .finally(() => flights.delete(deposit))
    flights.set(deposit, flight)
    return flight
  }

  async function create(asked: InvoiceWish): Promise<InvoiceMade | InvoiceRefused> {
    if (watched.open() + creating >= limits.openInvoices) return { refused: 'invoices-open' }
    creating += 1
    try {
      const made = await createInvoice(asked, deps)
      const invoice = 'invoiceId' in made ? await quoted(made.deposit) : undefined
      if ('invoiceId' in made && invoice !== undefined) watch(made.deposit, invoice)
      return made
    } finally {
      creating -= 1
    }
  }

  async function quoted(deposit: string): Promise<QuotedInvoice | undefined> {
    const state = await engine.state('deposit', deposit)
    return state.is === 'invoice' && isQuoted(state.invoice) ? state.invoice : undefined
  }

  async function statusOf(deposit: string): Promise<InvoiceStatus | undefined> {
    const before = await quoted(deposit)
    if (before === undefined || before.plan.purpose === 'move') return undefined
    if (before.is === 'lapsed' || isWatched(before)) await askNow(deposit, before.plan.mint)
    const invoice = (await quoted(deposit)) ?? before
    const { plan, quote, paidAt } = invoice
    return {
      status: words[invoice.is],
      purpose: before.plan.purpose,
      target: plan.target,
      key: invoice.is === 'settled' ? await keyOf(invoice) : null,
      sats: plan.unit === 'sat' ? plan.units : shownSat(plan.units),
      paidAt: paidAt ?? null,
      createdAt: plan.at,
      expiresAt: quote.expiresAt,
    }
  }

  /** At most once in two seconds, and nobody waits for a mint that does not answer (wallet 13). */
  async function askNow(deposit: string, mint: string): Promise<void> {
    const isFresh = now() - (lookedAt.get(deposit) ?? Number.NEGATIVE_INFINITY) < limits.invoiceAskedMs
    if (isFresh && !flights.has(deposit)) return
    if (lookedAt.size >= limits.addressesCounted) lookedAt.clear()
    lookedAt.set(deposit, now())
    if (!watched.asked(deposit, mint) && !flights.has(deposit)) return
    await Promise.race([fly(deposit, true), deps.pause(limits.invoiceStatusWaitMs)])
  }

  async function keyOf(invoice: QuotedInvoice): Promise<string | null> {
    const { apiKey } = invoice.plan
    if (apiKey === undefined || (await isKeyOver(invoice))) return null
    const bytes = await log.sealed(apiKey)
    return (bytes === undefined ? undefined : wallet.open(apiKey, bytes)) ?? null
  }

  /** Used, and paid a week ago (contract 5.2). */
  async function isKeyOver({ plan, paidAt }: QuotedInvoice): Promise<boolean> {
    if (paidAt === undefined || now() - paidAt < limits.invoiceKeyMs) return false
    return (await engine.state('session', plan.target)).requests > 0
  }

  async function forgetKeys(): Promise<void> {
    for (const { key: deposit, owner: paidAt } of await log.claims('invoice-key')) {
      if (now() - Number(paidAt) < limits.invoiceKeyMs) continue
      const invoice = await quoted(deposit)
      if (invoice === undefined || !(await isKeyOver(invoice))) continue
      await log.append({
        streams: [],
        releases: [keyClaim(deposit)],
        erase: [invoice.plan.apiKey ?? ''],
        meta: { actor: 'node', door: 'node' },
        at: now(),
      })
    }
  }

  async function resume(): Promise<number> {
    const open = await log.claims('invoice')
    for (const { key: deposit } of open) {
      const state = await engine.state('deposit', deposit)
      if (state.is !== 'invoice') continue
      const { invoice } = state
      if (invoice.is === 'requested') await neverQuoted(deposit, invoice.plan, deps)
      if (!isQuoted(invoice) || !isWatched(invoice)) continue
      watch(deposit, invoice)
      if (invoice.is !== 'quoted') void fly(deposit)
    }
    return open.length
  }

  const round = async () => void (await Promise.all(watched.due().map((deposit) => fly(deposit))))

  function every(ms: number, work: () => Promise<void>): void {
    const run = () => void work().catch((error: unknown) => trace.error('Invoices', { why: String(error) }))
    timers.push(setInterval(run, ms))
  }

  return {
    create,
    status: (invoiceId) => statusOf(depositOf(invoiceId)),
    async statusByHash(paymentHash) {
      const deposit = await log.claimedBy('hash-in', paymentHash)
      return deposit === undefined ? undefined : statusOf(deposit)
    },
    hashOf: (bolt11) => readBolt11(bolt11)?.paymentHash,
    async isPaidFor(session) {
      for (const { key: deposit } of await log.claims('invoice')) {
        const invoice = await quoted(deposit)
        // What its mint denies may never come, and no refund waits for that.
        const isComing = invoice?.is === 'paid-seen' || invoice?.is === 'planned'
        if (invoice?.plan.target === session && isComing) return true
      }
      return false
    },
    draftMove: (asked) => draftMove(asked, deps),
    async moveInvoice(deposit) {
      const found = await moveInvoice(deposit, deps)
      const invoice = watched.has(deposit) ? undefined : await quoted(deposit)
      if (invoice?.is === 'quoted') watch(deposit, invoice)
      return found
    },
    look: (deposit) => fly(deposit, true),
    round,
    resume,
    forgetKeys,
    start() {
      every(limits.invoiceTickMs, round)
      every(limits.invoiceKeySweepMs, forgetKeys)
    },
    stop() {
      stopping = true
      for (const timer of timers) clearInterval(timer)
      timers = []
    },
  }
}
