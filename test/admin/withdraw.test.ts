/** The owner takes his money out by token: the floor, step-up, codes and limits (wallet 15, remote-admin 1.4 and 10). */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Caller } from '../../core/admin/principal'
import { verifyLog } from '../../events'
import { type Economy, startEconomy } from '../kit/economy'
import { createTestMint, type TestMint } from '../kit/mint'
import { type Envelope, until } from '../kit/node'

let economy: Economy
let dear: TestMint
let offsetMs = 0
beforeAll(async () => {
  dear = createTestMint({ feePpk: 500 })
  economy = await startEconomy({
    mint: { units: ['sat', 'msat'] },
    mints: [dear.url],
    node: { now: () => Date.now() + offsetMs, environment: { MINT_WAIT_S: '2' } },
  })
}, 60_000)
afterEach(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
})
afterAll(async () => {
  expect((await verifyLog(economy.node.node.log)).problems).toEqual([])
  await economy.stop()
  await dear.stop()
})

const owner = (more: Partial<Caller> = {}, stepUp = true): Caller => ({
  principal: { admin: 'owner', name: 'owner', role: 'owner', stepUp },
  door: 'console',
  createdAtS: Math.floor((Date.now() + offsetMs) / 1000),
  ...more,
})
const ask = async (method: string, params: Record<string, unknown> = {}, caller = owner(), id = crypto.randomUUID()) =>
  (await economy.node.node.dispatch.dispatch({ id, method, params }, caller)) as Envelope
const code = (answer: Envelope) => answer.error?.data.code ?? answer.error?.data.reason
/** A customer who leaves much of what he brought: what the owner earned there is his. */
async function earn(mint: TestMint, unit: 'sat' | 'msat' = 'sat'): Promise<{ readonly key: string }> {
  const brought = mint.token(unit === 'sat' ? 2000 : 2_000_000, unit)
  const made = await economy.post('/v1/balance/create', { initial_balance_token: brought })
  const { api_key: key } = (await made.json()) as { api_key: string }
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(key)).status).toBe(200)
  return { key }
}
type Row = { readonly mint: string; readonly unit: string; readonly mineSat: number; readonly safeSat: number }
const at = async (mint: TestMint, unit = 'sat'): Promise<Row> => {
  const { perMint } = (await ask('withdraw.get')).result as { readonly perMint: readonly Row[] }
  const row = perMint.find((one) => one.mint === mint.url && one.unit === unit)
  if (row === undefined) throw new Error('no such purse')
  return row
}
const worth = async (token: string) => {
  const made = await economy.post('/v1/balance/create', { initial_balance_token: token })
  return ((await made.json()) as { balance: number }).balance
}

test('R-019 wallet 15 the owner takes all that is his and not one sat more, and every customer is paid out after it', async () => {
  const { key } = await earn(economy.mint)
  const { safeSat, mineSat } = await at(economy.mint)
  expect(safeSat).toBe(mineSat)
  const more = await ask('payouts.toToken', { sat: Math.floor(safeSat) + 1, mint: economy.mint.url })
  expect(code(more)).toBe('below-floor')
  expect(more.error?.data).toMatchObject({ spendableMsat: safeSat * 1000, inFlightMsat: 0, feesMsat: 0 })
  const taken = await ask('payouts.toToken', { sat: Math.floor(safeSat), mint: economy.mint.url })
  const { token, payout } = taken.result as { readonly token: string; readonly payout: string }
  expect((await ask('payouts.get', { payout })).result).toMatchObject({
    purpose: 'withdraw-token',
    sat: Math.floor(safeSat),
    state: 'uncollected',
    to: 'token',
  })
  expect((await at(economy.mint)).safeSat).toBeLessThan(1)
  const refund = (await (await economy.post('/v1/balance/refund', {}, key)).json()) as { readonly sats: string }
  expect(Number(refund.sats)).toBeGreaterThan(100)
  expect((await ask('payouts.ask', { payout })).result).toMatchObject({ state: 'uncollected' })
  expect(await worth(token)).toBe(Math.floor(safeSat) * 1000)
  expect((await ask('payouts.ask', { payout })).result).toMatchObject({ state: 'collected' })
})

test('R-054 the same command gives the same token for ten minutes, then says so; showToken shows it again', async () => {
  await earn(economy.mint)
  const id = crypto.randomUUID()
  const first = (await ask('payouts.toToken', { sat: 5 }, owner(), id)).result as Record<string, string>
  const again = await ask('payouts.toToken', { sat: 5 }, owner(), id)
  expect([again.result, again.replayed]).toEqual([first, true] as never)
  const stored = await economy.node.node.log.list({ limit: 500 })
  expect(JSON.stringify(stored.map(({ data, meta }) => [data, meta]))).not.toContain(first.token as string)
  offsetMs += 601_000
  const late = (await ask('payouts.toToken', { sat: 5 }, owner(), id)).result as Record<string, string>
  expect([late.payout, late.token, late.sentence?.includes('showToken')]).toEqual([
    first.payout,
    undefined,
    true,
  ] as never)
  const shown = await ask('payouts.showToken', { payout: first.payout })
  expect((shown.result as { token: string }).token).toBe(first.token as string)
})

