/** What the steps of a recovery hand each other, and the question that all of them ask: which coins are unspent. */
import type { CoinRow, Engine, Log, TrustedMint } from '../../events'
import type { KeysetInfo } from '../money/mint-answers'
import type { Trace } from '../trace'
import type { Wallet } from './deposit-types'
import type { MintDesk } from './mint-desk'
import { createBreath, type Searched } from './search'

export type RecoverDeps = {
  readonly engine: Engine
  readonly log: Log
  readonly wallet: Pick<Wallet, 'derive' | 'unblind' | 'yOf' | 'seedId'>
  readonly mints: () => readonly TrustedMint[]
  readonly desk: (mint: TrustedMint) => MintDesk
  readonly now: () => number
  readonly stopHere: (place: string) => Promise<void>
  readonly trace: Trace
}

/** What one pass over one mint brought. */
export type Recovered = {
  readonly mint: string
  /** `later`: something did not answer; what was booked stays booked. */
  readonly state: 'done' | 'later'
  /** The mint knew more of this seed than the log did (12.4). */
  readonly isBehind: boolean
  readonly keysets: number
  /** Outputs of this seed that the mint has signed. */
  readonly signatures: number
  readonly importedMsat: number
  readonly unattributedMsat: number
  readonly lostMsat: number
  /** Coins that are in the middle of a payment somewhere: neither imported nor lost. */
  readonly pending: number
  /** Signatures without a true proof (NUT-12): not believed, not imported. */
  readonly unproven: number
}
export type Sums = { -readonly [Key in keyof Recovered]: Recovered[Key] }
export type Found = Searched & { readonly keyset: KeysetInfo }

/** Categories of streams that may hold coins, or be owed some. */
export const operations = ['deposit', 'payout', 'swap'] as const

const batch = 100

/** NUT-07 of coins of ours, in their order; undefined: the mint did not say it of every one. */
export async function statesOf(
  coins: readonly Pick<CoinRow, 'keysetId' | 'counter' | 'amount'>[],
  desk: Pick<MintDesk, 'call' | 'client'>,
  wallet: Pick<Wallet, 'derive' | 'yOf'>,
): Promise<readonly ('UNSPENT' | 'PENDING' | 'SPENT')[] | undefined> {
  const breathe = createBreath()
  const all: ('UNSPENT' | 'PENDING' | 'SPENT')[] = []
  for (let from = 0; from < coins.length; from += batch) {
    const ys: string[] = []
    for (const { keysetId, counter, amount } of coins.slice(from, from + batch)) {
      ys.push(wallet.yOf(wallet.derive(keysetId, counter, amount).secret))
      await breathe()
    }
    const answer = await desk.call(() => desk.client.states(ys))
    if (answer?.is !== 'done') return undefined
    const byY = new Map(answer.value.map(({ y, state }) => [y, state]))
    for (const y of ys) {
      const state = byY.get(y)
      if (state === undefined) return undefined
      all.push(state)
    }
  }
  return all
}

export const inMsat = (purse: string, coins: readonly { readonly amount: number }[]): number =>
  coins.reduce((units, coin) => units + coin.amount, 0) * (purse.endsWith('/sat') ? 1000 : 1)
