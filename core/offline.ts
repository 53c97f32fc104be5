/** The console on a data directory whose node does not run: the same commands, on the same log. */
import { join } from 'node:path'
import { type LogVerdict, openSqlLog, verifyLog } from '../events'
import { mintsNamed } from './admin/commands/wallet'
import type { RestoreState } from './admin/node-port'
import { adoptWords } from './adopt-words'
import { openPglite } from './database/pglite'
import { logBounds } from './databases'
import { takeDirectory } from './disk'
import { readEnvironment } from './env'
import { limits } from './limits'
import { createNode } from './node'
import type { Ports } from './parts'
import { createTrace } from './trace'

/** Reads the whole log. Throws `DirectoryInUse` while a node runs on it. */
export async function verifyStopped(directory: string): Promise<LogVerdict> {
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

/** Runs one admin command as the console and stops again; nothing listens meanwhile. */
export async function callStopped(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
  const environment = readEnvironment(process.env, { terminal: false })
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
