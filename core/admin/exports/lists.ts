/** Which lists can be taken away, each the rows of one query, and which of its fields (dashboard 4, D-072). */

/**
 * `instant`: unix seconds, shown in UTC and in the reporting zone; `instantMs`: the same of milliseconds. `sum`: a whole
 * number, `sat`: an amount in sat with msat behind the point; both have a total. `json`: whatever it is, as JSON text.
 */
export type Kind = 'text' | 'number' | 'sum' | 'sat' | 'instant' | 'instantMs' | 'json'

export type List = {
  /** Every viewer may ask it. */
  readonly query: string
  /** Where nothing else is asked: an order in which nothing that comes meanwhile moves a row. */
  readonly sort?: string
  /** Where the answer is not a list of rows. */
  readonly rowsOf?: (answer: unknown) => readonly unknown[]
  /** Fields in the order of the columns; a point leads into a field. */
  readonly columns: Readonly<Record<string, Kind>>
}

export const whats = [
  'requests',
  'sessions',
  'timeline',
  'models',
  'payouts',
  'refunds',
  'money',
  'logs',
  'commands',
  'series',
  'settings',
] as const
export type What = (typeof whats)[number]

type Drawn = {
  readonly at: readonly number[]
  readonly unit: string
  readonly series: readonly { readonly name: string; readonly points: readonly (number | null)[] }[]
}
/** A chart as rows: what was unknown then is empty, not 0. */
const drawn = (answer: unknown): readonly unknown[] => {
  const { at, unit, series } = answer as Drawn
  return at.flatMap((start, n) => series.map(({ name, points }) => ({ at: start, name, value: points[n], unit })))
}

export const lists: Readonly<Record<What, List>> = {
  requests: {
    query: 'requests.list',
    columns: {
      at: 'instant',
      requestId: 'text',
      status: 'number',
      path: 'text',
      model: 'text',
      upstream: 'text',
      key12: 'text',
      'tokens.input': 'sum',
      'tokens.cached': 'sum',
      'tokens.output': 'sum',
      costMsat: 'sum',
      // Unknown for some: a total would claim to know it for all.
      upstreamCostMsat: 'number',
      marginMsat: 'number',
      usdPerBtc: 'number',
      firstTokenMs: 'number',
      ms: 'number',
      outcome: 'text',
      error: 'text',
      marks: 'text',
    },
  },
  sessions: {
    query: 'sessions.list',
    sort: 'createdAt',
    columns: {
      key12: 'text',
      label: 'text',
      state: 'text',
      origin: 'text',
      parent: 'text',
      balanceMsat: 'sum',
      heldMsat: 'sum',
      availableMsat: 'sum',
      depositedMsat: 'sum',
      spentMsat: 'sum',
      refundedMsat: 'sum',
      requests: 'sum',
      limitMsat: 'number',
      refundMint: 'text',
      createdAt: 'instant',
      lastUsedAt: 'instant',
      expiresAt: 'instant',
    },
  },
  timeline: {
    query: 'sessions.timeline',
    // What is left after each row is no sum; the movements add up to it.
    columns: {
      at: 'instant',
      kind: 'text',
      msat: 'sum',
      balanceMsat: 'number',
      usdPerBtc: 'number',
      cause: 'text',
      byName: 'text',
      door: 'text',
      changed: 'json',
      requestId: 'text',
      payout: 'text',
      deposit: 'text',
    },
  },
  models: {
    query: 'models.list',
    columns: {
      model: 'text',
      upstream: 'text',
      name: 'text',
      aliases: 'text',
      enabled: 'text',
      state: 'text',
      inUsdPerM: 'number',
      outUsdPerM: 'number',
      upstreamInUsdPerM: 'number',
      upstreamOutUsdPerM: 'number',
      custom: 'text',
      free: 'text',
      locked: 'text',
      contextLength: 'number',
      maxOutput: 'number',
      maxCostMsat: 'number',
      requests7d: 'sum',
      // Unknown for some, as with requests.
      marginMsat7d: 'number',
      requests24h: 'sum',
      errors24h: 'sum',
    },
  },
  payouts: {
    query: 'payouts.list',
    columns: {
      at: 'instant',
      payout: 'text',
      purpose: 'text',
      state: 'text',
      // Of what failed or is still open: asked for, but nothing that moved.
      sat: 'number',
      movedSat: 'sat',
      feeSat: 'sat',
      usdPerBtc: 'number',
      to: 'text',
      mint: 'text',
    },
  },
  refunds: {
    query: 'refunds.list',
    columns: {
      refund: 'text',
      key12: 'text',
      requestId: 'text',
      state: 'text',
      sat: 'sat',
      mint: 'text',
      ageS: 'number',
    },
  },
  money: {
    query: 'money.list',
    columns: {
      at: 'instant',
      id: 'text',
      kind: 'text',
      state: 'text',
      sat: 'number',
      movedSat: 'sat',
      feeSat: 'sat',
      // Both of the moment in which the row's money moved.
      usd: 'number',
      usdPerBtc: 'number',
      mint: 'text',
      session: 'text',
      to: 'text',
    },
  },
  logs: {
    query: 'logs.list',
    columns: { at: 'instantMs', level: 'text', message: 'text', requestId: 'text', fields: 'json' },
  },
  commands: {
    query: 'commands.list',
    columns: {
      at: 'instant',
      name: 'text',
      admin: 'text',
      principal: 'text',
      door: 'text',
      outcome: 'text',
      params: 'json',
      position: 'number',
    },
  },
  series: {
    query: 'overview.series',
    rowsOf: drawn,
    columns: { at: 'instant', name: 'text', value: 'number', unit: 'text' },
  },
  settings: {
    query: 'settings.get',
    columns: {
      key: 'text',
      name: 'text',
      value: 'text',
      default: 'text',
      unit: 'text',
      bounds: 'text',
      class: 'text',
      source: 'text',
      by: 'text',
      door: 'text',
      at: 'instant',
    },
  },
}
