/** Whose turn it is at a mint, and how fast one that limited us is asked (wallet 9.4). */
import { expect, test } from 'bun:test'
import { limits } from '../../core/limits'
import type { MintAnswer } from '../../core/money/mint-request'
import { createPace } from '../../core/processes/mint-pace'
import { createMintQueue, type MintQueue, type Urgency } from '../../core/processes/mint-queue'
import { openDeposits } from '../kit/deposits'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const minute = 60_000
const done: MintAnswer<string> = { is: 'done', value: '' }
const limited = (retryAfterMs?: number): MintAnswer<string> => ({
  is: 'later',
  why: '429',
  retryAfterMs,
  notSent: false,
})
const broken: MintAnswer<string> = { is: 'unclear', why: 'reset', status: undefined, code: undefined }
/** Whatever became ready runs. */
const settle = () => Bun.sleep(0)

/** A queue whose calls end when they are told to; pauses turn the clock. */
function queue() {
  let clock = 1_700_000_000_000
  const began: string[] = []
  const running: ((answer: MintAnswer<string>) => void)[] = []
  const made: MintQueue = createMintQueue({
    now: () => clock,
    pause: async (ms) => {
      clock += ms
    },
  })
  return {
    queue: made,
    began,
    turn: (ms: number) => (clock += ms),
    ask: (name: string, urgency: Urgency, isMoney = false) =>
      made.run({ urgency, isMoney }, () => {
        began.push(name)
        return new Promise<MintAnswer<string>>((end) => running.push(end))
      }),
    /** Ends the oldest call. */
    async end(answer = done) {
      running.shift()?.(answer)
      await settle()
    },
    /** One call that is answered at once. */
    once: (answer: MintAnswer<string>, isMoney = false) => made.run({ urgency: 'watch', isMoney }, async () => answer),
    now: () => clock,
  }
}
type Kit = ReturnType<typeof queue>

/** All lanes are taken: what comes now waits. */
async function fill(kit: Kit): Promise<void> {
  for (let n = 0; n < limits.mintCalls; n += 1) void kit.ask(`lane ${n}`, 'customer')
  await settle()
  kit.began.length = 0
}

test('wallet 9.4 a waiting customer passes everything else, and the others go by their rank', async () => {
  const kit = queue()
  await fill(kit)
  for (const one of ['consolidate', 'audit', 'watch', 'recovery', 'issue', 'customer'] as const) void kit.ask(one, one)
  void kit.ask('second customer', 'customer')
  expect(kit.began).toEqual([])
  for (let n = 0; n < 3; n += 1) await kit.end()
  expect(kit.began).toEqual(['customer', 'second customer', 'issue'])
  for (let n = 0; n < 4; n += 1) await kit.end()
  expect(kit.began.length).toBe(7)
})

test('wallet 9.4 an audit is not passed for ever: of eight turns one is that of who waits longest', async () => {
  const kit = queue()
  await fill(kit)
  void kit.ask('audit', 'audit')
  for (let n = 0; n < 40; n += 1) void kit.ask(`customer ${n}`, 'customer')
  for (let n = 0; n < limits.mintOldestTurn; n += 1) await kit.end()
  expect(kit.began).toContain('audit')
  expect(kit.began.filter((name) => name.startsWith('customer')).length).toBe(limits.mintOldestTurn - 1)
})

test('wallet 9.4 a full queue lets go of the least important and the newest of those, never of its oldest', async () => {
  const kit = queue()
  await fill(kit)
  const gone: string[] = []
  const ask = (name: string, urgency: Urgency) =>
    void kit.ask(name, urgency).then((answer) => answer === undefined && gone.push(name))
  ask('oldest', 'consolidate')
  for (let n = 1; n < limits.mintQueue - 2; n += 1) ask(`watch ${n}`, 'watch')
  ask('audit 1', 'audit')
  ask('audit 2', 'audit')
  expect(kit.queue.closed()).toBeUndefined()
  ask('customer 1', 'customer')
  ask('customer 2', 'customer')
  ask('customer 3', 'customer')
  await settle()
  expect(gone).toEqual(['audit 2', 'audit 1', `watch ${limits.mintQueue - 3}`])
  ask('audit 3', 'audit')
  await settle()
  expect(gone.at(-1)).toBe('audit 3')
})

test('wallet 9.4 only a queue full of customers is closed to a new one', async () => {
  const kit = queue()
  await fill(kit)
  for (let n = 0; n < limits.mintQueue; n += 1) void kit.ask(`customer ${n}`, 'customer')
  expect(kit.queue.closed()).toBe('limited')
  expect(await kit.ask('one more', 'customer')).toBeUndefined()
})

test.each([
  [undefined, limits.mintPauseMs],
  [5000, 5000],
])('wallet 9.4 a mint that limits us is left alone for %p ms and then paced', async (retryAfterMs, quietMs) => {
  const kit = queue()
  for (let n = 0; n < 299; n += 1) await kit.once(done, n % 3 === 0)
  expect(kit.queue.callsPerMinute()).toBeUndefined()
  await kit.once(limited(retryAfterMs))
  expect([kit.queue.health().state, kit.queue.closed()]).toEqual(['limited', 'limited'])
  expect(await kit.once(done)).toBeUndefined()
  kit.turn(quietMs - 1)
  expect(await kit.once(done)).toBeUndefined()
  kit.turn(1)
  expect(kit.queue.callsPerMinute()).toBe(150)
  const from = kit.now()
  for (let n = 0; n < 120; n += 1) expect(await kit.once(done)).toEqual(done)
  // One was saved up; each of the others waited for its turn, which was no refusal.
  expect(kit.now() - from).toBeWithin(119 * 400 - 1, 119 * 401 + 1)
  expect(kit.queue.health().state).toBe('connected')
})

