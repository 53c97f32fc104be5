/** Random interleavings on one balance (C-063, P-03): what the mint accepted is what was credited, and nothing is lost. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { verifyLog } from '../../events'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
beforeAll(async () => {
  economy = await startEconomy()
}, 60_000)
afterAll(async () => {
  await economy.stop()
})

/** Repeatable: the same seed gives the same order of wishes. */
function randomly(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
const rounds = 4
const wishesPerRound = 50
const clients = 32
const reason = 'as the test wants it'

test('C-063 P-03 200 random top-ups, repeats, spends, child spends, refunds, credits and debits lose and double nothing', async () => {
  const seed = Date.now() % 1_000_000
  const random = randomly(seed)
  const parent = await economy.key(512)
  const session = createHash('sha256').update(parent).digest('hex')
  const made = await economy.post('/v1/balance/child-key', { count: 2 }, parent)
  const [one = '', two = ''] = ((await made.json()) as { api_keys: string[] }).api_keys
  await until('it is listed', async () => (await economy.node.call('sessions.get', { session })).error === undefined)
  /** Top-ups as the client made them, in msat by token; refunds as it got them. */
  const given = new Map<string, number>()
  const refunds = new Map<string, number>()
  let thanked = 0
  let movedMsat = 0

  async function topUp(key: string, token: string): Promise<void> {
    const answer = await economy.post('/v1/balance/topup', { cashu_token: token }, key)
    if (answer.ok) thanked += 1
  }
  async function refund(): Promise<void> {
    const answer = await economy.post('/v1/balance/refund', {}, parent)
    if (!answer.ok) return
    const { token, sats } = (await answer.json()) as { token: string; sats: string }
    refunds.set(token, Number(sats) * 1000)
  }
  async function move(method: 'sessions.credit' | 'sessions.debit', msat: number): Promise<void> {
    const { error } = await economy.node.call(method, { session, msat, reason })
    if (error === undefined) movedMsat += method === 'sessions.credit' ? msat : -msat
  }
  async function wish(): Promise<void> {
    const dice = random()
    const key = [parent, one, two][Math.floor(random() * 3)] ?? parent
    if (dice < 0.15) {
      const sat = 2 ** Math.floor(random() * 6)
      const token = economy.mint.token(sat)
      given.set(token, sat * 1000)
      return topUp(key, token)
    }
    const known = [...given.keys()]
    if (dice < 0.3 && known.length > 0) return topUp(key, known[Math.floor(random() * known.length)] ?? '')
    if (dice < 0.7) return void (await (await economy.chat(key)).text())
    if (dice < 0.85) return refund()
    return move(dice < 0.93 ? 'sessions.credit' : 'sessions.debit', 1 + Math.floor(random() * 2000))
  }

  for (let round = 0; round < rounds; round += 1) {
    let left = wishesPerRound
    const client = async () => {
      while (left-- > 0) await wish()
    }
    await Promise.all(Array.from({ length: clients }, client))
    // A deposit that took longer than its caller waited goes on by itself; then a quiet refund.
    await until('nothing is on its way', async () => (await economy.node.node.log.claims('open')).length === 0, 30_000)
    await refund()
  }
  const { balance, total_spent } = await economy.info(parent)
  const total = (amounts: Iterable<number>) => [...amounts].reduce((sum, msat) => sum + msat, 0)
  const creditedMsat = 512_000 + total(given.values()) + movedMsat
  expect([seed, balance + total_spent + total(refunds.values())]).toEqual([seed, creditedMsat])
  expect(refunds.size).toBeGreaterThan(0)
  expect(thanked).toBeLessThanOrEqual(given.size)
  const credits = (await economy.node.node.log.read(`session-${session}`, 0)).filter(
    ({ type }) => type === 'session.credited',
  )
  expect([seed, credits.length]).toEqual([seed, 1 + given.size])
  // Each refund is worth what it says, once.
  for (const [token, msat] of refunds) {
    const opened = await economy.post('/v1/balance/create', { initial_balance_token: token })
    expect([seed, ((await opened.json()) as { balance: number }).balance]).toEqual([seed, msat])
  }
  const children = [await economy.info(one), await economy.info(two)]
  expect(children.reduce((sum, child) => sum + child.total_spent, 0)).toBeLessThanOrEqual(total_spent)
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
}, 60_000)
