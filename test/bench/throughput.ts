/** B2: paid JSON chats, 64 at once, with one key and with 64 keys, by wrk beside the bare proxy. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, rounded, type Table } from './figures'
import { cpuMs } from './machine'
import { chat, type Stage } from './stage'

export type Throughput = { readonly rounds: number; readonly seconds: number }
type Kind = { readonly pid: number; readonly url: string; readonly script: string }
type Run = { readonly perSecond: number; readonly p99Ms: number; readonly failed: number; readonly cpuMs: number }

const wrk = '/usr/bin/wrk'
const connections = 64
/** Seconds after which no compiler thread is busy any more: a node that just began is not what customers meet. */
const warmS = 15

export async function throughput(stage: Stage, { rounds, seconds }: Throughput): Promise<Table> {
  if (!existsSync(wrk)) throw new Error('B2 needs wrk (Debian: apt-get install wrk)')
  const folder = mkdtempSync(join(tmpdir(), 'routstr-wrk-'))
  const script = (name: string, keys: readonly string[]) => {
    const path = join(folder, `${name}.lua`)
    writeFileSync(path, lua(keys))
    return path
  }
  const [first] = stage.keys
  const kinds = [
    { name: 'proxy', pid: stage.proxyPid, url: stage.chatUrl.proxy, script: script('proxy', [first]) },
    { name: 'node, 1 key', pid: stage.nodePid, url: stage.chatUrl.node, script: script('one', [first]) },
    { name: 'node, 64 keys', pid: stage.nodePid, url: stage.chatUrl.node, script: script('all', stage.keys) },
  ]
  const runs = new Map<string, Run[]>(kinds.map(({ name }) => [name, []]))
  for (const kind of kinds) await load(kind, warmS)
  for (let round = 0; round < rounds; round += 1)
    for (const kind of kinds) runs.get(kind.name)?.push(await load(kind, seconds))
  rmSync(folder, { recursive: true, force: true })
  const reference = runs.get('proxy') ?? []
  const rows = [...runs].map(([name, all]) => ({
    place: name,
    'req/s': rounded(median(all.map((run) => run.perSecond))),
    ratio: rounded(median(all.map((run, index) => run.perSecond / (reference[index]?.perSecond ?? Number.NaN)))),
    'p99 ms': rounded(median(all.map((run) => run.p99Ms))),
    'p99 ratio': rounded(median(all.map((run, index) => run.p99Ms / (reference[index]?.p99Ms ?? Number.NaN)))),
    failed: all.reduce((sum, run) => sum + run.failed, 0),
    // Steadier than throughput where others use the machine too.
    'CPU µs/req': rounded(median(all.map((run) => (run.cpuMs * 1000) / (run.perSecond * seconds)))),
  }))
  return {
    title: `B2 paid JSON chats, ${connections} at once, ${rounds} rounds of ${seconds} s each, interleaved`,
    rows,
    target: 'ratio at least 0.45 (goal 0.60), p99 at most 3 times',
  }
}

async function load({ pid, url, script }: Kind, seconds: number): Promise<Run> {
  const before = cpuMs(pid)
  const child = Bun.spawn(
    [wrk, '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '--latency', '-s', script, url],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' },
  )
  const text = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error('wrk failed')
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? Number.NaN),
    p99Ms: readMs(/99%\s+(\S+)/.exec(text)?.[1] ?? ''),
    failed:
      Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0) + Number(/timeout (\d+)/.exec(text)?.[1] ?? 0),
    cpuMs: cpuMs(pid) - before,
  }
}

function readMs(text: string): number {
  const [, number = 'NaN', unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? []
  return Number(number) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1)
}

/** Requests are formatted once: the generator stays light. JSON of ours is a Lua string as it stands. */
const lua = (keys: readonly string[]): string => `
local keys = {${keys.map((key) => JSON.stringify(key)).join(',')}}
local made = {}
local at = 0
init = function()
  for i, key in ipairs(keys) do
    made[i] = wrk.format("POST", nil, {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. key}, ${JSON.stringify(chat())})
  end
end
request = function()
  at = at % #made + 1
  return made[at]
end
`
