/** Checks the books (wallet 16): the log's sheet, the read model's, the coins, and on demand the mint's own word. */
import {
  type BooksAt,
  balancesAfter,
  balancesAt,
  type Log,
  type ReadModels,
  type StoredEvent,
  satText,
  type TrustedMint,
} from '../../events'
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
    const { sheet, coins, same } = await compare()
    const perMint = []
    const gone: Gone = { freeMsat: 0, outMsat: 0 }
    for (const mint of deps.mints())
      for (const unit of mint.units) {
        const { seen, ...row } = await checkPurse(mint, unit, { sheet, coins }, asking)
        perMint.push(row)
        gone.freeMsat += seen?.freeMsat ?? 0
        gone.outMsat += seen?.outMsat ?? 0
      }
    const off = purses(sheet, coins).filter((purse) => heldMsat(sheet, purse) !== coinsMsat(coins, purse))
    const wasBalanced = balanced
    // A read model that is being rebuilt says nothing yet: the verdict on it stays.
    balanced = (same ?? balanced) && off.length === 0 && sumsToZero(sheet)
    const sums = balanced
      ? 'Every posting sums to zero, and the coins are what the books say.'
      : 'The books do not add up. Money commands stopped.'
    const sentence = [sums, ...told(gone)].join(' ')
    if (gone.freeMsat > 0) trace.error('Free coins are spent at their mint', { msat: gone.freeMsat })
    if (wasBalanced && !balanced) trace.error('The books do not add up', { sheets: same !== false, purses: off.length })
    return { balanced, perMint, sentence }
  }

  /**
   * Both ways of computing the sheet, brought to one instant: what the read model has not followed yet is added by
   * its own rules, so that a log that is written all the time can be checked. `same` undefined: too far behind.
   */
  async function compare(): Promise<BooksAt & { readonly same: boolean | undefined }> {
    await views.caughtUp(log.head(), limits.viewsWaitMs)
    const theirs = await balancesAt(views.sql)
    const own = await log.books()
    const missing: StoredEvent[] = []
    let from = theirs.position
    while (from < own.position && missing.length < limits.booksCatchUpEvents) {
      const page = await log.after(from, limits.viewsBatch)
      missing.push(...page.filter((event) => event.position <= own.position))
      from = page.at(-1)?.position ?? own.position
    }
    if (from < own.position) return { ...own, same: undefined }
    return { ...own, same: text(own.sheet) === text(balancesAfter(theirs.rows, missing)) }
  }

  async function checkPurse(
    mint: TrustedMint,
    unit: 'sat' | 'msat',
    { sheet, coins }: Pick<BooksAt, 'sheet' | 'coins'>,
    asking: boolean,
  ) {
    const purse = `${mint.mintId}/${unit}`
    const perUnit = unit === 'sat' ? 1000 : 1
    const seen = asking ? await askMint(mint, purse, perUnit) : undefined
    return {
      mint: mint.url,
      unit,
      sheetMsat: Number(heldMsat(sheet, purse)),
      coinsMsat: Number(coinsMsat(coins, purse)),
      unspentMsat: seen?.unspentMsat ?? null,
      spentMsat: seen?.spentMsat ?? null,
      seen,
    }
  }

  async function askMint(mint: TrustedMint, purse: string, perUnit: number) {
    const coins = await log.coins(purse)
    const desk = deps.desk(mint).as('audit')
    const gone = new Set<string>()
    const seen = { unspentMsat: 0, spentMsat: 0, freeMsat: 0, outMsat: 0 }
    for (let from = 0; from < coins.length; from += batch) {
      const part = coins.slice(from, from + batch)
      const byY = new Map(part.map((coin) => [deps.yOfCoin(coin) ?? '', coin]))
      const answer = await desk.call(() => desk.client.states([...byY.keys()]))
      if (answer?.is !== 'done') return undefined
      for (const { y, state } of answer.value) {
        const coin = byY.get(y)
        const msat = (coin?.amount ?? 0) * perUnit
        seen[state === 'UNSPENT' ? 'unspentMsat' : 'spentMsat'] += msat
        if (state !== 'UNSPENT' && coin?.state === 'free') gone.add(nameOf(coin))
        if (state === 'SPENT' && coin?.state === 'out') seen.outMsat += msat
      }
    }
    // What was taken for a payment between the two looks was free, and is spent as it should be.
    for (const coin of gone.size === 0 ? [] : await log.coins(purse))
      if (coin.state === 'free' && gone.has(nameOf(coin))) seen.freeMsat += coin.amount * perUnit
    return seen
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

const nameOf = ({ keysetId, counter }: { readonly keysetId: string; readonly counter: number }) =>
  `${keysetId} ${counter}`

/** What the mints call not unspent, by what the books call it. */
type Gone = { freeMsat: number; outMsat: number }

/** A free coin that is not unspent is nobody's (I2); a token that was collected and not yet looked at is as it should be. */
const told = ({ freeMsat, outMsat }: Gone): readonly string[] => [
  ...(freeMsat === 0
    ? []
    : [`${satText(freeMsat)} of free coins are spent or pending at their mint: the audit books them as lost.`]),
  ...(outMsat === 0 ? [] : [`${satText(outMsat)} in tokens were collected since they were last asked for.`]),
]

const assets = ['free', 'locked', 'out']

const heldMsat = (sheet: BooksAt['sheet'], purse: string): bigint =>
  sheet.reduce((sum, row) => (row.purse === purse && assets.includes(row.account) ? sum + row.msat : sum), 0n)

const coinsMsat = (coins: BooksAt['coins'], purse: string): bigint =>
  (coins.find((row) => row.purse === purse)?.units ?? 0n) * (purse.endsWith('/sat') ? 1000n : 1n)

/** Every purse that holds or owes anything, its mint trusted or not. */
const purses = (sheet: BooksAt['sheet'], coins: BooksAt['coins']): readonly string[] => [
  ...new Set([...sheet, ...coins].map((row) => row.purse)),
]

function sumsToZero(sheet: BooksAt['sheet']): boolean {
  const sums = new Map<string, bigint>()
  for (const row of sheet) sums.set(row.purse, (sums.get(row.purse) ?? 0n) + row.msat)
  return [...sums.values()].every((sum) => sum === 0n)
}

const text = (rows: readonly { readonly purse: string; readonly account: string; readonly msat: bigint }[]): string =>
  rows
    .filter((row) => row.msat !== 0n)
    .map((row) => `${row.purse} ${row.account} ${row.msat}`)
    .sort()
    .join('\n')
