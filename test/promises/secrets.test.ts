/** Secrets stay where they belong (P-21, P-32): canaries through every path, then everything that was kept or sent is searched. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { whats } from '../../core/admin/exports/lists'
import { createVault } from '../../core/money/vault'
import { consoleOf } from '../kit/door'
import { type Economy, startEconomy } from '../kit/economy'
import { answered, secretIn } from '../kit/x-cashu'

let economy: Economy
const canaries = {
  upstreamKey: 'canary-upstream-key',
  secondKey: 'canary-second-upstream-key-4711',
  password: 'canary-password-4711',
  prompt: 'canary-prompt-text-4711',
  answer: 'canary-answer-text-4711',
}
const sent: string[] = []
const secrets: Record<string, string> = { ...canaries }

beforeAll(async () => {
  economy = await startEconomy({ upstream: {} })
}, 60_000)
afterAll(() => economy.stop())

/** What a client or an operator was answered, headers and all; the key of its own owner is meant to be there. */
async function keep(response: Response): Promise<string> {
  const text = `${JSON.stringify([...response.headers])} ${await response.text()}`
  sent.push(text)
  return text
}

const forms = (secret: string): readonly string[] => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
]
const found = (text: string, names: readonly string[]) =>
  names.filter((name) => forms(secrets[name] ?? '-').some((form) => text.includes(form)))

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** A payment of one request: its token and its change are for its payer alone. */
async function payOnce(messages: readonly unknown[]): Promise<void> {
  const once = economy.mint.token(90)
  const body = { model: 'gpt-x', messages, max_tokens: 100 }
  const paid = await answered(await economy.post('/v1/chat/completions', body, undefined, { 'x-cashu': once }))
  secrets.onceSecret = secretIn(once)
  secrets.changeSecret = secretIn(paid.token ?? '')
  secrets.change = (paid.token ?? '').slice(100, 180)
  const { requests } = economy.upstream
  expect(requests.flatMap(({ headers }) => found(JSON.stringify(headers), ['onceSecret']))).toEqual([])
}

/** What the dashboard asks of one key; a key or a token in a search is refused and not told back. */
async function lookAt(apiKey: string, token: string): Promise<void> {
  const { node } = economy
  const session = createHash('sha256').update(apiKey).digest('hex')
  sent.push(JSON.stringify(await node.call('sessions.timeline', { session })))
  sent.push(JSON.stringify(await node.call('overview.errors', { range: '24h' })))
  for (const text of [apiKey, token.slice(0, 100), 'nsec1canary', 'Bearer canary']) {
    const refused = await node.call('search.find', { text })
    expect(refused.error?.data).toMatchObject({ reason: 'PARAMS', path: 'text' })
    sent.push(JSON.stringify(refused))
  }
  const asked: Readonly<Record<string, string>> = {
    series: '?range=7d&metric=revenue',
    timeline: `?session=${session.slice(0, 12)}`,
  }
  const files = whats.flatMap((what) => ['csv', 'json'].map((format) => `export/${what}.${format}${asked[what] ?? ''}`))
  const paths = ['settings', 'upstreams', 'models', 'balances', 'temporary-balances', 'logs/recent', 'openapi.json']
  for (const path of [...files, ...paths]) {
    const answer = await consoleOf(node)('GET', `/admin/api/${path}`)
    expect([path, answer.status]).toEqual([path, 200])
    await keep(answer)
  }
}

