/**
 * `bench seed <requests> <sessions> [--seed n]`: fills ROUTSTR_DATA_DIR with a consistent past through the log's own
 * append, for B5, B6, B8 and B11. The money in it is made up: never run such a directory in earnest.
 */
import { join, resolve } from 'node:path'
import { openPglite } from '../../core/database/pglite'
import { logBounds } from '../../core/databases'
import { takeDirectory } from '../../core/disk'
import { readEnvironment } from '../../core/env'
import { createNode } from '../../core/node'
import { callStopped, verifyStopped } from '../../core/offline'
import { createTrace } from '../../core/trace'
import {
  asMsat,
  createEngine,
  createLive,
  type Engine,
  type Log,
  openSqlLog,
  unlimited,
  type WalletAttempt,
  wish,
} from '../../events'
import { createChance } from './chance'
import { type Asked, feePpk, history, type PaidIn } from './history'

const mintUrl = 'http://127.0.0.1:3338'
const keysetId = '00be9c4000000001'
/** Appends under way at once: commits are full although a customer who pays in holds his own up. The log queues 20 000. */
const appendsAtOnce = 8000
/** Streams kept in memory while seeding: all of them, since any customer may come back. */
const streamsInMemory = 5_000_000
const countersAtOnce = 1_000_000

export type Seeding = { readonly requests: number; readonly sessions: number; readonly seed: number }
export type Seeded = { readonly events: number; readonly ms: number }

/** Exit code: 0 when the books balance and the log is sound afterwards. */
export async function seedCommand(words: readonly string[]): Promise<number> {
  const directory = process.env.ROUTSTR_DATA_DIR
  const [requests, sessions] = words.map(Number)
  const at = words.indexOf('--seed')
  const seed = at === -1 ? crypto.getRandomValues(new Uint32Array(1))[0] : Number(words[at + 1])
  if (directory === undefined || !isCount(requests) || !isCount(sessions) || !isCount(seed)) {
    console.error('ROUTSTR_DATA_DIR=<directory> bench seed <requests> <sessions> [--seed <number>]')
    return 2
  }
  const path = resolve(directory)
  console.log(`seeding ${requests} requests of ${sessions} sessions over 90 days, from chance ${seed}`)
  const seeded = await seedDirectory(path, { requests, sessions, seed })
  console.log(`log        ${rate(seeded.events, seeded.ms)}`)
  const before = performance.now()
  // A start like any other: the read models follow, then the node checks its books.
  const check = (await callStopped('books.check', {})).result as { readonly balanced: boolean } | undefined
  console.log(`read models and books.check  ${seconds(performance.now() - before)}  balanced: ${check?.balanced}`)
  const verdict = await verifyStopped(path)
  console.log(`log verify  ${verdict.ok ? 'ok' : verdict.problems.join('; ')}, ${verdict.events} events`)
  return check?.balanced === true && verdict.ok ? 0 : 1
}

const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value > 0
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const rate = (events: number, ms: number) =>
  `${events} events in ${seconds(ms)}, ${Math.round((events / ms) * 1000)} a second`

/** Takes a new directory or one that a node has used; a node must not run on it. */
export async function seedDirectory(directory: string, seeding: Seeding): Promise<Seeded> {
  await firstStart(directory)
  const lease = takeDirectory(directory)
  const sql = await openPglite({ directory: join(directory, 'log'), synced: true })
  try {
    const bounds = { ...logBounds, heads: streamsInMemory }
    const log = await openSqlLog({ sql, script: sql.script, bounds, pause: Bun.sleep })
    const began = performance.now()
    const from = log.head()
    await writeHistory(log, seeding)
    const ms = performance.now() - began
    await log.close()
    await sql.query('checkpoint')
    return { events: Number(log.head() - from), ms }
  } finally {
    await sql.close()
    lease.release()
  }
}

/** Secrets and the made-up mint, as a node makes them. */
async function firstStart(directory: string): Promise<void> {
  const environment = readEnvironment(
    { ROUTSTR_DATA_DIR: directory, CASHU_MINTS: mintUrl, BTC_USD_SOURCES: 'fixed:100000', PRICE_FEED_URL: '' },
    { terminal: false },
  )
  const trace = createTrace({ level: 'error', format: 'json', now: Date.now, write: () => undefined })
  const node = await createNode(environment, {
    now: Date.now,
    pause: Bun.sleep,
    stopHere: async () => undefined,
    trace,
    print: () => undefined,
  })
  await node.stop(0)
}

async function writeHistory(log: Log, { requests, sessions, seed }: Seeding): Promise<void> {
  let clockMs = 0
  const live = createLive(log, { lanes: streamsInMemory, snapshotEvery: 1000 })
  const engine = createEngine({ log, live, now: () => clockMs })
  const books = await createBookkeeper(engine, log, seed)
  const lanes = createLanes()
  for (const step of history({ requests, sessions, seed, endMs: Date.now() })) {
    clockMs = step.atMs
    await lanes.free()
    if (step.did === 'ask') lanes.go(step.customer.stream, false, () => books.charge(step))
    else {
      const attempt = await books.attempt(step)
      lanes.go(step.customer.stream, true, () => books.payIn(step, attempt))
    }
  }
  await lanes.done()
}

