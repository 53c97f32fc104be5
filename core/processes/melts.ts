/** Payouts by Lightning (wallet 5.4): each driven by one flight, woken when asked, resumed at boot. */
import { limits } from '../limits'
import { createMeltDrive } from './melt-drive'
import type { MeltDeps, Melts } from './melt-types'

export function createMelts(deps: MeltDeps): Melts {
  const { engine, log, trace } = deps
  let stopping = false
  let endFollowing: () => void = () => undefined
  let timer: ReturnType<typeof setInterval> | undefined
  const flights = new Map<string, Promise<void>>()
  /** Ends the rest of a flight that waits. */
  const resting = new Map<string, () => void>()
  /** Woken in the middle of a round, whose question may be older than the news: that flight does not rest. */
  const wanted = new Set<string>()
  /** Ends of listening for news of a payment. */
  const heard = new Map<string, () => void>()
  const drive = createMeltDrive({ ...deps, isStopping: () => stopping, rest })

  async function rest(payout: string, ms: number): Promise<void> {
    if (wanted.delete(payout)) return
    const woken = new Promise<void>((resolve) => resting.set(payout, resolve))
    await listen(payout)
    await Promise.race([woken, deps.pause(ms)])
    resting.delete(payout)
  }

  function wake(payout: string): void {
    const endRest = resting.get(payout)
    if (endRest !== undefined) endRest()
    else if (flights.has(payout)) wanted.add(payout)
  }

  /** A mint that tells of its payments ends the rest of a flight. */
  async function listen(payout: string): Promise<void> {
    const state = await engine.state('payout', payout)
    if (state.is !== 'lightning' || state.lightning.is !== 'planned' || deps.news === undefined) return
    const { mint, quoteId, purse } = state.lightning.quote
    deps.news.follow(mint, purse.split('/')[1] ?? '', { kind: 'bolt11_melt_quote', quoteId }, () => wake(payout))
    heard.set(payout, () => deps.news?.unfollow(mint, quoteId))
  }

  function landed(payout: string): void {
    heard.get(payout)?.()
    heard.delete(payout)
    wanted.delete(payout)
    flights.delete(payout)
  }

  function fly(payout: string): Promise<void> {
    const flying = flights.get(payout)
    if (flying !== undefined) return flying
    const flight = drive(payout)
      .catch((error: unknown) => {
        if (!stopping) trace.error('A payment stopped for a reason nobody foresaw', { payout, why: String(error) })
      })
      .finally(() => landed(payout))
    flights.set(payout, flight)
    return flight
  }

  async function resume(): Promise<number> {
    const open = await log.claims('paying')
    for (const { key } of open) void fly(key)
    return open.length
  }

  async function takeUp(payout: string): Promise<void> {
    if ((await engine.state('payout', payout)).is === 'lightning') await fly(payout)
  }

  /** The payment itself won, or its fence was not sent: it goes on. */
  async function fenceLost(swap: string): Promise<void> {
    const state = await engine.state('swap', swap)
    if (state.is === 'rejected' && state.plan.reason === 'fence') await takeUp(state.plan.parent ?? '')
  }

  return {
    async follow(payout, waitMs) {
      let isOver = false
      const over = deps.pause(waitMs).then(() => {
        isOver = true
      })
      await Promise.race([ended(payout, () => isOver), over])
    },
    wake(payout) {
      wake(payout)
      void takeUp(payout)
    },
    resume,
    start() {
      // What nobody foresaw ends a flight, not the payment: it is taken up again (W-15).
      timer = setInterval(() => void resume().catch(() => undefined), limits.takeUpMs)
      // Whoever asks for a payment, it is taken up with its commit.
      endFollowing = log.onCommit((events) => {
        for (const { stream, type } of events) {
          if (type === 'payout.requested') void takeUp(stream)
          if (type === 'swap.rejected') void fenceLost(stream)
        }
      })
    },
    stop() {
      stopping = true
      clearInterval(timer)
      endFollowing()
      for (const endRest of resting.values()) endRest()
    },
  }

  /** A flight ends also where a fence takes over: then its end is waited for. */
  async function ended(payout: string, isOver: () => boolean): Promise<void> {
    while (!stopping && !isOver()) {
      await fly(payout)
      const state = await engine.state('payout', payout)
      if (state.is !== 'lightning' || state.lightning.is === 'paid' || state.lightning.is === 'rejected') return
      await deps.pause(followMs)
    }
  }
}

const followMs = 1000
