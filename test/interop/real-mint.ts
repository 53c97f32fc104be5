/** What runs against real mints share: the mint's process, its client's wallet, a node that sells, and the table of what was seen. */
import { createServer } from 'node:net'
import { startNode, type TestNode, type TestNodeOptions, until } from '../kit/node'
import { createTestUpstream, type TestUpstream } from '../kit/upstream'

/** A wallet that nobody here wrote; it throws where its mint refuses. */
export type ClientWallet = {
  /** By an invoice of the mint, which its fake backend pays. */
  readonly fund: (unit: 'sat' | 'msat', amount: number) => Promise<void>
  /** A token of this face. */
  readonly send: (unit: 'sat' | 'msat', amount: number) => Promise<string>
  /** Answers what it says of it. */
  readonly receive: (unit: 'sat' | 'msat', token: string) => Promise<string>
}

export type Check = (what: string, good: boolean, seen: unknown) => void

export type Report = {
  readonly check: Check
  /** Prints every row; answers the exit code. */
  readonly print: (heading: string) => number
}

export function createReport(): Report {
  const rows: (readonly [string, boolean, string])[] = []
  return {
    check(what, good, seen) {
      const text = typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? '')
      rows.push([what, good, text.replace(/sk-[0-9a-f]{56}/g, 'sk-…').replace(/cashu[AB][\w=-]{20,}/g, 'cashu…')])
    },
    print(heading) {
      console.log(`\n${heading}`)
      for (const [what, good, seen] of rows)
        console.log(`${good ? 'ok  ' : 'FAIL'} ${what}\n       ${seen.slice(0, 220)}`)
      const failed = rows.filter(([, good]) => !good).length
      console.log(`\n${rows.length} rows, ${failed} failed`)
      return failed === 0 && rows.length > 0 ? 0 : 1
    },
  }
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** Where one run may start its mint. */
export type Ground = {
  readonly binary: string
  readonly directory: string
  readonly port: number
  readonly check: Check
}

export type RealMint = { readonly url: string; readonly stop: () => Promise<unknown> }

/** Starts a mint's program and waits until it answers; it is ended by its own process id. */
export async function startMintProcess(options: {
  readonly command: readonly string[]
  readonly directory: string
  readonly port: number
  readonly env: Readonly<Record<string, string>>
}): Promise<RealMint> {
  const { command, directory, port, env } = options
  const child = Bun.spawn([...command], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdout: 'ignore',
    stderr: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  const answers = () =>
    fetch(`${url}/v1/info`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(`${command[0]} answers`, answers, 60_000)
  return {
    url,
    stop() {
      child.kill()
      return child.exited
    },
  }
}

export type Shop = {
  /** As it runs now. */
  readonly node: () => TestNode
  readonly upstream: TestUpstream
  /** Stops the node and starts it on the data that it left. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A node that accepts this mint and sells one model; its data lies in `directory`. */
export async function openShop(mintUrl: string, directory: string, options: TestNodeOptions = {}): Promise<Shop> {
  const upstream = createTestUpstream()
  const environment = { CASHU_MINTS: mintUrl, UPSTREAM_BASE_URL: upstream.url, UPSTREAM_API_KEY: 'interop-key' }
  const open = async () => {
    const node = await startNode({ ...options, directory, environment: { ...environment, ...options.environment } })
    await until('the model is sold', async () => {
      const { data } = (await (await fetch(`${node.url}/v1/models`)).json()) as { data: unknown[] }
      return data.length > 0
    })
    return node
  }
  let node = await open()
  return {
    node: () => node,
    upstream,
    async restart() {
      await node.stop({ keep: true })
      node = await open()
    },
    async stop() {
      await node.stop()
      await upstream.stop()
    },
  }
}
