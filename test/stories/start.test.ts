/** What a start refuses, with which exit code, and how a node ends (configuration 1 and 2). */
import { expect, test } from 'bun:test'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openPglite } from '../../core/database/pglite'
import { readEnvironment, WrongConfiguration } from '../../core/env'
import { childEnvironment, prepareData, runNode, startChild } from '../kit/child'
import { temporaryDirectory } from '../kit/log'
import { atNight } from '../kit/sizes'

const wrong: readonly [string, string][] = [
  ['HOST', 'not a host'],
  ['PORT', '99999'],
  ['PORT', '80a'],
  ['DATABASE_URL', 'postgres://localhost/routstr'],
  ['UPSTREAM_BASE_URL', 'openrouter'],
  ['UPSTREAM_BASE_URL', 'https://user:pass@host.example/v1'],
  ['UPSTREAM_API_KEY', 'two words'],
  ['CASHU_MINTS', 'https://mint.example,nonsense'],
  ['ADMIN_NPUB', 'npub1nonsense'],
  ['ADMIN_PASSWORD', 'short'],
  ['ADMIN_RELAYS', 'https://relay.example'],
  ['NSEC', 'nsec1nonsense'],
  ['BTC_USD_SOURCES', 'kraken'],
  ['BTC_USD_SOURCES', 'fixed:0'],
  ['BTC_USD_SOURCES', 'fixed:-5'],
  ['PRICE_FEED_URL', 'feed'],
  ['PUBLIC_URL', 'ftp://host.example'],
  ['EXCHANGE_FEE', '0.5'],
  ['UPSTREAM_FEE', 'ten'],
  ['FIXED_PRICING', 'maybe'],
  ['FIXED_COST_PER_REQUEST', '0'],
  ['MIN_REQUEST_MSAT', '1.5'],
  ['CORS_ORIGINS', 'example.com'],
  ['TRUSTED_PROXIES', 'proxy.example'],
  ['LOG_LEVEL', 'loud'],
  ['LOG_FORMAT', 'xml'],
  ['SHUTDOWN_GRACE_MS', '-1'],
  ['MAX_BODY_MB', '0'],
  ['MAX_CONCURRENT_PER_KEY', '0'],
  ['MINT_WAIT_S', '100'],
]

test.each(wrong)('configuration 2 %s=%s stops the start with one sentence that names it', (name, value) => {
  const more: Record<string, string> = name === 'UPSTREAM_API_KEY' ? { UPSTREAM_BASE_URL: 'http://127.0.0.1:1' } : {}
  let said: unknown
  try {
    readEnvironment({ [name]: value, ...more }, { terminal: false })
  } catch (error) {
    said = error
  }
  expect(said).toBeInstanceOf(WrongConfiguration)
  expect((said as Error).message).toStartWith(`${name}: `)
  expect((said as Error).message).not.toContain('\n')
})

test('configuration 2 an empty variable is none, save where empty means off', () => {
  const empty = ['PRICE_FEED_URL', 'ADMIN_RELAYS', 'TRUSTED_PROXIES', 'NAME', 'EXCHANGE_FEE', 'PUBLIC_URL']
  const { settings, adminRelays, trustedProxies } = readEnvironment(
    Object.fromEntries(empty.map((name) => [name, ''])),
    { terminal: false },
  )
  expect({ settings, adminRelays, trustedProxies }).toEqual({
    settings: { 'rate.feedUrl': '' },
    adminRelays: [],
    trustedProxies: [],
  })
})

