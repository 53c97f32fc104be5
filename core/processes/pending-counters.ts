/**
 * A log that was put back knows nothing of outputs that its mint has not signed yet, as the change of a payment that is
 * under way: new ones begin so far behind them that these are found by a search, and no counter is used twice (W-03).
 */
import { wish } from '../../events'
import { limits } from '../limits'
import { doubtedBelow } from './doubted-coins'
import { isTrusted } from './mint-cap'
import type { RecoverDeps } from './recover-types'

/** Once for each keyset that is doubted, when its probe found nothing; false: others took counters meanwhile. */
export async function leaveRoom(
  { mintId, url }: { readonly mintId: string; readonly url: string },
  { purse, keysetId, next }: { readonly purse: string; readonly keysetId: string; readonly next: number },
  deps: RecoverDeps,
): Promise<boolean> {
  const { engine, log, wallet } = deps
  const { seedId } = wallet
  if (next > (await doubtedBelow({ seedId, keysetId }, log))) return true
  if (next === 0) return true
  const cursor = next + limits.pendingCounters
  const looked = { purse, keysetId, seedId, from: next, to: cursor, imported: [], cursor, isBehind: false }
  const outcome = await engine.execute(
    wish('mint', `mint-${mintId}`, () => ({
      do: 'scan',
      isTrusted: isTrusted(url, deps),
      ...looked,
      returnedUnits: 0,
    })),
    {
      meta: { actor: 'node', door: 'node' },
      cursors: [{ seedId, keysetId, from: next, count: limits.pendingCounters }],
    },
  )
  return 'position' in outcome
}
