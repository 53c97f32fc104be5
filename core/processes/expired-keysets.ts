/** Which keysets a mint takes for expired: as its last word on coins of ours was (wallet 8.1, 12003). */
import type { Engine } from '../../events'

/** The operations that it refused so, by keyset; none where it took such coins after all. */
export async function expiredKeysets(
  mintId: string,
  engine: Pick<Engine, 'state'>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  const { expired } = await engine.state('mint', `mint-${mintId}`)
  for (const [keysetId, operations] of Object.entries(expired)) {
    const newest = await engine.state('swap', operations.at(-1) ?? '')
    if (newest.is !== 'settled') found.set(keysetId, operations)
  }
  return found
}
