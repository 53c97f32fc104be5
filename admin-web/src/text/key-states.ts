/** What a key may do, in one word each (contract 3.6). */
export const keyStates = {
  open: 'open',
  expired: 'expired',
  frozen: 'frozen',
  revoked: 'revoked',
  ended: 'ended',
} as const

/** Filters of the list beside the state; the words are the query's. */
export const keyFilters = {
  kind: { label: 'Kind', choices: { '': 'All kinds', parent: 'Keys', prepaid: 'Prepaid keys', child: 'Child keys' } },
  expires: {
    label: 'Expiry',
    choices: { '': 'Any expiry', none: 'Never', '24h': 'In 24 h', '7d': 'In 7 d', past: 'Past' },
  },
  funded: { label: 'Balance over zero', all: 'Any balance', choices: { 1: 'With balance' } },
  origin: {
    label: 'Origin',
    choices: { '': 'Any origin', token: 'Cashu token', invoice: 'Lightning', operator: 'Operator', child: 'Child' },
  },
} as const

export const openedBetween = (from: string, to: string): string => `Opened from ${from} to ${to}`
