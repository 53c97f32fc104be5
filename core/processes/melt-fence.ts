/** Takes a payment back by fences (wallet 6.5), each later than the one before, until the mint lets one pass or pays. */
import { limits } from '../limits'
import type { MeltCase, MeltDeps, MeltMemory, MeltVerdict } from './melt-types'
import { secretOf } from './token-text'

/** Pending ones are neither. */
export type CoinStates = 'SPENT' | 'UNSPENT' | 'MIXED'

export function createMeltFence(deps: MeltDeps, begin: (one: MeltCase<'planned'>) => Promise<MeltVerdict>) {
  const { wallet, now } = deps
  /** Of payments that are to be taken back: how often that was tried, and Unix ms of the next. */
  const tried = new Map<string, { readonly times: number; readonly nextAt: number }>()

  /** A mint may call unpaid what it took the coins of: then every fence loses. */
  async function fence(one: MeltCase<'planned'>, memory: MeltMemory): Promise<MeltVerdict> {
    const { times, nextAt } = tried.get(one.payout) ?? { times: 0, nextAt: 0 }
    if (now() < nextAt) return 'wait'
    if (times > 0 && (await statesOf(one)) === 'SPENT') return takenUnpaid(one, memory)
    const restMs = Math.min(limits.driveFirstMs * 2 ** times, limits.driveHourMs)
    tried.set(one.payout, { times: times + 1, nextAt: now() + restMs })
    return begin(one)
  }

  /** Neither paid nor to be had back: it stays open, and nothing more is planned at its mint (W-05, wallet 5.4). */
  async function takenUnpaid({ payout, desk }: MeltCase<'planned'>, memory: MeltMemory): Promise<MeltVerdict> {
    memory.takenAt ??= now()
    if (now() - memory.takenAt < limits.looksApartMs || (await desk.isSuspended())) return 'wait'
    await desk.suspend('lied', `${payout}: its coins are spent, and it is called unpaid`)
    return 'wait'
  }

  /** What all inputs are; undefined: their mint did not tell. */
  async function statesOf({ desk, stage }: MeltCase<'planned'>): Promise<CoinStates | undefined> {
    const ys = stage.plan.inputs.map((coin) => wallet.yOf(secretOf(wallet, coin)))
    const answer = await desk.call(() => desk.client.states(ys))
    if (answer?.is !== 'done') return undefined
    const states = new Set(answer.value.filter(({ y }) => ys.includes(y)).map(({ state }) => state))
    const [only = 'PENDING'] = states
    return states.size === 1 && answer.value.length === ys.length && only !== 'PENDING' ? only : 'MIXED'
  }

  return { fence, statesOf, forget: (payout: string) => void tried.delete(payout) }
}
