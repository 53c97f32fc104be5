/** Signatures of a mint become coins of ours, or a lie of the mint (wallet 6.1, T7). */
import type { Coin, WalletAttempt } from '../../events'
import type { Signature } from '../money/mint-answers'
import type { Wallet } from './deposit-types'
import type { KnownKeyset, MintDesk } from './mint-desk'

export type Coins = readonly Coin[] | { readonly lie: string } | { readonly unreachable: string }

/** The keyset that signed; a list without it is asked for again, for the mint may have rotated. undefined: none such. */
export async function signingKeyset(
  id: string,
  unit: string,
  desk: MintDesk,
): Promise<KnownKeyset | { readonly unreachable: string } | undefined> {
  for (const again of [false, true]) {
    const all = await desk.listed(again)
    if ('unreachable' in all) return all
    const info = all.find((keyset) => keyset.id === id && keyset.unit === unit)
    if (info !== undefined) return desk.withKeys(info)
  }
  return undefined
}

/** One coin for each output of the attempt, in its order. */
export async function coinsFrom(
  attempt: WalletAttempt,
  signatures: readonly Signature[],
  desk: MintDesk,
  wallet: Pick<Wallet, 'derive' | 'unblind'>,
): Promise<Coins> {
  if (signatures.length !== attempt.outputs.length) return { lie: 'another number of signatures than outputs' }
  const all = await desk.listed()
  if ('unreachable' in all) return all
  const info = all.find((keyset) => keyset.id === attempt.keysetId)
  if (info === undefined) return { lie: 'signatures of a keyset that the mint does not list' }
  const keyset = await desk.withKeys(info)
  if ('unreachable' in keyset) return keyset
  const coins: Coin[] = []
  for (const [index, output] of attempt.outputs.entries()) {
    const signature = signatures[index]
    if (signature === undefined) return { lie: 'a missing signature' }
    const derived = wallet.derive(attempt.keysetId, output.counter, output.amount)
    const unblinded = wallet.unblind(derived, signature, keyset)
    if ('lie' in unblinded) return unblinded
    coins.push({ keysetId: attempt.keysetId, counter: output.counter, amount: output.amount, c: unblinded.c })
  }
  return coins
}
