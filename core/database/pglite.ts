/** An embedded PostgreSQL: PGlite in a Worker behind the `Sql` port, reopened by itself when it dies. */
import { connectionLost, type Sql, type SqlFailure, type SqlValue, type Step } from '../../events/sql'
import { limits } from '../limits'
import { batchMessage, lookupMessage } from './batch-message'
import type { WorkerAnswer, WorkerCall, WorkerOpen } from './pglite-worker'

export type Database = Sql & {
  /** Runs several statements at once, for table definitions. */
  readonly script: (text: string) => Promise<void>
  /** Copies the cluster as it is at one instant into a directory that does not exist yet. */
  readonly copyTo: (directory: string) => Promise<void>
  /** How many syncs of the disk were made so far. */
  readonly syncs: () => Promise<number>
  readonly close: () => Promise<void>
  /** Ends it at once, a statement under way included, as a kill would: for a cluster that may be lost. */
  readonly abandon: () => void
}

type Wish = WorkerCall extends infer Call ? (Call extends { call: number } ? Omit<Call, 'call'> : never) : never
type Pending = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }

/** SQLSTATE feature_not_supported: "cached plan must not change result type". */
const planOutdated = '0A000'

/** Statements are prepared by their text, once for each Worker; how many there are is bounded by the code that makes them. */
const names = new Map<string, string>()

function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `s${names.size}`
    names.set(text, name)
  }
  return name
}

/** Opens the cluster in `directory` (made by `createCluster`). Rejects if it cannot be opened the first time. */
export async function openPglite(open: WorkerOpen): Promise<Database> {
  let worker = await startWorker(open, lost)
  let reopening: Promise<void> | undefined
  let closed = false

  /** The database died: whatever was under way is unknown, and a new Worker is tried until one opens. */
  function lost(): void {
    if (closed || reopening !== undefined) return
    worker.terminate()
    reopening = reopen().then(() => {
      reopening = undefined
    })
  }

  async function reopen(): Promise<void> {
    for (
      let pauseMs: number = limits.databaseReopenMs;
      !closed;
      pauseMs = Math.min(pauseMs * 2, limits.databaseReopenMaxMs)
    ) {
      await Bun.sleep(pauseMs)
      try {
        worker = await startWorker(open, lost)
        return
      } catch {
        // Still not possible (a full disk, say): the next round tries again.
      }
    }
  }

  async function ask<Answer>(wish: Wish, give: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (reopening !== undefined) throw failed({ code: connectionLost, message: 'the database is being reopened' })
    try {
      return (await worker.ask(wish, give)) as Answer
    } catch (error) {
      if ((error as { code?: string }).code === connectionLost) lost()
      throw error
    }
  }

  async function batch(steps: readonly Step[]): Promise<SqlFailure | undefined> {
    const { prepared } = worker
    const message = batchMessage(steps, nameOf)
    const fresh = freshOf(steps.map((step) => step.text))
    const failure = await ask<SqlFailure | undefined>({ do: 'batch', fresh, message }, [message.buffer])
    if (failure === undefined) for (const { text } of fresh) prepared.add(text)
    return failure
  }

  async function lookup<Row>(text: string, params: readonly SqlValue[] = []): Promise<readonly Row[]> {
    const { prepared } = worker
    const message = lookupMessage(nameOf(text), params)
    try {
      const rows = await ask<readonly Row[]>({ do: 'lookup', fresh: freshOf([text]), message }, [message.buffer])
      prepared.add(text)
      return rows
    } catch (error) {
      // Its table was made anew since it was prepared.
      if ((error as { code?: string }).code === planOutdated) return query(text, params)
      throw error
    }
  }

  const query = <Row>(text: string, params: readonly SqlValue[] = []) =>
    ask<readonly Row[]>({ do: 'query', text, params })

  const freshOf = (texts: readonly string[]) =>
    [...new Set(texts)].filter((text) => !worker.prepared.has(text)).map((text) => ({ name: nameOf(text), text }))

  return {
    query,
    lookup,
    async batch(steps) {
      try {
        return await batch(steps)
      } catch (error) {
        return { code: (error as { code?: string }).code ?? connectionLost, message: (error as Error).message }
      }
    },
    script: (text) => ask<void>({ do: 'script', text }),
    copyTo: (to) => ask<void>({ do: 'copy', to }),
    syncs: () => ask<number>({ do: 'syncs' }),
    async close() {
      closed = true
      if (reopening === undefined) await worker.ask({ do: 'close' }).catch(() => undefined)
      worker.terminate()
    },
    abandon() {
      closed = true
      worker.terminate()
    },
  }
}

let compiled: Promise<WebAssembly.Module | undefined> | undefined

/**
 * PostgreSQL's code, compiled once for all databases of this process: a third of the work of opening two. Without the
 * file where it is expected each Worker reads its own, as PGlite does by itself.
 */
function program(): Promise<WebAssembly.Module | undefined> {
  compiled ??= Bun.file(new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite')))
    .arrayBuffer()
    .then((bytes) => WebAssembly.compile(bytes))
    .catch(() => undefined)
  return compiled
}

async function startWorker(open: WorkerOpen, onDeath: () => void) {
  const code = await program()
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url).href)
  const pending = new Map<number, Pending>()
  let calls = 0
  let ended = false

  const failAll = () => {
    for (const { reject } of pending.values()) reject(failed(stopped))
    pending.clear()
  }
  worker.onmessage = (message: MessageEvent<WorkerAnswer>) => {
    const answer = message.data
    const waiting = pending.get(answer.call)
    pending.delete(answer.call)
    if ('failed' in answer) waiting?.reject(failed(answer.failed))
    else waiting?.resolve(answer.done)
  }
  worker.onerror = () => {
    failAll()
    onDeath()
  }

  const ask = (wish: Wish, give: readonly ArrayBuffer[] = []) =>
    new Promise<unknown>((resolve, reject) => {
      if (ended) return reject(failed(stopped))
      calls += 1
      pending.set(calls, { resolve, reject })
      worker.postMessage({ ...wish, call: calls }, [...give])
    })
  const terminate = () => {
    ended = true
    failAll()
    worker.terminate()
  }

  try {
    await ask({ do: 'open', open, code })
  } catch (error) {
    terminate()
    throw error
  }
  return { ask, terminate, prepared: new Set<string>() }
}

const stopped: SqlFailure = { code: connectionLost, message: 'the database stopped' }

function failed(failure: SqlFailure): Error & SqlFailure {
  return Object.assign(new Error(failure.message), failure)
}
