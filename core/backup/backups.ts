/** The node's own backups: made and proven every night, listed, and the oldest of too many removed. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CoinRow, Log } from '../../events'
import type { Database } from '../database/pglite'
import { limits } from '../limits'
import type { Curve } from '../money/curve'
import type { Vault } from '../money/vault'
import type { MintDesk } from '../processes/mint-desk'
import type { Trace } from '../trace'
import type { BackupKey } from './format'
import { makeBackup } from './make'
import { lastDue } from './schedule'
import { type Verdict, verifyBackup } from './verify'

/** Times are Unix ms. */
export type BackupRow = {
  readonly backup: string
  readonly at: number
  readonly bytes: number
  readonly sha256: string
  readonly position: number
  readonly verifiedAt?: number | undefined
  readonly sentence?: string | undefined
}

export type Backups = {
  /** Newest first. */
  readonly list: () => readonly BackupRow[]
  readonly run: () => Promise<BackupRow>
  /** undefined: there is no such backup. */
  readonly verify: (backup: string) => Promise<Verdict | undefined>
  readonly pathOf: (backup: string) => string
  /** Makes, proves and clears away if a backup is due; answers whether one was. */
  readonly round: () => Promise<boolean>
  readonly start: () => void
  readonly stop: () => Promise<void>
}

type Deps = {
  readonly dataDirectory: string
  readonly logDatabase: Database
  readonly log: Log
  readonly key: BackupKey
  readonly vault: Vault
  readonly curve: Curve
  readonly desk: (mint: { readonly mintId: string; readonly url: string }) => Pick<MintDesk, 'call' | 'client'>
  readonly folder: () => string
  readonly plan: () => { readonly at: string; readonly keep: number; readonly timeZone: string }
  readonly version: string
  readonly now: () => number
  readonly trace: Trace
}

const nameShape = /^\d{8}T\d{6}Z-\d+$/

export function createBackups(deps: Deps): Backups {
  const { now, trace } = deps
  const startedAt = now()
  let timer: ReturnType<typeof setInterval> | undefined
  /** One at a time: each takes a copy of the log. */
  let lane: Promise<unknown> = Promise.resolve()
  const inLane = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = lane.then(work)
    lane = done.catch(() => undefined)
    return done
  }
  const pathOf = (backup: string) => join(deps.folder(), `${backup}.backup`)
  const notePath = (backup: string) => join(deps.folder(), `${backup}.json`)

  function list(): readonly BackupRow[] {
    const names = namesIn(deps.folder())
    return names.flatMap((backup) => readNote(notePath(backup), backup) ?? []).sort((a, b) => b.at - a.at)
  }

  function note(row: BackupRow): BackupRow {
    const path = notePath(row.backup)
    writeFileSync(`${path}.half`, `${JSON.stringify(row)}\n`, { mode: 0o600 })
    renameSync(`${path}.half`, path)
    return row
  }

  async function run(): Promise<BackupRow> {
    mkdirSync(deps.folder(), { recursive: true, mode: 0o700 })
    const position = deps.log.head()
    const stamp = new Date(now()).toISOString().replace(/[-:]|\.\d+/g, '')
    const backup = `${stamp}-${position}`
    const known = list().find((row) => row.backup === backup)
    if (known !== undefined) return known
    const made = await makeBackup({
      database: deps.logDatabase,
      path: pathOf(backup),
      workDirectory: join(deps.dataDirectory, 'backup.copy'),
      key: deps.key,
      version: deps.version,
      now,
    })
    const { at, bytes, sha256 } = made
    trace.info('A backup was made', { backup, bytes })
    return note({ backup, at, bytes, sha256, position: made.position })
  }

  async function verify(backup: string): Promise<Verdict | undefined> {
    const row = list().find((one) => one.backup === backup)
    if (row === undefined) return undefined
    const verdict = await verifyBackup(
      { path: pathOf(backup), key: deps.key, vault: deps.vault, curve: deps.curve, desk: deps.desk, isSpentSince },
      deps.dataDirectory,
      deps.logDatabase.copyTo,
    )
    note({ ...row, verifiedAt: verdict.ok ? now() : row.verifiedAt, sentence: verdict.sentence })
    if (verdict.ok) trace.info('A backup is verified', { backup, coins: verdict.coinsChecked })
    else trace.error('A backup could not be verified', { backup, why: verdict.sentence })
    return verdict
  }

  /** A coin that is spent by now is none of the backup's faults if the living log has used it. */
  async function isSpentSince(coins: readonly CoinRow[]): Promise<(coin: CoinRow) => boolean> {
    const free = new Set<string>()
    for (const purse of new Set(coins.map((coin) => coin.purse)))
      for (const coin of await deps.log.coins(purse)) if (coin.state === 'free') free.add(refOf(coin))
    return (coin) => !free.has(refOf(coin))
  }

  async function round(): Promise<boolean> {
    const { at, keep, timeZone } = deps.plan()
    const newest = list()[0]?.at ?? 0
    const upMs = now() - startedAt
    const isDue = Math.max(newest, startedAt) < lastDue(now(), at, timeZone)
    const isLate = now() - newest > limits.backupLateMs && upMs > limits.backupSettleMs
    if (!isDue && !isLate) return false
    const { backup } = await run()
    await verify(backup)
    prune(keep)
    return true
  }

  /** The newest one that was proven stays, however many came after it. */
  function prune(keep: number): void {
    const rows = list()
    const proven = rows.find((row) => row.verifiedAt !== undefined)?.backup
    for (const { backup } of rows.slice(keep).filter((row) => row.backup !== proven)) {
      rmSync(pathOf(backup), { force: true })
      rmSync(notePath(backup), { force: true })
    }
  }

  const failed = (error: unknown) => trace.error('A backup could not be made', { why: String(error) })
  return {
    list,
    run: () => inLane(run),
    verify: (backup) => inLane(() => verify(backup)),
    pathOf,
    round: () => inLane(round),
    start() {
      timer = setInterval(() => void inLane(round).catch(failed), limits.backupLookMs)
    },
    async stop() {
      clearInterval(timer)
      await lane
    },
  }
}

const refOf = ({ keysetId, counter }: CoinRow): string => `${keysetId} ${counter}`

function namesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.backup'))
    return names.map((name) => name.slice(0, -'.backup'.length)).filter((name) => nameShape.test(name))
  } catch {
    return []
  }
}

/** What was noted beside a file; without that the file itself is asked, and nobody has proven it. */
function readNote(path: string, backup: string): BackupRow | undefined {
  try {
    return { ...(JSON.parse(readFileSync(path, 'utf8')) as BackupRow), backup }
  } catch {
    const file = statSync(path.replace(/\.json$/, '.backup'), { throwIfNoEntry: false })
    if (file === undefined) return undefined
    return { backup, at: file.mtimeMs, bytes: file.size, sha256: '', position: Number(backup.split('-')[1]) }
  }
}
