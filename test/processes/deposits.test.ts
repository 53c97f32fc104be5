/** What a mint can do to a deposit, and what the deposit makes of it (wallet 5.1, 6, 8). */
import { afterEach, expect, test } from 'bun:test'
import { eraseDue } from '../../core/processes/sealed-rows'
import { type DepositKit, openDeposits } from '../kit/deposits'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const open: DepositKit[] = []
async function kit(options: Parameters<typeof openDeposits>[1] = {}): Promise<DepositKit> {
  const made = openDeposits(opened(), options)
  open.push(made)
  return made
}
afterEach(async () => {
  for (const one of open.splice(0)) {
    const sums = (await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)
    expect(sums).toBe(0n)
    await one.close()
  }
})

const free = async (one: DepositKit) =>
  Number((await one.sheet()).find((row) => row.account === 'free')?.msat ?? 0n) / 1000

test('W-02 wallet 7/9 a keyset that rotates between plan and send is planned for anew, with counters of its own', async () => {
  const one = await kit()
  expect(await one.redeem(one.mint.token(7))).toMatchObject({ settled: true })
  one.mint.rotate('sat')
  expect(await one.redeem(one.mint.token(9))).toMatchObject({ settled: true, amountMsat: 9000, first: true })
  expect(await free(one)).toBe(16)
})

test('wallet 7/11 a fee raised by rotation is credited as it was signed', async () => {
  const one = await kit()
  const old = one.mint.token(8, 'sat', { amounts: [4, 4] })
  await one.redeem(one.mint.token(1))
  one.mint.rotate('sat', { feePpk: 500 })
  const young = one.mint.token(8, 'sat', { amounts: [4, 4] })
  expect(await one.redeem(old)).toMatchObject({ settled: true, amountMsat: 8000, feeMsat: 0 })
  expect(await one.redeem(young)).toMatchObject({ settled: true, amountMsat: 7000, feeMsat: 1000 })
})

test('W-08 a mint that refuses every keyset is planned for slower and slower, and a later plan wins', async () => {
  const one = await kit()
  one.mint.fault({ path: 'swap', kind: 'code', code: 12_002, times: 6 })
  expect(await one.redeem(one.mint.token(5))).toMatchObject({ settled: true, amountMsat: 5000 })
  expect(one.mint.calls('swap')).toBe(7)
  expect(one.pauses()).toBeGreaterThanOrEqual(4)
})

test.each(spread([10_001, 11_006, 11_007, 11_010, 11_015], 2))(
  'wallet 8.1 code %p with unspent inputs refuses the token after one look, and frees it',
  async (code) => {
    const one = await kit()
    const token = one.mint.token(5)
    one.mint.fault({ path: 'swap', kind: 'code', code })
    expect(await one.redeem(token)).toMatchObject({ refused: 'token-rejected' })
    expect(one.mint.outstanding('sat')).toBe(5)
    expect(await one.sheet()).toEqual([])
    // The same proofs in a new process: planned again, in the same stream.
    expect(await one.restart().redeem(token)).toMatchObject({ settled: true, amountMsat: 5000 })
  },
)

test('W-09 a token spent elsewhere is refused after one look if one request was sent and its answer read', async () => {
  const one = await kit()
  const proofs = one.mint.proofs(6)
  one.mint.spend(proofs)
  expect(await one.redeem(one.mint.encode(proofs))).toMatchObject({ refused: 'token-spent' })
  expect(one.mint.calls('checkstate')).toBe(1)
})

test('W-09 after a lost answer a spend elsewhere is believed only by two looks, half a minute apart', async () => {
  const one = await kit()
  const proofs = one.mint.proofs(6)
  one.mint.spend(proofs)
  one.mint.fault({ path: 'swap', kind: 'drop-before' })
  const before = one.now()
  expect(await one.redeem(one.mint.encode(proofs))).toMatchObject({ refused: 'token-spent' })
  expect(one.now() - before).toBeGreaterThanOrEqual(30_000)
})

