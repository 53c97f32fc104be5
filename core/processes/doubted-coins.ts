/**
 * Coins that a log from an old backup holds, or that a search brought back, may lie in a token that somebody was given
 * since: no mint can tell while nobody redeems it. They pay by swaps only, which end such a token; its customer has his
 * balance again (wallet 12.4, P-29). What was under way then may have ended otherwise since.
 */
import type { Claim, CoinRow, Log } from '../../events'

const kind = 'doubted'
/** Key of the claim that names the last position of a log when it was put back. */
const upTo = 'up to'
const keyOf = ({ seedId, keysetId }: Pick<CoinRow, 'seedId' | 'keysetId'>): string => `${seedId} ${keysetId}`

/** What an append writes so that all coins of counters below `next`, and all that was begun by now, are doubted. */
export function doubting(of: Pick<CoinRow, 'seedId' | 'keysetId'>, next: number, head: bigint) {
  const claims: readonly Claim[] = [
    { kind, key: keyOf(of), owner: String(next) },
    { kind, key: upTo, owner: String(head) },
  ]
  return { releases: claims, claims }
}

/** As a statement for the log of a backup that is put back: whatever it has ever made is doubted. */
export const doubtAll = `insert into claim (kind, key, owner)
  select '${kind}', seed_id || ' ' || keyset_id, next::text from counter
  union all select '${kind}', '${upTo}', coalesce(max(position), 0)::text from events
  on conflict (kind, key) do update set owner = excluded.owner`

/**
 * Whether an operation was begun before its log was put back, or found to be behind: what else became of it since only
 * its mint and its owner can say.
 */
export async function isPutBack(operation: string, log: Pick<Log, 'claimedBy' | 'read'>): Promise<boolean> {
  const last = await log.claimedBy(kind, upTo)
  if (last === undefined) return false
  const [first] = await log.read(operation, 0)
  return first !== undefined && first.position <= BigInt(last)
}

/** First counter of a keyset that is not doubted; 0: none is. */
export const doubtedBelow = async (
  of: Pick<CoinRow, 'seedId' | 'keysetId'>,
  log: Pick<Log, 'claimedBy'>,
): Promise<number> => Number((await log.claimedBy(kind, keyOf(of))) ?? 0)

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
