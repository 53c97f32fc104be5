/** What admin commands and queries may use of upstreams and the models they list. */
import type { ListedModel, UpstreamKind } from '../../events'
import type { Trials } from '../model-trial'

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
  readonly locked: boolean
  readonly byHand: boolean
  readonly name: string
  readonly description: string
  readonly maxOutput: number | null
  /** The id that is sent. */
  readonly upstreamModel: string
  /** Names of the fields that the operator wrote himself. */
  readonly described: readonly string[]
  readonly state: 'sellable' | 'off' | 'paused' | 'unpriced' | 'gone' | 'rateOld' | 'unconfirmed'
  readonly inUsdPerM: string | null
  readonly outUsdPerM: string | null
  readonly upstreamInUsdPerM: string | null
  readonly upstreamOutUsdPerM: string | null
  readonly contextLength: number | null
  readonly custom: boolean
  readonly free: boolean
  readonly maxCostMsat: number | null
  /** What else is charged for, by the names of models.setPrice. */
  readonly otherUsd: Readonly<Record<string, string>>
  readonly prices: Readonly<Record<string, { readonly usd: string; readonly source: 'upstream' | 'custom' }>>
}

export type UpstreamState = {
  readonly state: 'connected' | 'refused-key' | 'down' | 'no-list' | 'unknown'
  readonly sentence: string
  readonly at: number | undefined
}

export type UpstreamsPort = {
  readonly state: (upstream: string) => UpstreamState
  readonly probe: (
    target:
      | { readonly kind: UpstreamKind; readonly baseUrl: string; readonly apiKey: string | undefined }
      | { readonly upstream: string },
  ) => Promise<UpstreamProbe>
  readonly streams: () => readonly string[]
  /** A key that was sealed, in plain, before the commit that brings it into use. */
  readonly learnKey: (ref: string, key: string) => void
  /** A test call, which nobody pays for. */
  readonly tryModel: Trials
  /** Asks it for its list again, soon. */
  readonly refresh: (upstream: string) => void
  /** Stream of an upstream by its id or name. */
  readonly resolve: (idOrName: string) => string | undefined
  readonly models: () => readonly ModelRow[]
  /** Every id and alias a customer can name, lower case, to the model that answers. */
  readonly names: () => ReadonlyMap<string, { readonly upstreamId: string; readonly model: string }>
}