/** Many at once; but what a customer does after paying in waits until he has paid in. */
function createLanes() {
  const last = new Map<string, Promise<void>>()
  let open = 0
  let failure: unknown
  let wake: (() => void) | undefined

  async function wait(most: number): Promise<void> {
    while (open > most && failure === undefined)
      await new Promise<void>((woken) => {
        wake = woken
      })
    if (failure !== undefined) throw failure
  }

  return {
    free: () => (open < appendsAtOnce && failure === undefined ? undefined : wait(appendsAtOnce / 2)),
    done: () => wait(0),
    go(stream: string, holdsOthersUp: boolean, work: () => Promise<void>): void {
      open += 1
      const before = last.get(stream)
      const mine = (before === undefined ? work() : before.then(work))
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => {
          open -= 1
          if (last.get(stream) === mine) last.delete(stream)
          if (open <= appendsAtOnce / 2) wake?.()
        })
      if (holdsOthersUp) last.set(stream, mine)
    },
  }
}

/** The appends of deposits and charges, as `core/processes` and `core/proxy/settle` make them. */
async function createBookkeeper(engine: Engine, log: Log, seed: number) {
  const chance = createChance(seed + 1)
  const node = await engine.state('node', 'node')
  const seedId = node.seeds.find((one) => one.active)?.seedId ?? ''
  const mint = node.mints.find((one) => one.url === mintUrl)
  if (mint === undefined || seedId === '') throw new Error('the data directory does not trust the made-up mint')
  const purse = `${mint.mintId}/sat`
  const keyset = { keysetId, unit: 'sat', feePpk, active: true, keysHash: chance.hex(64) }
  const known = await engine.state('mint', `mint-${mint.mintId}`)
  if (known.keysets[keysetId] === undefined)
    await engine.execute(wish('mint', `mint-${mint.mintId}`, { do: 'learn-keysets', keysets: [keyset] }), {
      meta: { actor: 'node', door: 'node' },
    })
  let counter = await log.cursor(seedId, keysetId)
  let reserved = counter

  /** Counters come in blocks: a cursor moved by every deposit would make them wait for each other. */
  async function attempt({ netParts, faceParts }: PaidIn): Promise<WalletAttempt> {
    if (counter + netParts.length > reserved) {
      const cursors = [{ seedId, keysetId, from: reserved, count: countersAtOnce }]
      await log.append({ streams: [], cursors, meta: { actor: 'node', door: 'node' }, at: 0 })
      counter = reserved
      reserved += countersAtOnce
    }
    const from = counter
    counter += netParts.length
    const outputs = netParts.map((amount, index) => ({
      counter: from + index,
      amount,
      b: `02${chance.hex(64)}`,
      part: 'keep' as const,
    }))
    const feeUnits = Math.ceil((faceParts.length * feePpk) / 1000)
    return { n: 1, seedId, keysetId, from, outputs, feeUnits }
  }

  async function payIn(paid: PaidIn, planned: WalletAttempt): Promise<void> {
    const { deposit, customer, faceParts, netMsat, requestId } = paid
    const target = customer.stream
    const meta = { actor: target, door: 'public', cause: requestId } as const
    const proofs = `proofs/${chance.uuid()}`
    const inputs = faceParts.map((amount) => ({ keysetId, amount, y: `02${chance.hex(64)}` }))
    const faceUnits = faceParts.reduce((sum, amount) => sum + amount, 0)
    const plan = { sessionId: target, via: 'bearer', target, limits: unlimited, mint: mintUrl, purse } as const
    const about = { unit: 'sat', faceUnits, inputs, proofs, attempt: planned, requestId } as const
    must(
      await engine.execute(
        wish('deposit', deposit, { do: 'start', isMintTrusted: true, plan: { ...plan, ...about } }),
        {
          meta,
          claims: [
            ...inputs.map(({ y }) => ({ kind: 'y', key: `${mint?.mintId}:${y}`, owner: deposit })),
            { kind: 'open', key: deposit, owner: 'deposit' },
          ],
          seal: [{ ref: proofs, bytes: new Uint8Array(100 + 150 * inputs.length) }],
        },
      ),
    )
    const coins = planned.outputs.map((output) => ({
      keysetId,
      counter: output.counter,
      amount: output.amount,
      c: `02${chance.hex(64)}`,
    }))
    const credit = { depositId: deposit, amountMsat: asMsat(netMsat), feeMsat: asMsat(planned.feeUnits * 1000) }
    must(
      await engine.execute(
        [
          wish('deposit', deposit, { do: 'settle', attemptN: 1, seedId, coins }),
          wish('session', target, { do: 'open', origin: 'token', limits: unlimited }),
          wish('session', target, { do: 'credit', ...credit, purse, unit: 'sat', mint: mintUrl }),
        ],
        {
          meta,
          coins: coins.map((coin) => ({ ...coin, seedId, purse, state: 'free' as const })),
          releases: [{ kind: 'open', key: deposit }],
          erase: [proofs],
        },
      ),
    )
  }

  async function charge({ customer, charge: wished }: Asked): Promise<void> {
    must(
      await engine.execute(wish('session', customer.stream, { do: 'charge', charge: wished, othersHeldMsat: 0 }), {
        meta: { actor: customer.stream, door: 'public', cause: wished.requestId },
      }),
    )
  }

  return { attempt, payIn, charge }
}

function must(outcome: Awaited<ReturnType<Engine['execute']>>): void {
  if ('refused' in outcome) throw new Error(`the past was refused: ${outcome.refused}`)
}
