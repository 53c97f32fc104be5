/** The text of a token that leaves, sealed: rebuilt from coins and seed it is the same again (T14, W-12). */
import type { Coin } from '../../events'
import type { Wallet } from './deposit-types'

export type Outgoing = { readonly mint: string; readonly unit: string; readonly coins: readonly Coin[] }

/** Coins in wire order. */
export function tokenText({ mint, unit, coins }: Outgoing, wallet: Pick<Wallet, 'derive' | 'encodeToken'>): string {
  const proofs = coins.map(({ keysetId, counter, amount, c }) => ({
    id: keysetId,
    amount,
    secret: wallet.derive(keysetId, counter, amount).secret,
    C: c,
  }))
  return wallet.encodeToken(mint, unit, proofs)
}

export const sealedToken = (outgoing: Outgoing, wallet: Wallet): { readonly ref: string; readonly bytes: Uint8Array } =>
  wallet.seal(`token/${crypto.randomUUID()}`, tokenText(outgoing, wallet))
