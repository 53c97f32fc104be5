/** A log that is older than its mint (wallet 12.4): nothing new is planned before its coins are back (P-29). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { createMintClient } from '../../core/money/mint-client'
import type { TrustedMint } from '../../events'
import { spends } from '../kit/charge'
import { type DepositKit, noLadder, openDeposits } from '../kit/deposits'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'
import type { TestMintOptions } from '../kit/mint'
import { createTestMint } from '../kit/mint'
import { startNode, until } from '../kit/node'

const directory = temporaryDirectory()
const logs: TestLog[] = []
const kits: DepositKit[] = []
let shared: TestLog
beforeAll(async () => {
  shared = await logAt('shared')
}, 60_000)
afterAll(async () => {
  for (const kit of kits) await kit.close()
  for (const log of logs) await log.close()
  directory.remove()
})

async function logAt(name: string): Promise<TestLog> {
  const log = await openTestLog(join(directory.path, name))
  logs.push(log)
  return log
}
function open(log: TestLog, options: TestMintOptions = {}): DepositKit {
  const kit = openDeposits(log, { guarded: true, ladder: noLadder, ...options })
  kits.push(kit)
  return kit
}
/** The log as it is on disk now: a backup, put back later. */
async function copyOf(name: string): Promise<TestLog> {
  const log = logs.at(-1) as TestLog
  await log.sql.script('checkpoint')
  cpSync(join(directory.path, name, 'log'), join(directory.path, `${name}-old`, 'log'), { recursive: true })
  return logAt(`${name}-old`)
}
const accounts = async (kit: DepositKit) =>
  Object.fromEntries(
    (await kit.sheet()).filter(({ msat }) => msat !== 0n).map((row) => [row.account, Number(row.msat)]),
  )
const coins = async (kit: DepositKit, state: string) =>
  (await kit.opened.log.coins(kit.purse())).filter((coin) => coin.state === state)
const suspended = async (kit: DepositKit) =>
  (await kit.opened.engine.state('mint', `mint-${kit.purse().split('/')[0]}`)).suspended
const trusted = (kit: DepositKit) => kit.payoutDeps.mints()[0] as TrustedMint
const stateAtMint = async (kit: DepositKit) => {
  const ys = (await coins(kit, 'free')).map(({ keysetId, counter, amount }) =>
    kit.wallet.yOf(kit.wallet.derive(keysetId, counter, amount).secret),
  )
  const answer = await createMintClient(kit.mint.url).states(ys)
  return answer.is === 'done' ? [...new Set(answer.value.map(({ state }) => state))] : []
}

/** A wallet of some days has counted far beyond one probe. */
async function countOn(kit: DepositKit, count: number): Promise<void> {
  const { log } = kit.opened
  const { seedId } = kit.wallet
  const keysetId = (await coins(kit, 'free'))[0]?.keysetId ?? ''
  const cursors = [{ seedId, keysetId, from: await log.cursor(seedId, keysetId), count }]
  await log.append({ streams: [], cursors, meta: { actor: 'node', door: 'node' }, at: kit.now() })
}

test.each([
  ['of its first day', 'first', 0],
  ['of later', 'later', 500],
])(
  'P-29 W-18 wallet 12.4 an old backup %s plans nothing until it was searched; losses and gains are listed',
  async (_, name, count) => {
    const kit = open(await logAt(name), { feePpk: 100 })
    const early = kit.mint.token(129, 'sat', { amounts: [128, 1] })
    await kit.redeem(early)
    await countOn(kit, count)
    const old = kit.beside(await copyOf(name))
    // What the backup has forgotten: a refund by a swap with change, and another customer's deposit.
    await spends(kit, kit.sessionOf(early), 28_000)
    expect(await kit.refund(kit.sessionOf(early))).toMatchObject({ is: 'ready', sats: 100 })
    await kit.redeem(kit.mint.token(20))
    const token = kit.mint.token(4)
    expect(await old.redeem(token)).toMatchObject({ refused: 'mint-down' })
    expect(await old.refund(old.sessionOf(early))).toMatchObject({ refused: 'mint-down' })
    await until('it is searched', async () => (await suspended(old)) === undefined)
    expect(await stateAtMint(old)).toEqual(['UNSPENT'])
    const sums = await accounts(old)
    expect(Object.values(sums).reduce((a, b) => a + b, 0)).toBe(0)
    expect(sums.free).toBe(kit.mint.outstanding('sat') * 1000 - 4000)
    // Lost: the coins that paid. Found: the token that nobody fetched yet and its change, then what was deposited.
    expect(sums).toMatchObject({ customers: -128_000, 'owner:losses': 128_000, 'owner:recovered': -128_000 })
    expect(sums.unattributed).toBe(128_000 - (sums.free ?? 0))
    expect(await old.redeem(token)).toMatchObject({ settled: true })
    expect(await coins(old, 'locked')).toEqual([])
  },
  30_000,
)

