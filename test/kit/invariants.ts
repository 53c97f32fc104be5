/** The invariants of money (wallet 19, promises 1.3), asked of the log and of the mint: what is broken, each by its name. */
import type { Wallet } from '../../core/processes/deposit-types'
import { type Log, type StoredEvent, verifyLog } from '../../events'
import type { DepositKit } from './deposits'
import type { TestMint } from './mint'

export type Watched = {
  readonly log: Log
  readonly wallet: Pick<Wallet, 'derive' | 'yOf'>
  readonly mint: TestMint
  readonly mintId: string
  /** Events up to here are of others: several kits may share a log. */
  readonly from?: bigint
}

/** Sentences that begin with the name of the invariant; none if all hold. Ask when nothing is under way. */
export async function brokenInvariants(watched: Watched): Promise<readonly string[]> {
  const events = await allEvents(watched)
  const broken = [...(await books(watched)), ...paidOnce(watched, events), ...creditedAsSigned(events)]
  for (const unit of ['sat', 'msat'] as const)
    broken.push(...(await owed(watched, unit)), ...(await unspent(watched, unit)))
  return [...broken, ...countersOnce(events)].sort()
}

/** The same, of a deposit kit. */
export const brokenIn = ({ opened, payoutDeps, mint, purse, beganAt }: DepositKit) =>
  brokenInvariants({
    log: opened.log,
    wallet: payoutDeps.wallet,
    mint,
    mintId: purse().split('/')[0] ?? '',
    from: beganAt,
  })

const page = 2000
const msatPer = (unit: 'sat' | 'msat') => (unit === 'sat' ? 1000 : 1)
type Data = Readonly<Record<string, unknown>>
const dataOf = ({ data }: StoredEvent) => data as Data

/** A1: the log has no gap, every event is as its schema says, and the sheet is what all of them say. */
export const brokenLog = async (log: Log): Promise<readonly string[]> =>
  (await verifyLog(log)).problems.map((problem) => `A1 ${problem}`)

/** Events of streams that touched a purse of this mint. */
async function allEvents({ log, mintId, from = 0n }: Watched): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = []
  for (let at = from; ; ) {
    const events = await log.after(at, page)
    all.push(...events)
    const last = events.at(-1)
    if (last === undefined) break
    at = last.position
  }
  const own = new Set(
    all.filter((event) => JSON.stringify(event.data).includes(`"${mintId}/`)).map(({ stream }) => stream),
  )
  return all.filter(({ stream }) => own.has(stream))
}

/** A1: postings sum to zero, and the coins are what the sheet says. */
async function books({ log, mintId }: Watched): Promise<string[]> {
  const broken: string[] = []
  const sheet = (await log.sheet()).filter(({ purse }) => purse.startsWith(mintId))
  for (const purse of new Set(sheet.map((row) => row.purse))) {
    const rows = sheet.filter((row) => row.purse === purse)
    const sum = rows.reduce((msat, row) => msat + row.msat, 0n)
    if (sum !== 0n) broken.push(`A1 the postings of ${purse} sum to ${sum} msat`)
    const coins = await log.coins(purse)
    for (const state of ['free', 'locked', 'out']) {
      const units = coins.reduce((all, coin) => all + (coin.state === state ? coin.amount : 0), 0)
      const msat = Number(rows.find(({ account }) => account === state)?.msat ?? 0n)
      if (units * msatPer(unitOf(purse)) !== msat)
        broken.push(`A1 ${units} units of coins are ${state} where the sheet says ${msat} msat`)
    }
  }
  return broken
}

const unitOf = (purse: string) => (purse.endsWith('/sat') ? 'sat' : 'msat')

/** I1: what the mint owes is what we hold, have locked or have handed out, and what strangers have. */
async function owed({ log, mint, mintId }: Watched, unit: 'sat' | 'msat'): Promise<string[]> {
  const held = (await log.coins(`${mintId}/${unit}`)).reduce((units, { amount }) => units + amount, 0)
  const [owes, others] = [mint.outstanding(unit), mint.heldByStrangers(unit)]
  return owes === held + others ? [] : [`I1 the mint owes ${owes} ${unit}, we hold ${held} and others ${others}`]
}

/** I2: no free coin is anything but unspent. */
async function unspent({ log, wallet, mint, mintId }: Watched, unit: 'sat' | 'msat'): Promise<string[]> {
  const free = (await log.coins(`${mintId}/${unit}`)).filter(({ state }) => state === 'free')
  const ys = free.map(({ keysetId, counter, amount }) => wallet.yOf(wallet.derive(keysetId, counter, amount).secret))
  const states = statesOf(mint, ys)
  const bad = ys.filter((y) => states.get(y) !== 'UNSPENT')
  return bad.length === 0 ? [] : [`I2 ${bad.length} of ${ys.length} free coins are not unspent at the mint`]
}

/** By the mint's own books: no call, so that no fault meets it. */
const statesOf = (mint: TestMint, ys: readonly string[]): ReadonlyMap<string, string> =>
  new Map(mint.states(ys).map(({ Y, state }) => [Y, state]))

/** I4: a credit is the sum of what was signed. */
function creditedAsSigned(events: readonly StoredEvent[]): string[] {
  const credited = new Map(
    events
      .filter(({ type }) => type === 'session.credited')
      .map((event) => [String(dataOf(event).depositId), Number(dataOf(event).amountMsat)]),
  )
  return events
    .filter(({ type }) => type === 'deposit.settled')
    .flatMap((event) => {
      const { coins, purse, donated } = dataOf(event) as { coins: { amount: number }[]; purse: string; donated?: true }
      const signedMsat = coins.reduce((units, { amount }) => units + amount, 0) * msatPer(unitOf(purse))
      const creditMsat = donated === true ? signedMsat : credited.get(event.stream)
      return creditMsat === signedMsat ? [] : [`I4 ${signedMsat} msat were signed and ${creditMsat} credited`]
    })
}

const leftTypes = ['payout.paid', 'payout.claimed']
const backTypes = ['payout.rejected', 'payout.cancelled', 'payout.swept', 'payout.taken-back']

/** I5: no payout both left and came back, by our word or by the mint's. */
function paidOnce({ mint }: Watched, events: readonly StoredEvent[]): string[] {
  const paid = new Set(mint.melts().flatMap(({ quote, state }) => (state === 'PAID' ? [quote] : [])))
  const streams = new Map<string, { left: boolean; back: boolean }>()
  for (const event of events) {
    const seen = streams.get(event.stream) ?? { left: false, back: false }
    if (leftTypes.includes(event.type)) seen.left = true
    if (event.type === 'payout.quoted' && paid.has(String(dataOf(event).quoteId))) seen.left = true
    if (backTypes.includes(event.type)) seen.back = true
    streams.set(event.stream, seen)
  }
  return [...streams].flatMap(([stream, { left, back }]) =>
    left && back ? [`I5 ${stream} was paid, and its money came back`] : [],
  )
}

/** I6: no counter stands in two attempts. */
function countersOnce(events: readonly StoredEvent[]): string[] {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const event of events) {
    const { attempt } = dataOf(event) as { attempt?: Attempt }
    for (const { counter } of attempt?.outputs ?? []) {
      const key = `${attempt?.seedId}/${attempt?.keysetId}/${counter}`
      if (seen.has(key)) twice.add(key)
      seen.add(key)
    }
  }
  return twice.size === 0 ? [] : [`I6 ${twice.size} counters stand in two attempts`]
}

type Attempt = { readonly seedId: string; readonly keysetId: string; readonly outputs: readonly { counter: number }[] }