test('wallet 15 twenty withdrawals of everything at once: one is paid', async () => {
  await earn(economy.mint)
  const sat = Math.floor((await at(economy.mint)).safeSat)
  const all = await Promise.all(
    Array.from({ length: 20 }, () => ask('payouts.toToken', { sat, mint: economy.mint.url })),
  )
  expect(all.filter((one) => one.error === undefined).length).toBe(1)
  expect(new Set(all.filter((one) => one.error !== undefined).map(code))).toEqual(new Set(['below-floor']))
})

test('wallet 15 at a mint with fees the cost of paying everyone out stays below the floor', async () => {
  const { key } = await earn(dear)
  const { safeSat, mineSat } = await at(dear)
  expect(safeSat).toBeLessThan(mineSat)
  const quote = (await ask('payouts.quote', { sat: 3, mint: dear.url })).result as { readonly feeMaxSat: number }
  expect(quote.feeMaxSat).toBeGreaterThanOrEqual(0)
  const taken = (await ask('payouts.toToken', { sat: Math.floor(safeSat) - 3, mint: dear.url })).result
  expect(taken).toHaveProperty('token')
  const refund = await economy.post('/v1/balance/refund', {}, key)
  expect(refund.status).toBe(200)
})

test('wallet 15 a purse in msat pays whole units of its own', async () => {
  await earn(economy.mint, 'msat')
  const taken = (await ask('payouts.toToken', { sat: 1234, unit: 'msat', mint: economy.mint.url })).result
  expect(await worth((taken as { token: string }).token)).toBe(1234)
})

test('R-012 R-013 without a fresh proof, or as less than the owner, nothing leaves', async () => {
  expect(code(await ask('payouts.toToken', { sat: 1 }, owner({ door: 'http' }, false)))).toBe('STEP_UP_REQUIRED')
  const operator: Caller = { ...owner(), principal: { admin: 'x', name: 'x', role: 'operator', stepUp: true } }
  expect(code(await ask('payouts.toToken', { sat: 1 }, operator))).toBe('FORBIDDEN')
  for (const sat of [0, -1, 1.5, '5', 2 ** 60]) expect(code(await ask('payouts.toToken', { sat }))).toBe('PARAMS')
  expect(code(await ask('payouts.toToken', { sat: 1, mint: 'https://mint.elsewhere.example' }))).toBe('mint-unknown')
})

test('R-015 R-016 over Nostr the code goes to the terminal, not into the answer; with it the token is made', async () => {
  await earn(economy.mint)
  const nostr = () => owner({ door: 'nostr' })
  const held = await ask('payouts.toToken', { sat: 7 }, nostr())
  expect(held.error?.data).toMatchObject({ reason: 'CONFIRM_REQUIRED', kind: 'second-way' })
  const told = /^confirm ([0-9A-Z]{5})$/m.exec(economy.node.printed.at(-1) ?? '')?.[1] ?? ''
  expect(told).toHaveLength(5)
  for (const seen of [JSON.stringify(held), economy.node.lines.join('')]) expect(seen).not.toContain(told)
  expect(code(await ask('commands.confirm', { code: 'AAAAA' }, nostr()))).toBe('code-wrong')
  const done = await ask('commands.confirm', { code: told }, nostr())
  expect(await worth((done.result as { token: string }).token)).toBe(7000)
  // By HTTP a code is asked for above the limit only.
  const http = () => owner({ door: 'http' })
  await ask('settings.apply', { changes: { 'security.codeAboveSat': 6 } })
  expect((await ask('payouts.toToken', { sat: 6 }, http())).result).toHaveProperty('token')
  expect(code(await ask('payouts.toToken', { sat: 7 }, http()))).toBe('CONFIRM_REQUIRED')
})

test('P-01 W-16 a mint that is gone: what needs no swap is paid, anything else is refused and changes nothing', async () => {
  await earn(economy.mint)
  // A swap whose answer is lost is found again: the token comes a little later.
  const before = await at(economy.mint)
  economy.mint.fault({ path: 'swap', kind: 'drop-after', times: 1 })
  const sat = 3
  const slow = (await ask('payouts.toToken', { sat, mint: economy.mint.url })).result as { payout: string }
  await until('it is made after all', async () => {
    const shown = (await ask('payouts.get', { payout: slow.payout })).result as { state: string }
    return shown.state === 'uncollected'
  })
  const after = await at(economy.mint)
  expect(after.mineSat).toBe(before.mineSat - sat)
  const shown = (await ask('payouts.showToken', { payout: slow.payout })).result as { token: string }
  expect(await worth(shown.token)).toBe(sat * 1000)
})

test('R-018 no more than the limit of a day leaves, of all doors together; a day later it may again', async () => {
  await earn(economy.mint)
  offsetMs += 24 * 3600_000 + 1000
  await ask('settings.apply', { changes: { 'security.dailyOutSat': 10 } })
  expect((await ask('payouts.toToken', { sat: 6 })).result).toHaveProperty('token')
  const beyond = await ask('payouts.toToken', { sat: 5 })
  expect(beyond.error?.data).toMatchObject({ code: 'daily-limit', leftMsat: 4000 })
  expect((await ask('payouts.toToken', { sat: 4 })).result).toHaveProperty('token')
  offsetMs += 24 * 3600_000 + 1000
  expect((await ask('payouts.toToken', { sat: 5 })).result).toHaveProperty('token')
})
