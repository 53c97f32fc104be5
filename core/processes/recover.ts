/**
 * Brings coins back from one mint (wallet 12.3): every keyset is searched, what is unspent and unknown is booked, and
 * new counters begin above all that was seen. Repeated, it changes nothing; killed anywhere, it is begun again.
 */
import { type CoinRow, type TrustedMint, wish } from '../../events'
import type { KeysetInfo } from '../money/mint-answers'
import type { MintDesk } from './mint-desk'
import { importHits } from './recover-import'
import { type Found, inMsat, type RecoverDeps, type Recovered, type Sums, statesOf } from './recover-types'
import { search } from './search'

const meta = { actor: 'node', door: 'node' } as const
const batch = 100

export async function recover(mint: TrustedMint, gap: number, deps: RecoverDeps): Promise<Recovered> {
  const { engine, trace } = deps
  const desk = deps.desk(mint)
  const stream = `mint-${mint.mintId}`
  const sums = nothing(mint)
  const listed = await desk.call(desk.client.keysets)
  if (listed?.is !== 'done') return sums
  const keysets = listed.value.filter(({ unit }) => unit === 'sat' || unit === 'msat')
  const found = await searchAll(keysets, gap, desk, deps)
  sums.keysets = found.length
  sums.signatures = found.reduce((count, { hits }) => count + hits.length, 0)
  await deps.stopHere('restore: searched')
  sums.isBehind = (await isClashing(stream, deps)) || (await knowsMore(found, deps))
  if (sums.isBehind) {
    // Nothing new is planned here until the last of this is done, also if the node dies meanwhile.
    if (!(await isClashing(stream, deps))) await desk.suspend('counter-clash', 'restore')
    if (!(await audit(mint, desk, sums, deps))) return sums
  }
  let isWhole = found.length === keysets.length
  // Whose a late signature is can be told only of a log that has forgotten nothing at this mint.
  if (!isWhole && !sums.isBehind) return sums
  for (const one of found) isWhole = (await importHits(mint, one, desk, sums, deps)) && isWhole
  await deps.stopHere('restore: before the end')
  if (!isWhole || (sums.pending > 0 && sums.isBehind)) return sums
  sums.state = 'done'
  if (await isClashing(stream, deps))
    await engine.execute(wish('mint', stream, { do: 'resume', by: 'restore' }), { meta })
  trace.info('A mint was searched for coins', { mint: mint.url, imported: sums.importedMsat, lost: sums.lostMsat })
  return sums
}

export const nothing = ({ url }: TrustedMint): Sums => ({
  mint: url,
  state: 'later',
  isBehind: false,
  keysets: 0,
  signatures: 0,
  importedMsat: 0,
  unattributedMsat: 0,
  lostMsat: 0,
  pending: 0,
  unproven: 0,
})

export const isClashing = async (stream: string, { engine }: Pick<RecoverDeps, 'engine'>): Promise<boolean> =>
  (await engine.state('mint', stream)).suspended === 'counter-clash'

/** Inactive ones too. One that a mint fails at is left for later and holds up no other. */
async function searchAll(
  keysets: readonly KeysetInfo[],
  gap: number,
  desk: MintDesk,
  { log, wallet }: RecoverDeps,
): Promise<readonly Found[]> {
  const all: Found[] = []
  for (const keyset of keysets) {
    const atLeast = await log.cursor(wallet.seedId, keyset.id)
    const searched = await search(keyset.id, { from: 0, gap, atLeast }, desk, wallet)
    if (searched !== undefined) all.push({ ...searched, keyset })
  }
  return all
}

/** A signature at or above the cursor, as it stands by now: no output of this log can be there. */
async function knowsMore(found: readonly Found[], { log, wallet }: RecoverDeps): Promise<boolean> {
  for (const { keyset, hits } of found) {
    const last = hits.at(-1)?.counter
    if (last !== undefined && last >= (await log.cursor(wallet.seedId, keyset.id))) return true
  }
  return false
}

/** Free coins that are spent were spent by what this log has forgotten: booked as lost (wallet 9.8). */
async function audit(mint: TrustedMint, desk: MintDesk, sums: Sums, deps: RecoverDeps): Promise<boolean> {
  for (const unit of ['sat', 'msat'] as const) {
    const purse = `${mint.mintId}/${unit}`
    const free = (await deps.log.coins(purse)).filter(
      ({ state, seedId }) => state === 'free' && seedId === deps.wallet.seedId,
    )
    for (let from = 0; from < free.length; from += batch) {
      const part = free.slice(from, from + batch)
      const states = await statesOf(part, desk, deps.wallet)
      if (states === undefined) return false
      sums.pending += states.filter((state) => state === 'PENDING').length
      const spent = part.filter((_, index) => states[index] === 'SPENT')
      if (spent.length > 0 && !(await lose(purse, spent, states, deps))) return false
      sums.lostMsat += inMsat(purse, spent)
    }
  }
  return true
}

async function lose(
  purse: string,
  coins: readonly CoinRow[],
  states: readonly string[],
  { engine, now, trace }: RecoverDeps,
): Promise<boolean> {
  const count = (wanted: string) => states.filter((state) => state === wanted).length
  const look = { at: now(), unspent: count('UNSPENT'), pending: count('PENDING'), spent: count('SPENT'), restored: 0 }
  trace.error('Coins of this wallet were spent by somebody else', { purse, coins: coins.length })
  const outcome = await engine.execute(
    wish('mint', `mint-${purse.split('/')[0]}`, {
      do: 'lose-coins',
      purse,
      coins,
      evidence: { kind: 'audit', looks: [look], sends: 0 },
    }),
    { meta, moves: coins.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'free', to: 'spent' })) },
  )
  return 'position' in outcome
}
