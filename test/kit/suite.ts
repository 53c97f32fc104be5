/** What suites on money share: one log, kits that are closed after each test, and the invariants that hold then. */
import { afterAll, afterEach, beforeAll, expect } from 'bun:test'
import { type DepositKit, noLadder, openDeposits } from './deposits'
import { brokenIn, brokenLog } from './invariants'
import { openTestLog, type TestLog, temporaryDirectory } from './log'

export type Suite = {
  /** There once the first test runs. */
  readonly log: () => TestLog
  /** A directory that goes with the log. */
  readonly path: string
  /** A wallet and a mint of their own on the log of the suite; few coins, so that payouts need swaps, unless asked. */
  readonly kit: (options?: Parameters<typeof openDeposits>[1]) => DepositKit
}

/** A log of a test file's own, open from its first test to its last; `path` is a directory that goes with it. */
export function fileLog(
  atEnd: (log: TestLog) => Promise<void> = async () => undefined,
  now?: () => number,
): {
  readonly opened: () => TestLog
  readonly path: string
} {
  const directory = temporaryDirectory()
  let log: TestLog | undefined
  const opened = (): TestLog => {
    if (log === undefined) throw new Error('the log opens before the first test')
    return log
  }
  beforeAll(async () => {
    log = await openTestLog(directory.path, now)
  }, 60_000)
  afterAll(async () => {
    try {
      await atEnd(opened())
    } finally {
      await log?.close()
      directory.remove()
    }
  }, 60_000)
  return { opened, path: directory.path }
}

/** Call it at the top of a test file; `now` is the clock of its log, unix ms. */
export function moneySuite(now?: () => number): Suite {
  const open: DepositKit[] = []
  const { opened: log, path } = fileLog(async ({ log }) => expect(await brokenLog(log)).toEqual([]), now)
  afterEach(async () => {
    const kits = open.splice(0)
    const broken = await Promise.all(kits.map(brokenIn))
    await Promise.all(kits.map((one) => one.close()))
    expect(broken.flat()).toEqual([])
  }, 20_000)
  return {
    log,
    path,
    kit(options = {}) {
      const made = openDeposits(log(), { ladder: noLadder, ...options })
      open.push(made)
      return made
    },
  }
}

/** msat of an account of the kit's purses. */
export const accountOf = async (one: DepositKit, name: string): Promise<number> =>
  (await one.sheet()).reduce((msat, row) => msat + (row.account === name ? Number(row.msat) : 0), 0)
