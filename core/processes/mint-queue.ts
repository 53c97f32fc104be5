/** One queue per mint: a mint that hangs, limits or is down delays nobody at another one (wallet 9.4). */
import { limits } from '../limits'
import type { MintAnswer } from '../money/mint-request'
import { createPace } from './mint-pace'

export type MintHealth = {
  readonly state: 'unknown' | 'connected' | 'limited' | 'down'
  /** Unix ms of the last answer. */
  readonly at: number | undefined
  readonly roundTripMs: number | undefined
  readonly failures: number
  /** Unix ms until which the mint asked for quiet. */
  readonly pausedUntil: number
}

/**
 * For whom a call is made, the most important first. `customer`: somebody waits for a refund or change. `redeem`: somebody
 * brings a token, which may be worth nothing; as urgent as a customer, turn and turn about, but the first to be let go of
 * the two. `issue`: paid invoices, and payments of the owner.
 */
const urgencies = ['customer', 'redeem', 'issue', 'recovery', 'watch', 'audit', 'consolidate'] as const
export type Urgency = (typeof urgencies)[number]

/** `isMoney`: it moves money or makes a quote. */
export type Turn = { readonly urgency: Urgency; readonly isMoney: boolean }

export type MintQueue = {
  /**
   * Runs a call when its turn comes; `undefined`: the queue is full of what is no less important, or the mint asked for
   * quiet; nothing was sent.
   */
  readonly run: <Value>(turn: Turn, call: () => Promise<MintAnswer<Value>>) => Promise<MintAnswer<Value> | undefined>
  readonly health: () => MintHealth
  /** Why nothing new is to be planned here for such a caller. */
  readonly closed: (urgency?: 'customer' | 'redeem') => 'down' | 'limited' | undefined
  /** What a mint that limited us bears now; undefined: nothing limits it. */
  readonly callsPerMinute: () => number | undefined
  /** Asks a mint that is down whether it is back; it waits for no turn. */
  readonly probe: (ask: () => Promise<MintAnswer<unknown>>) => Promise<void>
}

type Waiting = Turn & { readonly go: (isTurn: boolean) => void }
type Deps = { readonly now: () => number; readonly pause: (ms: number) => Promise<void> }

export function createMintQueue({ now, pause }: Deps): MintQueue {
  /** In the order of arrival. */
  const waiting: Waiting[] = []
  const pace = createPace(now)
  let running = 0
  let turns = 0
  let isWaking = false
  /** Who had the newest turn of the two that take turns about: of calls that move money, and of others. */
  const newest = { money: '', look: '' }
  let probing: Promise<unknown> | undefined
  let health: MintHealth = { state: 'unknown', at: undefined, roundTripMs: undefined, failures: 0, pausedUntil: 0 }

  const isQuiet = () => now() < health.pausedUntil
  const rank = ({ urgency }: Pick<Turn, 'urgency'>) => urgencies.indexOf(urgency)
  const kindOf = ({ isMoney }: Turn) => (isMoney ? 'money' : 'look')

  async function run<Value>(
    turn: Turn,
    call: () => Promise<MintAnswer<Value>>,
  ): Promise<MintAnswer<Value> | undefined> {
    if (!(await myTurn(turn))) return undefined
    try {
      return await timed(call)
    } finally {
      running -= 1
      next()
    }
  }

  async function timed<Value>(call: () => Promise<MintAnswer<Value>>): Promise<MintAnswer<Value>> {
    const started = now()
    const answer = await call()
    health = after(health, answer, started, now())
    if (answer.is === 'later' && !answer.notSent) pace.limited(health.pausedUntil)
    return answer
  }

  function myTurn(turn: Turn): Promise<boolean> {
    if (isQuiet() || !hasPlace(turn)) return Promise.resolve(false)
    const told = new Promise<boolean>((go) => waiting.push({ ...turn, go }))
    next()
    return told
  }

  const isFull = () => waiting.length >= limits.mintQueue

  /** Whom a full queue lets go for `turn`: the least important, of those whoever waited least, and never the oldest. */
  function leastBelow(turn: Pick<Turn, 'urgency'>): Waiting | undefined {
    const least = waiting
      .slice(1)
      .reduceRight<Waiting | undefined>((found, one) => (found && rank(found) >= rank(one) ? found : one), undefined)
    return least !== undefined && rank(least) > rank(turn) ? least : undefined
  }

  function hasPlace(turn: Turn): boolean {
    const least = isFull() ? leastBelow(turn) : undefined
    if (least !== undefined) take(least).go(false)
    return !isFull()
  }

  function take(one: Waiting): Waiting {
    waiting.splice(waiting.indexOf(one), 1)
    return one
  }

  /** Begins what may begin. Whoever waited meets what was learnt meanwhile: a mint that asked for quiet gets it. */
  function next(): void {
    if (isQuiet()) for (const { go } of waiting.splice(0)) go(false)
    while (running < limits.mintCalls) {
      const one = nextInLine()
      if (one === undefined) break
      running += 1
      turns += 1
      newest[kindOf(one)] = one.urgency
      pace.began(one.isMoney)
      take(one).go(true)
    }
    wakeLater()
  }

  /** Strangers' tokens and the money of customers go by turns: a flood of one holds the other up by a call. */
  const place = (one: Waiting) => Math.max(1, rank(one)) + (newest[kindOf(one)] === one.urgency ? 0.5 : 0)

  /** One turn in eight is that of whoever waits longest, whatever for: nobody waits for ever. */
  function nextInLine(): Waiting | undefined {
    const isOldest = turns % limits.mintOldestTurn === limits.mintOldestTurn - 1
    const line = isOldest ? waiting : waiting.toSorted((a, b) => place(a) - place(b))
    return line.find(({ isMoney }) => pace.waitMs(isMoney) === 0)
  }

  function wakeLater(): void {
    if (isWaking || waiting.length === 0 || running >= limits.mintCalls) return
    isWaking = true
    const waitMs = Math.min(...waiting.map(({ isMoney }) => pace.waitMs(isMoney)))
    void pause(waitMs).then(() => {
      isWaking = false
      next()
    })
  }

  function closed(urgency: 'customer' | 'redeem' = 'customer'): 'down' | 'limited' | undefined {
    if (isQuiet() || (isFull() && leastBelow({ urgency }) === undefined)) return 'limited'
    return health.state === 'down' ? 'down' : undefined
  }

  async function probe(ask: () => Promise<MintAnswer<unknown>>): Promise<void> {
    if (health.state !== 'down') return
    probing ??= timed(ask).finally(() => {
      probing = undefined
    })
    await probing
  }

  return { run, health: () => health, closed, callsPerMinute: pace.callsPerMinute, probe }
}

function after(health: MintHealth, answer: MintAnswer<unknown>, startedAt: number, endedAt: number): MintHealth {
  // What was answered beside a 429 does not end the quiet that it asked for.
  const { pausedUntil } = health
  if (answer.is === 'done' || answer.is === 'rejected') {
    const state = endedAt < pausedUntil ? 'limited' : 'connected'
    return { state, at: endedAt, roundTripMs: endedAt - startedAt, failures: 0, pausedUntil }
  }
  if (answer.is === 'later' && !answer.notSent) {
    const until = endedAt + (answer.retryAfterMs ?? limits.mintPauseMs)
    return { ...health, state: 'limited', at: endedAt, failures: 0, pausedUntil: Math.max(pausedUntil, until) }
  }
  const failures = health.failures + 1
  return { ...health, failures, state: failures >= limits.mintFailures ? 'down' : health.state }
}
