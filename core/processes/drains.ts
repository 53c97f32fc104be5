/** Drains of a mint (wallet 5.6): round after round to another mint or out, then the shares follow; resumed at boot. */
import { LogUnavailable } from '../../events'
import { limits } from '../limits'
import { draftDrain } from './drain-draft'
import { createDrainSteps, type DrainVerdict } from './drain-steps'
import { type DrainDeps, type Drains, type DrainView, drainKind, type WhyNot } from './drain-types'
import { freezes, transitOf } from './floor'

/** Commits after which a drain that waits looks again at once. */
const news =
  /^(drain\.started|drain\.stopped|payout\.(paid|rejected|cancelled)|deposit\.(settled|lapsed|dispute-closed)|mint\.(resumed|changed))$/

export function createDrains(deps: DrainDeps): Drains {
  const { engine, log, trace } = deps
  let stopping = false
  let endFollowing: () => void = () => undefined
  let timer: ReturnType<typeof setInterval> | undefined
  const flights = new Map<string, Promise<void>>()
  /** Ends the rest of a flight that waits. */
  const resting = new Map<string, () => void>()
  const whyNots = new Map<string, WhyNot>()
  const step = createDrainSteps({
    ...deps,
    rest,
    say: (drain, whyNot) => void (whyNot === undefined ? whyNots.delete(drain) : whyNots.set(drain, whyNot)),
  })

  async function drive(drain: string): Promise<void> {
    let backOffMs: number = limits.driveFirstMs
    while (!stopping) {
      const verdict = await written(() => step(drain))
      if (verdict === 'over') return
      if (verdict === 'again') {
        backOffMs = limits.driveFirstMs
        continue
      }
      await rest(drain, backOffMs)
      backOffMs = Math.min(backOffMs * 2, limits.driveMostMs)
    }
  }

  /** A log that cannot be written is waited for: where the drain stands is told by its streams (W-15). */
  async function written(work: () => Promise<DrainVerdict>): Promise<DrainVerdict> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof LogUnavailable) return 'wait'
      throw error
    }
  }

  async function rest(drain: string, ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => resting.set(drain, resolve))
    await Promise.race([woken, deps.pause(ms)])
    resting.delete(drain)
  }

  return {
    draft: (asked) => draftDrain(asked, deps),
    async ofMint(mintId) {
      const views: DrainView[] = []
      for (const { owner: drain } of await log.claims(drainKind)) {
        const state = await engine.state('drain', drain)
        if (state.is !== 'open') continue
        const { purse, to } = state.plan
        const isOf = [purse, 'address' in to ? '' : to.purse].some((one) => one.startsWith(`${mintId}/`))
        if (!isOf) continue
        const transit = await transitOf(state, deps)
        const isLate = transit !== undefined && !freezes(deps)(transit)
        views.push({ drain, state, whyNot: whyNots.get(drain), isLate })
      }
      return views
    },
    async resume() {
      const open = await log.claims(drainKind)
      for (const { owner } of open) fly(owner)
      return open.length
    },
    start() {
      // What nobody foresaw ends a flight, not the drain: it is taken up again (W-15).
      timer = setInterval(() => {
        void log.claims(drainKind).then(
          (open) => {
            for (const { owner } of open) fly(owner)
          },
          () => undefined,
        )
      }, limits.takeUpMs)
      endFollowing = log.onCommit((events) => {
        if (!events.some(({ type }) => news.test(type))) return
        for (const { stream, type } of events) if (type === 'drain.started') fly(stream)
        for (const wake of resting.values()) wake()
      })
    },
    stop() {
      stopping = true
      clearInterval(timer)
      endFollowing()
      for (const wake of resting.values()) wake()
    },
  }

  function fly(drain: string): void {
    if (flights.has(drain) || stopping) return
    const flight = drive(drain)
      .catch((error: unknown) => {
        if (!stopping) trace.error('A drain stopped for a reason nobody foresaw', { drain, why: String(error) })
      })
      .finally(() => flights.delete(drain))
    flights.set(drain, flight)
  }
}
