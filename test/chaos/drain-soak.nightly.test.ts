/**
 * Random drains to and fro between two mints beside all that customers and owner do, with kills, faults, rotations and
 * payments that fail (wallet 19, suite 5 and 7): nothing is lost, owed twice, or left behind. `SOAK_RUNS`, `SOAK_SEED`.
 */
import { expect, test } from 'bun:test'
import { getTokenMetadata, hashToCurve } from '@cashu/cashu-ts'
import type { TestMint } from '../kit/mint'
import { until } from '../kit/node'
import { startTwoMints, type TwoMints } from '../kit/two-mints'

const runs = Number(process.env.SOAK_RUNS ?? 2)
const operations = 60
const firstSeed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31))

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

class Soak {
  private readonly keys: string[] = []
  private readonly tokens: { readonly mint: TestMint; readonly token: string }[] = []
  private isCalm = false

  constructor(
    private readonly two: TwoMints,
    private readonly random: () => number,
  ) {
    two.onStop(async () => {
      if (!this.isCalm && this.random() < 0.02) throw new Error('killed')
    })
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item
  }
  private get mints(): readonly [TestMint, TestMint] {
    return this.random() < 0.5 ? [this.two.mint, this.two.second] : [this.two.second, this.two.mint]
  }

  private token(mint: TestMint, sat: number): string {
    const token = mint.token(sat)
    this.tokens.push({ mint, token })
    return token
  }

  /** The token is the key: whoever presents it again meets its own deposit. */
  async deposit(sat: number, mint = this.mints[0]): Promise<void> {
    const token = this.token(mint, sat)
    this.keys.push(token)
    await this.two.post('/v1/balance/create', { initial_balance_token: token })
  }

  async drain(maxFeeSat: number): Promise<void> {
    const [from, to] = this.mints
    await this.two.node.call('mints.change', { mint: to.url, deposits: true })
    await this.two.node.call('mints.drain', { mint: from.url, to: to.url, maxFeeSat })
  }

  /** One step; what it leaves open goes on beside the next ones. */
  async step(): Promise<void> {
    const { two } = this
    const { call } = two.node
    const sat = 1 + Math.floor(this.random() * 600)
    const key = this.keys.length === 0 ? undefined : this.pick(this.keys)
    const [mint] = this.mints
    const steps: Record<string, () => Promise<unknown>> = {
      deposit: () => this.deposit(sat),
      topup: async () => key && two.post('/v1/balance/topup', { cashu_token: this.token(mint, sat) }, key),
      charge: async () => {
        two.upstream.next({ tokens: { prompt: sat * 200, completion: 10 } })
        return key && (await two.chat(key)).text()
      },
      refund: async () => key && two.post('/v1/balance/refund', {}, key),
      token: () => call('payouts.toToken', { sat: Math.ceil(sat / 20) }),
      credit: async () => {
        const { rows } = (await call('sessions.list', {})).result as { rows: { key12: string }[] }
        const named = rows.length === 0 ? undefined : this.pick(rows)
        return named && call('sessions.credit', { session: named.key12, msat: sat * 10, reason: 'a gift' })
      },
      drain: () => this.drain(5 + Math.floor(this.random() * 100)),
      drainAgain: () => this.drain(100),
      cancel: async () => {
        const row = (await two.drainRow(mint)) ?? { payout: undefined }
        return row.payout === undefined ? undefined : call('payouts.cancel', { payout: row.payout })
      },
      rotate: async () => mint.rotate('sat'),
      luck: async () =>
        mint.setLightning({ outcome: this.random() < 0.5 ? 'failed' : 'paid', silentChange: this.random() < 0.3 }),
      fault: async () => {
        const path = this.pick(['swap', 'melt', 'mint', 'quote', 'quote-state', 'melt-quote', 'checkstate', 'restore'])
        mint.fault({
          path,
          kind: this.pick(['drop-before', 'drop-after', 'status', 'html', 'truncated'] as const),
          times: 1,
        })
      },
      kill: () => two.restart(),
    }
    await steps[this.pick(Object.keys(steps))]?.()
    await Bun.sleep(this.random() * 60)
  }

