/** First run: what is done, open or put off is the node's own state, and a test key is the owner's money (dashboard 4.8). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, errorOf, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

type Row = Record<string, unknown>
type Step = { readonly name: string; readonly state: string; readonly why?: string }
let economy: Economy
let offsetMs = 0
const now = () => Date.now() + offsetMs
beforeAll(async () => {
  economy = await startEconomy({ node: { now, environment: { PRICE_MAX_AGE_S: '7200' } } })
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
})

const done = async (method: string, params: Row = {}) => {
  const { result, error } = await economy.node.call(method, params)
  expect(error).toBeUndefined()
  return result as Row
}
const steps = async () => (await done('setup.get')).steps as readonly Step[]
const stateOf = async (name: string) => (await steps()).find((step) => step.name === name)?.state
const checklist = async () => ((await done('overview.get')).checklist as readonly Step[]).map(({ name }) => name)
const names = ['you', 'words', 'upstream', 'mints', 'margin', 'payout', 'nostr', 'request']

test('D-077 D-027 each step is as the node is, in the order of the wizard, and says what is missing', async () => {
  const found = await steps()
  expect(found.map(({ name }) => name)).toEqual(names)
  expect(found.filter(({ state }) => state === 'done').map(({ name }) => name)).toEqual(['upstream', 'mints'])
  for (const { state, why } of found)
    expect([state, typeof why]).toEqual([state, state === 'done' ? 'undefined' : 'string'])
  expect(await checklist()).toEqual(names)
  await done('security.setPassword', { password: 'canary-password-of-setup' })
  await done('settings.apply', { changes: { 'pricing.upstreamFee': 1.3, 'sweep.address': 'me@wallet.example' } })
  const words = (await economy.node.node.adminNode.wallet.words()).split(' ')
  await done('wallet.confirmWords', { words: [words[2], words[8]] })
  expect((await steps()).filter(({ state }) => state === 'open').map(({ name }) => name)).toEqual(['nostr', 'request'])
})

test('D-077 a skipped step stays in the checklist until it is done or hidden for good; a done one stays done', async () => {
  const skipped = (await done('setup.skip', { step: 'nostr' })).steps as readonly Step[]
  expect(skipped.find(({ name }) => name === 'nostr')).toMatchObject({ state: 'skipped', why: expect.any(String) })
  await done('setup.skip', { step: 'you' })
  expect([await stateOf('nostr'), await stateOf('you')]).toEqual(['skipped', 'done'])
  expect(await checklist()).toContain('nostr')
  await done('setup.hide', { step: 'nostr' })
  expect(await checklist()).toEqual(names.filter((name) => name !== 'nostr'))
  expect(await stateOf('nostr')).toBe('skipped')
  expect((await economy.node.call('setup.skip', { step: 'coffee' })).error?.data.reason).toBe('PARAMS')
})

test('R-019 while the owner has nothing a test key is refused with the numbers, and nothing is written', async () => {
  const refused = await economy.node.call('setup.testKey')
  expect(refused.error?.data).toMatchObject({ reason: 'REFUSED', code: 'below-floor' })
  expect(await done('sessions.list')).toMatchObject({ rows: [] })
})

test('D-077 P-21 P-38 a test key is the owner’s money, pays a real request, is no revenue and is never refunded', async () => {
  const { node, upstream, chat, info } = economy
  upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await chat(await economy.key(1000))).status).toBe(200)
  const numbers = async () => {
    await node.node.views.caughtUp(node.node.log.head(), 5000)
    const { totals } = (await done('overview.get')) as { totals: Record<string, number> }
    const { requests, revenueMsat } = await done('overview.numbers', { range: '24h' })
    return { mine: totals.mineMsat ?? 0, seven: totals.mine7dMsat, numbers: { requests, revenueMsat } }
  }
  const before = await numbers()
  const id = crypto.randomUUID()
  const made = await node.call('setup.testKey', {}, { id })
  const { apiKey, sat, curl } = made.result as { apiKey: string; sat: number; curl: string }
  expect([sat, (await info(apiKey)).balance]).toEqual([100, 100_000])
  expect(before.mine - (await numbers()).mine).toBe(100_000)
  expect(curl).toContain(`Bearer ${apiKey}`)
  // As a shell reads it.
  const shell = Bun.spawn(['sh', '-c', `curl() { for word in "$@"; do printf '%s\\n' "$word"; done; }; ${curl}`])
  const [url, , authorization, , type, , body] = (await new Response(shell.stdout).text()).split('\n')
  expect([new URL(url ?? '').pathname, type]).toEqual(['/v1/chat/completions', 'Content-Type: application/json'])
  const bearer = (authorization ?? '').replace('Authorization: Bearer ', '')
  expect((await economy.post('/v1/chat/completions', body ?? '', bearer)).status).toBe(200)
  const spentMsat = 100_000 - (await info(apiKey)).balance
  expect(spentMsat).toBeGreaterThan(0)
  const after = await numbers()
  expect(before.mine - after.mine).toBe(100_000 - spentMsat)
  expect([after.seven, after.numbers]).toEqual([before.seven, before.numbers])
  // No second factor gave it, so it leaves by requests alone.
  for (const body of [{}, { to: 'me@wallet.example' }]) {
    const refund = await economy.post('/v1/balance/refund', body, apiKey)
    expect([refund.status, (await errorOf(refund)).code]).toEqual([400, 'no_balance_to_refund'])
  }
  expect((await info(apiKey)).balance).toBe(100_000 - spentMsat)
  const again = await node.call('setup.testKey', {}, { id })
  expect(again.result).toEqual({ apiKey: '[secret]', sat: 100, curl: '[secret]' })
  const kept = JSON.stringify([await node.node.log.after(0n, 2000), node.lines], (_, value) =>
    typeof value === 'bigint' ? String(value) : (value as unknown),
  )
  expect(kept).not.toContain(apiKey)
  await until('the request counts', async () => (await stateOf('request')) === 'done')
})

test('D-071 requests of a test key are hidden unless asked for, marked, and in the totals only then', async () => {
  const list = (params: Row) => done('requests.list', params) as Promise<{ rows: Row[]; totals: { requests: number } }>
  const [plain, all] = [await list({}), await list({ tests: true })]
  expect([plain.rows.length, plain.totals.requests]).toEqual([1, 1])
  expect([all.rows.length, all.totals.requests]).toEqual([2, 2])
  expect(all.rows.map(({ marks }) => (marks as string[]).includes('test'))).toEqual([true, false])
  const narrow = await list({ tests: true, outcome: 'answered', minMsat: 1 })
  expect([narrow.rows.length, narrow.totals.requests]).toEqual([2, 2])
  const ofKey = await list({ session: all.rows[0]?.key12 })
  expect([ofKey.rows.length, ofKey.totals.requests]).toEqual([1, 1])
})

test('remote-admin 10 five test keys in 24 h, each of at most 100 sat and of what is there', async () => {
  for (let n = 0; n < 2; n += 1) {
    economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
    await economy.chat(await economy.key(1000))
  }
  const amounts: unknown[] = []
  for (let n = 0; n < 4; n += 1) amounts.push((await economy.node.call('setup.testKey')).result?.sat)
  expect(amounts).toEqual([100, 100, 100, 100])
  const sixth = await economy.node.call('setup.testKey')
  expect(sixth.error?.data).toMatchObject({ code: 'too-many-test-keys', most: 5, until: expect.any(Number) })
  offsetMs += 24 * 3600_000
  const later: unknown[] = []
  for (let n = 0; n < 5; n += 1) {
    const { result, error } = await economy.node.call('setup.testKey')
    later.push(result?.sat ?? error?.data.code)
  }
  const last = later.find((sat) => sat !== 100)
  expect([Number(last) > 0, Number(last) < 100, later.at(-1)]).toEqual([true, true, 'below-floor'])
})

test('D-027 hidden for good the checklist is empty, and setup.get still tells', async () => {
  await done('setup.hide')
  expect(await checklist()).toEqual([])
  expect(await steps()).toHaveLength(8)
})
