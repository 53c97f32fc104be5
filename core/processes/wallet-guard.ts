/**
 * Nothing new is planned at a mint until it was asked whether it knows more of this seed than the log does: a log from
 * an old backup would use counters again, and hand out coins that were handed out before (wallet 12.4). If it does, the
 * coins are brought back first.
 */
import type { TrustedMint } from '../../events'
import { limits } from '../limits'
import { type Audits, createAudits } from './coin-audit'
import { createClashes } from './counter-clashes'
import type { MintDesk, Unreachable } from './mint-desk'
import { leaveRoom } from './pending-counters'
import { isClashing, nothing, recover } from './recover'
import { operations, type RecoverDeps, type Recovered } from './recover-types'
import { search } from './search'
import { createSoundCoins, unreachable } from './sound-coins'

export type RestoreState = {
  readonly state: 'none' | 'running' | 'done'
  readonly mints: readonly Recovered[]
}

export type WalletGuard = {
  /** The desk of a mint, which gives no keyset for new outputs before its purse was probed. */
  readonly desk: (mint: TrustedMint) => MintDesk
  /** Probes every mint, and takes up a recovery that a kill left behind. */
  readonly start: () => void
  /** Searches these mints once each; a search that runs is joined. Answers its state after at most `waitMs`. */
  readonly restoreSoon: (mints: readonly TrustedMint[], gap: number, waitMs: number) => Promise<RestoreState>
  readonly restoreState: () => RestoreState
  /** Asks a mint for our free coins now (wallet 9.8). */
  readonly audit: Audits['run']
  readonly stop: () => void
}

type Deps = RecoverDeps & {
  readonly mints: () => readonly TrustedMint[]
  readonly pause: (ms: number) => Promise<void>
}
type Closed = Unreachable | undefined

