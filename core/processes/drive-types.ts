/** What the driver and the closings of an open swap hand each other: deposits and payouts by token alike (wallet 6.1). */
import type { WalletAttempt } from '../../events'
import type { Proof, Signature } from '../money/mint-answers'
import type { MintAnswer } from '../money/mint-request'
import type { Look } from './evidence'
import type { MintDesk } from './mint-desk'
import type { Urgency } from './mint-queue'

/** The state of an operation whose swap is open. */
export type OpenSwap = { readonly plan: { readonly mint: string }; readonly attempts: readonly WalletAttempt[] }

/** One round of an open operation: what was sent and answered, and all that was looked at so far. */
export type Case<Open extends OpenSwap> = {
  /** Its stream. */
  readonly operation: string
  readonly state: Open
  readonly desk: MintDesk
  /** undefined: nothing was sent in this round. */
  readonly answer: MintAnswer<readonly Signature[]> | undefined
  /** Requests sent by this process for this operation. */
  readonly sends: number
  /** This process planned it, so that no earlier one can have sent anything. */
  readonly startedHere: boolean
  readonly looks: readonly Look[]
  /** Rounds in a row that ended with the same complaint of the mint. */
  readonly clashes: number
  /** Plans that it called unbalanced. */
  readonly unbalanced: number
}

/** `rest`: only somebody else's word helps; the mint is asked seldom. */
export type Verdict = 'closed' | 'wait' | 'again' | 'clash' | 'rest'
export type ReplanWhy = 'rotation' | 'fee' | 'counter-clash'

/** The events that end a round: money booked, rejected with evidence, or planned anew. */
export type Closing<Open extends OpenSwap> = {
  /** Turns signatures into coins and books them; a mint that lied is suspended, the operation stays open. */
  readonly settle: (
    one: Case<Open>,
    attempt: WalletAttempt,
    signatures: readonly Signature[],
    /** By NUT-09, and not in the answer to a send: they may be spent. */
    isRestored?: boolean,
  ) => Promise<Verdict>
  readonly reject: (
    one: Case<Open>,
    reason: 'spent-elsewhere' | 'refused' | 'not-sent',
    kind: string,
  ) => Promise<Verdict>
  readonly replan: (one: Case<Open>, why: ReplanWhy) => Promise<Verdict>
  /** Of coins of ours whose keyset the mint calls expired (wallet 8.1, 12003). */
  readonly expired?: (one: Case<Open>) => Promise<Verdict>
  /** Of coins of ours, where the mint takes fewer in one request (wallet 8.1). */
  readonly divide?: (one: Case<Open>) => Promise<Verdict>
}

/** What differs between the operations that one driver drives. */
export type SwapPort<Open extends OpenSwap> = {
  /** Names its kill points and its trace lines. */
  readonly name: 'deposit' | 'payout' | 'swap'
  /** undefined: it is closed. 'fenced': something else decides over its coins, and until then it sends nothing. */
  readonly load: (operation: string) => Promise<Open | 'fenced' | undefined>
  /** `startedHere`: whoever asked for it is still there (wallet 9.4). */
  readonly urgencyOf: (state: Open, startedHere: boolean) => Urgency | Promise<Urgency>
  /** Y of each input, in plan order. */
  readonly ysOf: (state: Open) => readonly string[]
  /** Inputs as they are sent, in plan order. */
  readonly proofsOf: (state: Open, operation: string) => Promise<readonly Proof[]>
  /** Inputs are coins of ours: a mint that calls them invalid is not believed (wallet 8.1). */
  readonly ownCoins: boolean
  readonly closing: Closing<Open>
}

export const newestAttempt = ({ attempts }: OpenSwap): WalletAttempt => {
  const attempt = attempts.at(-1)
  if (attempt === undefined) throw new Error('an open swap has no attempt')
  return attempt
}

/** Somebody waits for what this process began; what it found open is brought to its end behind them. */
export const waitedFor = (_: OpenSwap, startedHere: boolean): Urgency => (startedHere ? 'customer' : 'recovery')

/** W-09: one look if exactly one request ever left and its answer was read here, else two, half a minute apart. */
export function enoughLooks<Open extends OpenSwap>(
  { sends, answer, startedHere, looks, state }: Case<Open>,
  apartMs: number,
): boolean {
  const answered = answer?.is === 'rejected' || answer?.is === 'done'
  if (sends === 1 && answered && startedHere && state.attempts.length === 1) return true
  const last = looks.at(-1)
  return last !== undefined && looks.some((look) => last.at - look.at >= apartMs)
}
