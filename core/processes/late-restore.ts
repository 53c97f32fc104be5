/**
 * Operations that were rejected are looked at again by night (wallet 9.8): a slow copy of a request may have been
 * processed after the evidence. A token is credited then, a refund that was to be made again waits for its customer; of
 * any other payout or swap the coins are the owner's, its state stays.
 */
import type { Coin, TrustedMint, WalletAttempt } from '../../events'
import { limits } from '../limits'
import type { LateEnd } from './deposit-late'
import { lookAt, type Place, restoredAt } from './evidence'
import { changeBack } from './late-change'
import { lateKind as kind, lateDue, lateOperation } from './late-look'
import type { MintDesk } from './mint-desk'
import { lostRemake, type ReissueDeps, reissueLate } from './reclaim-late'
import { isClashing, nothing } from './recover'
import { type GivesBack, importHits } from './recover-import'

const meta = { actor: 'node', door: 'node' } as const

export type LateRestores = {
  /** Every mint once; answers how many operations were found to have been processed. */
  readonly round: () => Promise<number>
  readonly start: () => void
  readonly stop: () => void
}

export function createLateRestores(
  deps: ReissueDeps & {
    readonly mints: () => readonly TrustedMint[]
    readonly settleLate: (deposit: string) => Promise<LateEnd>
  },
): LateRestores {
  const { log, wallet, now, trace } = deps
  let timers: ReturnType<typeof setTimeout>[] = []

  async function round(): Promise<number> {
    let found = 0
    const waiting = lateDue(await log.claims(kind))
    for (const mint of deps.mints()) {
      // A log that was behind brings its coins back by a search of its own.
      if (await isClashing(`mint-${mint.mintId}`, deps)) continue
      const here = waiting.filter(({ key }) => key.startsWith(`${mint.mintId}:`))
      for (const { key, owner } of here) if ((await looked(mint, key, Number(owner))) === 'settled') found += 1
    }
    return found
  }

  async function looked(mint: TrustedMint, key: string, rejectedAt: number): Promise<LateEnd> {
    const operation = lateOperation(key)
    const end = await look(mint, operation).catch((error: unknown): LateEnd => {
      trace.warn('A rejected operation could not be looked at', { operation, why: String(error) })
      return 'later'
    })
    // The next night would be the third one.
    const isLast = end === 'nothing' && now() - rejectedAt >= limits.lateMs
    if (end === 'over' || end === 'settled' || isLast)
      await log.append({ streams: [], releases: [{ kind, key }], meta, at: now() })
    return end
  }

  const look = (mint: TrustedMint, operation: string): Promise<LateEnd> =>
    operation.startsWith('deposit-') ? deps.settleLate(operation) : recover(mint, operation)

  /** Inputs and attempts as the events name them: a closed state keeps neither. */
  async function recover(mint: TrustedMint, operation: string): Promise<LateEnd> {
    const desk = deps.desk(mint).as('audit')
    const attempts: WalletAttempt[] = []
    const inputs: Coin[] = []
    let purse = ''
    const events = await log.read(operation, 0)
    for (const { data } of events) {
      const planned = data as Planned
      if (planned.attempt !== undefined) attempts.push(planned.attempt)
      if (planned.attempt !== undefined) inputs.push(...(planned.inputs ?? []), ...(planned.added ?? []))
      purse = planned.purse ?? purse
    }
    if (events.some(({ type }) => type === 'payout.paid')) return lateChange(mint, operation, attempts, desk)
    const ys = inputs.map(({ keysetId, counter, amount }) =>
      wallet.yOf(wallet.derive(keysetId, counter, amount).secret),
    )
    const remade = await lostRemake(operation, deps)
    const seen = await lookAt(attempts, ys, desk, now)
    if (seen === undefined) return 'later'
    const won = seen.restored.find(({ attempt, signatures }) => signatures.length === attempt.outputs.length)
    if (seen.unspent > 0 || seen.pending > 0 || won === undefined) return 'nothing'
    if (remade !== undefined) return reissueLate(operation, remade, won, desk, deps)
    trace.warn('What was given up was processed after all: its coins are brought back', { operation, purse })
    const places = won.signatures.map((signature, index) => ({ index, signature }))
    return (await imported(mint, won.attempt, places, desk)) ? 'settled' : 'later'
  }

  /**
   * Of a payment that was booked without change: its mint may have signed it later than anybody waits (wallet 6.4). What
   * a customer's did not use goes back to his key, as it would have with the payment (wallet 5.4, 16).
   */
  async function lateChange(
    mint: TrustedMint,
    payout: string,
    attempts: readonly WalletAttempt[],
    desk: MintDesk,
  ): Promise<LateEnd> {
    for (const attempt of attempts) {
      const places = await restoredAt(attempt, desk)
      if (places === undefined) return 'later'
      if (places.length === 0) continue
      trace.warn('Change came after its payment was booked: it is brought back', { payout })
      return (await imported(mint, attempt, places, desk, () => changeBack(payout, deps))) ? 'settled' : 'later'
    }
    return 'nothing'
  }

  async function imported(
    mint: TrustedMint,
    attempt: WalletAttempt,
    places: readonly Place[],
    desk: MintDesk,
    owed?: () => Promise<GivesBack | undefined>,
  ): Promise<boolean> {
    // Of a mint that is suspended too: it is so because its coins were called gone.
    const listed = await desk.call(desk.client.keysets)
    const keyset = listed?.is === 'done' ? listed.value.find(({ id }) => id === attempt.keysetId) : undefined
    if (keyset === undefined) return false
    const hits = places
      .filter(({ signature }) => signature.amount > 0)
      .map(({ index, signature }) => ({ counter: attempt.from + index, signature }))
    const found = { hits, from: attempt.from, to: attempt.from + attempt.outputs.length, keyset }
    return importHits(mint, found, desk, nothing(mint), deps, owed)
  }

  return {
    round,
    start() {
      const run = () =>
        void round().catch((error: unknown) => trace.warn('Rejected operations', { why: String(error) }))
      timers = [setTimeout(run, limits.auditFirstMs), setInterval(run, limits.auditMs)]
    },
    stop() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

type Planned = {
  readonly attempt?: WalletAttempt
  readonly purse?: string
  readonly inputs?: readonly Coin[]
  readonly added?: readonly Coin[]
}
