/** What the operator calls the parts of a price, and in which unit. */
import type { PriceField, UsdPrices } from './prices'
import { toDecimal } from './rational'

/** Names of `models.setPrice` and what they mean: USD per 1M tokens, or per call or piece. */
export const overrideNames: Readonly<Record<string, { readonly field: PriceField; readonly per: bigint }>> = {
  inUsdPerM: { field: 'prompt', per: 1_000_000n },
  outUsdPerM: { field: 'completion', per: 1_000_000n },
  cacheReadUsdPerM: { field: 'inputCacheRead', per: 1_000_000n },
  cacheWriteUsdPerM: { field: 'inputCacheWrite', per: 1_000_000n },
  cacheWrite1hUsdPerM: { field: 'inputCacheWrite1h', per: 1_000_000n },
  requestUsd: { field: 'request', per: 1n },
  imageUsd: { field: 'image', per: 1n },
  webSearchUsd: { field: 'webSearch', per: 1n },
  imageOutputUsd: { field: 'imageOutput', per: 1n },
  inputCharacterUsd: { field: 'inputCharacter', per: 1n },
  audioSecondUsd: { field: 'audioSecond', per: 1n },
}

/** By those names, as decimal text; what costs nothing is left out. */
export const namedPrices = (usd: UsdPrices): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(overrideNames)
      .filter(([, { field }]) => usd[field].num > 0n)
      .map(([name, { field, per }]) => [name, toDecimal({ num: usd[field].num * per, den: usd[field].den })]),
  )