test('wallet 6.1 a token of which one proof was spent is refused, and its other proofs can be redeemed', async () => {
  const one = await kit()
  const proofs = one.mint.proofs(12, 'sat', { amounts: [4, 8] })
  one.mint.spend(proofs.slice(0, 1))
  expect(await one.redeem(one.mint.encode(proofs))).toMatchObject({ refused: 'token-spent' })
  expect(await one.redeem(one.mint.encode(proofs.slice(1)))).toMatchObject({ settled: true, amountMsat: 8000 })
})

test('W-11 P-03 a token that overlaps another one is refused as spent and nothing is sent for it', async () => {
  const one = await kit()
  const proofs = one.mint.proofs(12, 'sat', { amounts: [4, 8] })
  expect(await one.redeem(one.mint.encode(proofs.slice(1)))).toMatchObject({ settled: true })
  const swaps = one.mint.calls('swap')
  expect(await one.redeem(one.mint.encode(proofs))).toMatchObject({ refused: 'token-spent' })
  expect(one.mint.calls('swap')).toBe(swaps)
})

test.each(spread(['count-wrong', 'amount-wrong', 'keyset-wrong', 'dleq-missing', 'dleq-false'] as const, 2))(
  'wallet 6.1 a mint that answers with %s is suspended, nothing is credited, and the deposit stays open',
  async (kind) => {
    const one = await kit()
    for (const path of ['swap', 'restore']) one.mint.fault({ path, kind, times: 1_000_000 })
    expect(await one.redeem(one.mint.token(5), 200)).toMatchObject({ pending: true })
    await until('the mint is suspended', () => one.desk().isSuspended())
    expect(await one.sheet()).toEqual([])
    expect(await one.redeem(one.mint.token(5), 200)).toMatchObject({ refused: 'mint-down' })
  },
)

test('wallet 6.1, 8.1 after one wrong answer what is open is credited by what can be proven, and nothing new begins', async () => {
  const one = await kit()
  one.mint.fault({ path: 'swap', kind: 'count-wrong' })
  const token = one.mint.token(5)
  await one.redeem(token, 500)
  await until('it is credited', async () => (await free(one)) === 5)
  expect(await one.desk().isSuspended()).toBe(true)
  expect(await one.redeem(token)).toMatchObject({ settled: true, amountMsat: 5000 })
  expect(await one.redeem(one.mint.token(7))).toMatchObject({ refused: 'mint-down' })
})

test('wallet 6.1 what is open at a suspended mint is planned anew when its keyset rotates, and credited', async () => {
  const one = await kit()
  one.onStop(async (place) => {
    if (place !== 'deposit: before the swap' || (await one.desk().isSuspended())) return
    await one.desk().suspend('lied', 'as told')
    one.mint.rotate('sat')
  })
  const token = one.mint.token(6)
  await one.redeem(token, 500)
  await until('it is credited', async () => (await free(one)) === 6)
  expect(await one.redeem(one.mint.token(7))).toMatchObject({ refused: 'mint-down' })
})

test('wallet 12.4 at a mint that knows more than the log does even what is open waits for the search', async () => {
  const one = await kit()
  one.onStop(async (place) => {
    if (place === 'deposit: before the swap') await one.desk().suspend('counter-clash', 'as told')
  })
  expect(await one.redeem(one.mint.token(6), 300)).toMatchObject({ pending: true })
  expect(await free(one)).toBe(0)
})

test('wallet 6.1 a mint whose keys cannot be asked for is not called a liar, and credits once it answers', async () => {
  const one = await kit()
  const token = one.mint.token(5)
  // The plan is made and the answer lost; the next process knows no keys, and the mint is slow to give them.
  one.mint.fault({ path: 'swap', kind: 'drop-after' })
  one.mint.fault({ path: 'checkstate', kind: 'status', status: 500, times: 1000 })
  expect(await one.redeem(token, 1)).toMatchObject({ pending: true })
  one.deposits.stop()
  one.mint.clearFaults()
  one.mint.fault({ path: 'keysets', kind: 'status', status: 503, times: 2 })
  const next = one.restart()
  open.push(next)
  open.shift()
  await next.deposits.resume()
  await until('it is credited', async () => (await free(next)) === 5)
  expect(await next.desk().isSuspended()).toBe(false)
})