test('W-18 wallet 6.1 counters that clash later are searched as well: another node plans with this seed', async () => {
  const kit = open(await logAt('one'))
  await kit.redeem(kit.mint.token(8))
  const [next, other] = [kit.restart(), kit.beside(await copyOf('one'))]
  kits.push(next, other)
  for (const one of [next, other]) one.guard.start()
  await until('both have looked, and found nothing', async () => {
    const closed = [
      await next.payoutDeps.desk(trusted(kit)).mayPlan('sat'),
      await other.payoutDeps.desk(trusted(kit)).mayPlan('sat'),
    ]
    return closed.every((one) => one === undefined)
  })
  await other.redeem(kit.mint.token(64))
  const token = kit.mint.token(16)
  expect(await next.redeem(token)).toMatchObject({ settled: true })
  await until('it was searched', async () => (await accounts(next)).unattributed !== undefined)
  await until('it plans again', async () => (await suspended(next)) === undefined)
  expect((await accounts(next)).free).toBe(kit.mint.outstanding('sat') * 1000)
  expect(Object.values(await accounts(next)).reduce((a, b) => a + b, 0)).toBe(0)
  expect(await next.redeem(kit.mint.token(4))).toMatchObject({ settled: true })
}, 30_000)

test('P-29 wallet 6.6 before its probe a purse pays nobody, exact matches too; afterwards it does, mint or not', async () => {
  const kit = open(shared)
  const [a, b] = [kit.mint.token(8), kit.mint.token(16)]
  await kit.redeem(a)
  await kit.redeem(b)
  const next = kit.restart()
  await kit.mint.stop()
  expect(await next.refund(next.sessionOf(a))).toMatchObject({ refused: 'mint-down' })
  kit.mint.restart()
  expect(await next.refund(next.sessionOf(a))).toMatchObject({ is: 'ready' })
  await kit.mint.stop()
  expect(await next.refund(next.sessionOf(b))).toMatchObject({ is: 'ready' })
  kit.mint.restart()
})

test.each(['restore', 'keysets'])('P-29 a probe that fails at %s is none: nothing is planned on it', async (path) => {
  const kit = open(shared, { keysetVersion: 'v2' })
  kit.mint.fault({ path, kind: 'status', times: 1 })
  const token = kit.mint.token(8)
  expect(await kit.redeem(token)).toMatchObject({ refused: 'mint-down' })
  expect(kit.mint.calls('swap')).toBe(0)
  expect(await kit.redeem(token)).toMatchObject({ settled: true })
})

test('P-29 a keyset that appears later is probed before its first output', async () => {
  const kit = open(shared, { keysetVersion: 'v2' })
  await kit.redeem(kit.mint.token(8))
  const keyset = kit.mint.rotate('sat')
  const [proof] = kit.mint.proofs(4, 'sat', { amounts: [4] })
  const { B_ } = kit.wallet.derive(keyset.id, 20, 4)
  const input = { id: keyset.id, amount: 4, secret: proof?.secret ?? '', C: proof?.C ?? '' }
  await createMintClient(kit.mint.url).swap([input], [{ amount: 4, id: keyset.id, B_ }])
  const token = kit.mint.token(2)
  await kit.desk().keysets(true)
  expect(await kit.redeem(token)).toMatchObject({ refused: 'mint-down' })
  await until('it is searched', async () => (await suspended(kit)) === undefined)
  expect(await accounts(kit)).toMatchObject({ unattributed: -4000 })
  expect(await kit.redeem(token)).toMatchObject({ settled: true })
  expect(await kit.opened.log.cursor(kit.wallet.seedId, keyset.id)).toBeGreaterThan(20)
})

test('P-17 a mint that hangs while it is probed holds up no other one', async () => {
  const [hanging, sound] = [createTestMint(), createTestMint()]
  hanging.fault({ path: 'restore', kind: 'hang-before', times: 99 })
  const node = await startNode({ environment: { CASHU_MINTS: `${hanging.url},${sound.url}`, MINT_WAIT_S: '2' } })
  const ask = (token: string) => fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${token}` } })
  const held = ask(hanging.token(8)).catch(() => undefined)
  const started = performance.now()
  expect((await ask(sound.token(8))).status).toBe(200)
  expect(performance.now() - started).toBeLessThan(5000)
  hanging.clearFaults()
  await node.stop()
  await held
  await hanging.stop()
  await sound.stop()
}, 40_000)
