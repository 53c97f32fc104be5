/** Swaps of our own coins (wallet 5.5): driven to their close by the one driver, resumed at boot. */
import { limits } from '../limits'
import { createDrive } from './drive'
import type { SwapPort } from './drive-types'
import type { Urgency } from './mint-queue'
import { createSwapClosing } from './swap-close'
import type { OpenSwapOfOurs, SwapDeps, Swaps } from './swap-types'
import { proofOf, secretOf } from './token-text'

export function createSwaps(deps: SwapDeps): Swaps {
  const { log, trace } = deps
  let stopping = false
  let endFollowing: () => void = () => undefined
  let timer: ReturnType<typeof setInterval> | undefined
  const drive = createDrive({ ...deps, isStopping: () => stopping }, ownSwap(deps))
  /** Open swaps that are driven (W-10). */
  const flights = new Map<string, Promise<void>>()

  function fly(swap: string, startedHere: boolean): Promise<void> {
    const flying = flights.get(swap)
    if (flying !== undefined) return flying
    const flight = drive(swap, startedHere)
      .catch((error: unknown) => {
        if (!stopping) trace.error('A swap stopped for a reason nobody foresaw', { swap, why: String(error) })
      })
      .finally(() => flights.delete(swap))
    flights.set(swap, flight)
    return flight
  }

  async function resume(): Promise<number> {
    const open = await log.claims('swap')
    for (const { key } of open) void fly(key, false)
    return open.length
  }

  return {
    follow: (swap, waitMs) => Promise.race([fly(swap, true), deps.pause(waitMs)]),
    resume,
    start() {
      timer = setInterval(() => void resume().catch(() => undefined), limits.takeUpMs)
      // Whoever plans a swap, it is taken up with its commit.
      endFollowing = log.onCommit((events) => {
        for (const { stream, type } of events) if (type === 'swap.planned') void fly(stream, true)
      })
    },
    stop() {
      stopping = true
      clearInterval(timer)
      endFollowing()
    },
  }
}

function ownSwap(deps: SwapDeps): SwapPort<OpenSwapOfOurs> {
  const { engine, log, wallet, now } = deps

  /** Coins that are about to end with their keyset wait behind no audit (wallet 5.5); a payment waits for its split. */
  async function urgencyOf({ reason, parent, inputs, purse }: OpenSwapOfOurs['plan']): Promise<Urgency> {
    if (reason === 'split' || (reason === 'consolidate' && parent !== undefined)) return 'customer'
    if (reason === 'consolidate') return 'consolidate'
    if (reason !== 'leave-keyset') return 'recovery'
    const { keysets } = await engine.state('mint', `mint-${purse.split('/')[0]}`)
    const soonS = (now() + limits.keysetEndsSoonMs) / 1000
    const isSoon = inputs.some(({ keysetId }) => (keysets[keysetId]?.finalExpiry ?? Number.POSITIVE_INFINITY) < soonS)
    return isSoon ? 'recovery' : 'consolidate'
  }

  const inputsOf = ({ plan }: OpenSwapOfOurs) => [...plan.inputs, ...plan.added]
  return {
    name: 'swap',
    ownCoins: true,
    closing: createSwapClosing(deps),
    async load(swap) {
      const state = await engine.state('swap', swap)
      // While its parts are on their way it sends nothing (wallet 6.5).
      if (state.is !== 'planned') return undefined
      return (await log.claimedBy('fencing', swap)) === undefined ? state : 'fenced'
    },
    urgencyOf: ({ plan }) => urgencyOf(plan),
    ysOf: (state) => inputsOf(state).map((coin) => wallet.yOf(secretOf(wallet, coin))),
    /** The claim of the plan's own commit: without it on disk nothing may be sent (W-01). */
    async proofsOf(state, swap) {
      for (let tries = 0; tries < limits.planCommitTries; tries += 1) {
        if ((await log.claimedBy('swap', swap)) !== undefined)
          return inputsOf(state).map((coin) => proofOf(wallet, coin))
        await deps.pause(limits.planCommitPauseMs)
      }
      throw new Error('the plan of an open swap is not committed')
    },
  }
}
