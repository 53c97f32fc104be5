/** Words of the lists behind the Wallet Summary (dashboard 4.1). */
export const walletParts = {
  whats: {
    free: 'free coins',
    locked: 'coins set aside for a payout',
    out: 'tokens handed out and not collected',
    issued: 'tokens you made for yourself',
    customers: 'balances of sessions',
    promised: 'promised: claims and refunds',
    unattributed: 'not attributed yet',
    held: 'held',
    owed: 'owed to customers',
    spendable: 'may be withdrawn now',
  } as const,
  nothing: 'Nothing adds to it.',
  sessions: 'Sessions',
  idle: 'No request is running.',
} as const
