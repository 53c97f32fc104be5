/** Coins by how many there are of each kind: what a choice goes by, and then only what was chosen (wallet 5.2). */
import type { Sql } from '../sql'
import type { CoinLot, CoinRow, CoinsHeld } from './log'
import { asCoin, type CoinColumns } from './rows'

type LotColumns = {
  readonly amount: bigint
  readonly keyset_id: string
  readonly signed_by: string | null
  readonly coins: bigint
}

/** One statement, hence one instant of a log that others go on writing. */
export async function readHeld(sql: Sql, purse: string): Promise<CoinsHeld> {
  const rows = await sql.lookup<LotColumns & { readonly state: 'free' | 'locked' }>(
    `select * from (
       select 'free' as state, amount, keyset_id, signed_by, count(*) as coins from coin
         where purse = $1 and state = 'free' group by amount, keyset_id, signed_by
       union all select 'locked', 0, '', null, count(*) from coin where purse = $1 and state = 'locked'
     ) as held order by keyset_id, amount, signed_by nulls first`,
    [purse],
  )
  return {
    free: rows.filter(({ state }) => state === 'free').map(asLot),
    hasLocked: rows.some(({ state, coins }) => state === 'locked' && coins > 0n),
  }
}

export async function readFreeCoins(sql: Sql, purse: string, lots: readonly CoinLot[]): Promise<readonly CoinRow[]> {
  const rows = await sql.lookup<CoinColumns>(
    `select coin.* from jsonb_to_recordset($2::jsonb) as lot (amount bigint, keyset_id text, signed_by text, coins int)
     cross join lateral (
       select seed_id, keyset_id, counter, amount, c, purse, state, signed_by from coin
       where purse = $1 and state = 'free' and amount = lot.amount and keyset_id = lot.keyset_id
         and signed_by is not distinct from lot.signed_by
       order by counter limit lot.coins
     ) as coin order by keyset_id, counter`,
    [purse, JSON.stringify(lots.map(columnsOf))],
  )
  return rows.map(asCoin)
}

/** A purse may hold very many coins of an amount: a few of them answer whether there are enough. */
export async function readFreeAmounts(
  sql: Sql,
  purse: string,
  amounts: readonly number[],
  enough: number,
): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.lookup<{ amount: bigint; coins: bigint }>(
    `select wanted.amount, count(coin.one) as coins from jsonb_array_elements_text($2::jsonb) as asked (text)
     cross join lateral (select asked.text::bigint as amount) as wanted
     cross join lateral (
       select 1 as one from coin where purse = $1 and state = 'free' and amount = wanted.amount limit $3::int
     ) as coin group by wanted.amount`,
    [purse, JSON.stringify(amounts), enough],
  )
  return new Map(rows.map(({ amount, coins }) => [Number(amount), Number(coins)]))
}

const asLot = ({ amount, keyset_id, signed_by, coins }: LotColumns): CoinLot => ({
  amount: Number(amount),
  keysetId: keyset_id,
  coins: Number(coins),
  ...(signed_by === null ? {} : { signedBy: signed_by }),
})

const columnsOf = ({ amount, keysetId, signedBy, coins }: CoinLot) => ({
  amount,
  keyset_id: keysetId,
  signed_by: signedBy ?? null,
  coins,
})
