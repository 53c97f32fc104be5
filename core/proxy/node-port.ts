/** What the public door may use of the node; wired in `node.ts`. */
import type { Engine, Holds, Log, MsatPrices, ReadModels, TrustedMint } from '../../events'
import type { DepositOutcome, DepositWish } from '../processes/deposit-types'
import type { Invoices } from '../processes/invoices'
import type { OneShots } from '../processes/one-shot-types'
import type { Payouts } from '../processes/payout-types'
import type { Settings } from '../settings'
import type { Trace } from '../trace'
import type { Target } from '../upstream/call'
import type { Cooling } from '../upstream/cooling'
import type { Book, Offer } from '../upstream/offers'
import type { Flood } from './flood'

export type PublicNode = {
  readonly version: string
  readonly engine: Engine
  readonly log: Log
  readonly holds: Holds
  readonly views: Pick<ReadModels, 'sql' | 'caughtUp' | 'isHealthy'>
  readonly settings: Settings
  readonly trace: Trace
  /** Unix ms. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  readonly npub: () => string
  readonly mints: () => readonly TrustedMint[]
  /** Units of the accepted mints, as far as the mints have them. */
  readonly units: () => readonly string[]
  readonly rate: () => { readonly usdPerBtc: string; readonly at: number } | undefined
  readonly book: () => Book
  readonly pricesOf: (offer: Offer, usdPerBtc: string | undefined) => MsatPrices
  readonly target: (offer: Offer) => Target
  readonly cooling: Cooling
  readonly noteUpstream: (upstreamId: string, state: 'connected' | 'refused-key' | 'down', sentence: string) => void
  /** Counts a request that no upstream was asked for. */
  readonly countRefused: () => void
  /** Offline checks of a token, before anything is read from the body. */
  readonly checkToken: (text: string) => DepositOutcome | undefined
  /** Whether this names a Lightning address or a pay request; nothing is contacted. */
  readonly isPayAddress: (text: string) => boolean
  readonly redeem: (wish: DepositWish, waitMs: number) => Promise<DepositOutcome & { readonly first?: boolean }>
  readonly oneShots: Pick<OneShots, 'read' | 'begin' | 'running' | 'close' | 'change' | 'lookUp'>
  readonly refund: Payouts['refund']
  readonly refundById: Payouts['byId']
  readonly failures: Flood
  readonly keysOpened: Flood
  readonly invoices: Pick<Invoices, 'create' | 'status' | 'statusByHash' | 'hashOf'>
  readonly invoicesAsked: Flood
  readonly isStopping: () => boolean
  readonly maxBodyBytes: number
  readonly health: () => Promise<{
    readonly status: 'ok' | 'degraded'
    readonly writable: boolean
    readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly sentence?: string }>>
  }>
  readonly stopHere: (place: string) => Promise<void>
}

/** One public request, as far as every handler needs it. */
export type PublicRequest = {
  readonly id: string
  readonly request: Request
  readonly path: string
  readonly query: URLSearchParams
  /** Address of the client, or what a trusted proxy says it is. */
  readonly address: string
  readonly headers: Record<string, string>
  /** Lifts the server's own idle limit from a request in flight. */
  readonly keepOpen: () => void
}
