/**
 * Read model of revenue and use: one row for each quarter of an hour, model, upstream, way to end and mark. Sums over
 * ranges and totals of filters come from it, never from two million requests (performance B8).
 */
import { type Charged, type SessionEvent, sessionEvents } from '../schema/session'
import { errorKindOf, slotOf, tokensOf, upstreamCostMsatOf } from './charge-facts'
import type { Projection, Recorded } from './projection'

export type UsageRow = {
  readonly id: string
  /** Unix ms. */
  readonly slot: bigint
  readonly model: string
  readonly upstream: string
  readonly outcome: Charged['outcome']
  readonly status: number
  readonly path: string
  /** Empty: no error. */
  readonly error: string
  readonly requests: number
  readonly estimated: number
  readonly inputTokens: bigint
  /** Of the input. */
  readonly cachedTokens: bigint
  readonly outputTokens: bigint
  readonly revenueMsat: bigint
  readonly shortfallMsat: bigint
  /** Requests whose upstream said what it took, how much that was, and what those brought in. */
  readonly costed: number
  readonly upstreamCostMsat: bigint
  readonly costedRevenueMsat: bigint
  /** The dearest one. */
  readonly mostMsat: bigint
  /** Where in the log its requests lie. */
  readonly firstPosition: bigint
  readonly lastPosition: bigint
}

const { 'session.charged': charged } = sessionEvents
type ChargedEvent = Recorded<Extract<SessionEvent, { type: 'session.charged' }>>

export const usage: Projection<SessionEvent, UsageRow> = {
  name: 'usage',
  version: 4,
  columns: {
    id: 'text',
    slot: 'bigint',
    model: 'text',
    upstream: 'text',
    outcome: 'text',
    status: 'int',
    path: 'text',
    error: 'text',
    requests: 'int',
    estimated: 'int',
    inputTokens: 'bigint',
    cachedTokens: 'bigint',
    outputTokens: 'bigint',
    revenueMsat: 'bigint',
    shortfallMsat: 'bigint',
    costed: 'int',
    upstreamCostMsat: 'bigint',
    costedRevenueMsat: 'bigint',
    mostMsat: 'bigint',
    firstPosition: 'bigint',
    lastPosition: 'bigint',
  },
  indexes: ['(slot)'],
  reads: { 'session.charged': charged },
  // What the owner's own test keys ask for is no use and no revenue.
  keysOf: (event) => (event.type === 'session.charged' && event.data.test !== true ? [keyOf(event)] : []),

  fold(row, event, id) {
    if (event.type !== 'session.charged') return row
    const known = row ?? emptyRow(id, event)
    const { data, position } = event
    const { inputTokens, cachedTokens, outputTokens } = tokensOf(data)
    const costMsat = BigInt(data.costMsat)
    const upstreamCostMsat = upstreamCostMsatOf(data)
    return {
      ...known,
      requests: known.requests + 1,
      estimated: known.estimated + (data.usage.estimated ? 1 : 0),
      inputTokens: known.inputTokens + inputTokens,
      cachedTokens: known.cachedTokens + cachedTokens,
      outputTokens: known.outputTokens + outputTokens,
      revenueMsat: known.revenueMsat + costMsat,
      shortfallMsat: known.shortfallMsat + BigInt(data.shortfallMsat),
      costed: known.costed + (upstreamCostMsat === null ? 0 : 1),
      upstreamCostMsat: known.upstreamCostMsat + (upstreamCostMsat ?? 0n),
      costedRevenueMsat: known.costedRevenueMsat + (upstreamCostMsat === null ? 0n : costMsat),
      mostMsat: costMsat > known.mostMsat ? costMsat : known.mostMsat,
      firstPosition: position < known.firstPosition ? position : known.firstPosition,
      lastPosition: position > known.lastPosition ? position : known.lastPosition,
    }
  },
}

const keyOf = ({ at, data }: ChargedEvent): string =>
  [
    slotOf(at),
    data.outcome,
    data.status,
    errorKindOf(data) ?? '',
    // Estimated charges and those with a shortfall have rows of their own: filters by either are summed too.
    data.usage.estimated ? 'estimated' : '',
    data.shortfallMsat > 0 ? 'shortfall' : '',
    data.path,
    data.upstream,
    data.model,
  ].join(' ')

function emptyRow(id: string, { at, position, data }: ChargedEvent): UsageRow {
  const { model, upstream, outcome, status, path } = data
  return {
    id,
    slot: BigInt(slotOf(at)),
    model,
    upstream,
    outcome,
    status,
    path,
    error: errorKindOf(data) ?? '',
    requests: 0,
    estimated: 0,
    inputTokens: 0n,
    cachedTokens: 0n,
    outputTokens: 0n,
    revenueMsat: 0n,
    shortfallMsat: 0n,
    costed: 0,
    upstreamCostMsat: 0n,
    costedRevenueMsat: 0n,
    mostMsat: 0n,
    firstPosition: position,
    lastPosition: position,
  }
}