test('P-21 C-016 a tour with canaries: no answer, line, event or row shows a secret that is not its asker’s', async () => {
  const { mint, upstream, node, post, get } = economy
  const token = mint.token(200)
  secrets.token = token.slice(6, 70)
  const { api_key } = await economy.info(token)
  secrets.apiKey = api_key.slice(3)
  upstream.always({ text: canaries.answer, pieces: 1 })
  const messages = [{ role: 'user', content: canaries.prompt }]
  const answers = [await economy.chat(api_key, { messages }), await economy.chat(api_key, { messages, stream: true })]
  for (const answer of answers) {
    const text = await keep(answer)
    sent.pop()
    expect(text).toContain(canaries.answer)
    expect(found(text, ['upstreamKey', 'token', 'apiKey', 'prompt'])).toEqual([])
  }
  await payOnce(messages)
  upstream.next({
    fault: {
      status: 400,
      body: { error: { message: `Incorrect API key ${canaries.upstreamKey} at ${upstream.url}` } },
    },
  })
  await keep(await economy.chat(api_key, { messages }))
  upstream.next({ fault: { status: 500, body: canaries.upstreamKey } })
  await keep(await economy.chat(api_key, { messages, stream: true }))
  await keep(await economy.chat(api_key, { messages, model: canaries.prompt.toUpperCase() }))
  await keep(await post('/v1/balance/topup', { cashu_token: token }, api_key))
  await keep(await get(`/v1/nothing?key=${api_key}`))
  await node.call('security.setPassword', { password: canaries.password })
  await node.call('upstreams.add', {
    name: 'second',
    kind: 'generic',
    baseUrl: upstream.url,
    apiKeys: [canaries.secondKey],
  })
  await node.call('upstreams.test', { kind: 'generic', baseUrl: 'http://127.0.0.1:1/v1', apiKey: canaries.secondKey })
  await node.call('nonsense.command', { password: canaries.password })
  const login = await fetch(`${node.url}/admin/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: node.url, 'x-routstr-admin': '1' },
    body: JSON.stringify({ password: canaries.password }),
  })
  secrets.cookie = /routstr_admin=([^;]+)/.exec(login.headers.get('set-cookie') ?? '')?.[1] ?? 'none'
  const { methods } = (await node.call('rpc.describe')).result as { methods: { name: string; class: string }[] }
  for (const { name } of methods.filter((method) => method.class === '-'))
    sent.push(JSON.stringify(await node.call(name)))
  for (const name of ['events.list', 'logs.list', 'requests.list', 'commands.list'])
    sent.push(JSON.stringify(await node.call(name, { limit: 500 })))
  await lookAt(api_key, token)
  await keep(await get('/v1/models'))
  await keep(await get('/v1/info'))
  await keep(await get('/health'))
  const names = Object.keys(secrets)
  expect(names.length).toBeGreaterThan(7)
  for (const text of sent) expect([text.slice(0, 80), found(text, names)]).toEqual([text.slice(0, 80), []])
  expect(found(node.lines.join(''), names)).toEqual([])
  // Long: every query, every list and every path of the door.
}, 30_000)

test('P-21 P-32 no file of the data directory holds a secret in any spelling, the two key files apart', async () => {
  const { directory } = economy.node
  await economy.node.node.logDatabase.script('checkpoint')
  await economy.node.stop({ keep: true })
  const names = Object.keys(secrets)
  const files = filesBelow(directory)
  expect(files.length).toBeGreaterThan(100)
  for (const file of files) {
    if (/\/(secret\.key|console\.token)$/.test(file)) continue
    const text = readFileSync(file, 'latin1')
    expect([file.slice(directory.length), found(text, names)]).toEqual([file.slice(directory.length), []])
  }
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect(statSync(join(directory, 'secret.key')).mode & 0o777).toBe(0o600)
})

test('P-32 a sealed row does not open under another name, with another key, or damaged', () => {
  const vault = createVault(new Uint8Array(32).fill(1))
  const secret = new TextEncoder().encode('a secret')
  const sealed = vault.seal('upstream-key/1', secret)
  expect(vault.open('upstream-key/1', sealed)).toEqual(secret)
  expect(vault.open('upstream-key/2', sealed)).toBeUndefined()
  expect(createVault(new Uint8Array(32).fill(2)).open('upstream-key/1', sealed)).toBeUndefined()
  for (let at = 0; at < sealed.length; at += 1) {
    const damaged = Uint8Array.from(sealed)
    damaged[at] = (damaged[at] ?? 0) ^ 1
    expect(vault.open('upstream-key/1', damaged)).toBeUndefined()
  }
  expect(vault.open('upstream-key/1', sealed.subarray(0, 20))).toBeUndefined()
  expect(vault.seal('upstream-key/1', secret)).not.toEqual(sealed)
})
