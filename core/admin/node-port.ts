/** What admin commands and queries may use of the node; wired in `node.ts`, known here by shape only. */
import type {
  CashuUnit,
  Claim,
  Engine,
  Holds,
  ListedModel,
  Log,
  ReadModels,
  TrustedMint,
  UpstreamKind,
  Wish,
} from '../../events'
import type { Lanes } from '../lanes'
import type { Floor } from '../processes/floor'
import type { NoReclaim, Reclaim, ReclaimDraft } from '../processes/reclaims'
import type { Recovered } from '../processes/recover-types'
import type { Sweep } from '../processes/sweep'
import type { LightningWithdrawal, Withdrawal, WithdrawalDraft, WithdrawalRefused } from '../processes/withdrawals'
import type { Settings } from '../settings'
import type { Imports } from './imports'
import type { Revisions } from './revisions'

export type MintState = {
  readonly mint: string
  readonly state: 'connected' | 'limited' | 'down' | 'suspended' | 'unknown'
  readonly sentence: string
  /** Unix ms of the last answer. */
  readonly at: number | undefined
  readonly roundTripMs: number | undefined
  readonly feePpk: number | undefined
  readonly nuts: readonly string[]
  /** Accepted units, as far as the mint is known to have them. */
  readonly units: readonly string[]
}

export type MintProbe =
  | {
      readonly ok: true
      readonly ms: number
      readonly name: string
      readonly units: readonly CashuUnit[]
      readonly nuts: readonly string[]
      readonly feePpk: Readonly<Record<string, number>>
      readonly limits: Readonly<Record<string, unknown>>
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly ms: number; readonly sentence: string }

export type UpstreamProbe =
  | { readonly ok: true; readonly ms: number; readonly models: readonly ListedModel[] }
  | { readonly ok: false; readonly ms: number; readonly sentence: string }

/** One row of the Models tab: what is sold and at what price, USD per 1M tokens as decimal text. */
export type ModelRow = {
  readonly model: string
  readonly aliases: readonly string[]
  readonly upstream: string
  readonly upstreamId: string
  readonly enabled: boolean
  readonly state: 'sellable' | 'off' | 'paused' | 'unpriced' | 'gone' | 'rateOld' | 'unconfirmed'
  readonly inUsdPerM: string | null
  readonly outUsdPerM: string | null
  readonly upstreamInUsdPerM: string | null
  readonly upstreamOutUsdPerM: string | null
  readonly contextLength: number | null
  readonly custom: boolean
  readonly free: boolean
  readonly maxCostMsat: number | null
  readonly prices: Readonly<Record<string, { readonly usd: string; readonly source: 'upstream' | 'custom' }>>
}

export type UpstreamState = {
  readonly state: 'connected' | 'refused-key' | 'down' | 'no-list' | 'unknown'
  readonly sentence: string
  readonly at: number | undefined
}

export type BooksCheck = {
  readonly balanced: boolean
  readonly perMint: readonly {
    readonly mint: string
    readonly unit: string
    readonly sheetMsat: number
    readonly coinsMsat: number
    readonly unspentMsat: number | null
    readonly spentMsat: number | null
  }[]
  readonly sentence: string
}

/** The admin relays and what became of the wraps that came by them. Times are Unix ms. */
export type RemoteHealth = {
  readonly relays: readonly {
    readonly url: string
    readonly state: 'connecting' | 'live' | 'deaf' | 'down'
    readonly since: number
    readonly lastIn: number | undefined
    readonly lastOut: number | undefined
    /** Round trip of our own voice, as a live and as a stored wrap. */
    readonly echoMs: number | undefined
    readonly durableEchoMs: number | undefined
    readonly auth: 'none' | 'ok' | 'refused'
    readonly lastNotice: string | undefined
    readonly refusals: number
    readonly refusedBy: Readonly<Record<string, number>>
    readonly oversized: number
  }[]
  /** By the step that ended them. */
  readonly counts: Readonly<Record<string, number>>
}

/** What the owner may do with the wallet's seed (wallet 12). */
export type WalletPort = {
  readonly seedId: string
  /** The words of the active seed. */
  readonly words: () => Promise<string>
  /** Searches these mints for coins of the seed; answers what is known of the newest search once `waitMs` are over. */
  readonly restore: (mints: readonly TrustedMint[], gap: number, waitMs: number) => Promise<RestoreState>
  readonly restoreState: () => RestoreState
}

/** A search for coins: one row for each mint that was searched. */
export type RestoreState = {
  readonly state: 'none' | 'running' | 'done'
  readonly mints: readonly Recovered[]
}

