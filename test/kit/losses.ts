/** What another holder of the node's seed can do to it (W-18): spend its coins, and have outputs signed that its log forgot. */
import { walletSeed } from '../../core/keys'
import { pureCurve } from '../../core/money/mint-client'
import { createVault } from '../../core/money/vault'
import type { Wallet } from '../../core/processes/deposit-types'
import { createWallet } from '../../core/wallet'
import type { CoinRow, Log } from '../../events'
import type { TestMint } from './mint'
import { type TestNode, until } from './node'

/** The wallet of a node, by its words. */
export const walletOf = async ({ node }: TestNode): Promise<Wallet> =>
  createWallet(walletSeed(await node.adminNode.wallet.words()), pureCurve, createVault(new Uint8Array(32)))

export function spendCoin({ keysetId, counter, amount, c }: CoinRow, mint: TestMint, wallet: Wallet): void {
  mint.spend([{ id: keysetId, amount, secret: wallet.derive(keysetId, counter, amount).secret, C: c } as never])
}

/** Signs an output `ahead` counters beyond those that the log has used; `units` is a power of two. */
export async function signBeyond(
  { log, mint, wallet }: { readonly log: Log; readonly mint: TestMint; readonly wallet: Wallet },
  units: number,
  ahead: number,
): Promise<{ readonly keysetId: string; readonly counter: number }> {
  const keysetId = mint.keysetIds().at(-1) ?? ''
  const counter = (await log.cursor(wallet.seedId, keysetId)) + ahead
  mint.sign({ id: keysetId, amount: units, B_: wallet.derive(keysetId, counter, units).B_ })
  return { keysetId, counter }
}

/** By command, until it is done: a log that is behind is audited too (wallet 12.3, 12.4). */
export const searchMint = (node: TestNode, mint: TestMint): Promise<void> =>
  until('the mint was searched', async () => {
    const { result } = await node.call('wallet.restore', { mints: [mint.url] })
    const rows = (result?.mints ?? []) as { readonly state: string }[]
    return result?.state === 'done' && rows.every(({ state }) => state === 'done')
  })
