/** What the one dispatcher promises both doors: rights as of now, one run, bounded rates, nothing left open. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Caller } from '../../core/admin/principal'
import { deriveKey } from '../../core/keys'
import { createTestMint, type TestMint } from '../kit/mint'
import { startNode, type TestNode, until } from '../kit/node'

let mint: TestMint
let node: TestNode
let now = Date.now()
const key = (n: number) => deriveKey(new Uint8Array(32).fill(n), 'test').publicKey
beforeAll(async () => {
  mint = createTestMint()
  node = await startNode({ now: () => now, environment: { CASHU_MINTS: mint.url } })
}, 60_000)
afterAll(async () => {
  await node.stop()
  await mint.stop()
})

const caller = (admin: string, role: 'viewer' | 'operator' | 'owner', more: Partial<Caller> = {}): Caller => ({
  principal: { admin, name: admin, role, stepUp: role === 'owner' },
  door: 'nostr',
  createdAtS: Math.floor(now / 1000),
  ...more,
})
type Answer = {
  readonly result?: Record<string, unknown>
  readonly error?: { readonly data: { readonly reason: string } }
  readonly replayed?: boolean
}
const ask = async (
  method: string,
  who: Caller,
  params: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
) => (await node.node.dispatch.dispatch({ id: crypto.randomUUID(), method, params, ...more }, who)) as Answer
const reason = (answer: Answer) => answer.error?.data.reason
const add = (n: number, role: string) => node.call('admins.add', { npub: key(n), role, label: `key ${n}` })

test('R-008 a principal may what its admin may now: a stranger nothing, a viewer no mutation', async () => {
  expect(reason(await ask('node.status', caller(key(1), 'owner')))).toBe('FORBIDDEN')
  await add(1, 'viewer')
  expect((await ask('node.status', caller(key(1), 'owner'))).error).toBeUndefined()
  expect(reason(await ask('node.pause', caller(key(1), 'owner')))).toBe('FORBIDDEN')
})

test('R-044 R-046 a stale request is refused with its skew, one from the future burns its id', async () => {
  await add(2, 'owner')
  const at = Math.floor(now / 1000)
  expect(reason(await ask('node.status', caller(key(2), 'owner', { createdAtS: at - 121 })))).toBe('STALE')
  expect(reason(await ask('node.resume', caller(key(2), 'owner', { createdAtS: at - 121 })))).toBe('STALE')
  expect((await ask('node.resume', caller(key(2), 'owner', { createdAtS: at - 120 }))).error).toBeUndefined()
  const id = crypto.randomUUID()
  const late = caller(key(2), 'owner', { createdAtS: at + 3600 })
  expect(reason(await ask('node.pause', late, {}, { id }))).toBe('FUTURE')
  now += 3600_000
  expect(reason(await ask('node.pause', late, {}, { id }))).toBe('FUTURE')
  expect((await ask('node.status', caller(key(2), 'owner'))).result?.state).toBe('running')
})

test('R-046 a request from the future is burnt also when its sender is over the rate of mutations', async () => {
  await add(5, 'owner')
  const at = Math.floor(now / 1000)
  const late = caller(key(5), 'owner', { createdAtS: at + 3600 })
  const ids = Array.from({ length: 7 }, () => crypto.randomUUID())
  const reasons: unknown[] = []
  for (const id of ids) reasons.push(reason(await ask('node.pause', late, {}, { id })))
  expect(reasons).toContain('RATE_LIMITED')
  now += 3600_000
  for (const id of ids) expect(reason(await ask('node.pause', late, {}, { id }))).toBe('FUTURE')
  expect((await ask('node.status', caller(key(5), 'owner'))).result?.state).toBe('running')
})

test('R-045 R-099 a pause with exp runs ten hours late, a resume does not', async () => {
  const at = Math.floor(now / 1000)
  const early = caller(key(2), 'owner', { createdAtS: at - 36_000, durable: true })
  const live = caller(key(2), 'owner', { createdAtS: at - 36_000 })
  expect(reason(await ask('node.pause', live, {}, { exp: at + 60 }))).toBe('STALE')
  expect((await ask('node.pause', early, {}, { exp: at + 60 })).result).toEqual({ state: 'paused' })
  expect(reason(await ask('node.resume', early, {}, { exp: at + 60 }))).toBe('STALE')
  await node.call('node.resume')
})

test('R-048 P-21 a secret under a name that the row does not know is in no event', async () => {
  now += 60_000
  const params = {
    name: 'mistyped',
    kind: 'generic',
    baseUrl: 'http://127.0.0.1:9',
    apiKey: 'canary-under-a-wrong-name',
    apiKeys: ['canary-under-its-name'],
  }
  const head = node.node.log.head()
  expect((await ask('upstreams.add', caller(key(2), 'owner'), params)).error).toBeUndefined()
  const events = await node.node.log.after(head, 100)
  const received = events.find(({ type }) => type === 'command.received')?.data as { params: unknown } | undefined
  expect(received?.params).toEqual({
    name: 'mistyped',
    kind: 'generic',
    baseUrl: 'http://127.0.0.1:9',
    apiKeys: '[secret]',
  })
  expect(JSON.stringify(events.map(({ data }) => data))).not.toContain('canary-under')
})

test('P-25 R-047 R-049 ten parallel copies of one command run once and are answered alike', async () => {
  now += 60_000
  const id = crypto.randomUUID()
  const head = node.node.log.head()
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      ask('settings.apply', caller(key(2), 'owner'), { changes: { 'identity.description': 'once' } }, { id }),
    ),
  )
  expect(answers.map(({ result }) => result)).toEqual(answers.map(() => ({ changed: ['identity.description'] })))
  expect(answers.filter(({ replayed }) => replayed === true)).toHaveLength(9)
  expect(Number(node.node.log.head() - head)).toBe(3)
})

test('R-013 R-032 WRONG_DOOR, PARAMS, NO_METHOD and UNSUPPORTED_VERSION have their reasons and change nothing', async () => {
  const who = caller(key(2), 'owner')
  const head = node.node.log.head()
  now += 30_000
  expect(reason(await ask('security.setPassword', who, { password: 'canary-password-9' }))).toBe('WRONG_DOOR')
  expect(reason(await ask('node.pause', who, { reason: 7 }))).toBe('PARAMS')
  expect(reason(await ask('no.such', who))).toBe('NO_METHOD')
  expect(reason(await ask('node.pause', who, {}, { v: 2 }))).toBe('UNSUPPORTED_VERSION')
  const device: Caller = { ...who, door: 'http', principal: { ...who.principal, stepUp: false } }
  expect(reason(await ask('admins.add', device, { npub: key(3), role: 'viewer', label: '' }))).toBe('STEP_UP_REQUIRED')
  expect(node.node.log.head()).toBe(head)
})

test('R-013 a label that no database can hold is refused, and the read models go on', async () => {
  const label = ['a', 'b'].join(String.fromCharCode(0))
  expect(reason(await ask('admins.add', caller(key(2), 'owner'), { npub: key(8), role: 'viewer', label }))).toBe(
    'PARAMS',
  )
  await add(8, 'viewer')
  const { rows } = (await ask('admins.list', caller(key(2), 'owner'))).result as { rows: { label: string }[] }
  expect(rows.map((admin) => admin.label)).toContain('key 8')
})

test('R-030 R-125 a command on a configuration that moved on is refused, on another one it runs', async () => {
  const before = (await node.call('settings.get', { keys: ['identity.name'] })) as { rev?: number }
  await node.call('node.pause', {})
  const late = await node.call('node.resume', {}, { ifRev: before.rev })
  expect(late.error?.data.reason).toBe('REV_MISMATCH')
  expect((await node.call('node.resume')).result).toEqual({ state: 'running' })
})

test('R-057 a principal over its rate is told to wait, and another one is not', async () => {
  now += 60_000
  const who = caller(key(2), 'owner')
  const answers = await Promise.all(Array.from({ length: 25 }, () => ask('node.status', who)))
  expect(answers.filter((answer) => reason(answer) === 'RATE_LIMITED')).toHaveLength(5)
  expect((await ask('node.status', caller(key(1), 'viewer'))).error).toBeUndefined()
  now += 1000
  expect((await ask('node.status', who)).error).toBeUndefined()
  const mutations = await Promise.all(Array.from({ length: 7 }, () => ask('node.resume', caller(key(2), 'owner'))))
  expect(mutations.some((answer) => reason(answer) === 'RATE_LIMITED')).toBe(true)
})

test('R-056 a command that hangs at a mint delays no pause', async () => {
  now += 60_000
  mint.fault({ path: 'info', kind: 'delay-before', ms: 1500 })
  let tested = false
  const slow = ask('mints.test', caller(key(2), 'owner'), { mint: mint.url }).finally(() => {
    tested = true
  })
  expect((await ask('node.pause', caller(key(2), 'owner'))).result).toEqual({ state: 'paused' })
  expect(tested).toBe(false)
  await slow
  await node.call('node.resume')
})

test('R-053 R-092 a refusal is a stored outcome: the same id gets it again', async () => {
  now += 60_000
  const id = crypto.randomUUID()
  const who = caller(key(2), 'owner')
  const first = await ask('admins.add', who, { npub: key(1), role: 'owner', label: 'again' }, { id })
  expect(reason(first)).toBe('REFUSED')
  expect(await ask('admins.add', who, { npub: key(1), role: 'owner', label: 'again' }, { id })).toMatchObject({
    error: first.error,
    replayed: true,
  })
})

test('R-051 what was received and not finished is closed at the next start, by its class', async () => {
  const directory = node.directory
  now += 60_000
  mint.fault({ path: 'info', kind: 'delay-before', ms: 3000 })
  const id = crypto.randomUUID()
  void node.call('mints.test', { mint: mint.url }, { id }).catch(() => undefined)
  await until('it was received', async () => (await node.node.log.openCommands()).length === 1)
  await node.abandon()
  node = await startNode({ directory, now: () => now, environment: { CASHU_MINTS: mint.url } })
  expect(await node.node.log.openCommands()).toEqual([])
  expect(((await node.call('mints.test', { mint: mint.url }, { id })) as Answer).error?.data.reason).toBe(
    'OUTCOME_UNKNOWN',
  )
})
