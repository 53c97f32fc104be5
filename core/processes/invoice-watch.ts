/** Which invoices are due for a look (wallet 13): young ones often, old ones seldom, and no more than a mint bears. */
import { limits } from '../limits'

export type Watched = {
  readonly deposit: string
  readonly mint: string
  /** Unix ms. */
  readonly since: number
  /** Unix seconds. */
  readonly expiresAt: number
}

export type WatchList = {
  readonly add: (watched: Watched) => void
  readonly has: (deposit: string) => boolean
  readonly remove: (deposit: string) => void
  /** A client asks for it: for a while it is looked at as often as a new one. false: the mint's budget is used up. */
  readonly asked: (deposit: string, mint: string) => boolean
  /** Its mint says that it changed: looked at now. false: the mint's budget is used up. */
  readonly told: (deposit: string, mint: string) => boolean
  /** Those whose turn it is, within every mint's budget; they count as looked at. */
  readonly due: () => readonly string[]
  /** Still to be paid in time. */
  readonly open: () => number
}

type Entry = Watched & { readonly lookedAt: number; readonly askedAt: number }

export function createWatchList(deps: {
  readonly now: () => number
  /** What the mint bears now. */
  readonly looksPerMinute: (mint: string) => number
}): WatchList {
  const { now } = deps
  const entries = new Map<string, Entry>()
  /** Young and recently asked ones come first; every fourth pick is whoever waits longest, so that nobody is skipped. */
  let picks = 0
  /** Looks that a mint may still be asked for, and when that was counted. */
  const allowances = new Map<string, { readonly looks: number; readonly at: number }>()

  function due(): readonly string[] {
    const at = now()
    const waiting = [...entries.values()].filter((entry) => at - entry.lookedAt >= pauseMs(entry, at))
    const young = waiting.toSorted((a, b) => pauseMs(a, at) - pauseMs(b, at) || a.lookedAt - b.lookedAt)
    const patient = waiting.toSorted((a, b) => a.lookedAt - b.lookedAt)
    const taken = new Set<string>()
    // Both hold the same: whoever reaches the end of one has seen everybody.
    for (let y = 0, p = 0; y < young.length && p < patient.length; ) {
      const entry = picks % 4 === 3 ? patient[p++] : young[y++]
      if (entry === undefined || taken.has(entry.deposit) || !spend(entry.mint, at)) continue
      entries.set(entry.deposit, { ...entry, lookedAt: at })
      taken.add(entry.deposit)
      picks += 1
    }
    return [...taken]
  }

  function spend(mint: string, at: number): boolean {
    const perMinute = deps.looksPerMinute(mint)
    const last = allowances.get(mint) ?? { looks: perMinute, at }
    const looks = Math.min(perMinute, last.looks + ((at - last.at) / 60_000) * perMinute)
    allowances.set(mint, { looks: looks < 1 ? looks : looks - 1, at })
    return looks >= 1
  }

  function lookNow(deposit: string, mint: string, change: Partial<Entry>): boolean {
    const isLookedAt = spend(mint, now())
    const entry = entries.get(deposit)
    if (entry !== undefined)
      entries.set(deposit, { ...entry, ...change, lookedAt: isLookedAt ? now() : entry.lookedAt })
    return isLookedAt
  }

  return {
    add(watched) {
      entries.set(watched.deposit, { ...watched, lookedAt: 0, askedAt: 0 })
    },
    has: (deposit) => entries.has(deposit),
    remove: (deposit) => void entries.delete(deposit),
    asked: (deposit, mint) => lookNow(deposit, mint, { askedAt: now() }),
    told: (deposit, mint) => lookNow(deposit, mint, {}),
    due,
    open: () => [...entries.values()].filter(({ expiresAt }) => expiresAt * 1000 > now()).length,
  }
}

function pauseMs({ since, askedAt }: Entry, at: number): number {
  const ageMs = at - Math.max(since, askedAt)
  return limits.invoiceLooks.find((step) => ageMs < step.ageMs)?.pauseMs ?? limits.driveHourMs
}

/** At most `most` at a time for each name; the others wait for their turn, in order. */
export function createSlots(most: number) {
  const running = new Map<string, number>()
  const waiting = new Map<string, (() => void)[]>()
  return async function inTurn<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    const busy = running.get(name) ?? 0
    // Whoever ends hands its place on, so the count stays.
    if (busy < most) running.set(name, busy + 1)
    else await new Promise<void>((go) => waiting.set(name, [...(waiting.get(name) ?? []), go]))
    try {
      return await work()
    } finally {
      const [next, ...others] = waiting.get(name) ?? []
      waiting.set(name, others)
      if (next === undefined) running.set(name, (running.get(name) ?? 1) - 1)
      else next()
    }
  }
}
