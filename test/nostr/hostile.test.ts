/** The Nostr door against those who replay, redirect, postdate, inflate and outrank (remote-admin 14). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import * as nip19 from 'nostr-tools/nip19'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { makeRumor, wrapRumor } from '../../core/nostr/wrap'
import { prepareData } from '../kit/child'
import { temporaryDirectory } from '../kit/log'
import { startNode, type TestNode, until } from '../kit/node'
import { type Answer, connectClient, type RemoteClient } from '../kit/nostr-client'
import { createTestRelay, type TestRelay } from '../kit/relay'

const ownerSecret = generateSecretKey()
let relay: TestRelay
let node: TestNode
let owner: RemoteClient
let offsetMs = 0
const now = () => Date.now() + offsetMs
const nowS = () => Math.floor(now() / 1000)
const inbox = () => node.node.adminNode.inbox
const head = () => node.node.log.head()
const counts = () => node.node.remote.health().counts as Record<string, number>
const counted = (exit: string, before: number) => until(`one more ${exit}`, () => (counts()[exit] ?? 0) > before)
const state = async () => (await node.call('node.status')).result?.state
const reason = (answer: Answer | undefined) => answer?.error?.data.reason
/** The clock of node, relay and clients turns on, so that the buckets are full again. */
const rest = () => {
  offsetMs += 30_000
}

async function start(directory?: string): Promise<void> {
  node = await startNode({
    now,
    environment: { ADMIN_NPUB: getPublicKey(ownerSecret), ADMIN_RELAYS: relay.url },
    ...(directory === undefined ? {} : { directory }),
  })
  await until('the node listens', () => node.node.remote.health().relays[0]?.state === 'live')
}
beforeAll(async () => {
  relay = createTestRelay({ nowS })
  await start()
  owner = await connectClient(relay.url, inbox(), ownerSecret, nowS)
}, 60_000)
afterAll(async () => {
  owner.close()
  await node.stop()
  await relay.stop()
})

test('R-046 a command from the future never runs, not when its time has come, nor after a restart', async () => {
  const id = crypto.randomUUID()
  const later = nowS() + 3600
  const rumor = owner.rumor(JSON.stringify({ id, method: 'node.pause', params: {} }), { created_at: later })
  const send = () => owner.send(owner.wrap(rumor, { is: 'durable', ttlS: 7200 }))
  send()
  await until('it was refused', () => owner.answers.some(({ answer }) => answer.id === id))
  expect(owner.answers.at(-1)?.answer.error?.data).toMatchObject({ reason: 'FUTURE' })
  const { directory } = node
  await node.stop({ keep: true })
  offsetMs += 3600_000
  const from = owner.answers.length
  await start(directory)
  // Its stored wrap comes again by itself and is known; in a new wrap it is answered as before.
  send()
  await until('it was answered again', () => owner.answers.length > from)
  expect(owner.answers.at(-1)?.answer).toMatchObject({ id, replayed: true, error: { data: { reason: 'FUTURE' } } })
  expect(await state()).toBe('running')
  expect(reason(await owner.ask('node.pause', {}, { createdAtS: 1_000_000_000 + nowS() }))).toBe('FUTURE')
}, 30_000)

