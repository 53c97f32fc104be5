/** The text of a token that leaves, sealed: rebuilt from coins and seed it is the same again (T14, W-12). */
import type { Coin } from '../../events'
import type { Proof } from '../money/mint-answers'
import { signerOf } from './coin-choice'
import type { Wallet } from './deposit-types'

export type Outgoing = { readonly mint: string; readonly unit: string; readonly coins: readonly Coin[] }

export const secretOf = (wallet: Pick<Wallet, 'derive'>, { keysetId, counter, amount }: Omit<Coin, 'c'>): string =>
  wallet.derive(keysetId, counter, amount).secret

/** A coin of ours as its mint knows it. */
export const proofOf = (wallet: Pick<Wallet, 'derive'>, coin: Coin): Proof => ({
  id: signerOf(coin),
  amount: coin.amount,
  secret: secretOf(wallet, coin),
  C: coin.c,
})

/** Coins in wire order. */
export function tokenText({ mint, unit, coins }: Outgoing, wallet: Pick<Wallet, 'derive' | 'encodeToken'>): string {
  return wallet.encodeToken(
    mint,
    unit,
    coins.map((coin) => proofOf(wallet, coin)),
  )
}

export const sealedToken = (outgoing: Outgoing, wallet: Wallet): { readonly ref: string; readonly bytes: Uint8Array } =>
  wallet.seal(`token/${crypto.randomUUID()}`, tokenText(outgoing, wallet))
