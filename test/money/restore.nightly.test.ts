/** Coins come back by the seed alone (wallet 12.3): real signatures of the test mint, on empty and on living logs. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createMintClient } from '../../core/money/mint-client'
import type { MintEvent } from '../../events/schema/mint'
import { type DepositKit, noLadder, openDeposits } from '../kit/deposits'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'
import type { TestMintOptions } from '../kit/mint'
import { until } from '../kit/node'
import { atNight, spread } from '../kit/sizes'

const directory = temporaryDirectory()
const logs: TestLog[] = []
const kits: DepositKit[] = []
let shared: TestLog
beforeAll(async () => {
  shared = await emptyLog()
}, 60_000)
afterAll(async () => {
  for (const kit of kits) await kit.close()
  for (const log of logs) await log.close()
  directory.remove()
})

async function emptyLog(): Promise<TestLog> {
  const log = await openTestLog(`${directory.path}/${logs.length}`)
  logs.push(log)
  return log
}
function open(options: TestMintOptions & { readonly guarded?: boolean } = {}): DepositKit {
  const kit = openDeposits(shared, { ladder: noLadder, ...options })
  kits.push(kit)
  return kit
}

/** Has the mint sign our output at `counter`, as a node that nobody remembers did. */
async function signAt(kit: DepositKit, counter: number, amount: number, unit: 'sat' | 'msat' = 'sat'): Promise<string> {
  const proofs = kit.mint.proofs(amount, unit, { amounts: [amount] })
  const keysetId = proofs[0]?.id ?? ''
  const inputs = proofs.map(({ id, secret, C }) => ({ id, amount, secret, C }))
  const { B_ } = kit.wallet.derive(keysetId, counter, amount)
  const answer = await createMintClient(kit.mint.url).swap(inputs, [{ amount, id: keysetId, B_ }])
  expect(answer.is).toBe('done')
  return keysetId
}
const accounts = async (kit: DepositKit, unit: 'sat' | 'msat' = 'sat') =>
  Object.fromEntries(
    (await kit.sheet())
      .filter((row) => row.purse === kit.purse(unit) && row.msat !== 0n)
      .map((row) => [row.account, Number(row.msat)]),
  )
const scans = async (kit: DepositKit) =>
  (await kit.opened.log.read(`mint-${kit.purse().split('/')[0]}`, 0))
    .filter(({ type }) => type === 'mint.scanned')
    .map(({ data }) => data as Extract<MintEvent, { type: 'mint.scanned' }>['data'])
const free = async (kit: DepositKit) =>
  (await kit.opened.log.coins(kit.purse())).filter(({ state }) => state === 'free')

test('W-03 wallet 12.3 on an empty log all unspent coins come back, owed to whoever they belong to', async () => {
  const kit = open({ feePpk: 100 })
  for (const units of [100, 37, 64]) expect(await kit.redeem(kit.mint.token(units))).toMatchObject({ settled: true })
  const lost = kit.beside(await emptyLog())
  const found = await lost.recover()
  const held = kit.mint.outstanding('sat') * 1000
  expect(found).toMatchObject({
    state: 'done',
    isBehind: true,
    importedMsat: held,
    unattributedMsat: held,
    lostMsat: 0,
  })
  expect(await accounts(lost)).toEqual({ free: held, unattributed: -held })
  const keyset = (await free(kit))[0]?.keysetId ?? ''
  const highest = Math.max(...(await free(kit)).map(({ counter }) => counter))
  expect(await lost.opened.log.cursor(lost.wallet.seedId, keyset)).toBe(highest + 1)
  expect(await free(lost)).toEqual(await free(kit))
})

atNight('wallet 12.3 a repeated restore changes nothing, and what is found can be spent', async () => {
  const kit = open({ guarded: true })
  await kit.redeem(kit.mint.token(50))
  const lost = kit.beside(await emptyLog())
  await lost.recover()
  const head = lost.opened.log.head()
  expect(await lost.recover()).toMatchObject({ state: 'done', isBehind: false, importedMsat: 0 })
  expect(await lost.restart().recover()).toMatchObject({ importedMsat: 0 })
  expect(lost.opened.log.head()).toBe(head)
  // New outputs begin above all that was seen: the mint signs them at the first try.
  const swaps = kit.mint.calls('swap')
  const token = kit.mint.token(8)
  expect(await lost.redeem(token)).toMatchObject({ settled: true })
  expect(kit.mint.calls('swap')).toBe(swaps + 1)
  expect(await lost.refund(lost.sessionOf(token))).toMatchObject({ is: 'ready', sats: 8 })
})

