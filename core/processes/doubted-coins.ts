/**
 * Coins that a log from an old backup holds, or that a search brought back, may lie in a token that somebody was given
 * since: no mint can tell while nobody redeems it. They pay by swaps only, which end such a token; its customer has his
 * balance again (wallet 12.4, P-29).
 */
import type { Claim, CoinRow, Log } from '../../events'

const kind = 'doubted'
const keyOf = ({ seedId, keysetId }: Pick<CoinRow, 'seedId' | 'keysetId'>): string => `${seedId} ${keysetId}`

/** What an append writes so that all coins of counters below `next` are doubted. */
export function doubting(of: Pick<CoinRow, 'seedId' | 'keysetId'>, next: number) {
  const claim: Claim = { kind, key: keyOf(of), owner: String(next) }
  return { releases: [claim], claims: [claim] }
}

/** As a statement for the log of a backup that is put back: whatever it has ever made is doubted. */
export const doubtAll = `insert into claim (kind, key, owner)
  select '${kind}', seed_id || ' ' || keyset_id, next::text from counter
  on conflict (kind, key) do update set owner = excluded.owner`

/** Whether this log was put back from a backup, or found to be behind, at any time. */
export const isDoubting = async (log: Claims): Promise<boolean> => (await log.claims(kind)).length > 0

type Coins = readonly CoinRow[]
type Claims = Pick<Log, 'claims'>

/** Whether any of these may be somebody else's by now. */
export const anyDoubted = async (coins: Coins, log: Claims): Promise<boolean> => coins.some(await doubts(log))

/** Whether all of these may: that they are spent is no news of their mint. */
export const allDoubted = async (coins: Coins, log: Claims): Promise<boolean> => coins.every(await doubts(log))

async function doubts(log: Claims): Promise<(coin: CoinRow) => boolean> {
  const next = new Map((await log.claims(kind)).map(({ key, owner }) => [key, Number(owner)]))
  return (coin) => coin.counter < (next.get(keyOf(coin)) ?? 0)
}
