/** Names of the columns that stand in a list only when they are asked for, and why a value may be missing. */
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
  money: { usd: 'USD now', noRate: 'There is no BTC price.', about: (usd: string) => `≈ $${usd}` },
} as const
