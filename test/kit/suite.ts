/** What suites on money share: one log, kits that are closed after each test, and the invariants that hold then. */
import { afterAll, afterEach, beforeAll, expect } from 'bun:test'
import { type DepositKit, noLadder, openDeposits } from './deposits'
import { brokenIn, brokenLog } from './invariants'
import { openTestLog, type TestLog, temporaryDirectory } from './log'

export type Suite = {
  /** There once the first test runs. */
  readonly log: () => TestLog
  /** A wallet and a mint of their own on the log of the suite; few coins, so that payouts need swaps, unless asked. */
  readonly kit: (options?: Parameters<typeof openDeposits>[1]) => DepositKit
}

/** Call it at the top of a test file. */
export function moneySuite(): Suite {
  const directory = temporaryDirectory()
  const open: DepositKit[] = []
  let opened: TestLog | undefined

  const log = (): TestLog => {
    if (opened === undefined) throw new Error('the log opens before the first test')
    return opened
  }
  beforeAll(async () => {
    opened = await openTestLog(directory.path)
  }, 60_000)
  afterEach(async () => {
    const kits = open.splice(0)
    const broken = await Promise.all(kits.map(brokenIn))
    await Promise.all(kits.map((one) => one.close()))
    expect(broken.flat()).toEqual([])
  }, 20_000)
  afterAll(async () => {
    const broken = await brokenLog(log().log)
    await opened?.close()
    directory.remove()
    expect(broken).toEqual([])
  }, 60_000)

  return {
    log,
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