test.each(['restore-reordered', 'states-reordered', 'restore-empty'] as const)(
  'W-04 an answer that was lost is found again by evidence, with %s',
  async (kind) => {
    const one = await kit()
    one.mint.fault({ path: 'swap', kind: 'drop-after' })
    one.mint.fault({ path: kind.startsWith('states') ? 'checkstate' : 'restore', kind })
    const outcome = await one.redeem(one.mint.token(11))
    // An empty restore beside spent inputs is a spend elsewhere only when a second look says so too.
    expect(outcome).toMatchObject({ settled: true, amountMsat: 11_000 })
  },
)

test('wallet 6.1 a partial restore is nothing to credit: the mint is suspended and the deposit stays open', async () => {
  const one = await kit()
  one.mint.fault({ path: 'swap', kind: 'drop-after' })
  one.mint.fault({ path: 'restore', kind: 'restore-partial', times: 1000 })
  one.mint.fault({ path: 'swap', kind: 'code', code: 11_001, times: 1000, nth: 2 })
  expect(await one.redeem(one.mint.token(11), 500)).toMatchObject({ pending: true })
  await until('the mint is suspended', () => one.desk().isSuspended())
})

test('W-03 counters used elsewhere are jumped over: the plan is made anew beyond them', async () => {
  const one = await kit()
  one.mint.fault({ path: 'swap', kind: 'code', code: 11_003, times: 2 })
  expect(await one.redeem(one.mint.token(5))).toMatchObject({ settled: true, amountMsat: 5000 })
  const deposit = (await one.opened.log.streams('deposit-')).at(-1)
  expect(await one.events(deposit ?? '')).toEqual(['deposit.started', 'deposit.replanned', 'deposit.settled'])
  const events = await one.opened.log.read(deposit ?? '', 0)
  const replanned = events.find((event) => event.type === 'deposit.replanned')?.data as { attempt: { from: number } }
  expect(replanned.attempt.from).toBeGreaterThanOrEqual(1000)
})

test('C-050 tokens with several keysets, of V3 and V4, are credited', async () => {
  const one = await kit({ keysetVersion: 'v2' })
  const old = one.mint.proofs(4)
  one.mint.rotate('sat')
  const mixed = [...old, ...one.mint.proofs(8)]
  expect(await one.redeem(one.mint.encode(mixed))).toMatchObject({ settled: true, amountMsat: 12_000 })
  expect(await one.redeem(one.mint.token(3, 'sat', { version: 3 }))).toMatchObject({ settled: true, amountMsat: 3000 })
})

test('wallet 8.1 a mint that calls two plans in a row unbalanced is suspended', async () => {
  const one = await kit()
  one.mint.fault({ path: 'swap', kind: 'code', code: 11_005, times: 2 })
  await one.redeem(one.mint.token(5), 500)
  await until('the mint is suspended', () => one.desk().isSuspended())
})

test('W-17 a mint that limits requests is left alone for the time it asked for', async () => {
  const one = await kit()
  expect(await one.redeem(one.mint.token(2))).toMatchObject({ settled: true })
  one.mint.fault({ path: 'swap', kind: 'limit', retryAfter: '40' })
  const before = one.now()
  expect(await one.redeem(one.mint.token(5))).toMatchObject({ settled: true })
  expect(one.now() - before).toBeGreaterThanOrEqual(40_000)
})

test('wallet 5.1 the proofs of a closed deposit stay sealed for a day, and then they are erased', async () => {
  const one = await kit()
  const before = (await opened().log.claims('erase')).map(({ key }) => key)
  const good = one.mint.token(4)
  const lost = one.mint.proofs(2)
  one.mint.spend(lost)
  for (const token of [good, one.mint.encode(lost)]) await one.redeem(token)
  const ended = (await opened().log.claims('erase')).map(({ key }) => key).filter((key) => !before.includes(key))
  const isSealed = async () =>
    (await Promise.all(ended.map((ref) => opened().log.sealed(ref)))).map((row) => row !== undefined)
  const day = 24 * 3600_000
  await eraseDue(opened().log, one.now() + day / 2)
  expect(await isSealed()).toEqual([true, true])
  await eraseDue(opened().log, one.now() + day)
  expect(await isSealed()).toEqual([false, false])
  expect(await one.redeem(good)).toMatchObject({ settled: true })
})
