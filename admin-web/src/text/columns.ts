/** Names of the columns that stand in a list only when they are asked for, and why a value may be missing. */
import { count, plural } from '../format'

export const columnText = {
  noReportedCost: 'The upstream reports no cost.',
  sessions: { parent: 'Parent', refunded: 'Refunded' },
  requests: {
    path: 'Path',
    cost: 'Upstream cost',
    margin: 'Margin',
    firstToken: 'First token',
    noFirstToken: 'Nothing came before it ended.',
  },
  models: {
    margin: 'Margin 7 d',
    errors: 'Errors 24 h',
    noRequests: 'no requests',
    noCost: (requests: number) =>
      `The upstream reports no cost: margin unknown for ${plural(requests, 'request', 'requests')}.`,
    partly: (requests: number) =>
      `; margin unknown for ${plural(requests, 'request', 'requests')}, whose cost was not reported`,
    errorsOf: (errors: number, requests: number) => `${count(errors)} of ${plural(requests, 'request', 'requests')}`,
    noContext: 'The upstream does not say how long it is.',
    prices: {
      cacheReadUsdPerM: 'Cached read',
      cacheWriteUsdPerM: 'Cached write',
      requestUsd: 'Per request',
      imageUsd: 'Per image',
      webSearchUsd: 'Web search',
    },
    upstreamIn: 'Upstream input',
    upstreamOut: 'Upstream output',
  },
  money: { usd: 'USD at that time', noRate: 'No BTC price was known then.', about: (usd: string) => `≈ $${usd}` },
} as const
