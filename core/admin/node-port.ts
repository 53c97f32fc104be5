/** What admin commands and queries may use of the node; wired in `node.ts`, known here by shape only. */
import type { CashuUnit, Claim, Engine, Holds, Log, ReadModels, TrustedMint, Wish } from '../../events'
import type { LastSeen } from '../last-seen'
import type { Recovered } from '../processes/recover-types'
import type { Settings } from '../settings'
import type { Imports } from './imports'
import type { MoneyPort } from './money-port'
import type { Revisions } from './revisions'
import type { UpstreamsPort } from './upstreams-port'

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

/** Least and most of one deposit by invoice and one payout by Lightning, in units, as far as the mint names them. */
export type MintLimits = Readonly<
  Partial<Record<'depositLeast' | 'depositMost' | 'payoutLeast' | 'payoutMost', number>>
>

export type MintProbe =
  | {
      readonly ok: true
      readonly ms: number
      readonly name: string
      readonly units: readonly CashuUnit[]
      readonly nuts: readonly string[]
      readonly feePpk: Readonly<Record<string, number>>
      /** By unit. */
      readonly limits: Readonly<Record<string, MintLimits>>
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly ms: number; readonly sentence: string }

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
  /** Where the machine itself reaches the public door. */
  readonly localUrl: string
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
  /** By how much our clock was ahead of another one, and when (Unix ms); undefined: none was asked. */
  readonly clock: () => { readonly skewMs: number; readonly at: number } | undefined
  /** Of the data directory; undefined: nobody knows. */
  readonly disk: () => Promise<{ readonly freeBytes: number; readonly totalBytes: number } | undefined>
  readonly seal: (ref: string, secret: string) => { readonly ref: string; readonly bytes: Uint8Array }
  readonly mints: {
    readonly state: (mint: TrustedMint) => MintState
    /** Asks the mint now; `remembered` updates what the state says. */
    readonly probe: (url: string) => Promise<MintProbe>
    readonly normalise: (url: string) => { readonly url: string; readonly mintId: string } | undefined
  }
  readonly upstreams: UpstreamsPort
  readonly money: MoneyPort
  /** Tells a second-way code to the console and to the owner keys, never to who asked. */
  readonly tellCode: (what: string, code: string) => void
  readonly keyEnds: {
    /** What a revoked key is remembered by until it has ended. */
    readonly claim: (session: string) => Claim
    /** The wishes that end those of these revoked keys which nothing holds up now. */
    readonly endsNow: (sessions: readonly string[]) => Promise<readonly Wish[]>
    /** Msat of payouts of these keys that may still come back to them. */
    readonly onTheirWayMsat: (sessions: readonly string[]) => Promise<number>
  }
  readonly imports: Imports
  readonly wallet: WalletPort
  readonly backups: BackupsPort
  readonly remote: () => RemoteHealth
  readonly lastSeen: Pick<LastSeen, 'at' | 'note'>
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
