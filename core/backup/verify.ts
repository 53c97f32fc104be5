/** A backup counts as one only after it was restored, replayed, compared, and its coins were asked for (wallet 12.5). */
import { rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type CoinRow, createEngine, createLive } from '../../events'
import { createClusters } from '../database/cluster'
import { type Database, openPglite } from '../database/pglite'
import { limits } from '../limits'
import type { Curve } from '../money/curve'
import type { Vault } from '../money/vault'
import type { MintDesk } from '../processes/mint-desk'
import { openSecrets } from '../seed'
import { createWallet } from '../wallet'
import { auditCoins, inspect } from './check'
import { type BackupKey, DamagedBackup, proveWhole } from './format'
import { loadBackup } from './load'
import { dropScript } from './tables'

export type Verdict = {
  readonly ok: boolean
  readonly balancesEqual: boolean
  readonly coinsChecked: number
  readonly sentence: string
}

export type Verifying = {
  readonly path: string
  readonly key: BackupKey
  readonly vault: Vault
  readonly curve: Curve
  readonly desk: (mint: { readonly mintId: string; readonly url: string }) => Pick<MintDesk, 'call' | 'client'>
  /** Whether the living log knows that these coins are not free any more; without one, nobody can say. */
  readonly isSpentSince?: (coins: readonly CoinRow[]) => Promise<(coin: CoinRow) => boolean>
}

/**
 * In a cluster of its own below `directory`, made by `cluster` and gone afterwards. Throws only what is not the
 * file's fault: `WrongSecretKey`, `LogTooNew`.
 */
export async function verifyBackup(
  wanted: Verifying,
  directory: string,
  cluster: (directory: string) => Promise<void>,
): Promise<Verdict> {
  const check = join(directory, 'backup.check')
  rmSync(check, { recursive: true, force: true })
  try {
    proveWhole(wanted.path, wanted.key)
    await cluster(check)
    const sql = await openPglite({ directory: check, synced: false })
    try {
      await sql.script(dropScript)
      return await judge(sql, wanted)
    } finally {
      await sql.close()
    }
  } catch (error) {
    if (error instanceof DamagedBackup) return no(`This backup cannot be used: ${error.message}.`)
    throw error
  } finally {
    rmSync(check, { recursive: true, force: true })
  }
}

/** By initdb, for whoever has no database at hand to copy. */
export const freshCluster = (directory: string): Promise<void> =>
  createClusters(dirname(directory), [basename(directory)])

const no = (sentence: string): Verdict => ({ ok: false, balancesEqual: false, coinsChecked: 0, sentence })

async function judge(sql: Database, { path, key, vault, curve, desk, isSpentSince }: Verifying): Promise<Verdict> {
  const { log } = await loadBackup(path, key, sql)
  const { problems, balancesEqual, events } = await inspect(sql, log, vault)
  if (problems.length > 0) return { ...no(`This backup cannot be used: ${problems[0]}.`), balancesEqual }
  const live = createLive(log, { lanes: limits.lanes, snapshotEvery: Number.POSITIVE_INFINITY })
  const engine = createEngine({ log, live, now: () => 0 })
  const wallet = createWallet((await openSecrets(engine, log, vault)).wallet, curve, vault)
  const { mints } = await engine.state('node', 'node')
  const nobody = async () => () => true
  const audit = await auditCoins(log, mints, { wallet, desk, isSpentSince: isSpentSince ?? nobody })
  const read = `${events} events were replayed and every sum agrees`
  const verdict = { balancesEqual, coinsChecked: audit.checked }
  if (audit.silent.length > 0)
    return { ...verdict, ok: false, sentence: `${read}, but ${audit.silent.join(', ')} did not answer for its coins.` }
  if (audit.unexplained > 0)
    return { ...verdict, ok: false, sentence: `${read}, but ${audit.unexplained} coins were spent by somebody else.` }
  const since = audit.spent === 0 ? '' : `, ${audit.spent} were spent since`
  return { ...verdict, ok: true, sentence: `${read}; ${audit.checked} coins were asked for at their mints${since}.` }
}