test('R-012 R-124 upstreams.add by the seal of the owner key itself, its key sealed and shown to nobody', async () => {
  rest()
  const params = { name: 'by-nostr', kind: 'generic', baseUrl: 'http://127.0.0.1:9', apiKeys: ['canary-key-by-nostr'] }
  const added = await owner.ask('upstreams.add', params)
  expect(added?.result).toMatchObject({ name: 'by-nostr', keyLast4: ['ostr'] })
  const events = JSON.stringify(await node.node.log.after(0n, 10_000), (_, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  )
  for (const text of [events, JSON.stringify(relay.received), relay.sent.join(''), node.lines.join('')])
    expect(text).not.toContain('canary-key-by-nostr')
})

test('R-008 R-010 a viewer is heard and may not, and a role counts as it is now', async () => {
  rest()
  const secret = generateSecretKey()
  await node.call('admins.add', { npub: getPublicKey(secret), role: 'viewer', label: 'looks on' })
  const viewer = await connectClient(relay.url, inbox(), secret, nowS)
  expect((await viewer.ask('node.status'))?.result).toMatchObject({ state: 'running' })
  const before = head()
  expect((await viewer.ask('node.pause'))?.error?.data).toMatchObject({ reason: 'FORBIDDEN', need: 'operator' })
  expect(reason(await viewer.ask('admins.add', { npub: getPublicKey(secret), role: 'owner', label: 'me' }))).toBe(
    'FORBIDDEN',
  )
  expect(head()).toBe(before)
  viewer.close()
})

test('R-025 a seal for another node, delivered here, is silence', async () => {
  const other = getPublicKey(generateSecretKey())
  const content = JSON.stringify({ id: 'redirected-000001', method: 'node.pause' })
  const rumor = makeRumor({ author: owner.publicKey, recipient: other, kind: 24_910, content, nowS: nowS() })
  const before = [counts()['bad-rumor'] ?? 0, head(), owner.answers.length] as const
  owner.send(wrapRumor(rumor, { secret: ownerSecret, recipient: inbox() }, { is: 'live' }, nowS()))
  await counted('bad-rumor', before[0])
  expect([head(), owner.answers.length]).toEqual([before[1], before[2]])
})

test('R-005 a wrap to the provider key is not asked for, and not opened when it comes all the same', async () => {
  const { result } = await node.call('node.status')
  const provider = String(nip19.decode(String(result?.npub)).data)
  const content = JSON.stringify({ id: 'to-the-provider', method: 'node.pause' })
  const rumor = makeRumor({ author: owner.publicKey, recipient: provider, kind: 24_910, content, nowS: nowS() })
  const wrap = wrapRumor(rumor, { secret: ownerSecret, recipient: provider }, { is: 'live' }, nowS())
  const before = [counts()['not-ours'] ?? 0, head()] as const
  relay.sendRaw(JSON.stringify(['EVENT', 'inbox', wrap]))
  await counted('not-ours', before[0])
  expect(head()).toBe(before[1])
  const asked = relay.received.filter(([type]) => type === 'REQ').map(([, , filter]) => JSON.stringify(filter))
  expect(asked.filter((filter) => filter.includes(provider))).toEqual([])
})

test('R-036 R-049 duplicated, reordered and delayed on the way: each command runs once', async () => {
  rest()
  const faults = ['duplicate', 'reorder', { delayMs: 30 }, 'no-ok', 'ok-unstored'] as const
  let n = 0
  relay.setFault((event) => (event.tags.some((tag) => tag[1] === inbox()) ? faults[n++ % faults.length] : undefined))
  const before = head()
  const names = ['one', 'two', 'three', 'four']
  for (const name of names) {
    const content = JSON.stringify({
      id: `faulty-way-${name}`,
      method: 'settings.apply',
      params: { changes: { 'identity.description': name } },
    })
    // Resent until it is answered, as section 4 tells clients to.
    let tries = 0
    await until(`${name} is answered`, async () => {
      rest()
      owner.send(owner.wrap(owner.rumor(content.replace('{', `{"try":${++tries},`))))
      await Bun.sleep(60)
      return owner.answers.filter(({ answer }) => answer.id === `faulty-way-${name}`).length > 0 || tries > 50
    })
  }
  relay.setFault(undefined)
  await node.node.remote.settled()
  const effects = (await node.node.log.after(before, 1000)).filter(({ type }) => type === 'node.settings-changed')
  expect(effects).toHaveLength(names.length)
}, 30_000)

test('R-049 a slow command is said to be pending, then answered', async () => {
  rest()
  const { promise: isTold, resolve: answerNow } = Promise.withResolvers<void>()
  const silent = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => isTold.then(() => new Response('no')),
  })
  const id = crypto.randomUUID()
  const content = JSON.stringify({ id, method: 'mints.test', params: { url: `http://127.0.0.1:${silent.port}` } })
  owner.send(owner.wrap(owner.rumor(content)))
  const told = () => owner.answers.filter(({ answer }) => answer.id === id).map(({ answer }) => answer.pending === true)
  await until('it is said to be pending', () => told().length === 1)
  answerNow()
  await until('both came', () => told().length === 2)
  expect(told()).toEqual([true, false])
  await silent.stop(true)
}, 20_000)

type Part = Readonly<Record<string, unknown>>
const sendPart = (id: string, chunk: Part) =>
  owner.send(owner.wrap(owner.rumor(JSON.stringify({ v: 1, id, try: 1, chunk }))))
async function refusedParts(id: string, parts: readonly Part[]): Promise<void> {
  rest()
  for (const part of parts) sendPart(id, part)
  await until('it is answered', () => owner.answers.some(({ answer }) => answer.id === id))
  expect(owner.answers.filter(({ answer }) => answer.id === id).map(({ answer }) => reason(answer))).toEqual([
    'INVALID',
  ])
}
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

