/**
 * What left within a day, for the limits of R-018: a row beside each payout of the owner's, written in the append that
 * asks for it and released in the one by which its money came back.
 */
import type { Inline } from '../../events'
import { limits } from '../limits'
import type { PayoutDeps } from './payout-types'

type Out = {
  readonly msat: number
  /** By which it was asked for. */
  readonly door: string
  /** Unix ms. */
  readonly atMs: number
}
type Row = Out & { readonly key: string }
type Deps = Pick<PayoutDeps, 'log' | 'now'>

const kind = 'owner-out'

/** Of a payout whose money did not leave, or came back. */
export const outRelease = (payout: string) => ({ kind, key: payout })

/** What the append of a payout writes that takes the owner's money out of the node. */
export async function leaving(
  payout: string,
  { msat, door }: Pick<Out, 'msat' | 'door'>,
  deps: Deps,
): Promise<Required<Pick<Inline, 'claims' | 'releases'>>> {
  const old = (await rowsOf(deps)).filter((row) => !isKept(row, deps)).slice(0, limits.eraseAtOnce)
  return {
    claims: [{ ...outRelease(payout), owner: `${deps.now()} ${msat} ${door}` }],
    releases: old.map(({ key }) => outRelease(key)),
  }
}

/** What a limit leaves, never less than nothing. */
export const leftOf = (limitMsat: number, rows: readonly Pick<Out, 'msat'>[]): number =>
  Math.max(0, limitMsat - rows.reduce((sum, row) => sum + row.msat, 0))

/** Oldest first. What left while the clock was ahead counts too, until it is right about it. */
export async function outOfLastDay(deps: Deps): Promise<readonly Out[]> {
  const isOfLastDay = ({ atMs }: Row) => deps.now() - atMs < limits.dailyOutMs
  return (await rowsOf(deps)).filter((row) => isKept(row, deps) && isOfLastDay(row)).sort((a, b) => a.atMs - b.atMs)
}

/** Our clock may be wrong by a day, either way, and right again: only what is far from it is forgotten. */
const isKept = ({ atMs }: Row, { now }: Deps): boolean => Math.abs(now() - atMs) < limits.dailyOutKeptMs

async function rowsOf({ log }: Deps): Promise<readonly Row[]> {
  return (await log.claims(kind)).map(({ key, owner }) => {
    const [atMs = '0', msat = '0', door = ''] = owner.split(' ')
    return { key, atMs: Number(atMs), msat: Number(msat), door }
  })
}
