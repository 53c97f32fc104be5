/** One PGlite on a thread of its own. Calls are served strictly one after the other: raw batches take no lock. */
import { constants, cpSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import type { SqlFailure, SqlValue } from '../../events/sql'
import { createDurableFs, startParams } from './durable-fs'
import { failureIn, prepareMessage, rowsIn } from './wire'

/** One transaction in the bytes of the protocol, and the statements it names that may not be prepared here yet. */
export type Batch = {
  readonly fresh: readonly { readonly name: string; readonly text: string }[]
  readonly message: Uint8Array
}
export type WorkerOpen = { readonly directory: string; readonly synced: boolean }
export type WorkerCall =
  | {
      readonly call: number
      readonly do: 'open'
      readonly open: WorkerOpen
      /** PostgreSQL's own, compiled. */
      readonly code: WebAssembly.Module | undefined
    }
  | { readonly call: number; readonly do: 'query'; readonly text: string; readonly params: readonly SqlValue[] }
  | ({ readonly call: number; readonly do: 'batch' | 'lookup' } & Batch)
  | { readonly call: number; readonly do: 'script'; readonly text: string }
  | { readonly call: number; readonly do: 'copy'; readonly to: string }
  | { readonly call: number; readonly do: 'syncs' }
  | { readonly call: number; readonly do: 'close' }
export type WorkerAnswer =
  | { readonly call: number; readonly done: unknown }
  | { readonly call: number; readonly failed: SqlFailure }

declare const self: Worker
/** int8 as bigint whatever its size, as every other driver gives it (libraries 3). */
const parsers = { 20: BigInt }
const prepared = new Set<string>()
let database: PGlite | undefined
let opening: WorkerOpen | undefined
let syncs = 0
let queue: Promise<unknown> = Promise.resolve()

self.onmessage = (message: MessageEvent<WorkerCall>) => {
  queue = queue.then(() => answer(message.data))
}

async function answer(call: WorkerCall): Promise<void> {
  try {
    self.postMessage({ call: call.call, done: await serve(call) } satisfies WorkerAnswer)
  } catch (error) {
    self.postMessage({ call: call.call, failed: asFailure(error) } satisfies WorkerAnswer)
  }
}

async function serve(call: WorkerCall): Promise<unknown> {
  switch (call.do) {
    case 'open':
      return open(call.open, call.code)
    case 'query':
      return (await opened().query(call.text, [...call.params])).rows
    case 'batch':
      return batch(call)
    case 'lookup':
      return lookup(call)
    case 'script':
      await opened().exec(call.text)
      return undefined
    case 'copy':
      return copy(call.to)
    case 'syncs':
      return syncs
    case 'close':
      await database?.close()
      database = undefined
      return undefined
    default:
      return call satisfies never
  }
}

async function open(wish: WorkerOpen, code: WebAssembly.Module | undefined): Promise<void> {
  const { directory, synced } = wish
  opening = wish
  const fs = createDurableFs(directory, () => {
    syncs += 1
  })
  database = await PGlite.create({
    ...(fs === undefined ? {} : { fs }),
    ...(code === undefined ? {} : { pgliteWasmModule: code }),
    parsers,
    startParams: startParams(PGlite.defaultStartParams, { synced }),
  })
}

/** Nothing else runs in this thread meanwhile, so the files are those of one instant; opened, they recover as after a kill. */
async function copy(to: string): Promise<void> {
  await opened().exec('checkpoint')
  cpSync(opening?.directory ?? '', to, { recursive: true, errorOnExist: true, mode: constants.COPYFILE_FICLONE })
}

async function batch(wanted: Batch): Promise<SqlFailure | undefined> {
  return failureIn(await answerTo(wanted))
}

async function lookup(wanted: Batch): Promise<readonly unknown[]> {
  const reply = await answerTo(wanted)
  const failure = failureIn(reply)
  if (failure !== undefined) throw Object.assign(new Error(failure.message), failure)
  return rowsIn(reply, parsers)
}

/** The bytes that came back: of a statement that could not be prepared its error, and nothing was run then. */
async function answerTo({ fresh, message }: Batch): Promise<Uint8Array> {
  for (const { name, text } of fresh) {
    if (prepared.has(name)) continue
    const reply = await opened().execProtocolRaw(prepareMessage(name, text))
    if (failureIn(reply) !== undefined) return reply
    prepared.add(name)
  }
  return opened().execProtocolRaw(message)
}

function opened(): PGlite {
  if (database === undefined) throw new Error('the database is not open')
  return database
}

function asFailure(error: unknown): SqlFailure {
  const { code, constraint, message } = error as { code?: string; constraint?: string; message?: string }
  // No SQLSTATE means that the database itself died (a PANIC, a full disk): the caller starts another one.
  const known = {
    code: typeof code === 'string' && code.length === 5 ? code : 'lost',
    message: String(message ?? error),
  }
  return constraint === undefined ? known : { ...known, constraint }
}