test('R-035 64 MiB of zeros in 87 kB of parts are discarded at 4 MiB', async () => {
  const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  const data = zeros.toString('base64url')
  const n = Math.ceil(data.length / 19_600)
  const head = { n, enc: 'gzip', len: 4_194_304, sha256: sha256('zeros') }
  const parts = Array.from({ length: n }, (_, i) => ({ i, ...head, d: data.slice(i * 19_600, (i + 1) * 19_600) }))
  expect(n).toBeLessThanOrEqual(6)
  await refusedParts('bomb-of-zeros', parts)
}, 20_000)

test('R-035 parts that disagree, or carry another id than they name, are one INVALID', async () => {
  const text = JSON.stringify({ id: 'inner-id-0001', method: 'node.pause' })
  const d = Buffer.from(text).toString('base64url')
  const whole = { i: 0, n: 1, enc: 'none', len: text.length, sha256: sha256(text), d }
  const before = head()
  await refusedParts('outer-id-0001', [whole])
  await refusedParts('inner-id-0001', [{ ...whole, sha256: sha256('other') }])
  expect(head()).toBe(before)
  rest()
  sendPart('inner-id-0001', whole)
  await until('the good one runs', async () => (await state()) === 'paused')
  await node.call('node.resume')
})

test('R-027 what is no request is answered as such: no JSON, too deep, no method, another version', async () => {
  const cases: readonly [string, string | undefined, string][] = [
    ['pause', undefined, 'PARSE'],
    [
      `{"id":"too-deep-0001","method":"node.pause","params":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      undefined,
      'PARSE',
    ],
    ['{"id":"no-method-0001"}', 'no-method-0001', 'INVALID'],
    ['{"id":"version-0002","v":2,"method":"node.pause"}', 'version-0002', 'UNSUPPORTED_VERSION'],
    ['{"id":"no-such-0001","method":"node.explode"}', 'no-such-0001', 'NO_METHOD'],
    ['{"id":"bad-params-01","method":"node.pause","params":{"reason":7}}', 'bad-params-01', 'PARAMS'],
  ]
  const before = head()
  for (const [content, id, wanted] of cases) {
    rest()
    const from = owner.answers.length
    owner.send(owner.wrap(owner.rumor(content)))
    await until(`${wanted} came`, () => owner.answers.length > from)
    expect([owner.answers.at(-1)?.answer.id, reason(owner.answers.at(-1)?.answer)]).toEqual([id, wanted])
  }
  expect(head()).toBe(before)
})

test('R-127 R-171 a node without ADMIN_RELAYS opens no socket, and an operator sees why', async () => {
  const opened = relay.opened()
  const alone = await startNode({ environment: { ADMIN_NPUB: getPublicKey(ownerSecret) } })
  expect((await alone.call('node.status')).result?.relays).toEqual([])
  await alone.stop()
  expect(relay.opened()).toBe(opened)
}, 30_000)

test('R-127 R-122 the console shows the inbox of a stopped node, and no relay hears of it', async () => {
  const { path, remove } = temporaryDirectory()
  await prepareData(`${path}/data`)
  const opened = relay.opened()
  const child = Bun.spawn([process.execPath, 'core/console.ts', 'inbox'], {
    cwd: `${import.meta.dir}/../..`,
    env: { ...process.env, ROUTSTR_DATA_DIR: `${path}/data`, ADMIN_RELAYS: relay.url, BTC_USD_SOURCES: 'fixed:100000' },
    stdout: 'pipe',
    stderr: 'ignore',
  })
  const shown = JSON.parse(await new Response(child.stdout).text()) as {
    inbox: string
    npub: string
    relays: unknown[]
  }
  expect([shown.inbox.length, nip19.decode(shown.npub).data as string, shown.relays]).toEqual([64, shown.inbox, []])
  expect(relay.opened()).toBe(opened)
  remove()
}, 60_000)

test('R-140 a stopped node leaves no socket at its relays, and answers what ran', async () => {
  rest()
  const id = crypto.randomUUID()
  const applied = { changes: { 'identity.description': 'the last one' } }
  owner.send(owner.wrap(owner.rumor(JSON.stringify({ id, method: 'settings.apply', params: applied }))))
  await until('it runs', async () =>
    (await node.node.log.after(0n, 10_000)).some(({ data }) => JSON.stringify(data).includes('the last one')),
  )
  await node.stop()
  await until('it is answered', () => owner.answers.some(({ answer }) => answer.id === id))
  await until('its socket is gone', () => relay.sockets() === 1)
}, 30_000)
