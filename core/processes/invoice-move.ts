/** The receiving end of a move (wallet 5.6): an invoice of our own at the mint to which a purse is drained. */
import { type Inline, unlimited, type Wish, wish } from '../../events'
import { quoteFor } from './invoice-create'
import { type InvoiceDeps, idOf, isQuoted, type MoveInvoice, type MoveWish, openClaim } from './invoice-types'
import { isTrusted } from './mint-cap'

/** What the append writes that begins the move: nothing is asked for before it (W-01). */
export function draftMove(
  { deposit, payout, mint, unit, units, requestId }: MoveWish,
  deps: InvoiceDeps,
): { readonly wish: Wish; readonly inline: Inline } {
  const { quoteKeys, now } = deps
  return {
    wish: wish('deposit', deposit, () => ({
      do: 'request',
      isMintTrusted: isTrusted(mint.url, deps),
      plan: {
        purpose: 'move',
        target: payout,
        limits: unlimited,
        mint: mint.url,
        purse: `${mint.mintId}/${unit}`,
        unit,
        units,
        quotePubkey: quoteKeys.publicKey(idOf(deposit)),
        requestId,
        at: now(),
      },
    })),
    inline: { claims: [{ ...openClaim(deposit), owner: 'deposit' }] },
  }
}

/** The invoice to pay: the one that was kept, or a new one where none was asked for yet. */
export async function moveInvoice(deposit: string, deps: InvoiceDeps): Promise<MoveInvoice> {
  const state = await deps.engine.state('deposit', deposit)
  if (state.is !== 'invoice') return { refused: 'no-invoice' }
  const { invoice } = state
  // What lapsed, was paid or is doubted is not paid by anybody any more.
  if (isQuoted(invoice)) return invoice.is === 'quoted' ? invoice.quote : { refused: 'no-invoice' }
  const mint = deps.mints().find(({ url }) => url === invoice.plan.mint)
  if (invoice.is === 'never-quoted' || mint === undefined) return { refused: 'no-invoice' }
  const quote = await quoteFor(deposit, invoice.plan, deps.desk(mint), deps)
  return 'refused' in quote ? { refused: 'no-invoice' } : quote
}
