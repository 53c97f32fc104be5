/** A node that accepts two mints of one simulated Lightning, and what must hold of all their money. */
import { expect } from 'bun:test'
import { getTokenMetadata } from '@cashu/cashu-ts'
import { verifyLog } from '../../events'
import { type Economy, startEconomy } from './economy'
import { createTestMint, type SimulatedLightning, type TestMint, type TestMintOptions } from './mint'
import { type Envelope, type TestNode, type TestNodeOptions, until } from './node'

export type TwoMints = Economy & {
  readonly second: TestMint
  /** Purse of a mint, in sat. */
  readonly purse: (mint: TestMint) => string
  /** msat of an account, at one mint or at all. */
  readonly sheet: (account: string, mint?: TestMint) => Promise<number>
  readonly earn: (key: string) => Promise<void>
  readonly drain: (params?: Record<string, unknown>) => Promise<Envelope>
  readonly drainRow: () => Promise<DrainRow | undefined>
  /** Waits until no drain of the first mint is open. */
  readonly drained: () => Promise<void>
  /** A token that the refund of a key gives. */
  readonly refund: (
    key: string,
  ) => Promise<{ readonly token: string; readonly sats: string; readonly refund_id: string }>
  /** Both sheets sum to zero, rebuilt ones are the same, and each mint owes what the node holds there. */
  readonly check: (outside?: Readonly<Record<'first' | 'second', number>>) => Promise<void>
  /** Another process on the same data: nothing in memory is left. */
  readonly restart: (more?: TestNodeOptions) => Promise<void>
}
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

export async function startTwoMints(
  options: {
    readonly first?: TestMintOptions
    readonly second?: TestMintOptions
    readonly node?: TestNodeOptions
  } = {},
): Promise<TwoMints> {
  const lightning: SimulatedLightning = new Set()
  const second = createTestMint({ ...options.second, lightning })
  const environment = { MINT_WAIT_S: '2', ...options.node?.environment }
  const economy = await startEconomy({
    mint: { ...options.first, lightning },
    mints: [second.url],
    node: { ...options.node, environment },
  })
  return twoMints(economy, second)
}

function twoMints(economy: Economy, second: TestMint): TwoMints {
  const { mint } = economy
  const node = (): TestNode => economy.node
  const purse = (one: TestMint) => {
    const { mintId } = node().node.adminNode.mints.normalise(one.url) ?? { mintId: '' }
    return `${mintId}/sat`
  }
  async function drainRow(): Promise<DrainRow | undefined> {
    const { rows } = (await node().call('mints.list')).result as { rows: { mint: string; drains: DrainRow[] }[] }
    return rows.find((row) => row.mint === mint.url)?.drains[0]
  }
  return Object.assign(economy, {
    second,
    purse,
    async sheet(account: string, one?: TestMint) {
      const rows = await node().node.log.sheet()
      return rows
        .filter((row) => row.account === account && (one === undefined || row.purse === purse(one)))
        .reduce((msat, row) => msat + Number(row.msat), 0)
    },
    async earn(key: string) {
      economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
      expect((await economy.chat(key)).status).toBe(200)
    },
    drain: (params: Record<string, unknown> = {}) =>
      node().call('mints.drain', { mint: mint.url, to: second.url, maxFeeSat: 200, ...params }),
    drainRow,
    drained: () => until('the drain has ended', async () => (await drainRow()) === undefined, 30_000),
    async refund(key: string) {
      const response = await economy.post('/v1/balance/refund', {}, key)
      expect(response.status).toBe(200)
      return (await response.json()) as { token: string; sats: string; refund_id: string }
    },
    async check(outside = { first: 0, second: 0 }) {
      expect((await node().call('books.check')).result).toMatchObject({ balanced: true })
      expect((await verifyLog(node().node.log)).problems).toEqual([])
      const rows = await node().node.log.sheet()
      for (const [one, elsewhere] of [
        [mint, outside.first],
        [second, outside.second],
      ] as const) {
        const held = rows.filter((row) => row.purse === purse(one) && ['free', 'locked', 'out'].includes(row.account))
        const sat = held.reduce((sum, row) => sum + Number(row.msat) / 1000, 0)
        expect([one.url, one.outstanding('sat')]).toEqual([one.url, sat + elsewhere])
      }
    },
    async restart(more: TestNodeOptions = {}) {
      throw new Error(`not yet ${JSON.stringify(more)}`)
    },
  })
}

/** URL of the mint whose token it is. */
export const mintOf = (token: string): string => getTokenMetadata(token).mint
