/** Found coins are booked: only what is unspent, unknown to the log and of no open operation (wallet 12.3, W-03). */
import { type Coin, type TrustedMint, type WalletAttempt, type Wish, wish } from '../../events'
import { limits } from '../limits'
import { sum } from './coin-choice'
import { signingKeyset } from './coins-from'
import { doubting } from './doubted-coins'
import { lateOwed } from './late-owed'
import { isTrusted } from './mint-cap'
import type { KnownKeyset, MintDesk } from './mint-desk'
import { type Found, inMsat, operations, type RecoverDeps, type Sums, statesOf } from './recover-types'
import type { Hit } from './search'

type Part = {
  readonly mint: TrustedMint
  readonly purse: string
  readonly found: Found
  readonly hits: readonly Hit[]
  readonly keyset: KnownKeyset
}

/** What of so many found units an append gives back to a customer, and how. */
export type GivesBack = (units: number) => { readonly returnedUnits: number; readonly wishes: readonly Wish[] }
type Owed = () => Promise<GivesBack | undefined>

/** Lost races for counters and coins are decided again; so many in a row do not happen. */
const mostRaces = 100

/** Books what one keyset holds, some hundred coins at a time; false: something did not answer. */
export async function importHits(
  mint: TrustedMint,
  found: Found,
  desk: MintDesk,
  sums: Sums,
  deps: RecoverDeps,
  owed?: Owed,
): Promise<boolean> {
  if (found.hits.length === 0) return true
  const keyset = await desk.withKeys(found.keyset)
  if ('unreachable' in keyset) return false
  const purse = `${mint.mintId}/${found.keyset.unit}`
  for (let from = 0; from < found.hits.length; from += limits.scanImports) {
    const hits = found.hits.slice(from, from + limits.scanImports)
    if (!(await importPart({ mint, purse, found, hits, keyset }, desk, sums, deps, owed))) return false
  }
  return true
}

async function importPart(part: Part, desk: MintDesk, sums: Sums, deps: RecoverDeps, owed?: Owed): Promise<boolean> {
  const { hits, purse, found } = part
  const { engine, log, wallet } = deps
  const keysetId = found.keyset.id
  const last = hits.at(-1)?.counter ?? 0
  for (let race = 0; race < mostRaces; race += 1) {
    const next = await log.cursor(wallet.seedId, keysetId)
    const coins = await freshCoins(part, desk, sums, deps, owed === undefined)
    if (coins === undefined) return false
    const cursor = Math.max(next, last + 1)
    if (coins.length === 0 && cursor === next) return true
    const back = (await owed?.())?.(sum(coins))
    await deps.stopHere('restore: before an import')
    const outcome = await engine.execute(
      [
        wish('mint', `mint-${part.mint.mintId}`, () => ({
          do: 'scan',
          isTrusted: isTrusted(part.mint.url, deps),
          purse,
          keysetId,
          seedId: wallet.seedId,
          from: found.from,
          to: found.to,
          imported: coins,
          cursor,
          isBehind: sums.isBehind,
          returnedUnits: back?.returnedUnits ?? 0,
        })),
        ...(back?.wishes ?? []),
      ],
      {
        meta: { actor: 'node', door: 'node' },
        coins: coins.map((coin) => ({ ...coin, seedId: wallet.seedId, purse, state: 'free' as const })),
        // Moved or not, the cursor must stand where it stood when open operations were looked for.
        cursors: [{ seedId: wallet.seedId, keysetId, from: next, count: cursor - next }],
        ...(sums.isBehind ? doubting({ seedId: wallet.seedId, keysetId }, cursor, log.head()) : {}),
      },
    )
    await deps.stopHere('restore: after an import')
    if ('refused' in outcome && outcome.refused === 'mint-unknown') return false
    if ('refused' in outcome) continue
    sums.importedMsat += inMsat(purse, coins)
    for (const { type, data } of outcome.events)
      if (type === 'mint.scanned')
        sums.unattributedMsat +=
          (data as { readonly unattributedUnits: number }).unattributedUnits * (purse.endsWith('/sat') ? 1000 : 1)
    return true
  }
  throw new Error('found coins lost too many races')
}

/** NUT-07 after every restore (T11): a signature is no coin any more once it was spent. */
async function freshCoins(
  { hits, found, keyset, purse }: Part,
  desk: MintDesk,
  sums: Sums,
  deps: RecoverDeps,
  isSearch: boolean,
): Promise<readonly Coin[] | undefined> {
  const { log, wallet, trace } = deps
  const keysetId = found.keyset.id
  const taken = await countersOfOpen(keysetId, deps, isSearch)
  const first = hits[0]?.counter ?? 0
  for (const counter of await log.knownCounters(keysetId, first, (hits.at(-1)?.counter ?? first) + 1))
    taken.add(counter)
  const unknown = hits.filter(({ counter }) => !taken.has(counter))
  const refs = unknown.map(({ counter, signature }) => ({ keysetId, counter, amount: signature.amount }))
  const states = await statesOf(refs, desk, wallet)
  if (states === undefined) return undefined
  sums.pending += states.filter((state) => state === 'PENDING').length
  const coins: Coin[] = []
  for (const [index, { counter, signature }] of unknown.entries()) {
    if (states[index] !== 'UNSPENT') continue
    const { amount, id } = signature
    // Change of a payment during which the mint rotated is another keyset's (T7).
    const signer = id === keysetId ? keyset : await signingKeyset(id, found.keyset.unit, desk)
    if (signer !== undefined && 'unreachable' in signer) return undefined
    const unblinded =
      signer === undefined
        ? { lie: 'a keyset that the mint does not list' }
        : wallet.unblind({ ...wallet.derive(keysetId, counter, amount), id }, signature, signer)
    const signedBy = id === keysetId ? {} : { signedBy: id }
    if ('c' in unblinded) coins.push({ keysetId, counter, amount, c: unblinded.c, ...signedBy })
    else {
      sums.unproven += 1
      trace.error('A mint returned a signature that proves nothing', { purse, counter, lie: unblinded.lie })
    }
  }
  return coins
}

/**
 * Counters of every operation that still holds a claim: its own driver closes it; a search leaves also those alone that
 * may yet be credited to a customer. Whatever its kind, an attempt stands in its events under one name, so that a new
 * kind of operation cannot be forgotten here.
 */
async function countersOfOpen(keysetId: string, { engine, log }: RecoverDeps, isSearch: boolean): Promise<Set<number>> {
  const counters = new Set<number>()
  const late = new Set(isSearch ? await lateOwed({ engine, log }) : [])
  for (const stream of new Set([...(await log.claimedStreams(operations)), ...late])) {
    const events = await log.read(stream, 0)
    // Paid it is over, though a claim still counts what left today: change that comes now belongs to nobody else.
    if (!late.has(stream) && events.some(({ type }) => type === 'payout.paid')) continue
    for (const { data } of events) {
      const { attempt } = data as { readonly attempt?: WalletAttempt }
      if (attempt?.keysetId === keysetId) for (const { counter } of attempt.outputs) counters.add(counter)
    }
  }
  return counters
}
