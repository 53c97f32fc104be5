/** The log survives, alone (P-28), and without it nothing is sold; the read models are disposable. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allowWrites, refuseWrites } from '../kit/disk'
import { type Economy, errorOf, startEconomy } from '../kit/economy'
import { startNode, type TestNode, until } from '../kit/node'

let economy: Economy
let key: string
beforeAll(async () => {
  economy = await startEconomy()
  key = await economy.key(500)
}, 60_000)
afterAll(() => economy.stop())

test('P-28 C-015 a log that cannot be written stops the selling, says so, and sells again by itself', async () => {
  const before = await economy.info(key)
  const calls = economy.upstream.calls()
  const swaps = economy.mint.calls('swap')
  await refuseWrites(economy.node)
  const fresh = economy.mint.token(10)
  const first = await economy.get('/v1/balance/info', { authorization: `Bearer ${fresh}` })
  expect(first.status).toBe(503)
  for (const response of [
    await economy.chat(key),
    await economy.chat(key, { stream: true }),
    await economy.post('/v1/balance/topup', { cashu_token: fresh }, key),
  ])
    expect([response.status, (await errorOf(response)).code]).toEqual([503, 'log_unavailable'])
  expect(economy.upstream.calls()).toBe(calls)
  expect(economy.mint.calls('swap')).toBe(swaps)
  const health = await economy.get('/health')
  expect([health.status, ((await health.json()) as { status: string }).status]).toEqual([503, 'degraded'])
  // What costs nothing goes on.
  expect((await economy.get('/v1/models')).status).toBe(200)
  expect(await economy.info(key)).toEqual(before)
  await allowWrites(economy.node)
  await until('it sells again', async () => (await economy.chat(key)).status === 200)
  expect((await economy.get('/health')).status).toBe(200)
  expect((await economy.info(fresh)).balance).toBe(10_000)
})

test('W-15 a deposit whose credit cannot be written is credited once the log is written again, without a restart', async () => {
  const token = economy.mint.token(24)
  const swaps = economy.mint.calls('swap')
  economy.mint.fault({ path: 'swap', kind: 'delay-before', ms: 300 })
  const asked = economy.get('/v1/balance/info', { authorization: `Bearer ${token}` })
  await until('the swap is under way', () => economy.mint.calls('swap') > swaps)
  await refuseWrites(economy.node)
  await until('the credit failed', () => !economy.node.node.log.isWritable())
  await allowWrites(economy.node)
  await asked
  await until('it is credited', async () => (await economy.info(token)).balance === 24_000)
  expect((await economy.node.call('books.check')).result).toMatchObject({ balanced: true })
})

test('contract 6.6 a charge that cannot be booked within its time costs nothing and says so', async () => {
  let clock = Date.now()
  let hurry = false
  const other = await startEconomy({
    node: {
      now: () => clock,
      pause(ms) {
        if (!hurry) return Bun.sleep(ms)
        clock += ms
        return Bun.sleep(1)
      },
    },
  })
  const mine = await other.key(50)
  other.upstream.next({ pieces: 4, pauseMs: 30 })
  const streamed = other.chat(mine, { stream: true })
  await until('it streams', async () => (await other.info(mine)).reserved > 0)
  hurry = true
  await refuseWrites(other.node)
  const text = await (await streamed).text()
  expect(text).toContain('settlement_failed')
  expect(text).not.toContain('[DONE]')
  expect(text).not.toContain('"cost"')
  await allowWrites(other.node)
  await until('the log is written again', () => other.node.node.log.isWritable())
  expect(await other.info(mine)).toMatchObject({ balance: 50_000, reserved: 0 })
  await other.stop()
}, 60_000)

const rowsOf = async (node: TestNode) => {
  const tables = ['sessions', 'requests', 'usage', 'transfers', 'balance_sheet', 'audit']
  const rows: Record<string, unknown> = {}
  for (const table of tables)
    rows[table] = (await node.node.views.sql.query(`select t::text as row from ${table} t order by 1`)).map(
      (row) => (row as { row: string }).row,
    )
  return rows
}

test('A2 P-28 read models deleted, damaged, or of older code are rebuilt from event 0, equal to the live ones', async () => {
  await (await economy.chat(key)).text()
  const { rows } = (await economy.node.call('sessions.list')).result as { rows: { key12: string }[] }
  await economy.node.call('sessions.rename', { session: rows[0]?.key12, label: 'renamed' })
  await economy.node.node.views.caughtUp(economy.node.node.log.head(), 5000)
  const live = await rowsOf(economy.node)
  expect((live.requests as unknown[]).length).toBeGreaterThan(0)
  expect((live.sessions as unknown[]).length).toBeGreaterThan(1)
  const { directory } = economy.node
  let node = economy.node
  const views = join(directory, 'views')
  const damages: readonly (() => Promise<void> | void)[] = [
    () => rmSync(views, { recursive: true }),
    () => {
      for (const file of readdirSync(join(views, 'base/5')).slice(0, 40))
        writeFileSync(join(views, 'base/5', file), 'damaged')
    },
    () => rmSync(join(views, 'global'), { recursive: true, force: true }),
  ]
  await node.stop({ keep: true })
  for (const damage of damages) {
    await damage()
    node = await startNode({ directory, environment: { CASHU_MINTS: economy.mint.url } })
    await node.node.views.caughtUp(node.node.log.head(), 10_000)
    const rebuilt = await rowsOf(node)
    for (const table of Object.keys(live)) {
      const missing = (live[table] as string[]).filter((row) => !(rebuilt[table] as string[]).includes(row))
      expect([table, missing]).toEqual([table, []])
    }
    expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
    await node.stop({ keep: true })
  }
  expect(existsSync(views)).toBe(true)
}, 120_000)
