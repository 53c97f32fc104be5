/** Read model of what was held and owed at any time: how both changed in each quarter of an hour (wallet 15, 16). */
import type { Sql } from '../sql'
import type { BookedEvent } from './balance-moves'
import { bookedEvents, movements } from './balance-sheet'
import { slotMs, slotOf } from './charge-facts'
import type { Projection } from './projection'

export type AssetRow = {
  /** Unix ms of the quarter's start, as text. */
  readonly id: string
  readonly slot: bigint
  /** Coins of every place, and what customers and unknown owners are owed: by how much each grew. */
  readonly heldMsat: bigint
  readonly owedMsat: bigint
}

export const heldAccounts: readonly string[] = ['free', 'locked', 'out']
export const owedAccounts: readonly string[] = ['customers', 'promised', 'unattributed']

export const assets: Projection<BookedEvent, AssetRow> = {
  name: 'assets',
  version: 1,
  columns: { id: 'text', slot: 'bigint', heldMsat: 'bigint', owedMsat: 'bigint' },
  indexes: ['(slot)'],
  reads: bookedEvents,
  keysOf: (event) => [String(slotOf(event.at))],

  fold(row, event, id) {
    let { heldMsat, owedMsat } = row ?? { heldMsat: 0n, owedMsat: 0n }
    for (const [place, msat] of movements(event)) {
      const account = place.slice(place.indexOf(' ') + 1)
      if (heldAccounts.includes(account)) heldMsat += msat
      if (owedAccounts.includes(account)) owedMsat -= msat
    }
    return { id, slot: BigInt(id), heldMsat, owedMsat }
  },
}

/**
 * What was held and owed at each of these times (Unix ms, ascending), by whole quarters of an hour: what happened in
 * the quarter of a time that lies inside one counts. Tokens that the owner made for himself are held no more.
 */
export async function assetsAt(
  sql: Sql,
  times: readonly number[],
): Promise<readonly { readonly heldMsat: bigint; readonly owedMsat: bigint }[]> {
  const ends = times.map((time) => Math.ceil(time / slotMs) * slotMs)
  const rows = await sql.query<{ n: number; heldMsat: bigint; owedMsat: bigint }>(
    `with cut as (select array_agg(value::bigint order by value::bigint) as cuts from jsonb_array_elements_text($1::jsonb)),
     change as (
       select slot as at, "heldMsat", "owedMsat" from assets
       union all select "startedAt", -"amountMsat", 0 from transfers where ${ownersTokens}
       union all select "endedAt", "amountMsat", 0 from transfers where ${ownersTokens} and "endedAt" is not null)
     select width_bucket(at, (select cuts from cut))::int as n, sum("heldMsat")::bigint as "heldMsat",
       sum("owedMsat")::bigint as "owedMsat" from change group by 1`,
    [JSON.stringify(ends)],
  )
  const changes = new Map(rows.map((row) => [row.n, row]))
  let [heldMsat, owedMsat] = [0n, 0n]
  return ends.map((_, n) => {
    heldMsat += changes.get(n)?.heldMsat ?? 0n
    owedMsat += changes.get(n)?.owedMsat ?? 0n
    return { heldMsat, owedMsat }
  })
}

const ownersTokens = `kind = 'payout' and via = 'withdraw-token' and state in ('ready', 'claimed', 'swept', 'taken-back')`
