/** Every night a backup is made, restored aside and proven; the oldest of too many go (wallet 12.5, dashboard 4.4). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Backups, createBackups } from '../../core/backup/backups'
import { backupKeyOf } from '../../core/backup/format'
import { lastDue } from '../../core/backup/schedule'
import { plainDesk } from '../../core/mint-states'
import { pureCurve } from '../../core/money/mint-client'
import { createVault } from '../../core/money/vault'
import { createTrace } from '../../core/trace'
import { type Economy, startEconomy } from '../kit/economy'
import { atNight } from '../kit/sizes'

const night = Date.UTC(2026, 10, 27, 3, 0)
const hour = 3600_000
let economy: Economy
let backups: Backups
let folder = ''
let now = night - hour
let keep = 14
const lines: string[] = []

beforeAll(async () => {
  economy = await startEconomy()
  await economy.key(100)
  const { directory, node } = economy.node
  folder = join(directory, 'backups')
  const secret = new Uint8Array(Buffer.from(readFileSync(join(directory, 'secret.key'), 'utf8').trim(), 'hex'))
  backups = createBackups({
    dataDirectory: directory,
    logDatabase: node.logDatabase,
    log: node.log,
    key: backupKeyOf(secret),
    vault: createVault(secret),
    curve: pureCurve,
    desk: ({ url }) => plainDesk(url),
    folder: () => folder,
    plan: () => ({ at: '03:00', keep, timeZone: 'UTC' }),
    version: 'test',
    now: () => now,
    trace: createTrace({ level: 'info', format: 'json', now: () => now, write: (text) => lines.push(text) }),
  })
}, 60_000)
afterAll(() => economy.stop())

test('P-29 nothing is made before its hour; at its hour one is made and verified, once', async () => {
  expect(await backups.round()).toBe(false)
  now = night + 60_000
  expect(await backups.round()).toBe(true)
  expect(backups.list()).toMatchObject([{ at: now, verifiedAt: now }])
  expect(await backups.round()).toBe(false)
  now = night + 23 * hour
  expect(await backups.round()).toBe(false)
}, 30_000)

test('P-29 a coin that the node has spent since is no fault, one that another wallet spent is', async () => {
  const [row] = backups.list()
  const spent = await economy.key(1)
  await economy.post('/v1/balance/refund', {}, spent)
  expect(await backups.verify(row?.backup ?? '')).toMatchObject({ ok: true })
  const { log, adminNode } = economy.node.node
  const { mints } = await adminNode.engine.state('node', 'node')
  const [coin] = (await log.coins(`${mints[0]?.mintId}/sat`)).filter(({ state }) => state === 'free')
  const { walletSeed } = await import('../../core/keys')
  const { deriveOutput } = await import('../../core/money/mint-client')
  const { seed } = walletSeed(await adminNode.wallet.words())
  const { keysetId = '', counter = 0, amount = 0, c = '' } = coin ?? {}
  const secret = deriveOutput(seed, keysetId, counter, amount).secret
  economy.mint.spend([{ id: keysetId, amount, secret, C: c } as never])
  const verdict = await backups.verify(row?.backup ?? '')
  expect(verdict).toMatchObject({ ok: false, balancesEqual: true })
  expect(verdict?.sentence).toContain('spent by somebody else')
  // What it was proven for stays true of its hour.
  expect(backups.list()[0]?.verifiedAt).toBe(now)
}, 30_000)

atNight(
  'P-29 a mint that does not answer leaves a backup unverified',
  async () => {
    await economy.mint.stop()
    now += hour / 2
    const { backup } = await backups.run()
    const verdict = await backups.verify(backup)
    economy.mint.restart()
    expect(verdict).toMatchObject({ ok: false, balancesEqual: true, coinsChecked: 0 })
    expect(verdict?.sentence).toContain('did not answer')
    expect(backups.list()[0]).toMatchObject({ backup, sentence: verdict?.sentence as string })
    expect(backups.list()[0]?.verifiedAt).toBeUndefined()
  },
  30_000,
)

atNight(
  'dashboard 4.4 of too many the oldest go, the newest proven one never, strangers stay',
  async () => {
    keep = 1
    now = night + 24 * hour + 60_000
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'my own.backup'), 'not ours')
    expect(await backups.round()).toBe(true)
    const kept = backups.list().map(({ verifiedAt }) => verifiedAt)
    expect(kept).toEqual([undefined, night + 23 * hour])
    expect(readdirSync(folder)).toContain('my own.backup')
  },
  30_000,
)

atNight(
  'P-29 a node that slept through its hour makes up for it, not in its first minutes',
  async () => {
    for (const { backup } of backups.list()) rmSync(backups.pathOf(backup))
    now = night + 47 * hour
    expect(backups.list()).toEqual([])
    expect(await backups.round()).toBe(true)
  },
  30_000,
)

test('P-21 no line names what a backup holds', () => {
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.join('')).not.toMatch(/sk-|cashu/)
})

test('dashboard 4.4 the hour is that of the chosen time zone', () => {
  const noon = Date.UTC(2026, 5, 1, 12, 0, 30)
  expect(lastDue(noon, '12:00', 'UTC')).toBe(noon - 30_000)
  expect(lastDue(noon, '12:01', 'UTC')).toBe(noon - 30_000 - 24 * hour + 60_000)
  expect(lastDue(noon, '03:00', 'Asia/Kolkata')).toBe(Date.UTC(2026, 4, 31, 21, 30))
})
