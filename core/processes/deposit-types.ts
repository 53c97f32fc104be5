/** What callers of the deposit process see of it, and what its parts hand each other. */
import type { Deposit, Engine, KeyLimits, KeyPayout, Log, TrustedMint } from '../../events'
import type { Proof, Signature } from '../money/mint-answers'
import type { DerivedOutput, TokenHead } from '../money/mint-client'
import type { Trace } from '../trace'
import type { Ladder } from './ladder'
import type { KnownKeyset, MintDesk } from './mint-desk'

export type DepositWish = {
  readonly text: string
  readonly via: 'create' | 'bearer' | 'topup' | 'x-cashu' | 'donate'
  /** What a donor wrote beside it. */
  readonly ref?: string | undefined
  /** Session that the token's own text opens. */
  readonly sessionId: string
  /** Session to credit; empty for a donation, which becomes the owner's. */
  readonly target: string
  readonly limits: KeyLimits
  /** What the credited key is to remember with this money (contract 3.7). */
  readonly payout?: KeyPayout | undefined
  readonly requestId: string
  /** A token worth less after fees is not redeemed (contract 7.1). */
  readonly leastMsat?: number
}

export type PlanRefusal =
  | { readonly refused: 'token-invalid'; readonly why: string }
  | { readonly refused: 'token-foreign'; readonly mint: string; readonly accepted: readonly string[] }
  | { readonly refused: 'token-rejected'; readonly why: string }
  | { readonly refused: 'token-worthless' }
  | { readonly refused: 'token-fees'; readonly feeUnits: number; readonly amountMsat: number; readonly feeMsat: number }
  | { readonly refused: 'token-spent' }
  | { readonly refused: 'token-too-small'; readonly valueMsat: number }
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
  /** Text of a token (V4, no DLEQ, no memo): the same coins in the same order give the same text (T14). */
  readonly encodeToken: (mint: string, unit: string, proofs: readonly Proof[]) => string
  readonly seal: (ref: string, secret: string) => { readonly ref: string; readonly bytes: Uint8Array }
  readonly open: (ref: string, bytes: Uint8Array) => string | undefined
}

export type PlanDeps = {
  /** Unix ms. */
  readonly now: () => number
  readonly engine: Engine
  readonly log: Log
  readonly wallet: Wallet
  readonly mints: () => readonly TrustedMint[]
  readonly desk: (mint: TrustedMint) => MintDesk
  /** Coins that are kept ready for payouts (wallet 9.6); the node's own bounds unless told. */
  readonly ladder?: Ladder | undefined
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
  readonly pause: (ms: number) => Promise<void>
  readonly stopHere: (place: string) => Promise<void>
  readonly trace: Trace
}

export type OpenDeposit = Extract<Deposit, { is: 'open' }>
