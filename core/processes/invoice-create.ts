/** From a wish to an invoice that may be shown: committed before it is asked for, and again before it is shown (5.3). */
import { type InvoicePlan, type InvoiceQuote, type TrustedMint, wish } from '../../events'
import { limits } from '../limits'
import { type Bolt11, readBolt11 } from '../money/bolt11'
import type { Quote } from '../money/mint-answers'
import {
  depositOf,
  type InvoiceDeps,
  type InvoiceMade,
  type InvoiceRefused,
  type InvoiceWish,
  idOf,
  openClaim,
} from './invoice-types'
import { isTrusted } from './mint-cap'
import type { MintDesk } from './mint-desk'

const mainnet = 'bc'

/** The first accepted mint that gives a proper invoice; what a mint down costs is a look, not an event. */
export async function createInvoice(asked: InvoiceWish, deps: InvoiceDeps): Promise<InvoiceMade | InvoiceRefused> {
  let refused: InvoiceRefused['refused'] = 'mint-down'
  for (const mint of deps.mints().filter(({ deposits }) => deposits !== false)) {
    const made = await askMint(asked, mint, deps)
    if ('invoiceId' in made) return made
    if (made.refused === 'mint-unusable') refused = made.refused
  }
  return { refused }
}

async function askMint(
  asked: InvoiceWish,
  mint: TrustedMint,
  deps: InvoiceDeps,
): Promise<InvoiceMade | InvoiceRefused> {
  const desk = deps.desk(mint)
  const amount = await amountAt(asked.sats, desk)
  if (amount === undefined) return { refused: 'mint-down' }
  const invoiceId = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')
  const deposit = depositOf(invoiceId)
  const plan = await request(asked, { deposit, mint, ...amount }, deps)
  if (plan === undefined) return { refused: 'mint-down' }
  const quote = await quoteFor(deposit, plan, desk, deps)
  if ('refused' in quote) return quote
  const { bolt11, paymentHash, expiresAt } = quote
  return { invoiceId, deposit, bolt11, paymentHash, expiresAt }
}

/** Asks the mint for what was requested, and keeps its quote; without one the request lapses: nobody saw an invoice. */
export async function quoteFor(
  deposit: string,
  plan: InvoicePlan,
  desk: MintDesk,
  deps: InvoiceDeps,
): Promise<InvoiceQuote | InvoiceRefused> {
  const { mint } = desk
  await deps.stopHere('invoice: before the quote')
  const answer = await desk.move(() => desk.client.quote(plan.units, plan.unit, plan.quotePubkey))
  await deps.stopHere('invoice: after the quote')
  if (answer?.is !== 'done') {
    await neverQuoted(deposit, plan, deps)
    // An answer of no known shape is the mint's fault; everything else may be better at the next call.
    return { refused: answer?.is === 'unclear' && answer.status === 200 ? 'mint-unusable' : 'mint-down' }
  }
  const checked = checkQuote(answer.value, plan, mint)
  if ('why' in checked) {
    deps.trace.warn('A mint made an invoice that cannot be used', { mint: mint.url, deposit, why: checked.why })
    await neverQuoted(deposit, plan, deps)
    return { refused: 'mint-unusable' }
  }
  return keep({ deposit, plan, quote: checked, mint }, deps)
}

/** Unit and amount as this mint can take them now; undefined: it cannot. Nothing is written for that. */
async function amountAt(
  sats: number,
  desk: MintDesk,
): Promise<{ readonly unit: 'sat' | 'msat'; readonly units: number } | undefined> {
  const keysets = await desk.keysets()
  if ('unreachable' in keysets) return undefined
  if (desk.invoices() === undefined) await desk.learnInfo()
  const has = desk.units() ?? []
  const unit = desk.mint.units.find((one) => has.includes(one))
  if (unit === undefined) return undefined
  const units = unit === 'sat' ? sats : sats * 1000
  const bounds = desk.invoices()?.find((one) => one.unit === unit)
  if (bounds === undefined || units < (bounds.least ?? 0) || units > (bounds.most ?? units)) return undefined
  return 'unreachable' in (await desk.outputKeyset(unit)) ? undefined : { unit, units }
}

/**
 * Commit 1: the key that the quote will be locked to, and the sealed API key, before anything is asked for. undefined:
 * its mint was removed meanwhile.
 */
