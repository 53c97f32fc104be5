/** What several read models read out of one charge, each in the same way. */
import type { Charged } from '../schema/session'

export const slotMs = 15 * 60_000

/** Unix ms of the start of its quarter of an hour: in every time zone days begin and end on one (D-014). */
export const slotOf = (atMs: number): number => Math.floor(atMs / slotMs) * slotMs

/** Why nothing, or nothing of use, came: what the last try met. null: no error. */
export type ErrorKind =
  | 'empty'
  | 'refused-key'
  | 'model-missing'
  | 'rate-limited'
  | 'timed-out'
  | 'unreachable'
  | 'upstream-failed'
  | 'bad-answer'
  | 'rejected'

export function errorKindOf({ outcome, attempts }: Pick<Charged, 'outcome' | 'attempts'>): ErrorKind | null {
  if (outcome === 'empty') return 'empty'
  if (outcome !== 'upstream-failed') return null
  const { status = null, why } = attempts.at(-1) ?? {}
  // The client's own mistake, told to him in the upstream's words (contract 8.3).
  if (why === undefined) return 'rejected'
  if (why === 'rate limit' || status === 429) return 'rate-limited'
  if (/in time|stopped|too long/.test(why)) return 'timed-out'
  if (status === null) return 'unreachable'
  if ([401, 402, 403].includes(status)) return 'refused-key'
  if (status === 404 || status === 405) return 'model-missing'
  if (status === 408) return 'timed-out'
  return status >= 500 ? 'upstream-failed' : 'bad-answer'
}

const msatPerBtc = 100_000_000_000n
const most = BigInt(Number.MAX_SAFE_INTEGER)

/** What the upstream says that it took, in msat, rounded up; null where it does not say, or no rate was known. */
export function upstreamCostMsatOf({
  upstreamCostUsd,
  usdPerBtc,
}: Pick<Charged, 'upstreamCostUsd' | 'usdPerBtc'>): bigint | null {
  const cost = decimalOf(upstreamCostUsd)
  const rate = decimalOf(usdPerBtc ?? undefined)
  if (cost === undefined || rate === undefined || rate.digits === 0n) return null
  const above = cost.digits * rate.scale * msatPerBtc
  const below = rate.digits * cost.scale
  const msat = (above + below - 1n) / below
  return msat > most ? null : msat
}

function decimalOf(text: string | undefined): { readonly digits: bigint; readonly scale: bigint } | undefined {
  const [found, whole = '', fraction = ''] = /^(\d{1,30})(?:\.(\d{1,40}))?$/.exec(text ?? '') ?? []
  return found === undefined ? undefined : { digits: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length) }
}

/** Tokens that were read, those from a cache among them, and those that were written. */
export const tokensOf = ({ usage }: Pick<Charged, 'usage'>) => ({
  inputTokens: BigInt(usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWrite1h),
  cachedTokens: BigInt(usage.cacheRead),
  outputTokens: BigInt(usage.output),
})
