/** A backup is one only after it was restored (P-29): made while the node runs, put back elsewhere, refused by name. */

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { childEnvironment, runNode } from '../kit/child'
import { runConsole } from '../kit/console'
import { type Economy, startEconomy } from '../kit/economy'
import { temporaryDirectory } from '../kit/log'
import { startNode } from '../kit/node'
import { atNight } from '../kit/sizes'

const temporary = temporaryDirectory()
const at = (name: string) => join(temporary.path, name)
const file = at('node.backup')
let economy: Economy
let key = ''
beforeAll(async () => {
  economy = await startEconomy()
  key = await economy.key(100)
  for (let times = 0; times < 3; times += 1) await (await economy.chat(key)).text()
}, 60_000)
afterAll(async () => {
  await economy.stop()
  temporary.remove()
})

const running = () => ({ ROUTSTR_DATA_DIR: economy.node.directory })
/** A data directory with nothing but the key of the node. */
function withKey(name: string): string {
  mkdirSync(at(name), { mode: 0o700 })
  cpSync(join(economy.node.directory, 'secret.key'), join(at(name), 'secret.key'))
  return at(name)
}
function changed(name: string, change: (bytes: Buffer) => Buffer): string {
  writeFileSync(at(name), change(readFileSync(file)))
  return at(name)
}
async function talk(words: readonly string[]) {
  // As the console of the running node does: its token lies in its directory.
  writeFileSync(join(economy.node.directory, 'console.token'), `${economy.node.url}\n${economy.node.consoleToken}\n`)
  return runConsole(words, running())
}

test('P-29 configuration 1 a running node makes a sealed file, of mode 0600, and never over another', async () => {
  const made = await talk(['backup', file])
  expect([made.code, made.said]).toEqual([0, ''])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect((await talk(['backup', file])).code).toBe(1)
  const bytes = readFileSync(file, 'latin1')
  for (const secret of [key, 'session.credited', economy.mint.url]) expect(bytes).not.toContain(secret)
  expect(readdirSync(economy.node.directory).filter((name) => name.startsWith('backup.'))).toEqual([])
}, 30_000)

test('P-29 it is verified by being restored, replayed and compared, and its coins are asked for', async () => {
  const verdict = await runConsole(['verify', file], running())
  expect(verdict.code).toBe(0)
  const said = JSON.parse(verdict.out) as Record<string, unknown>
  expect(said).toMatchObject({ ok: true, balancesEqual: true })
  expect(said.coinsChecked).toBeGreaterThan(0)
}, 40_000)

atNight(
  'P-29 with the key it restores the node elsewhere: same balances, same keys, same words',
  async () => {
    const data = withKey('elsewhere')
    const words = (await economy.node.call('wallet.showWords')).result?.words
    const before = await economy.info(key)
    const restored = await runConsole(['restore', file], { ROUTSTR_DATA_DIR: data })
    expect([restored.code, restored.out.includes('is as it was at')]).toEqual([0, true])
    const again = await startNode({ directory: data, environment: { CASHU_MINTS: economy.mint.url } })
    const response = await fetch(`${again.url}/v1/balance/info`, { headers: { authorization: `Bearer ${key}` } })
    expect(await response.json()).toMatchObject({ balance: before.balance, total_requests: before.total_requests })
    expect((await again.call('wallet.showWords')).result?.words).toBe(words)
    expect((await again.call('books.check')).result).toMatchObject({ balanced: true })
    await again.stop({ keep: true })
  },
  60_000,
)

atNight(
  'P-29 P-28 a directory in use is refused with exit 3, one that holds a node with a sentence',
  async () => {
    const used = await runConsole(['restore', file, '--replace'], running())
    expect([used.code, used.said.includes('in use')]).toEqual([3, true])
    const taken = await runConsole(['restore', file], { ROUTSTR_DATA_DIR: at('elsewhere') })
    expect([taken.code, taken.said.includes('holds a node already')]).toEqual([1, true])
    const head = readdirSync(at('elsewhere'))
    const replaced = await runConsole(['restore', file, '--replace'], { ROUTSTR_DATA_DIR: at('elsewhere') })
    expect(replaced.code).toBe(0)
    const kept = readdirSync(at('elsewhere')).filter((name) => !head.includes(name))
    expect(kept.map((name) => name.startsWith('log.before-'))).toEqual([true])
    expect(existsSync(join(at('elsewhere'), 'views'))).toBe(false)
  },
  60_000,
)

test('P-29 a wrong key or none is refused with exit 4 before any write', async () => {
  const none = await runConsole(['restore', file], { ROUTSTR_DATA_DIR: at('keyless') })
  expect([none.code, existsSync(at('keyless'))]).toEqual([4, false])
  const environment = { ROUTSTR_DATA_DIR: at('keyless'), NODE_SECRET_KEY: '22'.repeat(32) }
  for (const words of [
    ['restore', file],
    ['verify', file],
  ]) {
    const wrong = await runConsole(words, environment)
    expect([wrong.code, wrong.said.includes('secret key'), existsSync(at('keyless'))]).toEqual([4, true, false])
  }
}, 30_000)