async function request(
  asked: InvoiceWish,
  at: { readonly deposit: string; readonly mint: TrustedMint; readonly unit: 'sat' | 'msat'; readonly units: number },
  deps: InvoiceDeps,
): Promise<InvoicePlan | undefined> {
  const { engine, wallet, quoteKeys, now } = deps
  const { deposit, mint, unit, units } = at
  const sealed = wallet.seal(`invoice-key/${crypto.randomUUID()}`, asked.key)
  const plan: InvoicePlan = {
    purpose: asked.purpose,
    target: asked.target,
    limits: asked.limits,
    mint: mint.url,
    purse: `${mint.mintId}/${unit}`,
    unit,
    units,
    quotePubkey: quoteKeys.publicKey(idOf(deposit)),
    apiKey: sealed.ref,
    requestId: asked.requestId,
    at: now(),
  }
  const requested = wish('deposit', deposit, () => ({ do: 'request', plan, isMintTrusted: isTrusted(mint.url, deps) }))
  const outcome = await engine.execute(requested, {
    meta: { actor: asked.target, door: 'public', cause: asked.requestId },
    claims: [{ ...openClaim(deposit), owner: 'deposit' }],
    seal: [sealed],
  })
  if ('refused' in outcome && outcome.refused === 'mint-unknown') return undefined
  if ('refused' in outcome) throw new Error(`an invoice could not be requested: ${outcome.refused}`)
  return plan
}

/** Commit 2, then the invoice may be seen. A quote or payment hash that is known already belongs to somebody else. */
async function keep(
  made: {
    readonly deposit: string
    readonly plan: InvoicePlan
    readonly quote: InvoiceQuote
    readonly mint: TrustedMint
  },
  deps: InvoiceDeps,
): Promise<InvoiceQuote | InvoiceRefused> {
  const { deposit, plan, quote, mint } = made
  const outcome = await deps.engine.execute(wish('deposit', deposit, { do: 'quote', quote }), {
    meta: { actor: plan.target, door: 'public', cause: plan.requestId },
    claims: [
      { kind: 'quote', key: `${mint.mintId}:${quote.quoteId}`, owner: deposit },
      { kind: 'hash-in', key: quote.paymentHash, owner: deposit },
    ],
  })
  if ('refused' in outcome) {
    deps.trace.warn('A mint made an invoice that it had made before', { mint: mint.url, deposit })
    await neverQuoted(deposit, plan, deps)
    return { refused: 'mint-unusable' }
  }
  if (!quote.locked) deps.trace.warn('A mint does not lock its invoices to our key (NUT-20)', { mint: mint.url })
  return quote
}

/** The invoice was never shown, so nobody can have paid it (wallet 7, 13). */
export async function neverQuoted(deposit: string, plan: InvoicePlan, { engine }: InvoiceDeps): Promise<void> {
  await engine.execute(wish('deposit', deposit, { do: 'lapse', why: 'never-quoted' }), {
    meta: { actor: 'node', door: 'node', cause: plan.requestId },
    releases: [openClaim(deposit)],
    erase: plan.apiKey === undefined ? [] : [plan.apiKey],
  })
}

function checkQuote(quote: Quote, plan: InvoicePlan, mint: TrustedMint): InvoiceQuote | { readonly why: string } {
  const invoice = readBolt11(quote.bolt11)
  if (invoice === undefined) return { why: 'it is no BOLT11' }
  const why = mismatch(quote, invoice, plan, mint)
  if (why !== undefined) return { why }
  return {
    quoteId: quote.id,
    bolt11: quote.bolt11,
    paymentHash: invoice.paymentHash,
    units: plan.units,
    expiresAt: Math.min(quote.expiresAt ?? invoice.expiresAt, Math.ceil(plan.at / 1000) + limits.invoiceLongestS),
    locked: quote.pubkey === plan.quotePubkey,
  }
}

function mismatch(quote: Quote, invoice: Bolt11, plan: InvoicePlan, mint: TrustedMint): string | undefined {
  if (quote.id === '' || quote.id.length > longestQuoteId) return 'its quote has no proper id'
  if (invoice.amountMsat !== plan.units * (plan.unit === 'sat' ? 1000 : 1)) return 'it is for another amount'
  if ((quote.units ?? plan.units) !== plan.units || (quote.unit ?? plan.unit) !== plan.unit)
    return 'its quote is for another amount or unit'
  if (quote.pubkey !== undefined && quote.pubkey !== plan.quotePubkey) return 'its quote is locked to another key'
  if (quote.state !== 'UNPAID') return 'its quote is not a new one'
  // Test money is taken only from a mint that the operator runs beside this node.
  return invoice.network === mainnet || mint.privateAddress ? undefined : 'it is of another network'
}

const longestQuoteId = 200
