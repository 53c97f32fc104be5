/** A node that accepts two mints of one simulated Lightning, and what must hold of all their money. */
import { expect } from 'bun:test'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { getTokenMetadata } from '@cashu/cashu-ts'
import { verifyLog } from '../../events'
import { type Economy, startEconomy } from './economy'
import { createTestMint, type SimulatedLightning, type TestMint, type TestMintOptions } from './mint'
import { type Envelope, startNode, type TestNodeOptions, until } from './node'

export type TwoMints = Economy & {
  readonly second: TestMint
  /** msat of an account, at one mint or at all. */
  readonly sheet: (account: string, mint?: TestMint) => Promise<number>
  /** A request whose price is some two hundred sat. */
  readonly earn: (key: string) => Promise<void>
  readonly drain: (params?: Record<string, unknown>) => Promise<Envelope>
  readonly drainRow: (of?: TestMint) => Promise<DrainRow | undefined>
  /** Waits until no drain of the mint is open. */
  readonly drained: (of?: TestMint) => Promise<void>
  readonly refund: (key: string) => Promise<Refunded>
  /** Both sheets sum to zero, and each mint owes what the node holds there and what `outside` says others have, in sat. */
  readonly check: (outside?: readonly [first: number, second: number]) => Promise<void>
  /** What the node's kill points do from now on. */
  readonly onStop: (hook: (place: string) => Promise<void>) => void
  /** Another process on the same data and port: nothing in memory is left. */
  readonly restart: () => Promise<void>
}
export type Refunded = { readonly token: string; readonly sats: string; readonly refund_id: string }
export type DrainRow = {
  readonly to: string
  readonly state: string
  readonly whyNot?: string
  readonly payout?: string
  readonly rounds: number
  readonly movedSat: number
  readonly feeSat: number
  readonly sentence: string
}
type Options = {
  readonly first?: TestMintOptions
  readonly second?: TestMintOptions
  readonly node?: Omit<TestNodeOptions, 'stopHere'>
}

export async function startTwoMints(options: Options = {}): Promise<TwoMints> {
  const lightning: SimulatedLightning = new Set()
  const second = createTestMint({ ...options.second, lightning })
  let hook: (place: string) => Promise<void> = async () => undefined
  const node = {
    ...options.node,
    stopHere: (place: string) => hook(place),
    environment: { MINT_WAIT_S: '2', ...options.node?.environment },
  }
  const economy = await startEconomy({ mint: { ...options.first, lightning }, mints: [second.url], node })
  const { mint } = economy
  const { stop } = economy
  const purse = (one: TestMint) => `${economy.node.node.adminNode.mints.normalise(one.url)?.mintId}/sat`
  const rows = () => economy.node.node.log.sheet()

  async function drainRow(of = mint): Promise<DrainRow | undefined> {
    const { rows } = (await economy.node.call('mints.list')).result as { rows: { mint: string; drains: DrainRow[] }[] }
    return rows.find((row) => row.mint === of.url)?.drains[0]
  }

  async function restart(): Promise<void> {
    const { directory, url } = economy.node
    await economy.node.abandon()
    const environment = {
      ...node.environment,
      PORT: new URL(url).port,
      UPSTREAM_BASE_URL: economy.upstream.url,
      UPSTREAM_API_KEY: 'canary-upstream-key',
    }
    Object.assign(economy, { node: await startNode({ ...node, environment, directory }) })
  }

  return Object.assign(economy, {
    second,
    drainRow,
    restart,
    onStop(next: typeof hook) {
      hook = next
    },
    async sheet(account: string, one?: TestMint) {
      const of = (await rows()).filter((row) => row.account === account)
      const here = one === undefined ? of : of.filter((row) => row.purse === purse(one))
      return here.reduce((msat, row) => msat + Number(row.msat), 0)
    },
    async earn(key: string) {
      economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
      expect((await economy.chat(key)).status).toBe(200)
    },
    drain: (params: Record<string, unknown> = {}) =>
      economy.node.call('mints.drain', { mint: mint.url, to: second.url, maxFeeSat: 200, ...params }),
    drained: (of = mint) => until('the drain has ended', async () => (await drainRow(of)) === undefined, 30_000),
    async refund(key: string) {
      const response = await economy.post('/v1/balance/refund', {}, key)
      expect(response.status).toBe(200)
      return (await response.json()) as Refunded
    },
    async check(outside: readonly [number, number] = [0, 0]) {
      expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
      expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
      const assets = (await rows()).filter(({ account }) => ['free', 'locked', 'out'].includes(account))
      const heldAt = (one: TestMint) =>
        assets.filter((row) => row.purse === purse(one)).reduce((sat, row) => sat + Number(row.msat) / 1000, 0)
      expect([mint, second].map((one) => one.outstanding('sat'))).toEqual([
        heldAt(mint) + outside[0],
        heldAt(second) + outside[1],
      ])
    },
    async stop() {
      await stop()
      await economy.node.stop()
      await second.stop()
      rmSync(dirname(economy.node.directory), { recursive: true, force: true })
    },
  })
}

/** URL of the mint whose token it is. */
export const mintOf = (token: string): string => getTokenMetadata(token).mint
