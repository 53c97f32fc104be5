/** What callers of the deposit process see of it, and what its parts hand each other. */
import type { Deposit, Engine, KeyLimits, Log, TrustedMint, WalletAttempt } from '../../events'
import type { Proof, Signature } from '../money/mint-answers'
import type { DerivedOutput, TokenHead } from '../money/mint-client'
import type { MintAnswer } from '../money/mint-request'
import type { Trace } from '../trace'
import type { Look } from './evidence'
import type { KnownKeyset, MintDesk } from './mint-desk'

export type DepositWish = {
  readonly text: string
  readonly via: 'create' | 'bearer' | 'topup'
  /** Session that the token's own text opens. */
  readonly sessionId: string
  /** Session to credit. */
  readonly target: string
  readonly limits: KeyLimits
  readonly requestId: string
}

export type PlanRefusal =
  | { readonly refused: 'token-invalid'; readonly why: string }
  | { readonly refused: 'token-foreign'; readonly mint: string; readonly accepted: readonly string[] }
  | { readonly refused: 'token-rejected'; readonly why: string }
  | { readonly refused: 'token-worthless' }
  | { readonly refused: 'token-fees'; readonly feeUnits: number; readonly amountMsat: number; readonly feeMsat: number }
  | { readonly refused: 'token-spent' }
  | { readonly refused: 'mint-down' | 'mint-limited' }

export type Planned = { readonly deposit: string }

export type Wallet = {
  readonly seedId: string
  readonly readTokenHead: (text: string) => TokenHead | undefined
  readonly decodeToken: (text: string, keysetIds: readonly string[]) => readonly Proof[] | undefined
  readonly normaliseMintUrl: (url: string) => string | undefined
  readonly isLockedWithoutWitness: (proof: Proof) => boolean
  /** hash_to_curve of a secret, as hex (NUT-00). */
  readonly yOf: (secret: string) => string
  readonly derive: (keysetId: string, counter: number, amount: number) => DerivedOutput
  readonly unblind: (
    output: DerivedOutput,
    signature: Signature,
    keyset: KnownKeyset,
  ) => { readonly c: string } | { readonly lie: string }
  readonly seal: (ref: string, secret: string) => { readonly ref: string; readonly bytes: Uint8Array }
  readonly open: (ref: string, bytes: Uint8Array) => string | undefined
}

export type PlanDeps = {
  readonly engine: Engine
  readonly log: Log
  readonly wallet: Wallet
  readonly mints: () => readonly TrustedMint[]
  readonly desk: (mint: TrustedMint) => MintDesk
}

export type Settled = {
  readonly settled: true
  readonly target: string
  readonly amountMsat: number
  readonly feeMsat: number
  readonly unit: 'sat' | 'msat'
  readonly mint: string
}
/** What became of a token: credited, refused for good, or still on its way. */
export type DepositOutcome = Settled | PlanRefusal | { readonly pending: true }

export type DepositDeps = PlanDeps & {
  /** Unix ms. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  readonly stopHere: (place: string) => Promise<void>
  readonly trace: Trace
}

export type OpenDeposit = Extract<Deposit, { is: 'open' }>

/** One round of an open deposit: what was sent and answered, and all that was looked at so far. */
export type Case = {
  readonly deposit: string
  readonly state: OpenDeposit
  readonly desk: MintDesk
  /** undefined: nothing was sent in this round. */
  readonly answer: MintAnswer<readonly Signature[]> | undefined
  /** Requests sent by this process for this deposit. */
  readonly sends: number
  /** This process planned it, so that no earlier one can have sent anything. */
  readonly startedHere: boolean
  readonly looks: readonly Look[]
  /** Rounds in a row that ended with the same complaint of the mint. */
  readonly clashes: number
  readonly unbalanced: number
}

export type Verdict = 'closed' | 'wait' | 'again' | 'clash'

export const newestAttempt = (state: OpenDeposit): WalletAttempt => {
  const attempt = state.attempts.at(-1)
  if (attempt === undefined) throw new Error('an open deposit has no attempt')
  return attempt
}

/** W-09: one look if exactly one request ever left and its answer was read here, else two, half a minute apart. */
export function enoughLooks({ sends, answer, startedHere, looks, state }: Case, apartMs: number): boolean {
  const answered = answer?.is === 'rejected' || answer?.is === 'done'
  if (sends === 1 && answered && startedHere && state.attempts.length === 1) return true
  const last = looks.at(-1)
  return last !== undefined && looks.some((look) => last.at - look.at >= apartMs)
}
