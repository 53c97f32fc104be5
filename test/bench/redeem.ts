/** B7: what redeeming a token of 8 and of 32 proofs costs in CPU, beside cashu-ts as it comes. The mint's share is its own. */
import { join } from 'node:path'
import { median, rounded, type Table } from './figures'
import { cpuMs } from './machine'
import type { Stage } from './stage'

export type Redeem = { readonly rounds: number }

/** So many at once, so that the kernel's hundredths of a second are no more than noise. */
const tokensPerRun = 20
const eight = [1, 2, 4, 8, 16, 32, 64, 128]
const sizes = { '8 proofs': eight, '32 proofs': [...eight, ...eight, ...eight, ...eight] } as const
type Size = keyof typeof sizes

export async function redeem(stage: Stage, { rounds }: Redeem): Promise<Table> {
  const wallet = startWallet(stage.mintUrl)
  const runs = new Map<string, number[]>()
  const measured = async (name: string, work: () => Promise<number>) => {
    const ms = await work()
    runs.set(name, [...(runs.get(name) ?? []), ms / tokensPerRun])
  }
  try {
    for (const size of Object.keys(sizes) as Size[]) {
      await byNode(stage, size)
      await wallet.receive(tokens(stage, size))
    }
    for (let round = 0; round < rounds; round += 1)
      for (const size of Object.keys(sizes) as Size[]) {
        await measured(`node, ${size}`, () => byNode(stage, size))
        await measured(`cashu-ts, ${size}`, () => wallet.receive(tokens(stage, size)))
      }
  } finally {
    await wallet.stop()
  }
  return {
    title: `B7 redeeming a token, ${rounds} rounds of ${tokensPerRun}, interleaved; the whole process' CPU, log and HTTP included`,
    rows: [...runs].map(([place, all]) => ({ place, 'CPU ms': rounded(median(all)) })),
    target: 'at most 12 ms of CPU for 8 proofs, 30 ms for 32',
  }
}

const tokens = (stage: Stage, size: Size): readonly string[] =>
  Array.from({ length: tokensPerRun }, () => stage.token([...sizes[size]]))

/** Top-ups of one key, one after the other. Answers CPU ms of the node's process. */
async function byNode(stage: Stage, size: Size): Promise<number> {
  const all = tokens(stage, size)
  const before = cpuMs(stage.nodePid)
  for (const token of all) {
    const response = await fetch(`${stage.nodeUrl}/v1/balance/topup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stage.keys[0]}` },
      body: JSON.stringify({ cashu_token: token }),
    })
    if (response.status !== 200) throw new Error(`a top-up answered ${response.status}`)
  }
  return cpuMs(stage.nodePid) - before
}

function startWallet(mintUrl: string) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'receive-tokens.ts'), mintUrl], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const reader = child.stdout.getReader()
  const decoder = new TextDecoder()
  let text = ''
  async function line(): Promise<string> {
    while (!text.includes('\n')) {
      const next = await reader.read()
      if (next.done) throw new Error('the wallet of the reference ended')
      text += decoder.decode(next.value)
    }
    const [first = '', ...rest] = text.split('\n')
    text = rest.join('\n')
    return first
  }
  const ready = line()
  return {
    /** CPU ms of all of them. */
    async receive(all: readonly string[]): Promise<number> {
      await ready
      let sum = 0
      for (const token of all) {
        child.stdin.write(`${token}\n`)
        await child.stdin.flush()
        sum += Number(await line())
      }
      return sum
    },
    async stop() {
      await child.stdin.end()
      await child.exited
    },
  }
}
