/** Another wallet's words become this node's, as long as its own wallet has made nothing (wallet 12.2, W-18). */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { wish } from '../events'
import { takeDirectory } from './disk'
import type { Environment } from './env'
import { walletSeed } from './keys'
import { type Close, openCore, type Ports } from './parts'

/** These words are of another wallet than the one whose coins this log holds. */
export class OtherWallet extends Error {
  override readonly name = 'OtherWallet'
}

/** On a stopped node, or in an empty directory. Throws `OtherWallet` before anything is written of them. */
export async function adoptWords(environment: Environment, words: string, ports: Ports): Promise<void> {
  const closers: Close[] = [takeDirectory(environment.dataDirectory).release]
  try {
    const { engine, log, vault, secrets } = await openCore(environment, ports, (...close) => closers.push(...close))
    const { seedId } = walletSeed(words)
    if (secrets.wallet.seedId === seedId) return
    // Coins of two wallets in one log could not be told apart by their counters: one seed, one node.
    if ((await log.cursors()).some(({ next }) => next > 0))
      throw new OtherWallet(
        `these words are of wallet ${seedId}, and wallet ${secrets.wallet.seedId} of this node has coins of its own: restore into an empty directory`,
      )
    const ref = `wallet/words/${seedId}`
    await engine.execute(wish('node', 'node', { do: 'add-seed', seedId, words: ref }), {
      meta: { actor: 'console', door: 'console' },
      seal: [{ ref, bytes: vault.seal(ref, utf8ToBytes(words)) }],
    })
  } finally {
    for (const close of closers.reverse()) await close()
  }
}
