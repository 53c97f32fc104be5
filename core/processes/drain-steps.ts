/** What an open drain does next (wallet 5.6): follows its round, begins another, merges what arrived, or ends. */
import { asMsat, type Execute, type OpenDrain, usualReservePpm, wish } from '../../events'
import { limits } from '../limits'
import { isBusy, isDrained, mergeIfCovered, owedIn } from './drain-merge'
import { draftRound, isClosed } from './drain-round'
import { type DrainDeps, drainClaim, type WhyNot } from './drain-types'
import { floorsOf } from './floor'
import { placesOf } from './payout-coins'

export type DrainVerdict = 'again' | 'wait' | 'over'
type Verdict = DrainVerdict
type How = 'arrived' | 'failed' | 'lost'
const byNode = (cause: string) => ({ actor: 'node', door: 'node', cause }) as const

/** Answers one step of a drain; `say` is told why no round runs. */
export function createDrainSteps(
  deps: DrainDeps & {
    readonly rest: (drain: string, ms: number) => Promise<void>
    readonly say: (drain: string, whyNot: WhyNot | undefined) => void
  },
) {
  const { engine, log, now, trace, rest, say } = deps
  const inLane = { ...deps, patienceMs: limits.laneMintMs }

  async function step(drain: string): Promise<Verdict> {
    const state = await engine.state('drain', drain)
    if (state.is !== 'open') return 'over'
    if (state.round !== undefined) return follow(drain, state)
    if (state.stopped !== undefined) return windUp(drain, state)
    if (await mergeIfCovered(drain, state, false, deps)) return 'again'
    const pauseMs = pauseAfter(state)
    if (pauseMs > 0) {
      say(drain, 'pause')
      await rest(drain, pauseMs)
      return 'again'
    }
    return next(drain, state)
  }

  async function next(drain: string, state: OpenDrain): Promise<Verdict> {
    await warm(state)
    const wasBusy = await isBusy(state.plan.purse, deps)
    const begun = await deps.ownerLane(async () => {
      const drafted = await draftRound(drain, state, inLane)
      if ('whyNot' in drafted) return drafted.whyNot
      await deps.stopHere('drain: before a round')
      const done = await engine.execute(drafted.wishes, { ...drafted.inline, meta: byNode(drain) })
      await deps.stopHere('drain: after a round')
      // Somebody else moved the drain on, or stopped it: looked at again.
      return 'position' in done ? undefined : 'pause'
    })
    if (begun === undefined) {
      say(drain, undefined)
      return 'again'
    }
    say(drain, begun)
    if (begun === 'fee-limit' || begun === 'daily-limit') return stopped(drain, begun)
    if (begun !== 'empty') return 'wait'
    if (await mergeIfCovered(drain, state, true, deps)) return 'again'
    if ('address' in state.plan.to) return ended(drain, state, 'done')
    // What was under way when the round was reckoned may have left coins: looked at again.
    const verdict = wasBusy ? 'wait' : await engine.alone((execute) => endIfDrained(drain, state, execute))
    return verdict === 'wait' && (await isOnlyTooDear(drain, state)) ? stopped(drain, 'fee-limit') : verdict
  }

  /** Worth moving, but for what the mint has come to set aside: its owner drains again when it asks less (wallet 5.6). */
  async function isOnlyTooDear(drain: string, state: OpenDrain): Promise<boolean> {
    if (state.reservePpm <= usualReservePpm) return false
    const usual = { ...state, reservePpm: usualReservePpm }
    return !('whyNot' in (await deps.ownerLane(() => draftRound(drain, usual, inLane))))
  }

  /** Nothing is booked beside it: what comes back from now on finds a mint that is not drained any more. */
  async function endIfDrained(drain: string, state: OpenDrain, execute: Execute): Promise<Verdict> {
    return (await isDrained(state.plan.purse, deps)) ? ended(drain, state, 'done', execute) : 'wait'
  }

  /** Asked beforehand, so that the lane waits for no mint that hangs (wallet 9.4). */
  async function warm({ plan }: OpenDrain): Promise<void> {
    const purses = 'address' in plan.to ? [plan.purse] : [plan.purse, plan.to.purse]
    await Promise.all(placesOf(purses, deps).map((place) => isClosed(place, deps)))
  }

  /** Both ends of a round tell how it ended; the receiving one only what its mint signed (W-14). */
  async function follow(drain: string, { round }: OpenDrain): Promise<Verdict> {
    if (round === undefined) return 'again'
    const payout = await engine.state('payout', round.payout)
    if (payout.is !== 'lightning') return 'wait'
    const { lightning } = payout
    const deposit = round.deposit === undefined ? undefined : await engine.state('deposit', round.deposit)
    const invoice = deposit?.is === 'invoice' ? deposit.invoice : undefined
    const arrivedMsat = invoice?.is === 'settled' ? invoice.amountMsat : 0
    const end = (how: How, feesMsat: number, why?: string, numbers?: Readonly<Record<string, number>>) =>
      roundEnded(drain, { n: round.n, how, arrivedMsat, feesMsat, why, numbers })
    if (lightning.is === 'rejected') {
      const feesMsat = await fenceMsat(round.payout)
      return end(arrivedMsat > 0 ? 'arrived' : 'failed', feesMsat, lightning.reason, lightning.numbers)
    }
    if (lightning.is !== 'paid') return 'wait'
    const { lightningFeeUnits, inputFeeUnits, purse } = lightning.paid
    const feesMsat = (lightningFeeUnits + inputFeeUnits) * (purse.endsWith('/sat') ? 1000 : 1)
    if (round.deposit === undefined || invoice?.is === 'settled') return end('arrived', feesMsat)
    const isGone = invoice === undefined || invoice.is === 'never-quoted'
    // One that lapsed is asked for again: what its mint calls paid after all is reopened (wallet 6.3).
    if (isGone || (invoice.is === 'lapsed' && (await isLongPaid(round.payout)))) {
      trace.error('A mint was paid and does not owe it', { drain, deposit: round.deposit })
      return end('lost', feesMsat, 'not-signed')
    }
    void deps.invoices.look(round.deposit).catch(() => undefined)
    return 'wait'
  }

  async function isLongPaid(payout: string): Promise<boolean> {
    const paid = (await log.read(payout, 0)).find(({ type }) => type === 'payout.paid')
    return paid !== undefined && now() - paid.at >= limits.moveSignedMs
  }

  /** What the mint took for the coins that came back: it counts like any other fee, or failures would cost without bound. */
  async function fenceMsat(payout: string): Promise<number> {
    const cancelled = (await log.read(payout, 0)).find(({ type }) => type === 'payout.cancelled')
    const { swapId = '' } = (cancelled?.data ?? {}) as { readonly swapId?: string }
    const settled = (await log.read(swapId, 0)).find(({ type }) => type === 'swap.settled')
    const { purse = '', feeUnits = 0 } = (settled?.data ?? {}) as {
      readonly purse?: string
      readonly feeUnits?: number
    }
    return feeUnits * (purse.endsWith('/sat') ? 1000 : 1)
  }

  async function roundEnded(drain: string, { why, numbers, ...round }: Ending): Promise<Verdict> {
    const data = {
      ...round,
      arrivedMsat: asMsat(round.arrivedMsat),
      feesMsat: asMsat(round.feesMsat),
      at: now(),
      ...(why === undefined ? {} : { why }),
      ...(numbers === undefined ? {} : { numbers }),
    }
    await deps.stopHere('drain: before a round ends')
    const done = await engine.execute(wish('drain', drain, { do: 'end-round', round: data }), { meta: byNode(drain) })
    await deps.stopHere('drain: after a round ended')
    trace.info('A round of a drain ended', { drain, round: round.n, how: round.how, why: why ?? '' })
    return 'position' in done ? 'again' : 'wait'
  }

  async function stopped(drain: string, why: 'fee-limit' | 'daily-limit'): Promise<Verdict> {
    trace.warn('A drain stopped', { drain, why })
    const done = await engine.execute(wish('drain', drain, { do: 'stop', why, by: 'node' }), { meta: byNode(drain) })
    return 'position' in done ? 'again' : 'wait'
  }

  /** No more rounds: what was moved is merged, or the purse covers its customers by itself. */
  async function windUp(drain: string, state: OpenDrain): Promise<Verdict> {
    if (await mergeIfCovered(drain, state, true, deps)) return 'again'
    const { sharesMsat, promisedMsat } = await owedIn(state.plan.purse, deps)
    const overMsat = (await floorsOf(deps)).get(state.plan.purse)?.overMsat ?? 0
    const isWhole = sharesMsat + promisedMsat === 0 || state.arrivedMsat <= state.mergedMsat || overMsat >= 0
    return isWhole || 'address' in state.plan.to ? ended(drain, state, 'stopped') : 'wait'
  }

  async function ended(
    drain: string,
    { plan }: OpenDrain,
    why: 'done' | 'stopped',
    execute: Execute = engine.execute,
  ): Promise<Verdict> {
    const { kind, key } = drainClaim(drain, plan)
    const done = await execute(wish('drain', drain, { do: 'end', why }), {
      meta: byNode(drain),
      releases: [{ kind, key }],
    })
    if (!('position' in done)) return 'wait'
    say(drain, undefined)
    trace.info('A drain ended', { drain, why })
    return 'over'
  }

  /** Slower and slower after rounds that moved nothing, never given up (W-15). */
  function pauseAfter({ failures, endedAt = 0 }: OpenDrain): number {
    if (failures === 0) return 0
    const pauseMs = Math.min(limits.driveFirstMs * 2 ** Math.min(failures - 1, 20), limits.drainMostMs)
    return endedAt + pauseMs - now()
  }

  return step
}

type Ending = {
  readonly n: number
  readonly how: How
  readonly arrivedMsat: number
  readonly feesMsat: number
  readonly why: string | undefined
  readonly numbers: Readonly<Record<string, number>> | undefined
}