test.each([
  ['is no backup', (bytes: Buffer) => Buffer.from(`hello ${bytes.toString('latin1')}`, 'latin1')],
  ['newer version', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('backup 1', 'backup 9'), 'latin1')],
  ['ends too early', (bytes: Buffer) => bytes.subarray(0, bytes.length - 10)],
  ['part 1 is damaged', (bytes: Buffer) => flipped(bytes, bytes.indexOf('}\n') + 60)],
  ['part 1 is damaged', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('"at":1', '"at":2'), 'latin1')],
  ['added behind its end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
  ['part', (bytes: Buffer) => flipped(bytes, bytes.length - 20)],
])(
  'P-29 a file that %s is named so, and nothing is put anywhere',
  async (word, change) => {
    const damaged = changed('damaged.backup', change)
    const data = withKey(`damaged-${crypto.randomUUID()}`)
    const refused = await runConsole(['restore', damaged], { ROUTSTR_DATA_DIR: data })
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining(word)])
    expect(readdirSync(data)).toEqual(['secret.key'])
  },
  40_000,
)

atNight(
  'P-29 a backup whose books are off is no backup, and says so',
  async () => {
    const { logDatabase } = economy.node.node
    const off = (msat: number) => logDatabase.script(`update sheet set msat = msat + ${msat} where account = 'free'`)
    await off(1000)
    const made = await economy.node.call('backups.run')
    await off(-1000)
    const verdict = (await economy.node.call('backups.verify', { backup: made.result?.backup })).result
    expect(verdict).toMatchObject({ ok: false, balancesEqual: false, coinsChecked: 0 })
    expect(String(verdict?.sentence)).toContain('the sheet says')
    const { rows } = (await economy.node.call('backups.list')).result as { rows: readonly Record<string, unknown>[] }
    expect(rows.find((row) => row.backup === made.result?.backup)?.verifiedAt).toBeUndefined()
  },
  40_000,
)

test('R-124 config.export shows what was set and no secret, and a stranger backup is not found', async () => {
  await economy.node.call('settings.apply', { changes: { 'backup.keep': 3 } })
  const exported = await talk(['export'])
  expect(JSON.parse(exported.out)).toMatchObject({
    document: { settings: { 'backup.keep': 3 }, mints: [{ url: economy.mint.url }] },
  })
  expect(exported.out).not.toContain('canary-upstream-key')
  const unknown = await economy.node.call('backups.verify', { backup: '../../secret' })
  expect(unknown.error?.data).toMatchObject({ reason: 'NOT_FOUND' })
})

test('R-115 R-124 the file is downloaded by an owner with a fresh proof, recorded, and by nobody else', async () => {
  const { url, consoleToken, call } = economy.node
  const made = (await call('backups.run')).result as { backup: string; bytes: number; sha256: string }
  const get = (headers: Record<string, string>, backup = made.backup) =>
    fetch(`${url}/admin/api/backups/${backup}`, { headers })
  expect((await get({})).status).toBe(401)
  const mine = await get({ authorization: `Bearer ${consoleToken}` })
  const bytes = new Uint8Array(await mine.arrayBuffer())
  expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([made.bytes, made.sha256])
  expect(mine.headers.get('content-disposition')).toContain(made.backup)
  expect((await get({ authorization: `Bearer ${consoleToken}` }, '20260101T000000Z-1')).status).toBe(404)
  expect((await get({ authorization: `Bearer ${consoleToken}` }, '..%2Fsecret')).status).toBe(404)
  const recorded = (await call('commands.list')).result as { rows: readonly { name: string; outcome: string }[] }
  expect(recorded.rows.filter(({ name }) => name === 'backups.download').map(({ outcome }) => outcome)).toEqual([
    'refused',
    'done',
  ])
  // A device that is signed in, without a fresh proof.
  await call('security.setPassword', { password: 'a password of a test' })
  const login = await fetch(`${url}/admin/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, 'x-routstr-admin': '1' },
    body: JSON.stringify({ password: 'a password of a test' }),
  })
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  expect((await get({ cookie })).status).toBe(403)
  expect((await get({ cookie, 'x-admin-password': 'a password of a test' })).status).toBe(200)
}, 30_000)

test('P-29 a start after an interrupted restore makes no new node in its place', async () => {
  const data = withKey('interrupted')
  mkdirSync(join(data, 'log.restoring'))
  const started = await runNode(childEnvironment(data))
  expect([started.code, started.said.includes('restore begins it again')]).toEqual([2, true])
  expect(existsSync(join(data, 'log'))).toBe(false)
}, 30_000)

function flipped(bytes: Buffer, place: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[place] = (copy[place] ?? 0) ^ 1
  return copy
}
