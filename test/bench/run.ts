/** `bench [b1 b2 b3 b7 b8 b9 b12 idle paying r058 web] [--rounds n] [--seconds n] [--minutes n] [--requests n] [--events n] [--streams n] [--data dir]`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exactness } from './exactness'
import { printed, type Table } from './figures'
import { machine, rssMb, threads } from './machine'
import { oneAtATime } from './one-at-a-time'
import { payingIn } from './paying-in'
import { queries } from './queries'
import { rebuild } from './rebuild'
import { redeem } from './redeem'
import { seedDirectory } from './seed'
import { type Stage, startStage } from './stage'
import { strangers } from './strangers'
import { streams } from './streams'
import { throughput } from './throughput'
import { web } from './web'

const names = ['idle', 'b1', 'b2', 'b3', 'b7', 'b8', 'b12', 'paying', 'b9', 'r058', 'web'] as const
/** Run when they are named. */
const named: readonly Name[] = ['r058', 'web']
type Name = (typeof names)[number]
type OnStage = Exclude<Name, 'b9' | 'r058' | 'web'>
const sizes = { rounds: 5, seconds: 3, minutes: 1, requests: 4000, events: 50_000, streams: 64, wraps: 10_000 }
type Sizes = typeof sizes
const settleMs = 3000

const usage = `bench [${names.join(' ')}] [--rounds n] [--seconds n] [--minutes n] [--requests n] [--events n] [--streams n] [--data dir]
bench seed <requests> <sessions> [--seed n]`

/** Never fails on a figure: exit code 0 unless something could not be run at all. */
export async function benchCommand(words: readonly string[]): Promise<number> {
  const wish = read(words)
  if (wish === undefined) {
    console.error(usage)
    return 2
  }
  const about = machine()
  console.log(
    Object.entries(about)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(' · '),
  )
  const tables: Table[] = []
  const done = (table: Table) => {
    tables.push(table)
    console.log(printed(table))
  }
  const onStage = wish.chosen.filter((name): name is OnStage => name !== 'b9' && !named.includes(name))
  if (onStage.length > 0) {
    const stage = await startStage(wish.data)
    try {
      for (const name of onStage) done(await measure(name, stage, wish.sizes))
    } finally {
      await stage.stop()
    }
  }
  if (wish.chosen.includes('b9')) done(await rebuilt(wish.data, wish.sizes))
  if (wish.chosen.includes('r058')) done(await strangers(wish.data, { wraps: wish.sizes.wraps, perSecond: 1000 }))
  if (wish.chosen.includes('web')) done(await web(wish.data, wish.sizes))
  const folder = join(import.meta.dir, 'results')
  mkdirSync(folder, { recursive: true })
  const file = `${new Date().toISOString().replace(/[:.]/g, '-')}-${wish.chosen.join('-')}.json`
  writeFileSync(join(folder, file), `${JSON.stringify({ machine: about, sizes: wish.sizes, tables }, null, 2)}\n`)
  console.log(`written to test/bench/results/${file}`)
  return 0
}

function measure(name: OnStage, stage: Stage, { rounds, seconds, requests, streams: count }: Sizes) {
  switch (name) {
    case 'idle':
      return idle(stage)
    case 'b1':
      return oneAtATime(stage, { rounds, requestsPerRound: 100 })
    case 'b2':
      return throughput(stage, { rounds, seconds })
    case 'b3':
      return streams(stage, { rounds, streams: count })
    case 'b7':
      return redeem(stage, { rounds })
    case 'b8':
      return queries(stage, { rounds })
    case 'paying':
      return payingIn(stage, { seconds: seconds * 5 })
    case 'b12':
      return exactness(stage, { requests })
    default:
      return name satisfies never
  }
}

/** The node with both databases open, after its start and 64 deposits. */
async function idle(stage: Stage): Promise<Table> {
  await Bun.sleep(settleMs)
  const row = {
    'RSS MB': rssMb(stage.nodePid),
    threads: threads(stage.nodePid),
    'start ms': Math.round(stage.startMs),
  }
  return { title: 'Idle node', rows: [row], target: 'RSS at most 350 MB' }
}

async function rebuilt(data: string | undefined, { events }: Sizes): Promise<Table> {
  if (data !== undefined) return rebuild(resolve(data))
  const folder = mkdtempSync(join(tmpdir(), 'routstr-bench-'))
  try {
    await seedDirectory(folder, { requests: events, sessions: Math.ceil(events / 50), seed: 1 })
    return await rebuild(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Wish = { readonly chosen: readonly Name[]; readonly sizes: Sizes; readonly data: string | undefined }

/** undefined: wrong usage. */
function read(words: readonly string[]): Wish | undefined {
  const chosen = new Set<Name>()
  const wanted: Sizes = { ...sizes }
  let data: string | undefined
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const name = names.find((one) => one === word)
    if (name !== undefined) {
      chosen.add(name)
      continue
    }
    at += 1
    const value = words[at]
    const size = Object.keys(sizes).find((one) => `--${one}` === word) as keyof Sizes | undefined
    if (word === '--data' && value !== undefined) data = value
    else if (size !== undefined && Number.isSafeInteger(Number(value)) && Number(value) > 0)
      wanted[size] = Number(value)
    else return undefined
  }
  const inOrder = names.filter((name) => (chosen.size === 0 && !named.includes(name)) || chosen.has(name))
  return { chosen: inOrder, sizes: wanted, data }
}