test('wallet 9.4 the pace is half of what met the limit, never below 60 calls and 20 of money, and doubles until it binds nobody', () => {
  let clock = 0
  const pace = createPace(() => clock)
  for (let n = 0; n < 5; n += 1) pace.began(true)
  pace.limited(clock)
  expect(pace.callsPerMinute()).toBe(60)
  let money = 0
  for (; clock < minute; clock += 10)
    if (pace.waitMs(true) === 0) {
      pace.began(true)
      money += 1
    }
  expect(money).toBeWithin(20, 22)
  expect(pace.callsPerMinute()).toBe(120)
  const rates: (number | undefined)[] = []
  for (let minutes = 1; minutes <= 8; minutes += 1) {
    clock = minutes * minute
    rates.push(pace.callsPerMinute())
  }
  expect(rates).toEqual([120, 240, 480, 960, 1920, 3840, 7680, undefined])
  expect(pace.waitMs(true)).toBe(0)
})

test('wallet 9.4 a second limit halves what was asked in the last minute, and a call beside the first does not end its quiet', async () => {
  const kit = queue()
  for (let n = 0; n < 400; n += 1) await kit.once(done)
  void kit.ask('beside', 'customer')
  await kit.once(limited(1000))
  await kit.end(done)
  expect(kit.queue.health()).toMatchObject({ state: 'limited' })
  expect(await kit.once(done)).toBeUndefined()
  kit.turn(1000)
  expect(kit.queue.callsPerMinute()).toBe(201)
  kit.turn(minute)
  expect(kit.queue.callsPerMinute()).toBe(402)
  await kit.once(limited(1000))
  expect(kit.queue.callsPerMinute()).toBe(60)
})

test('wallet 9.4 money waits for its own pace and lets a look pass meanwhile', async () => {
  const kit = queue()
  await kit.once(limited(0))
  await kit.once(done, true)
  const from = kit.now()
  await kit.once(done)
  expect(kit.now() - from).toBeLessThanOrEqual(1000)
  await kit.once(done, true)
  expect(kit.now() - from).toBeWithin(2900, 3100)
})

test('wallet 9.4 five failures in a row and the mint is down: plans fail at once, its info finds out that it is back', async () => {
  const kit = queue()
  for (let n = 0; n < limits.mintFailures; n += 1) {
    expect(kit.queue.closed()).toBeUndefined()
    await kit.once(broken)
  }
  expect(kit.queue.closed()).toBe('down')
  let probes = 0
  const info = async () => {
    probes += 1
    return done
  }
  await Promise.all([kit.queue.probe(info), kit.queue.probe(info)])
  expect([probes, kit.queue.closed()]).toEqual([1, undefined])
  await kit.queue.probe(info)
  expect(probes).toBe(1)
})

test('wallet 9.4, 8.2 a mint that is down is asked for its info and for nothing else, and a token there is untouched', async () => {
  const kit = openDeposits(opened())
  await kit.redeem(kit.mint.token(8))
  const token = kit.mint.token(5)
  for (const path of ['swap', 'checkstate', 'restore', 'info', 'keysets'])
    kit.mint.fault({ path, kind: 'status', status: 503, times: 99 })
  // An operation that is open meets the failures.
  void kit.redeem(kit.mint.token(3))
  while (kit.desk().health().state !== 'down') await settle()
  kit.deposits.stop()
  await Bun.sleep(20)
  const calls = kit.mint.calls()
  expect(await kit.redeem(token)).toEqual({ refused: 'mint-down' })
  expect(kit.mint.calls()).toBe(calls)
  await kit.desk().probe()
  expect([kit.mint.calls() - calls, kit.mint.calls('info')]).toEqual([1, 1])
  kit.mint.clearFaults()
  await kit.desk().probe()
  const again = kit.restart()
  expect(await again.redeem(token)).toMatchObject({ settled: true })
  await again.deposits.resume()
  while ((await again.opened.log.claims('open')).length > 0) await settle()
  expect((await again.sheet()).reduce((sum, { msat }) => sum + msat, 0n)).toBe(0n)
  await again.close()
})

test('wallet 9.4, 8.2 while a mint wants quiet a new token is refused untouched, and an open one waits as long as it said', async () => {
  const kit = openDeposits(opened())
  await kit.redeem(kit.mint.token(8))
  kit.mint.fault({ path: 'swap', kind: 'limit', retryAfter: '7200' })
  const from = kit.now()
  const swaps = kit.mint.calls('swap')
  let goOn: () => void = () => undefined
  const held = new Promise<void>((go) => {
    goOn = go
  })
  kit.onStop((at) => (at === 'deposit: after the swap' ? held : Promise.resolve()))
  const first = kit.redeem(kit.mint.token(5))
  while (kit.desk().health().state !== 'limited') await settle()
  const token = kit.mint.token(4)
  const calls = kit.mint.calls()
  expect(await kit.redeem(token)).toEqual({ refused: 'mint-limited' })
  expect(kit.mint.calls()).toBe(calls)
  kit.onStop(async () => undefined)
  goOn()
  expect(await first).toMatchObject({ settled: true })
  expect(kit.now() - from).toBeGreaterThanOrEqual(7_200_000)
  expect(kit.mint.calls('swap') - swaps).toBe(2)
  expect(kit.desk().callsPerMinute()).toBeDefined()
  expect(await kit.redeem(token)).toMatchObject({ settled: true })
  await kit.close()
})