  /** No more faults: drains that stopped are begun again with enough for their fees, and all of it comes to its end. */
  async end(): Promise<void> {
    const { two } = this
    this.isCalm = true
    for (const mint of [two.mint, two.second]) {
      mint.clearFaults()
      mint.setLightning({})
    }
    await two.restart()
    for (const mint of [two.mint, two.second]) {
      // One that is drained takes no deposits: what the owner earns at the other bears its fees, and stands for what a
      // refund of money at both has in the drained one (wallet 5.2).
      if ((await two.drainRow(mint)) !== undefined) continue
      await two.node.call('mints.change', { mint: mint.url, deposits: true })
      await this.deposit(2000, mint)
      const key = this.keys.at(-1) ?? ''
      await until('it is credited', async () => (await two.info(key)).balance > 0)
      for (let n = 0; n < 6; n += 1) await two.earn(key)
    }
    // What was refused before is taken now, where its mint is open again.
    for (const key of this.keys) await two.info(key)
    await until('nothing is open', async () => (await this.open()).length === 0, 60_000).catch(async (error) => {
      const floors = [...(await two.node.node.adminNode.money.floors()).values()]
      throw new Error(`${error} ${JSON.stringify([await this.open(), floors])}`)
    })
    await this.check()
    await two.stop()
  }

  /** Claims that are open, and how the drains stand. */
  private async open(): Promise<readonly unknown[]> {
    const { two } = this
    const rows: unknown[] = []
    for (const [from, to] of [
      [two.mint, two.second],
      [two.second, two.mint],
    ] as const) {
      const row = await two.drainRow(from)
      if (row !== undefined) rows.push(row)
      if (row?.state === 'stopped') await two.node.call('mints.drain', { mint: from.url, to: to.url, maxFeeSat: 1000 })
    }
    const kinds = ['open', 'swapping', 'swap', 'paying', 'coinless', 'fencing', 'reclaiming', 'drain']
    const { log, engine } = two.node.node.adminNode
    for (const kind of kinds)
      for (const claim of await log.claims(kind)) {
        const isPayout = claim.key.startsWith('payout-')
        rows.push({ kind, ...claim, ...(isPayout ? { state: await engine.state('payout', claim.key) } : {}) })
      }
    return rows
  }

  /** Sat of a mint's tokens that were refused and are their customers' still. */
  private async unspent(mint: TestMint): Promise<number> {
    let sat = 0
    for (const { token } of this.tokens.filter((one) => one.mint === mint)) {
      const { incompleteProofs, amount } = getTokenMetadata(token)
      const Ys = incompleteProofs.map(({ secret }) => hashToCurve(new TextEncoder().encode(secret)).toHex(true))
      const answer = await fetch(`${mint.url}/v1/checkstate`, { method: 'POST', body: JSON.stringify({ Ys }) })
      const { states } = (await answer.json()) as { states: { state: string }[] }
      if (states.every(({ state }) => state === 'UNSPENT')) sat += Number(amount.toBigInt())
    }
    return sat
  }

  private async check(): Promise<void> {
    const { two } = this
    await two.check([await this.unspent(two.mint), await this.unspent(two.second)])
    expect([await two.sheet('locked'), (await two.sheet('promisedOwner')) + (await this.ownersTokens())]).toEqual([
      0, 0,
    ])
    const balances = await Promise.all(this.keys.map(async (key) => (await two.info(key)).balance ?? 0))
    expect(await two.sheet('customers')).toBe(0 - balances.reduce((sum, msat) => sum + msat, 0))
    // I7: every stream folds from event 0 to what it is in memory.
    const { engine, log } = two.node.node.adminNode
    const names = [...(await log.streams('session-')), ...(await log.streams('payout-'))]
    const states = async () => Promise.all(names.map((name) => engine.state(name.split('-')[0] as 'session', name)))
    const live = await states()
    await two.restart()
    const anew = two.node.node.adminNode.engine
    expect(await Promise.all(names.map((name) => anew.state(name.split('-')[0] as 'session', name)))).toEqual(live)
  }

  /** msat of the owner's tokens that nobody has redeemed. */
  private async ownersTokens(): Promise<number> {
    const { engine, log } = this.two.node.node.adminNode
    let msat = 0
    for (const { key } of await log.claims('uncollected')) {
      const state = await engine.state('payout', key)
      if (state.is === 'ready' && state.wish.sessionId === undefined) msat += state.wish.msat
    }
    return msat
  }
}

test.each(Array.from({ length: runs }, (_, n) => firstSeed + n))(
  'P-01 P-19 I1 I7 drains to and fro with seed %d: nothing is lost, created, owed twice or left behind',
  async (seed) => {
    const random = randomFrom(seed)
    const fee = () => ({ feePpk: random() < 0.5 ? 0 : 100, ...(random() < 0.3 ? { maxAmount: 700 } : {}) })
    const pause = (ms: number) => Bun.sleep(Math.min(ms, 30))
    const soak = new Soak(await startTwoMints({ first: fee(), second: fee(), node: { pause } }), random)
    for (let n = 0; n < 3; n += 1) await soak.deposit(1500)
    for (let n = 0; n < operations; n += 1) await soak.step()
    await soak.end()
  },
  240_000,
)
