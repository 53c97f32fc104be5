/** Checks the books (wallet 16): the log's sheet, the read model's, the coins, and on demand the mint's own word. */
import type { Log, ReadModels, TrustedMint } from '../../events'
import { listBalances } from '../../events'
import { limits } from '../limits'
import type { Trace } from '../trace'
import type { MintDesk } from './mint-desk'

export type Check = {
  readonly balanced: boolean
  readonly perMint: readonly {
    readonly mint: string
    readonly unit: string
    readonly sheetMsat: number
    readonly coinsMsat: number
    readonly unspentMsat: number | null
    readonly spentMsat: number | null
  }[]
  readonly sentence: string
}

export type Books = {
  /** Sheet against sheet and coins; `asking` also asks the mints. */
  readonly check: (asking: boolean) => Promise<Check>
  readonly isBalanced: () => boolean
  readonly start: () => void
  readonly stop: () => void
}

const batch = 100

export function createBooks(deps: {
  readonly log: Log
  readonly views: ReadModels
  readonly mints: () => readonly TrustedMint[]
  readonly desk: (mint: TrustedMint) => MintDesk
  readonly yOfCoin: (coin: {
    readonly seedId: string
    readonly keysetId: string
    readonly counter: number
    readonly amount: number
  }) => string | undefined
  readonly trace: Trace
}): Books {
  const { log, views, trace } = deps
  let balanced = true
  let timer: ReturnType<typeof setInterval> | undefined

  async function check(asking: boolean): Promise<Check> {
    const same = await sheetsAgree()
    const perMint = []
    for (const mint of deps.mints()) for (const unit of mint.units) perMint.push(await checkPurse(mint, unit, asking))
    const off = perMint.filter((row) => row.sheetMsat !== row.coinsMsat)
    const wasBalanced = balanced
    balanced = same && off.length === 0
    const sentence = balanced
      ? 'Every posting sums to zero, and the coins are what the books say.'
      : 'The books do not add up. Money commands stopped.'
    if (wasBalanced && !balanced) trace.error('The books do not add up', { sheets: same, purses: off.length })
    return { balanced, perMint, sentence }
  }

  /** Both ways of computing the sheet give the same rows, and every purse sums to 0. */
  async function sheetsAgree(): Promise<boolean> {
    for (let tries = 0; tries < 5; tries += 1) {
      const head = log.head()
      await views.caughtUp(head, limits.viewsWaitMs)
      const own = await log.sheet()
      const other = await listBalances(views.sql)
      // A commit in between makes the comparison worthless, not wrong.
      if (log.head() !== head) continue
      const text = (rows: readonly { purse: string; account: string; msat: bigint }[]) =>
        rows
          .filter((row) => row.msat !== 0n)
          .map((row) => `${row.purse} ${row.account} ${row.msat}`)
          .sort()
          .join('\n')
      const sums = new Map<string, bigint>()
      for (const row of own) sums.set(row.purse, (sums.get(row.purse) ?? 0n) + row.msat)
      return text(own) === text(other) && [...sums.values()].every((sum) => sum === 0n)
    }
    return balanced
  }

  async function checkPurse(mint: TrustedMint, unit: 'sat' | 'msat', asking: boolean) {
    const purse = `${mint.mintId}/${unit}`
    const perUnit = unit === 'sat' ? 1000 : 1
    const coins = await log.coins(purse)
    const held = (await log.sheet()).filter(
      (row) => row.purse === purse && ['free', 'locked', 'out'].includes(row.account),
    )
    const sheetMsat = held.reduce((sum, row) => sum + Number(row.msat), 0)
    const kept = coins.filter((coin) => coin.state !== 'spent')
    const coinsMsat = kept.reduce((sum, coin) => sum + coin.amount * perUnit, 0)
    const seen = asking ? await askMint(mint, kept, perUnit) : undefined
    return {
      mint: mint.url,
      unit,
      sheetMsat,
      coinsMsat,
      unspentMsat: seen?.unspentMsat ?? null,
      spentMsat: seen?.spentMsat ?? null,
    }
  }

  async function askMint(mint: TrustedMint, coins: Awaited<ReturnType<Log['coins']>>, perUnit: number) {
    const desk = deps.desk(mint)
    let unspentMsat = 0
    let spentMsat = 0
    for (let from = 0; from < coins.length; from += batch) {
      const part = coins.slice(from, from + batch)
      const byY = new Map(part.map((coin) => [deps.yOfCoin(coin) ?? '', coin.amount * perUnit]))
      const answer = await desk.call(() => desk.client.states([...byY.keys()]))
      if (answer?.is !== 'done') return undefined
      for (const { y, state } of answer.value) {
        if (state === 'UNSPENT') unspentMsat += byY.get(y) ?? 0
        else spentMsat += byY.get(y) ?? 0
      }
    }
    return { unspentMsat, spentMsat }
  }

  return {
    check,
    isBalanced: () => balanced,
    start() {
      timer = setInterval(
        () =>
          void check(false).catch((error: unknown) =>
            trace.error('The books could not be checked', { why: String(error) }),
          ),
        limits.booksCheckMs,
      )
    },
    stop() {
      clearInterval(timer)
    },
  }
}