test('T11 wallet 12.3 a coin that was spent does not come back', async () => {
  const kit = open()
  const [a, b] = [kit.mint.token(32), kit.mint.token(16)]
  await kit.redeem(a)
  await kit.redeem(b)
  await kit.refund(kit.sessionOf(b))
  const [coin] = await free(kit)
  const { keysetId = '', counter = 0, amount = 0, c = '' } = coin ?? {}
  const proof = { id: keysetId, amount, secret: kit.wallet.derive(keysetId, counter, amount).secret, C: c }
  kit.mint.spend([proof as never])
  const lost = kit.beside(await emptyLog())
  expect(await lost.recover()).toMatchObject({ importedMsat: 16_000, signatures: 2 })
  expect((await scans(lost)).flatMap(({ imported }) => imported.map((one) => one.amount))).toEqual([16])
})

test('wallet 12.3 inactive keysets and both units are searched, each into its own purse', async () => {
  const kit = open({ units: ['sat', 'msat'], keysetVersion: 'v2' })
  await signAt(kit, 3, 16)
  kit.mint.rotate('sat')
  await signAt(kit, 0, 4)
  await signAt(kit, 2, 512, 'msat')
  expect(await kit.recover()).toMatchObject({ state: 'done', keysets: 3, importedMsat: 20_512 })
  expect(await accounts(kit)).toEqual({ free: 20_000, unattributed: -20_000 })
  expect(await accounts(kit, 'msat')).toEqual({ free: 512, unattributed: -512 })
})

test('wallet 19/8 a gap of 299 is passed, one of 301 ends the search, and a wider one is a wish', async () => {
  const kit = open({ keysetVersion: 'v2' })
  await signAt(kit, 299, 2)
  await signAt(kit, 601, 4)
  expect(await kit.recover()).toMatchObject({ importedMsat: 2000 })
  expect(await kit.recover(302)).toMatchObject({ importedMsat: 4000, isBehind: true })
  expect((await scans(kit)).map(({ cursor }) => cursor)).toEqual([300, 602])
})

test('W-03 a jump of the counter is no end: the search goes on beyond what this log has planned', async () => {
  const kit = open({ keysetVersion: 'v2' })
  const keysetId = await signAt(kit, 0, 1)
  await signAt(kit, 1300, 8)
  await kit.opened.log.append({
    streams: [],
    cursors: [{ seedId: kit.wallet.seedId, keysetId, from: 0, count: 1200 }],
    meta: { actor: 'node', door: 'node' },
    at: 0,
  })
  expect(await kit.recover()).toMatchObject({ signatures: 2, importedMsat: 9000 })
})

test.each(['restore-reordered', 'states-reordered'] as const)(
  'W-04 an answer %s is matched, not counted',
  async (kind) => {
    const kit = open({ keysetVersion: 'v2' })
    for (const [counter, amount] of [
      [0, 1],
      [1, 2],
      [5, 4],
    ] as const)
      await signAt(kit, counter, amount)
    kit.mint.fault({ path: kind.startsWith('restore') ? 'restore' : 'checkstate', kind, times: 9 })
    expect(await kit.recover()).toMatchObject({ state: 'done', importedMsat: 7000 })
  },
)

test.each(['dleq-false', 'dleq-missing'] as const)(
  'T7 a signature with %s is no coin, and its counter is not used again',
  async (kind) => {
    const kit = open({ keysetVersion: 'v2' })
    const keyset = await signAt(kit, 4, 8)
    kit.mint.fault({ path: 'restore', kind, times: 9 })
    expect(await kit.recover()).toMatchObject({ importedMsat: 0, unproven: 1 })
    expect(await accounts(kit)).toEqual({})
    expect(await kit.opened.log.cursor(kit.wallet.seedId, keyset)).toBe(5)
  },
)