test('configuration 1 a wrong variable ends the process with exit 2, and no directory was made', async () => {
  const directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  const { code, said } = await runNode({ ...childEnvironment(data), EXCHANGE_FEE: '0.5' })
  expect([code, said.trim().split('\n').length]).toEqual([2, 1])
  expect(said).toContain('EXCHANGE_FEE')
  expect(existsSync(data)).toBe(false)
  const file = join(directory.path, 'models.json')
  writeFileSync(file, '{"not":"a list"}')
  await prepareData(data)
  const models = await runNode({ ...childEnvironment(data), MODELS_FILE: file })
  expect([models.code, models.said]).toEqual([2, 'routstr-node: MODELS_FILE: it must hold a list\n'])
  const blocked = join(directory.path, 'file')
  writeFileSync(blocked, '')
  const unusable = await runNode(childEnvironment(join(blocked, 'data')))
  expect([unusable.code, unusable.said.includes('ROUTSTR_DATA_DIR')]).toEqual([2, true])
  directory.remove()
}, 30_000)

test('P-28 P-32 a directory has one owner and one key: exit 3, exit 4, and a clean stop is exit 0', async () => {
  const directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  await prepareData(data)
  const environment = childEnvironment(data)
  const first = await startChild(environment)
  expect(first.printed()).toContain(`pid ${first.child.pid}`)
  expect(statSync(data).mode & 0o777).toBe(0o700)
  for (const name of ['secret.key', 'console.token', 'lease'])
    expect([name, statSync(join(data, name)).mode & 0o777]).toEqual([name, 0o600])
  const second = await runNode(environment)
  expect([second.code, second.said.trim().split('\n').length]).toEqual([3, 1])
  expect((await fetch(`${first.url}/health`)).status).toBe(200)
  first.child.kill('SIGTERM')
  expect(await first.child.exited).toBe(0)
  const other = await runNode({ ...environment, NODE_SECRET_KEY: '11'.repeat(32) })
  expect([other.code, other.said.includes('secret key')]).toEqual([4, true])
  const nonsense = await runNode({ ...environment, NODE_SECRET_KEY: 'nonsense' })
  expect([nonsense.code, nonsense.said.includes('nonsense')]).toEqual([4, false])
  directory.remove()
}, 60_000)

test('configuration 1 a second signal does not wait for what the first one waits for', async () => {
  const directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  await prepareData(data)
  const { child, url } = await startChild(childEnvironment(data))
  // A body that does not end is a request that runs.
  const socket = await Bun.connect({ hostname: '127.0.0.1', port: Number(new URL(url).port), socket: { data() {} } })
  socket.write('POST /v1/balance/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{')
  await Bun.sleep(200)
  child.kill('SIGTERM')
  // The terminal and `bun run` both pass on one Ctrl-C: that is one signal.
  child.kill('SIGTERM')
  await Bun.sleep(1100)
  expect(child.exitCode).toBe(null)
  child.kill('SIGTERM')
  expect(await child.exited).toBe(1)
  socket.end()
  directory.remove()
}, 30_000)

atNight(
  'P-40 P-28 a log with an event that this program does not know is not opened: exit 5, nothing written',
  async () => {
    const directory = temporaryDirectory()
    const data = join(directory.path, 'data')
    await prepareData(data)
    const first = await startChild(childEnvironment(data))
    first.child.kill('SIGINT')
    expect(await first.child.exited).toBe(0)
    const count = async (statement: string) => {
      const log = await openPglite({ directory: join(data, 'log'), synced: true })
      const rows = await log.query<{ n: bigint }>(statement)
      await log.close()
      return rows[0]?.n
    }
    const events = 'select count(*) as n from events'
    const before = await count(events)
    await count("insert into event_types (type, v) values ('session.teleported', 1) returning 1::bigint as n")
    const refused = await runNode(childEnvironment(data))
    expect([refused.code, refused.said.includes('session.teleported')]).toEqual([5, true])
    expect(await count(events)).toBe(before ?? -1n)
    await count("delete from event_types where type = 'session.teleported' returning 1::bigint as n")
    await count("insert into event_types (type, v) values ('session.charged', 99) returning 1::bigint as n")
    expect((await runNode(childEnvironment(data))).code).toBe(5)
    directory.remove()
  },
  60_000,
)
