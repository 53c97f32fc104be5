/** Money and power need a fresh yes (P-38) by path too; what the yes says, one yes for two clicks, and no secret to a viewer. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import type { Caller, Door } from '../../core/admin/principal'
import { createTable } from '../../core/admin/table'
import { browserOf, jsonOf, type Send } from '../kit/door'
import { type Economy, type Json, startEconomy } from '../kit/economy'
import { type Envelope, until } from '../kit/node'

const password = 'a password of the tests'
let economy: Economy
let browser: Send
let key: string
let session: string
let upstream: string
let tokens: readonly string[] = []

beforeAll(async () => {
  economy = await startEconomy({ node: { environment: { MINT_WAIT_S: '5' } } })
  browser = await browserOf(economy.node)
  await done('security.setPassword', { password })
  upstream = economy.node.node.adminNode.upstreams.streams()[0] ?? ''
  key = await economy.key(2000)
  session = createHash('sha256').update(key).digest('hex')
  await until(
    'the key is listed',
    async () => (await economy.node.call('sessions.get', { session })).error === undefined,
  )
}, 60_000)
afterAll(async () => {
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
  await economy.stop()
})

async function done<T = Json>(method: string, params: Json = {}): Promise<T> {
  const { result, error } = await economy.node.call(method, params)
  expect(error).toBeUndefined()
  return result as T
}
const rpc = async (
  method: string,
  params: Json,
  headers: Record<string, string> = {},
  commandId = crypto.randomUUID(),
) =>
  (await (
    await browser('POST', '/admin/api/rpc', { body: { id: commandId, method, params }, headers })
  ).json()) as Envelope

const asking = async (method: string, params: Json, principal: Caller['principal'], door: Door) =>
  (await economy.node.node.dispatch.dispatch(
    { id: crypto.randomUUID(), method, params },
    { principal: { ...principal, name: crypto.randomUUID() }, door, createdAtS: Math.floor(Date.now() / 1000) },
  )) as Envelope
const reasonOf = ({ error }: Envelope) => error?.data.reason

const elsewhere = 'http://127.0.0.1:9'
test('P-38 R-123 over every path a cookie or a token alone moves no money and gives no power', async () => {
  const { log } = economy.node.node
  const wishes: readonly (readonly [string, string, Json])[] = [
    ['POST', '/admin/withdraw', { amount: 1, unit: 'sat' }],
    ['POST', '/admin/api/withdraw', { amount: 1, unit: 'sat' }],
    ['POST', '/admin/api/settings/password', { new_password: 'the password of a thief' }],
    ['PATCH', '/admin/api/settings', { receive_ln_address: 'thief@example.com' }],
    ['PATCH', '/admin/api/settings', { cashu_mints: [economy.mint.url, elsewhere] }],
    ['PATCH', '/admin/api/settings', { name: 'Harmless', http_url: elsewhere }],
    ['POST', '/admin/api/upstreams', { name: 'thief', kind: 'generic', base_url: elsewhere }],
    ['PATCH', `/admin/api/upstreams/${upstream}`, { base_url: elsewhere }],
    ['PATCH', `/admin/api/upstreams/${upstream}`, { priority: 1, api_key: 'sk-of-a-thief' }],
  ]
  const { token } = await done<{ token: string }>('tokens.create', { name: 'stolen', role: 'owner' })
  const bearer: Send = (method, path, { body } = {}) =>
    fetch(`${economy.node.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
  const head = log.head()
  for (const [send, [method, path, body]] of [browser, bearer].flatMap((one) =>
    wishes.map((wish) => [one, wish] as const),
  )) {
    const response = await send(method, path, { body })
    expect([path, response.status, ((await jsonOf(response)).error as Json).code]).toEqual([
      path,
      403,
      'step_up_required',
    ])
  }
  expect(log.head()).toBe(head)
})

test('P-38 R-015 R-016 a yes repeats the amount, and is worth nothing for another command or another sender', async () => {
  economy.upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
  expect((await economy.chat(key)).status).toBe(200)
  await done('settings.apply', { changes: { 'security.codeAboveSat': 3 } })
  const proof = { 'x-admin-password': password }
  const held = await rpc('payouts.toToken', { sat: 7, mint: economy.mint.url }, proof)
  expect(held.error?.data).toMatchObject({ reason: 'CONFIRM_REQUIRED', kind: 'second-way' })
  expect(held.error?.data.what).toContain('7 sat')
  expect(held.error?.data.what).toContain(economy.mint.url)
  const code = /^confirm ([0-9A-Z]{5})$/m.exec(economy.node.printed.at(-1) ?? '')?.[1] ?? ''
  expect(JSON.stringify(held)).not.toContain(code)
  const device = { admin: 'owner', name: '', role: 'owner', stepUp: true } as const
  expect((await asking('commands.confirm', { code }, device, 'http')).error?.data.code).toBe('code-unknown')
  // The code alone is no proof: the held command is asked for one again.
  expect(reasonOf(await rpc('commands.confirm', { code }))).toBe('STEP_UP_REQUIRED')
})

test('P-38 R-064 two clicks on one dialog are one command', async () => {
  const proof = { 'x-admin-password': password }
  const twice = crypto.randomUUID()
  const clicks = await Promise.all([1, 2].map(() => rpc('payouts.toToken', { sat: 2 }, proof, twice)))
  expect(clicks[0]?.result).toEqual(clicks[1]?.result ?? {})
  tokens = clicks.map(({ result }) => String(result?.token))
  expect(tokens[0]).toMatch(/^cashu/)
  const { total } = await done<{ total: number }>('payouts.list', { purpose: 'withdraw-token' })
  expect(total).toBe(1)
})

test('P-38 a viewer sees no bearer secret in any answer', async () => {
  const viewer = { admin: 'viewer', name: '', role: 'viewer', stepUp: false } as const
  const [payout] = (await done<{ rows: { payout: string }[] }>('payouts.list')).rows
  const [request] = (await done<{ rows: { requestId: string }[] }>('requests.list')).rows
  const named: Readonly<Record<string, Json>> = {
    'sessions.get': { session },
    'sessions.timeline': { session },
    'models.get': { upstream, model: 'gpt-x' },
    'upstreams.get': { upstream },
    'payouts.get': { payout: payout?.payout },
    'payouts.quote': { sat: 1 },
    'requests.get': { requestId: request?.requestId },
    'commands.get': { id: crypto.randomUUID() },
    'search.find': { text: session.slice(0, 12) },
    'exports.make': { what: 'commands' },
    'commands.simulate': { name: 'payouts.get', params: { payout: payout?.payout } },
  }
  for (const { name, class: kind, role } of createTable().rows) {
    if (kind !== '-' || role !== 'viewer') continue
    const params = name.startsWith('overview.') ? { range: '7d', metric: 'revenue' } : (named[name] ?? {})
    const answer = await asking(name, params, viewer, 'http')
    expect([name, answer.error]).toEqual([name, undefined])
    const text = JSON.stringify(answer.result)
    for (const secret of [...tokens, key, password, 'canary-upstream-key', economy.node.consoleToken])
      expect([name, text.includes(secret)]).toEqual([name, false])
  }
})
