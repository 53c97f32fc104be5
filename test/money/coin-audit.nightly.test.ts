/** Free coins that somebody else has spent are found, booked as lost, and no payment trips over them (wallet 9.8, P-29). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { type DepositKit, openDeposits } from '../kit/deposits'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'
import { createTestMint } from '../kit/mint'
import { startNode, until } from '../kit/node'

const directory = temporaryDirectory()
const logs: TestLog[] = []
const kits: DepositKit[] = []
afterAll(async () => {
  for (const kit of kits) await kit.close()
  for (const log of logs) await log.close()
  directory.remove()
})
let shared: TestLog
beforeAll(async () => {
  shared = await logAt('shared')
}, 60_000)
async function logAt(name: string): Promise<TestLog> {
  const log = await openTestLog(join(directory.path, name))
  logs.push(log)
  return log
}
function open(log: TestLog): DepositKit {
  const kit = openDeposits(log, { guarded: true, keysetVersion: 'v2' })
  kits.push(kit)
  return kit
}
const accounts = async (kit: DepositKit) =>
  Object.fromEntries(
    (await kit.sheet()).filter(({ msat }) => msat !== 0n).map((row) => [row.account, Number(row.msat)]),
  )
const free = async (kit: DepositKit) =>
  (await kit.opened.log.coins(kit.purse())).filter(({ state }) => state === 'free')
const suspended = async (kit: DepositKit) =>
  (await kit.opened.engine.state('mint', `mint-${kit.purse().split('/')[0]}`)).suspended
async function stealOne(kit: DepositKit): Promise<number> {
  const [coin] = await free(kit)
  if (coin === undefined) throw new Error('no coin')
  const { keysetId, counter, amount, c } = coin
  kit.mint.spend([{ id: keysetId, amount, secret: kit.wallet.derive(keysetId, counter, amount).secret, C: c } as never])
  return amount
}

test('wallet 9.8 a coin that is gone is a loss, once, and its mint is suspended', async () => {
  const kit = open(shared)
  await kit.redeem(kit.mint.token(12))
  const { mint } = kit.desk()
  expect(await kit.guard.audit(mint, false)).toEqual({ lostMsat: 0, pending: 0 })
  expect(await suspended(kit)).toBeUndefined()
  const gone = (await stealOne(kit)) * 1000
  expect(await kit.guard.audit(mint, false)).toEqual({ lostMsat: gone, pending: 0 })
  expect(await suspended(kit)).toBe('own-coin-spent')
  expect(await kit.guard.audit(mint, false)).toEqual({ lostMsat: 0, pending: 0 })
  expect(await accounts(kit)).toEqual({ free: 12_000 - gone, customers: -12_000, 'owner:losses': gone })
})

test('wallet 9.8 a mint that does not answer loses nothing', async () => {
  const kit = open(shared)
  await kit.redeem(kit.mint.token(12))
  await stealOne(kit)
  kit.mint.fault({ path: 'checkstate', kind: 'status', times: 9 })
  expect(await kit.guard.audit(kit.desk().mint, false)).toEqual({ lostMsat: 0, pending: 0 })
  expect(await suspended(kit)).toBeUndefined()
})

test('P-29 wallet 7/27 a deposit that an old backup holds open is credited, and its coins, long spent, are a loss', async () => {
  const kit = open(await logAt('first'))
  await kit.redeem(kit.mint.token(1))
  kit.onStop((at) => (at === 'deposit: after the swap' ? new Promise(() => undefined) : Promise.resolve()))
  const token = kit.mint.token(64, 'sat', { amounts: [64] })
  void kit.redeem(token)
  await until('the mint has signed', () => kit.mint.calls('swap') === 2)
  await kit.opened.sql.script('checkpoint')
  cpSync(join(directory.path, 'first', 'log'), join(directory.path, 'old', 'log'), { recursive: true })
  kit.onStop(async () => undefined)
  const went = kit.restart()
  await went.deposits.resume()
  await until('it is credited', async () => (await accounts(went)).customers === -65_000)
  // The customer has it back and spent it; somebody else paid in.
  const refund = await went.refund(went.sessionOf(token))
  if (!('token' in refund)) throw new Error('no token')
  await went.redeem(refund.token)
  const old = kit.beside(await logAt('old'))
  expect(await old.redeem(kit.mint.token(2))).toMatchObject({ refused: 'mint-down' })
  await old.deposits.resume()
  await until('the old deposit is credited', async () => (await accounts(old)).customers === -65_000)
  await until('its coins were looked at', async () => ((await accounts(old))['owner:losses'] ?? 0) >= 64_000, 20_000)
  expect((await accounts(old)).free).toBe(kit.mint.outstanding('sat') * 1000 - 2000)
}, 40_000)

test('R-124 mints.resume ends a suspension with a reason, and not one that only a restore may end', async () => {
  const mint = createTestMint()
  const node = await startNode({ environment: { CASHU_MINTS: mint.url } })
  const { mints } = await node.node.adminNode.engine.state('node', 'node')
  const { engine } = node.node.adminNode
  const { wish } = await import('../../events')
  const suspend = (why: 'lied' | 'counter-clash') =>
    engine.execute(wish('mint', `mint-${mints[0]?.mintId}`, { do: 'suspend', why }), {
      meta: { actor: 'node', door: 'node' },
    })
  await suspend('lied')
  expect((await node.call('mints.resume', { mint: mint.url, reason: 'x' })).error?.data).toMatchObject({
    reason: 'PARAMS',
  })
  const resumed = await node.call('mints.resume', { mint: mint.url, reason: 'its keys were ours after all' })
  expect(resumed.result?.state).not.toBe('suspended')
  await suspend('counter-clash')
  expect((await node.call('mints.resume', { mint: mint.url, reason: 'now' })).error?.data).toMatchObject({
    code: 'mint-is-searched',
  })
  await node.stop()
  await mint.stop()
}, 30_000)