export function createWalletGuard(deps: Deps): WalletGuard {
  const { log, wallet, trace } = deps
  let stopping = false
  let last: RestoreState = { state: 'none', mints: [] }
  let restoring: Promise<void> | undefined
  const audits = createAudits(deps)
  const soundCoins = createSoundCoins(deps)
  /** Ends of watching what was open in a log that was behind, by mint. */
  const watched = new Map<string, () => void>()
  const guarded = new Map<string, MintDesk>()
  /** Purses and keysets that were found clear by this process. */
  const clear = new Set<string>()
  const probing = new Map<string, Promise<Closed>>()
  const recovering = new Map<string, Promise<Recovered>>()
  const solving = new Set<string>()
  const clashes = createClashes(deps, solve)
  function recovered(mint: TrustedMint, gap: number): Promise<Recovered> {
    const underway = recovering.get(mint.mintId)
    if (underway !== undefined) return underway
    const work = searched(mint, gap).finally(() => recovering.delete(mint.mintId))
    recovering.set(mint.mintId, work)
    return work
  }

  async function searched(mint: TrustedMint, gap: number): Promise<Recovered> {
    const open = new Set(await log.claimedStreams(operations))
    const row = await recover(mint, gap, deps)
    if (row.isBehind && row.state === 'done') watch(mint, open)
    return row
  }

  /** Until it is done: nobody need ask for it (W-15). */
  async function solve(mint: TrustedMint): Promise<void> {
    if (solving.has(mint.mintId)) return
    solving.add(mint.mintId)
    try {
      for (let waitMs: number = limits.driveFirstMs; !stopping; waitMs = Math.min(waitMs * 2, limits.driveMostMs)) {
        const done = await recovered(mint, limits.scanGap).catch((error: unknown) => failed(mint, error))
        if (done?.state === 'done') return
        await deps.pause(waitMs)
      }
    } finally {
      solving.delete(mint.mintId)
    }
  }

  /**
   * What is open in an old log is closed by its own driver, with coins that may be long spent: looked at when it
   * happens, however late. What a restart forgets of this, the next audit finds.
   */
  function watch(mint: TrustedMint, open: ReadonlySet<string>): void {
    watched.get(mint.mintId)?.()
    let running: Promise<unknown> = Promise.resolve()
    let waiting = false
    const end = log.onCommit((events) => {
      if (waiting || !events.some(({ stream }) => open.has(stream))) return
      waiting = true
      running = running.then(() => {
        waiting = false
        return audits.run(mint, true).catch((error: unknown) => failed(mint, error))
      })
    })
    watched.set(mint.mintId, end)
  }

  function failed(mint: TrustedMint, error: unknown): undefined {
    if (!stopping) trace.warn('A mint could not be searched for coins', { mint: mint.url, why: String(error) })
  }

  /** undefined: coins may be handed out too. */
  const mayHandOut = async (mint: TrustedMint, unit: string): Promise<Closed> =>
    (await mayPlan(mint, unit)) ?? soundCoins(mint, unit)

  /** undefined: new outputs may be made. */
  async function mayPlan(mint: TrustedMint, unit: string): Promise<Closed> {
    if (await isClashing(`mint-${mint.mintId}`, deps)) {
      void solve(mint)
      return { unreachable: 'suspended' }
    }
    const purse = `${mint.mintId}/${unit}`
    if (clear.has(purse)) return undefined
    const underway = probing.get(purse)
    if (underway !== undefined) return underway
    const probe = probePurse(mint, unit).finally(() => probing.delete(purse))
    probing.set(purse, probe)
    return probe
  }

  /** Keysets that new outputs could be of, and those that the log has taken counters of. */
  async function probePurse(mint: TrustedMint, unit: string): Promise<Closed> {
    const desk = deps.desk(mint)
    const listed = await desk.call(desk.client.keysets)
    if (listed?.is !== 'done') return unreachable(desk)
    const used = new Set(
      (await log.cursors()).filter(({ seedId }) => seedId === wallet.seedId).map((row) => row.keysetId),
    )
    for (const keyset of listed.value) {
      if (keyset.unit !== unit || !(keyset.active || used.has(keyset.id))) continue
      const closed = await probeKeyset(mint, unit, keyset.id)
      if (closed !== undefined) return closed
    }
    clear.add(`${mint.mintId}/${unit}`)
    return undefined
  }

  async function probeKeyset(mint: TrustedMint, unit: string, keysetId: string): Promise<Closed> {
    if (clear.has(keysetId)) return undefined
    const desk = deps.desk(mint)
    const next = await log.cursor(wallet.seedId, keysetId)
    const found = await search(keysetId, { from: next, gap: limits.probeCounters, atLeast: 0 }, desk, wallet)
    if (found === undefined) return unreachable(desk)
    if (found.hits.length === 0) {
      if (!(await leaveRoom(mint, { purse: `${mint.mintId}/${unit}`, keysetId, next }, deps))) return unreachable(desk)
      clear.add(keysetId)
      return undefined
    }
    trace.error('The log is older than a mint: nothing is planned there until its coins are brought back', {
      mint: mint.url,
      keyset: keysetId,
    })
    await desk.suspend('counter-clash', 'probe')
    void solve(mint)
    return { unreachable: 'suspended' }
  }

  function desk(mint: TrustedMint): MintDesk {
    const known = guarded.get(mint.mintId)
    if (known !== undefined) return known
    const made = guardedBy(mint, deps.desk(mint))
    guarded.set(mint.mintId, made)
    return made
  }

  function guardedBy(mint: TrustedMint, plain: MintDesk): MintDesk {
    return {
      ...plain,
      as: (urgency) => guardedBy(mint, plain.as(urgency)),
      mayPlan: (unit) => mayHandOut(mint, unit),
      async outputKeyset(unit, again) {
        const closed = await mayPlan(mint, unit)
        if (closed !== undefined) return closed
        const keyset = await plain.outputKeyset(unit, again)
        // A keyset that is newer than the probe of its purse.
        return 'unreachable' in keyset ? keyset : ((await probeKeyset(mint, unit, keyset.id)) ?? keyset)
      },
    }
  }

  async function searchAll(mints: readonly TrustedMint[], gap: number): Promise<void> {
    const rows: Recovered[] = []
    for (const mint of mints) {
      const row = await recovered(mint, gap).catch((error: unknown) => failed(mint, error))
      rows.push(row ?? nothing(mint))
      last = { state: 'running', mints: rows }
      if (row?.state === 'later' && row.isBehind) void solve(mint)
    }
    last = { state: 'done', mints: rows }
    restoring = undefined
  }

  async function restoreSoon(mints: readonly TrustedMint[], gap: number, waitMs: number): Promise<RestoreState> {
    if (restoring === undefined) {
      last = { state: 'running', mints: [] }
      restoring = searchAll(mints, gap)
    }
    await Promise.race([restoring, deps.pause(waitMs)])
    return last
  }

  return {
    desk,
    start() {
      audits.start()
      clashes.start()
      for (const mint of deps.mints())
        for (const unit of mint.units) void mayHandOut(mint, unit).catch((error: unknown) => failed(mint, error))
    },
    restoreSoon,
    restoreState: () => last,
    audit: audits.run,
    stop() {
      stopping = true
      audits.stop()
      clashes.stop()
      for (const end of watched.values()) end()
    },
  }
}
