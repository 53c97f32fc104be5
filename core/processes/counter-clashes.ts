/**
 * Outputs of ours that a mint had signed before (code 11003): somebody else counts with this seed, or the log forgot
 * something after its probe. Nothing more is planned at that mint until it was searched (W-18, wallet 6.1).
 */
import type { StoredEvent, TrustedMint } from '../../events'
import { operations, type RecoverDeps } from './recover-types'

type Deps = RecoverDeps & { readonly mints: () => readonly TrustedMint[] }

/** `solve` searches a mint that is suspended for it, until that is done. */
export function createClashes(deps: Deps, solve: (mint: TrustedMint) => Promise<void>) {
  const { engine, log, trace } = deps
  /** Keyset by operation: what its first plan met is its own until it is over, and searched for once more then. */
  const open = new Map<string, string>()
  let unfollow: () => void = () => undefined

  function follow(events: readonly StoredEvent[]): void {
    for (const { stream, data } of events) {
      const clash = clashIn(data)
      if (clash !== undefined) open.set(stream, clash)
      const keysetId = clash ?? open.get(stream)
      if (keysetId !== undefined) void look(stream, keysetId)
    }
  }

  async function look(stream: string, keysetId: string): Promise<void> {
    try {
      const isOver = !(await log.claimedStreams(operations)).includes(stream)
      if (isOver && !open.delete(stream)) return
      for (const mint of deps.mints()) if (await hasKeyset(mint, keysetId)) await suspendAndSolve(mint, keysetId)
    } catch (error) {
      trace.warn('A clash of counters could not be looked into', { keyset: keysetId, why: String(error) })
    }
  }

  const hasKeyset = async ({ mintId }: TrustedMint, keysetId: string) =>
    Object.hasOwn((await engine.state('mint', `mint-${mintId}`)).keysets, keysetId)

  async function suspendAndSolve(mint: TrustedMint, keysetId: string): Promise<void> {
    await deps.desk(mint).suspend('counter-clash', keysetId)
    void solve(mint)
  }

  return {
    /** What a kill left open is remembered from its events. */
    start(): void {
      unfollow = log.onCommit(follow)
      void log
        .claimedStreams(operations)
        .then(async (streams) => {
          for (const stream of streams)
            for (const { data } of await log.read(stream, 0)) {
              const clash = clashIn(data)
              if (clash !== undefined) open.set(stream, clash)
            }
        })
        .catch((error: unknown) => trace.warn('Open operations could not be read', { why: String(error) }))
    },
    stop: () => unfollow(),
  }
}

/** The keyset of a plan that was made anew because of a clash. */
function clashIn(data: unknown): string | undefined {
  const { why, attempt } = data as { readonly why?: unknown; readonly attempt?: { readonly keysetId: string } }
  return why === 'counter-clash' ? attempt?.keysetId : undefined
}