export type BackupsPort = {
  /** Newest first; times are Unix ms. */
  readonly list: () => readonly {
    readonly backup: string
    readonly at: number
    readonly bytes: number
    readonly sha256: string
    readonly position: number
    readonly verifiedAt?: number | undefined
    readonly sentence?: string | undefined
  }[]
  readonly run: () => Promise<ReturnType<BackupsPort['list']>[number]>
  readonly verify: (backup: string) => Promise<
    | {
        readonly ok: boolean
        readonly balancesEqual: boolean
        readonly coinsChecked: number
        readonly sentence: string
      }
    | undefined
  >
  readonly pathOf: (backup: string) => string
}

export type AdminNode = {
  readonly version: string
  /** Unix ms of the start. */
  readonly startedAt: number
  readonly engine: Engine
  readonly log: Log
  readonly views: ReadModels
  readonly holds: Holds
  readonly settings: Settings
  readonly revisions: Revisions
  /** Hex public key of the admin inbox. */
  readonly inbox: string
  /** Keys of the node itself: none of them can become an admin. */
  readonly ownKeys: readonly string[]
  readonly rate: () => { readonly usdPerBtc: string; readonly at: number } | undefined
  readonly seal: (ref: string, secret: string) => { readonly ref: string; readonly bytes: Uint8Array }
  readonly mints: {
    readonly state: (mint: TrustedMint) => MintState
    /** Asks the mint now; `remembered` updates what the state says. */
    readonly probe: (url: string) => Promise<MintProbe>
    readonly normalise: (url: string) => { readonly url: string; readonly mintId: string } | undefined
  }
  readonly upstreams: {
    readonly state: (upstream: string) => UpstreamState
    readonly probe: (
      target:
        | { readonly kind: UpstreamKind; readonly baseUrl: string; readonly apiKey: string | undefined }
        | { readonly upstream: string },
    ) => Promise<UpstreamProbe>
    readonly streams: () => readonly string[]
    /** Stream of an upstream by its id or name. */
    readonly resolve: (idOrName: string) => string | undefined
    readonly models: () => readonly ModelRow[]
    /** Every id and alias a customer can name, lower case, to the model that answers. */
    readonly names: () => ReadonlyMap<string, { readonly upstreamId: string; readonly model: string }>
  }
  readonly money: {
    /** Rows marked so run in it, from the look at the floor to their commit (wallet 15). */
    readonly lane: Lanes
    /** false: the books do not add up, and no money command runs (wallet 16). */
    readonly isBalanced: () => boolean
    readonly floors: () => Promise<ReadonlyMap<string, Floor>>
    /** Asks the mint beforehand for what the lane must not wait for. */
    readonly warm: (asked: Pick<Withdrawal, 'mint' | 'unit'>) => Promise<void>
    readonly draftToken: (asked: Withdrawal) => Promise<WithdrawalDraft | WithdrawalRefused>
    readonly draftLightning: (asked: LightningWithdrawal) => Promise<WithdrawalDraft | WithdrawalRefused>
    /** Waits for the end of a payout by Lightning, at most so long. */
    readonly followMelt: (payout: string, waitMs: number) => Promise<void>
    readonly sweep: Pick<Sweep, 'draft' | 'state' | 'tick'>
    /** Has the mint asked now. */
    readonly wakeMelt: (payout: string) => void
    /** Whether this payout's token was collected is asked now. */
    readonly askToken: (payout: string) => Promise<void>
    readonly draftReclaim: (asked: Reclaim) => Promise<ReclaimDraft | NoReclaim>
    /** Waits until a swap is closed, at most so long. */
    readonly followSwap: (swap: string, waitMs: number) => Promise<void>
    readonly outOfLastDay: () => Promise<
      readonly { readonly msat: number; readonly door: string; readonly atMs: number }[]
    >
    /** Takes a payout up and waits for its token. */
    readonly follow: (payout: string, waitMs: number) => Promise<{ readonly token: string } | undefined>
  }
  /** Tells a second-way code to the console and to the owner keys, never to who asked. */
  readonly tellCode: (what: string, code: string) => void
  readonly keyEnds: {
    /** What a revoked key is remembered by until it has ended. */
    readonly claim: (session: string) => Claim
    /** The wishes that end those of these revoked keys which nothing holds up now. */
    readonly endsNow: (sessions: readonly string[]) => Promise<readonly Wish[]>
  }
  readonly imports: Imports
  readonly wallet: WalletPort
  readonly backups: BackupsPort
  readonly remote: () => RemoteHealth
  readonly books: () => Promise<BooksCheck>
  readonly password: {
    readonly hash: (text: string) => Promise<string>
    readonly verify: (text: string, hash: string) => Promise<boolean>
  }
  /** Refuses addresses that nobody may name; says whether one is private (wallet 14.1). */
  readonly address: (
    url: string,
    protocols: readonly string[],
  ) => Promise<{ readonly privateAddress: boolean } | { readonly refused: 'address-not-allowed'; readonly why: string }>
}
