/** Refunds by token (wallet 5.2): asked for once, driven until ready, answered alike for ever, resumed at boot. */
import { type Payout, wholeSats, wish } from '../../events'
import type { AskForeign } from '../foreign'
import { limits } from '../limits'
import { createDrive } from './drive'
import { type SwapPort, waitedFor } from './drive-types'
import { isOver, lightningAnswer, planRefundTo } from './lightning-refund'
import type { Melts } from './melt-types'
import { createPayoutClosing } from './payout-close'
import { createCoinWait } from './payout-coin-wait'
import { placesOf } from './payout-coins'
import { type Planned, planRefund } from './payout-plan'
import type { HandedTo, OpenPayout, PayoutDeps, Payouts, Receiver, Refund } from './payout-types'
import { triesByLightning, triesOf } from './refund-tries'
import { proofOf, secretOf, tokenText } from './token-text'
import { createTokenWatch } from './token-watch'

export function createPayouts(
  deps: PayoutDeps & { readonly followMelt: Melts['follow']; readonly askForeign: AskForeign },
): Payouts {
  const { engine, log, wallet, trace } = deps
  let stopping = false
  const drive = createDrive({ ...deps, isStopping: () => stopping }, payoutSwap(deps))
  const untilCoins = createCoinWait({ ...deps, isStopping: () => stopping })
  /** Open payouts that are driven: a second caller joins (W-10). */
  const flights = new Map<string, Promise<void>>()
  /** One plan at a time for each session: parallel calls find what the first one asked for. */
  const planning = new Map<string, Promise<Planned>>()
  const watch = createTokenWatch(deps)
  const timers: ReturnType<typeof setInterval>[] = []
  let endFollowing: () => void = () => undefined

  async function refund(session: string, requestId: string, waitMs: number, to?: Receiver): Promise<Refund> {
    for (let race = 0; race < limits.refundRaces; race += 1) {
      const joined = planning.get(session)
      if (joined === undefined && planning.size >= limits.refundsPlanned) return { refused: 'mint-limited' }
      const planned = await (joined ?? planOnce(session, requestId, to))
      if ('moved' in planned) continue
      return 'refused' in planned ? planned : answer(planned.payout, waitMs)
    }
    throw new Error('a refund lost too many races')
  }

  function planOnce(session: string, requestId: string, to: Receiver | undefined): Promise<Planned> {
    const plan = plannedFor(session, requestId, to).finally(() => planning.delete(session))
    planning.set(session, plan)
    return plan
  }

  async function plannedFor(session: string, requestId: string, to: Receiver | undefined): Promise<Planned> {
    const hasFailed =
      to?.orToken === true &&
      (await triesByLightning(session, engine)).some(
        ({ wish: asked, lightning }) => lightning.is === 'rejected' && asked.destination === to.address,
      )
    return plannedInLane(session, requestId, hasFailed ? undefined : to?.address)
  }

  /** In turn in each purse; money that lies in several may need the owner's to take its place in one (wallet 5.2, 15). */
  async function plannedInLane(session: string, requestId: string, to: string | undefined): Promise<Planned> {
    const [first, ...others] = Object.keys((await engine.state('session', session)).shares)
    // By Lightning nothing is chosen yet: what moves is decided when its coins are locked.
    if (to !== undefined || first === undefined) return planFor(session, requestId, to, deps)
    const using = { ...deps, patienceMs: limits.laneMintMs }
    // Coins that match are handed over without a word to the mint: it is not asked beforehand (W-16).
    if (others.length === 0) return deps.purseLanes.of(first)(() => planFor(session, requestId, to, using))
    // Asked beforehand, so that the lane waits for no mint that hangs (wallet 9.4).
    await Promise.all(placesOf([first, ...others], deps).map(({ desk, unit }) => desk.outputKeyset(unit)))
    return deps.ownerLane(() => planFor(session, requestId, to, using))
  }

  /** The newest refund that this balance has, unless it failed for good; else a new one (contract 4.4). */
  async function planFor(
    session: string,
    requestId: string,
    to: string | undefined,
    using: typeof deps,
  ): Promise<Planned> {
    const { state, tries, next } = await triesOf(session, engine)
    const newest = tries.at(-1)
    if (newest !== undefined && newest.state.is !== 'rejected' && !isOver(newest.state, state.balanceMsat))
      return { payout: newest.payout }
    const asked = { ...next, session, state, requestId }
    const planned = await (to === undefined ? planRefund(asked, using) : planRefundTo(to, asked, using))
    const isTooLittle = 'refused' in planned && planned.refused === 'too-small'
    // What a paid one left over cannot be paid out: who lost its answer is told it again.
    return isTooLittle && newest?.state.is === 'lightning' && newest.state.lightning.is === 'paid'
      ? { payout: newest.payout }
      : planned
  }

  async function byId(session: string, payout: string, waitMs: number): Promise<Refund> {
    const state = /^payout-[0-9a-f]{32}$/.test(payout) ? await engine.state('payout', payout) : undefined
    // Somebody else's refund is as unknown as none.
    if (state === undefined || state.is === 'unknown' || state.wish.sessionId !== session)
      return { refused: 'unknown-refund' }
    return answer(payout, waitMs)
  }

  async function answer(payout: string, waitMs: number, to: HandedTo = 'body'): Promise<Refund> {
    const { is } = await engine.state('payout', payout)
    if (is === 'lightning') await deps.followMelt(payout, waitMs)
    if (is === 'planned' || is === 'requested')
      await Promise.race([flights.get(payout) ?? fly(payout, true), deps.pause(waitMs)])
    const state = await engine.state('payout', payout)
    switch (state.is) {
      case 'ready':
      case 'claimed':
        // While its coins are on their way to a new token, the old text is not told (wallet 6.5).
        if ((await log.claimedBy('reclaiming', payout)) !== undefined) return { is: 'pending', payout }
        return (await isCommitted(payout))
          ? { is: 'ready', payout, ...(await handOver(payout, state, to)) }
          : { is: 'pending', payout }
      case 'requested':
      case 'planned':
        return { is: 'pending', payout }
      case 'lightning':
        return lightningAnswer(payout, state)
      case 'ended':
        return { is: 'swept', payout }
      case 'rejected':
        return { is: 'reversed' }
      case 'unknown':
        return { refused: 'unknown-refund' }
      default:
        return state satisfies never
    }
  }

  /** Only what is sealed and committed leaves (P-01); the first time is remembered. */
  async function handOver(payout: string, state: Extract<Payout, { is: 'ready' | 'claimed' }>, to: HandedTo) {
    const { ready, wish: asked } = state
    const bytes = await log.sealed(ready.token)
    const unit: 'sat' | 'msat' = ready.purse.endsWith('/sat') ? 'sat' : 'msat'
    const token =
      (bytes === undefined ? undefined : wallet.open(ready.token, bytes)) ??
      tokenText({ mint: ready.mint, unit, coins: ready.send }, wallet)
    if (state.is === 'ready' && !state.handed)
      await engine.execute(wish('payout', payout, { do: 'hand', to }), {
        meta: { actor: asked.by, door: 'public', cause: asked.requestId },
      })
    return { token, unit, sats: wholeSats(asked.msat), msat: asked.msat }
  }

  /** The state in memory may be ahead of the disk: what the log does not hold is told to nobody (P-01, C-069). */
  async function isCommitted(payout: string): Promise<boolean> {
    for (let tries = 0; tries < limits.planCommitTries; tries += 1) {
      if ((await log.read(payout, 0)).some(({ type }) => type === 'payout.ready')) return true
      await deps.pause(limits.planCommitPauseMs)
    }
    return false
  }

  function fly(payout: string, startedHere: boolean): Promise<void> {
    const flight = flown(payout, startedHere)
      .catch((error: unknown) => {
        if (!stopping) trace.error('A payout stopped for a reason nobody foresaw', { payout, why: String(error) })
      })
      .finally(() => flights.delete(payout))
    flights.set(payout, flight)
    return flight
  }

  async function flown(payout: string, startedHere: boolean): Promise<void> {
    if ((await engine.state('payout', payout)).is === 'requested') await untilCoins(payout)
    await drive(payout, startedHere)
  }

  /** The payout itself won, or its fence was not sent: it goes on. */
  async function fenceLost(swap: string): Promise<void> {
    const state = await engine.state('swap', swap)
    if (state.is !== 'rejected' || state.plan.reason !== 'fence') return
    const { parent = '' } = state.plan
    if (parent.startsWith('payout-') && !flights.has(parent)) void fly(parent, false)
  }

  /** Those by Lightning have a process of their own. */
  async function resume(): Promise<number> {
    const open = [...(await log.claims('swapping')), ...(await log.claims('coinless'))].filter(
      ({ owner }) => owner === 'payout',
    )
    for (const { key } of open) if (!flights.has(key)) void fly(key, false)
    return open.length
  }

  return {
    refund,
    lightningTries: async (session) =>
      (await triesByLightning(session, engine)).map(({ lightning: { is } }) =>
        is === 'paid' || is === 'rejected' ? is : 'open',
      ),
    byId,
    follow: answer,
    resume,
    watch: watch.round,
    askToken: watch.ask,
    start() {
      // A payout that a command asked for is taken up with its commit, whoever waits for it.
      endFollowing = log.onCommit((events) => {
        for (const { stream, type } of events) {
          if ((type === 'payout.planned' || type === 'payout.requested') && !flights.has(stream)) void fly(stream, true)
          if (type === 'swap.rejected') void fenceLost(stream)
        }
      })
      const look = () =>
        void watch
          .round()
          .catch((error: unknown) => trace.warn('Tokens could not be looked for', { why: String(error) }))
      // What nobody foresaw ends a flight, not the payout: it is taken up again (W-15).
      const takeUp = () => void resume().catch(() => undefined)
      timers.push(setInterval(look, limits.tokenWatchMs), setInterval(takeUp, limits.takeUpMs))
    },
    stop() {
      stopping = true
      endFollowing()
      for (const timer of timers) clearInterval(timer)
    },
  }
}

function payoutSwap(deps: PayoutDeps): SwapPort<OpenPayout> {
  const { engine, log, wallet } = deps
  return {
    name: 'payout',
    ownCoins: true,
    closing: createPayoutClosing(deps),
    async load(payout) {
      const state = await engine.state('payout', payout)
      // While a fence is open its parent sends nothing (wallet 6.5).
      if (state.is !== 'planned') return undefined
      return (await log.claimedBy('fencing', payout)) === undefined ? state : 'fenced'
    },
    urgencyOf: waitedFor,
    ysOf: ({ plan }) => plan.inputs.map((coin) => wallet.yOf(secretOf(wallet, coin))),
    /** The claim of the plan's own commit: without it on disk nothing may be sent (W-01). */
    async proofsOf({ plan }, payout) {
      for (let tries = 0; tries < limits.planCommitTries; tries += 1) {
        if ((await log.claimedBy('swapping', payout)) !== undefined)
          return plan.inputs.map((coin) => proofOf(wallet, coin))
        await deps.pause(limits.planCommitPauseMs)
      }
      throw new Error('the plan of an open payout is not committed')
    },
  }
}
