/** The console on a data directory whose node does not run: the same commands, on the same log. */
import { join } from 'node:path'
import { type LogVerdict, openSqlLog, verifyLog } from '../events'
import { openPglite } from './database/pglite'
import { logBounds } from './databases'
import { takeDirectory } from './disk'
import { readEnvironment } from './env'
import { createNode } from './node'
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

/** Runs one admin command as the console and stops again; nothing listens meanwhile. */
export async function callStopped(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
  const environment = readEnvironment(process.env, { terminal: false })
  const trace = createTrace({
    level: 'error',
    format: 'json',
    now: Date.now,
    write: (text) => process.stderr.write(text),
  })
  const node = await createNode(environment, {
    now: Date.now,
    pause: Bun.sleep,
    stopHere: async () => undefined,
    trace,
    print: (text) => void process.stderr.write(`${text}\n`),
    isOffline: true,
  })
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
