/** Words of the command palette (dashboard 3). */
export const paletteText = {
  title: 'Find',
  open: 'Find',
  hint: 'Pages, settings, models, sessions, requests, payouts',
  empty: 'Nothing has these words.',
  kinds: {
    page: 'page',
    setting: 'setting',
    action: 'action',
    session: 'session',
    request: 'request',
    model: 'model',
    payout: 'payout',
  } as const,
  actions: {
    pause: 'Pause selling',
    resume: 'Resume selling',
    withdraw: 'Withdraw…',
    import: 'Import Models…',
    upstream: 'Add upstream…',
    mint: 'Add Mint…',
    words: 'Wallet words…',
    sweep: 'Run sweep now…',
    password: 'Admin Password…',
  } as const,
} as const
