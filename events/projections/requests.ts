/** Read model of the Requests tab: one row for each request that was dispatched to an upstream. */
import { type Charged, type SessionEvent, sessionEvents } from '../schema/session'
import { type ErrorKind, errorKindOf, tokensOf, upstreamCostMsatOf } from './charge-facts'
import type { Projection } from './projection'

export type RequestRow = {
  readonly requestId: string
  readonly at: bigint
  readonly position: bigint
  readonly status: number
  readonly path: string
  readonly model: string
  readonly upstream: string
  /** The key that asked. */
  readonly key12: string
  /** Session that paid: of a child key its parent. */
  readonly payer: string
  readonly child: string | null
  readonly outcome: Charged['outcome']
  readonly error: ErrorKind | null
  readonly stream: boolean
  readonly inputTokens: bigint
  /** Of the input. */
  readonly cachedTokens: bigint
  readonly outputTokens: bigint
  readonly holdMsat: bigint
  readonly costMsat: bigint
  /** As the upstream reported it; null: unknown. */
  readonly upstreamCostMsat: bigint | null
  /** What a bitcoin cost when it was asked, decimal text; null: nobody knew. */
  readonly usdPerBtc: string | null
  readonly shortfallMsat: bigint
  readonly estimated: boolean
  /** Paid by the owner's own test key: no sum counts it. */
  readonly test: boolean
  readonly tries: number
  readonly firstByteMs: number | null
  readonly ms: number
}

const { 'session.charged': charged } = sessionEvents

/** What sums over a key's requests add up. */
export const summedOfKey = [
  'costMsat',
  'inputTokens',
  'cachedTokens',
  'outputTokens',
  'shortfallMsat',
  'upstreamCostMsat',
] as const satisfies readonly (keyof RequestRow)[]

export const requests: Projection<SessionEvent, RequestRow> = {
  name: 'requests',
  version: 8,
  columns: {
    requestId: 'text',
    at: 'bigint',
    position: 'bigint',
    status: 'int',
    path: 'text',
    model: 'text',
    upstream: 'text',
    key12: 'text',
    payer: 'text',
    child: 'text',
    outcome: 'text',
    error: 'text',
    stream: 'boolean',
    inputTokens: 'bigint',
    cachedTokens: 'bigint',
    outputTokens: 'bigint',
    holdMsat: 'bigint',
    costMsat: 'bigint',
    upstreamCostMsat: 'bigint',
    usdPerBtc: 'text',
    shortfallMsat: 'bigint',
    estimated: 'boolean',
    test: 'boolean',
    tries: 'int',
    firstByteMs: 'int',
    ms: 'int',
  },
  // Cheap to keep: a row is written for every request that is served (performance B2). That of a key holds what is
  // summed of it, as its rows lie far apart (B8).
  indexes: [
    '(position)',
    'using brin (at)',
    'using hash ("requestId")',
    `(payer, position) include (at, outcome, ${summedOfKey.map((column) => `"${column}"`).join(', ')})`,
    '(position) where test',
  ],
  reads: { 'session.charged': charged },
  appendOnly: true,
  keysOf: (event) => (event.type === 'session.charged' ? [event.data.requestId] : []),

  fold(_, event) {
    if (event.type !== 'session.charged') return undefined
    const { usage, attempts, ...data } = event.data
    return {
      requestId: data.requestId,
      at: BigInt(event.at),
      position: event.position,
      status: data.status,
      path: data.path,
      model: data.model,
      upstream: data.upstream,
      key12: (data.child ?? event.stream).slice('session-'.length, 'session-'.length + 12),
      payer: event.stream,
      child: data.child ?? null,
      outcome: data.outcome,
      error: errorKindOf(event.data),
      stream: data.stream,
      ...tokensOf(event.data),
      holdMsat: BigInt(data.holdMsat),
      costMsat: BigInt(data.costMsat),
      upstreamCostMsat: upstreamCostMsatOf(data),
      usdPerBtc: data.usdPerBtc,
      shortfallMsat: BigInt(data.shortfallMsat),
      estimated: usage.estimated,
      test: data.test === true,
      tries: attempts.length,
      firstByteMs: data.firstByteMs ?? null,
      ms: data.ms,
    }
  },
}