test.each(spread(['restore', 'checkstate', 'keysets', 'keys'], 2))(
  'W-15 a mint that fails at %s is left for later, and nothing is half',
  async (path) => {
    const kit = open({ keysetVersion: 'v2' })
    await signAt(kit, 0, 8)
    kit.mint.fault({ path, kind: 'status', times: 1 })
    expect((await kit.recover()).state).toBe('later')
    // What the log forgot is known by now or not: the guard goes on by itself, or the next wish does.
    await until('it is brought back', async () => (await kit.recover()).state === 'done')
    expect(await accounts(kit)).toEqual({ free: 8000, unattributed: -8000 })
  },
)

test('W-15 a keyset that its mint fails at holds up no other one', async () => {
  const kit = open({ keysetVersion: 'v2' })
  await signAt(kit, 0, 8)
  kit.mint.rotate('sat')
  await signAt(kit, 0, 4)
  kit.mint.fault({ path: 'restore', kind: 'status', times: 1 })
  expect(await kit.recover()).toMatchObject({ state: 'later', importedMsat: 4000 })
  await until('it is brought back', async () => (await kit.recover()).state === 'done')
  expect(await accounts(kit)).toEqual({ free: 12_000, unattributed: -12_000 })
})

test.each(
  spread(['restore: after an import', 'restore: searched', 'restore: before an import', 'restore: before the end'], 2),
)('W-15 wallet 7/28 a kill at "%s" loses nothing and books nothing twice', async (place) => {
  const kit = open({ guarded: true, keysetVersion: 'v2' })
  await signAt(kit, 0, 8)
  await signAt(kit, 40, 4)
  let reached = false
  kit.onStop(async (at) => {
    if (at !== place || reached) return
    reached = true
    await new Promise(() => undefined)
  })
  void kit.recover()
  await until('it gets there', () => reached)
  const next = kit.restart()
  // Until it is done nothing new is planned; a customer is told that the mint is not there.
  expect(await next.redeem(kit.mint.token(2))).toMatchObject({ refused: 'mint-down' })
  await until('it is done', async () => (await next.recover()).state === 'done')
  expect(await accounts(next)).toEqual({ free: 12_000, unattributed: -12_000 })
  expect(await next.redeem(kit.mint.token(2))).toMatchObject({ settled: true })
  const counters = (await free(next)).map(({ counter }) => counter)
  expect(Math.min(...counters.slice(2))).toBeGreaterThan(40)
})

test('W-10 what an open operation may still get is left to it', async () => {
  const kit = open({ keysetVersion: 'v2' })
  await kit.redeem(kit.mint.token(1))
  kit.onStop((at) => (at === 'deposit: after the swap' ? new Promise(() => undefined) : Promise.resolve()))
  const token = kit.mint.token(64)
  void kit.redeem(token)
  await until('the mint has signed', () => kit.mint.calls('swap') === 2)
  await Bun.sleep(20)
  const next = kit.restart()
  expect(await next.recover()).toMatchObject({ state: 'done', isBehind: false, importedMsat: 0 })
  next.onStop(async () => undefined)
  await next.deposits.resume()
  await until('it is credited', async () => (await accounts(next)).customers === -65_000)
  expect(await accounts(next)).toEqual({ free: 65_000, customers: -65_000 })
})

test('wallet 16 on a log that forgot nothing a late signature is the owner’s', async () => {
  const kit = open({ keysetVersion: 'v2' })
  await kit.redeem(kit.mint.token(4))
  const keysetId = (await free(kit))[0]?.keysetId ?? ''
  const next = await kit.opened.log.cursor(kit.wallet.seedId, keysetId)
  const cursors = [{ seedId: kit.wallet.seedId, keysetId, from: next, count: 10 }]
  await kit.opened.log.append({ streams: [], cursors, meta: { actor: 'node', door: 'node' }, at: 0 })
  await signAt(kit, next + 3, 32)
  expect(await kit.recover()).toMatchObject({ isBehind: false, importedMsat: 32_000, unattributedMsat: 0 })
  expect(await accounts(kit)).toEqual({ free: 36_000, customers: -4000, 'owner:recovered': -32_000 })
})
