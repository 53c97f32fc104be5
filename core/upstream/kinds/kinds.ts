/** What differs between the kinds of upstreams (contract 8.6, stage 1): credential, price source, vendor. */
import type { ListedModel, UpstreamKind } from '../../../events'
import { imported, type Json, listedModel, type PriceList, readPerMillion, readPricing } from './listing'

export type Kind = {
  /** The vendor that a model of this kind has when its id names none. */
  readonly vendor: string | undefined
  readonly credential: (apiKey: string) => { readonly header: string; readonly value: string }
  /** One entry of the kind's list; `feed` and `file` are prices from elsewhere, by `vendor/id` and by id. */
  readonly read: (json: Json, prices: { readonly feed: PriceList; readonly file: PriceList }) => ListedModel | undefined
  /** Whether the public price feed is needed. */
  readonly usesFeed: boolean
}

const bearer = (apiKey: string) => ({ header: 'authorization', value: `Bearer ${apiKey}` })

export const kinds: Readonly<Record<UpstreamKind, Kind>> = {
  openai: {
    vendor: 'openai',
    credential: bearer,
    usesFeed: true,
    // The list has ids only: the feed has the prices of first-party kinds.
    read: (json, { feed, file }) =>
      listedModel(json, withoutImage(file.get(String(json.id)) ?? feed.get(`openai/${String(json.id)}`))),
  },
  openrouter: {
    vendor: undefined,
    credential: bearer,
    usesFeed: false,
    read: (json) => listedModel(json, readPricing(json.pricing)),
  },
  generic: {
    vendor: undefined,
    credential: bearer,
    usesFeed: false,
    read: (json, { file }) => {
      const spec = json.model_spec as Json | undefined
      return listedModel(json, file.get(String(json.id)) ?? readPricing(json.pricing) ?? readPerMillion(spec?.pricing))
    },
  },
}

const withoutImage = (prices: Parameters<typeof imported>[0] | undefined) =>
  prices === undefined ? undefined : imported(prices)
