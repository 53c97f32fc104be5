/**
 * Brings coins back from one mint (wallet 12.3): every keyset is searched, what is unspent and unknown is booked, and
 * new counters begin above all that was seen. Repeated, it changes nothing; killed anywhere, it is begun again.
 */
import { type TrustedMint, wish } from '../../events'
import type { KeysetInfo } from '../money/mint-answers'
import { audit } from './coin-audit'
import type { MintDesk } from './mint-desk'
import { importHits } from './recover-import'
import type { Found, RecoverDeps, Recovered, Sums } from './recover-types'
import { search } from './search'

const meta = { actor: 'node', door: 'node' } as const

export async function recover(mint: TrustedMint, gap: number, deps: RecoverDeps): Promise<Recovered> {
  const { engine, trace } = deps
  const desk = deps.desk(mint).as('recovery')
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
