/** A whole node for tests: the real composition on a real log, in this process, with real HTTP. */
import { join } from 'node:path'
import { readEnvironment } from '../../core/env'
import type { Foreign } from '../../core/foreign'
import { createNode, type Node } from '../../core/node'
import type { Ladder } from '../../core/processes/ladder'
import { type Served, serve } from '../../core/serve'
import { createTrace } from '../../core/trace'
import { prepareData } from './child'
import { emptyCluster } from './cluster'
import { chosenCurve } from './curve'
import { temporaryDirectory } from './log'

export type TestNode = {
  readonly url: string
  readonly node: Node
  readonly served: Served
  readonly directory: string
  readonly consoleToken: string
  /** Every line of the process log, as text. */
  readonly lines: readonly string[]
  /** What went to the terminal only. */
  readonly printed: readonly string[]
  /** One admin command as the local console; answers the envelope. */
  readonly call: (method: string, params?: Record<string, unknown>, more?: Record<string, unknown>) => Promise<Envelope>
  /** Stops it; `keep` leaves its directory for a restart. */
  readonly stop: (options?: { readonly keep?: boolean }) => Promise<void>
  /** Throws it away without a clean stop, as a kill would. */
  readonly abandon: () => Promise<void>
}

export type Envelope = {
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data: Readonly<Record<string, unknown>> }
  readonly replayed?: boolean
  readonly position?: number
}

export type TestNodeOptions = {
  readonly environment?: Readonly<Record<string, string>>
  readonly directory?: string
  readonly now?: () => number
  readonly stopHere?: (place: string) => Promise<void>
  readonly pause?: (ms: number) => Promise<void>
  /** How Lightning addresses are reached. */
  readonly foreign?: Foreign
  /** Coins kept ready for payouts: none, where a test is about swaps. */
  readonly ladder?: Ladder
}

/** Proven by the first node of a process; the others take it. */

/** Starts a node on a free port. */
export async function startNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const temporary = options.directory === undefined ? temporaryDirectory() : undefined
  const directory = options.directory ?? join(temporary?.path ?? '', 'data')
  const lines: string[] = []
  const printed: string[] = []
  if (temporary !== undefined) await prepareData(directory)
  const now = options.now ?? Date.now
  const trace = createTrace({ level: 'debug', format: 'json', now, write: (text) => lines.push(text) })
  const environment = readEnvironment(
    {
      BTC_USD_SOURCES: 'fixed:100000',
      PRICE_FEED_URL: '',
      ROUTSTR_DATA_DIR: directory,
      PORT: '0',
      LOG_LEVEL: 'debug',
      ...options.environment,
    },
    { terminal: false },
  )
  const node = await createNode(environment, {
    now,
    pause: options.pause ?? Bun.sleep,
    stopHere: options.stopHere ?? (async () => undefined),
    trace,
    print: (text) => printed.push(text),
    ...(options.ladder === undefined ? {} : { ladder: options.ladder }),
    ...(options.foreign === undefined ? {} : { foreign: options.foreign }),
    clusterTemplate: await emptyCluster(),
    curve: chosenCurve,
  })
  const consoleToken = 'console-token-of-a-test'
  const served = serve(node, { ...environment, consoleToken, trace })
  let ended = false

  async function call(method: string, params: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
    const response = await fetch(`${served.url}/admin/api/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${consoleToken}` },
      body: JSON.stringify({ id: crypto.randomUUID(), method, params, ...more }),
    })
    return (await response.json()) as Envelope
  }

  return {
    url: served.url,
    node,
    served,
    directory,
    consoleToken,
    lines,
    printed,
    call,
    async stop({ keep = false } = {}) {
      if (ended) return
      ended = true
      await served.stop(2000)
      await node.stop(2000)
      if (!keep) temporary?.remove()
    },
    async abandon() {
      ended = true
      await served.stop(0)
      await node.stop(0)
    },
  }
}

/** Waits for a condition with a bound; throws with `what` when it does not come. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, waitMs = 10_000): Promise<void> {
  const deadline = Date.now() + waitMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await Bun.sleep(5)
  }
}
