/** Looks whether tokens that were handed out are spent by now: then they are collected (wallet 5.2, NUT-07). */
import { type Payout, wish } from '../../events'
import { limits } from '../limits'
import type { PayoutDeps } from './payout-types'

const batch = 100

export type TokenWatch = {
  /** Young tokens in every round, older ones once a day. */
  readonly round: () => Promise<void>
  /** Asks for this payout's token now; of one that holds none nothing is asked. Half a look is none. */
  readonly ask: (payout: string) => Promise<void>
}

export function createTokenWatch(deps: PayoutDeps): TokenWatch {
  const { engine, log, wallet, now } = deps
  /** Unix ms of first and newest look of this process, by payout. */
  const looked = new Map<string, { readonly first: number; readonly last: number }>()

  async function round(): Promise<void> {
    const waiting = new Set((await log.claims('uncollected')).map(({ key }) => key))
    for (const payout of looked.keys()) if (!waiting.has(payout)) looked.delete(payout)
    for (const key of waiting) {
      const seen = looked.get(key)
      const isDue =
        seen === undefined || now() - seen.first < limits.tokenYoungMs || now() - seen.last >= limits.tokenYoungMs
      if (!isDue) continue
      looked.set(key, { first: seen?.first ?? now(), last: now() })
      await ask(key)
    }
  }

  async function ask(payout: string): Promise<void> {
    const state = await engine.state('payout', payout)
    if (state.is === 'ready') await look(payout, state)
  }

  async function look(payout: string, { ready, wish: asked }: Extract<Payout, { is: 'ready' }>): Promise<void> {
    const mint = deps.mints().find(({ url }) => url === ready.mint)
    if (mint === undefined) return
    const desk = deps.desk(mint).as('watch')
    const ys = ready.send.map((coin) => wallet.yOf(wallet.derive(coin.keysetId, coin.counter, coin.amount).secret))
    for (let from = 0; from < ys.length; from += batch) {
      const part = ys.slice(from, from + batch)
      const answer = await desk.call(() => desk.client.states(part))
      if (answer?.is !== 'done') return
      const spent = new Set(answer.value.filter(({ state }) => state === 'SPENT').map(({ y }) => y))
      // A token is collected when all of it is: partly spent it stays as it is (wallet 6.1).
      if (part.some((y) => !spent.has(y))) return
    }
    // Spent by ourselves they are no sign of anybody: a swap that makes the token again or takes it back tells how it
    // ended. None may begin between the question and the append.
    await engine.alone(async (execute) => {
      if ((await log.claimedBy('reclaiming', payout)) !== undefined) return
      await execute(wish('payout', payout, { do: 'claim', seenAt: now() }), {
        meta: { actor: asked.by, door: 'node', cause: asked.requestId },
        moves: ready.send.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'out', to: 'spent' })),
        releases: [{ kind: 'uncollected', key: payout }],
      })
    })
  }

  return { round, ask }
}
