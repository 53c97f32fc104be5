/** The console on a data directory whose node does not run: the same commands, on the same log. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LogVerdict, openSqlLog, verifyLog } from '../events'
import packageJson from '../package.json'
import type { RestoreState } from './admin/node-port'
import { mintsNamed } from './admin/queries/mints'
import { adoptWords } from './adopt-words'
import { backupKeyOf, proveWhole } from './backup/format'
import { type Made, makeBackup } from './backup/make'
import { type Restored, restoreInto } from './backup/restore'
import { freshCluster, type Verdict, verifyBackup } from './backup/verify'
import { openPglite } from './database/pglite'
import { logBounds } from './databases'
import { readSecretKey, takeDirectory, WrongSecretKey } from './disk'
import { readEnvironment } from './env'
import { limits } from './limits'
import { plainDesk } from './mint-states'
import { pureCurve } from './money/mint-client'
import { createVault } from './money/vault'
import { createNode } from './node'
import type { Ports } from './parts'
import { createTrace } from './trace'

/** A first owner may be named before the first start. */
const beginning = new Set(['security.setPassword', 'admins.add'])

/** The console makes no node by looking for one. Throws where there is none. */
function mustHoldNode(directory: string): void {
  if (!existsSync(join(directory, 'log'))) throw new Error(`${directory} holds no node`)
}

/** Reads the whole log. Throws `DirectoryInUse` while a node runs on it. */
export async function verifyStopped(directory: string): Promise<LogVerdict> {
  mustHoldNode(directory)
  const lease = takeDirectory(directory)
  try {
    const database = await openPglite({ directory: join(directory, 'log'), synced: true })
    try {
      return await verifyLog(
        await openSqlLog({ sql: database, script: database.script, bounds: logBounds, pause: Bun.sleep }),
      )
    } finally {
      await database.close()
    }
  } finally {
    lease.release()
  }
}

/** Searches mints for coins, of other words if there are any, and stops again. */
export async function restoreStopped(asked: {
  readonly mints: readonly string[] | undefined
  readonly gap: number | undefined
  readonly words: string | undefined
}): Promise<RestoreState> {
  const environment = readEnvironment(process.env, { terminal: false })
  if (asked.words !== undefined) await adoptWords(environment, asked.words, offlinePorts())
  else mustHoldNode(environment.dataDirectory)
  const node = await createNode(environment, offlinePorts())
  try {
    const mints = await mintsNamed(asked.mints, node.adminNode)
    if ('notFound' in mints) throw new Error(`${mints.notFound} is not accepted here: node-admin call mints.add`)
    const { restore } = node.adminNode.wallet
    for (;;) {
      const found = await restore(mints, asked.gap ?? limits.scanGap, limits.commandOutsideMs)
      if (found.state === 'done') return found
    }
  } finally {
    await node.stop(0)
  }
}

/** A backup of a stopped node. Throws `DirectoryInUse` while one runs. */
export async function backUpStopped(directory: string, file: string): Promise<Made> {
  mustHoldNode(directory)
  const lease = takeDirectory(directory)
  try {
    const database = await openPglite({ directory: join(directory, 'log'), synced: true })
    try {
      const workDirectory = join(directory, 'backup.copy')
      const key = backupKeyOf(ownSecretKey())
      return await makeBackup({ database, path: file, workDirectory, key, version: packageJson.version, now: Date.now })
    } finally {
      await database.close()
    }
  } finally {
    lease.release()
  }
}

/** Puts a backup into a directory that nobody uses; nothing is written before the key and the file were proven. */
export async function restoreBackup(directory: string, file: string, replace: boolean): Promise<Restored> {
  const secretKey = ownSecretKey()
  const key = backupKeyOf(secretKey)
  proveWhole(file, key)
  const lease = takeDirectory(directory)
  try {
    return await restoreInto(directory, { file, key, vault: createVault(secretKey), replace, at: Date.now() })
  } finally {
    lease.release()
  }
}

/** Reads a backup file in a place of its own; the data directory is asked for its key only. */
export async function verifyFile(file: string): Promise<Verdict> {
  const secretKey = ownSecretKey()
  const directory = mkdtempSync(join(tmpdir(), 'routstr-backup-'))
  try {
    return await verifyBackup(
      {
        path: file,
        key: backupKeyOf(secretKey),
        vault: createVault(secretKey),
        curve: pureCurve,
        desk: ({ url }) => plainDesk(url),
      },
      directory,
      freshCluster,
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Of the environment or of the data directory; none is made: a new one would open nothing. */
function ownSecretKey(): Uint8Array {
  const { secretKey } = readEnvironment(process.env, { terminal: false })
  if (secretKey.text === undefined && !existsSync(secretKey.file))
    throw new WrongSecretKey(`there is no secret key: put it at ${secretKey.file} or into NODE_SECRET_KEY`)
  return readSecretKey(secretKey)
}

/** Runs one admin command as the console and stops again; nothing listens meanwhile. */
export async function callStopped(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
  const environment = readEnvironment(process.env, { terminal: false })
  if (!beginning.has(method)) mustHoldNode(environment.dataDirectory)
  const node = await createNode(environment, offlinePorts())
  try {
    return await node.dispatch.dispatch(
      { id: crypto.randomUUID(), method, params },
      {
        principal: { admin: 'console', name: 'console', role: 'owner', stepUp: true },
        door: 'console',
        createdAtS: Math.floor(Date.now() / 1000),
      },
    )
  } finally {
    await node.stop(0)
  }
}

const offlinePorts = (): Ports => ({
  now: Date.now,
  pause: Bun.sleep,
  stopHere: async () => undefined,
  trace: createTrace({ level: 'error', format: 'json', now: Date.now, write: (text) => process.stderr.write(text) }),
  print: (text) => void process.stderr.write(`${text}\n`),
  isOffline: true,
})
