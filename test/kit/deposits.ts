/** The deposit process alone, on a real log and against the real test mint, with a clock that pauses turn. */
import { createHash } from 'node:crypto'
import { makeWords, walletSeed } from '../../core/keys'
import { createLanes } from '../../core/lanes'
import { createMintClient, isTrueKeyset } from '../../core/money/mint-client'
import { normaliseMintUrl } from '../../core/money/mint-url'
import { createVault } from '../../core/money/vault'
import type { Wallet } from '../../core/processes/deposit-types'
import { createDeposits, type Deposits } from '../../core/processes/deposits'
import type { Ladder } from '../../core/processes/ladder'
import { createLateRestores, type LateRestores } from '../../core/processes/late-restore'
import type { Melts } from '../../core/processes/melt-types'
import { createMelts } from '../../core/processes/melts'
import { createMintDesk, type MintDesk } from '../../core/processes/mint-desk'
import { cancelledBy } from '../../core/processes/payout-cancel'
import type { PayoutDeps, Payouts } from '../../core/processes/payout-types'
import { createPayouts } from '../../core/processes/payouts'
import { createPurseLanes } from '../../core/processes/purse-lane'
import type { Swaps } from '../../core/processes/swap-types'
import { createSwaps } from '../../core/processes/swaps'
import { createWalletGuard, type RestoreState, type WalletGuard } from '../../core/processes/wallet-guard'
import { createTrace } from '../../core/trace'
import { createWallet } from '../../core/wallet'
import { type SheetRow, type TrustedMint, unlimited } from '../../events'
import { kitCurve } from './curve'
import type { TestLog } from './log'
import { createTestMint, type TestMint, type TestMintOptions } from './mint'

export type DepositKit = {
  readonly opened: TestLog
  /** Position of the log when the kit was opened. */
  readonly beganAt: bigint
  readonly mint: TestMint
  readonly desk: () => MintDesk
  readonly deposits: Deposits
  readonly payouts: Payouts
  readonly swaps: Swaps
  readonly melts: Melts
  readonly payoutDeps: PayoutDeps
  /** The session that a token opens. */
  readonly sessionOf: (token: string) => string
  /** Refunds a session; waits until the payout is ready or given back unless told how long. */
  readonly refund: (session: string, waitMs?: number) => ReturnType<Payouts['refund']>
  /** Redeems into a session of its own; waits until the deposit closes unless told how long. */
  readonly redeem: (token: string, waitMs?: number) => ReturnType<Deposits['redeem']>
  /** A new process on the same log: nothing in memory is left. */
  readonly restart: () => DepositKit
  /** The same wallet and mint on another log: an older one, or an empty one. */
  readonly beside: (other: TestLog) => DepositKit
  readonly guard: WalletGuard
  readonly lateRestores: LateRestores
  /** One search for coins of this wallet at the mint. */
  readonly recover: (gap?: number) => Promise<RestoreState['mints'][number]>
  readonly wallet: Wallet
  readonly purse: (unit?: 'sat' | 'msat') => string
  /** What running requests hold of every session from now on. */
  readonly hold: (msat: number) => void
  /** Called at every kill point from now on; what it throws ends the flight. */
  readonly onStop: (hook: (place: string) => Promise<void>) => void
  /** Unix ms; pauses move it. */
  readonly now: () => number
  readonly pauses: () => number
  readonly turn: (ms: number) => void
  readonly sheet: () => Promise<readonly SheetRow[]>
  readonly events: (stream: string) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/** Few coins, so that a payout needs a swap (wallet 9.6). */
export const noLadder: Ladder = { coins: 0, coinsWithFee: 0, largest: 0 }

const sessionOf = (token: string) => `session-${createHash('sha256').update(token).digest('hex')}`

/** No Lightning address leads anywhere. */
const nobody = async () => ({ refused: 'no server here' })
const asking = { askForeign: nobody, askTyped: () => nobody }

/** `waitMs` of a caller that stays until the end. */
const forever = Number.POSITIVE_INFINITY

/** Several may share one log: each has a mint and a seed of its own. */
export function openDeposits(
  opened: TestLog,
  options: TestMintOptions & { readonly guarded?: boolean; readonly ladder?: Ladder } = {},
): DepositKit {
  let clock = 1_700_000_000_000
  // What limits its calls counts by the clock that pauses turn.
  const mint = createTestMint(options.rates === undefined ? options : { now: () => clock, ...options })
  const words = walletSeed(makeWords())
  const url = normaliseMintUrl(mint.url) ?? ''
  const mintId = createHash('sha256').update(url).digest('hex').slice(0, 16)
  const trusted: TrustedMint = {
    url,
    mintId,
    units: ['sat', 'msat'],
    privateAddress: true,
    warnings: [],
    source: 'operator',
  }
  const beganAt = opened.log.head()
  let pauses = 0
  let heldMsat = 0
  let stop: (place: string) => Promise<void> = async () => undefined
  const wallet = createWallet(words, kitCurve, createVault(crypto.getRandomValues(new Uint8Array(32))))

  function pause(ms: number): Promise<void> {
    if (ms === forever) return new Promise(() => undefined)
    pauses += 1
    // Whole, as the clock of a machine is.
    clock += Math.ceil(ms)
    return Bun.sleep(0)
  }

  function processes(opened: TestLog): DepositKit {
    const trace = createTrace({ level: 'error', format: 'json', now: () => clock, write: () => undefined })
    const { engine } = opened
    const client = createMintClient(url)
    const made = createMintDesk({ mint: trusted, client, isTrueKeyset, engine, now: () => clock, pause, trace })
    const plain = {
      engine: opened.engine,
      log: opened.log,
      wallet,
      mints: () => [trusted],
      desk: () => made,
      now: () => clock,
      pause,
      stopHere: (place) => stop(place),
      trace,
      ladder: options.ladder,
    } satisfies Parameters<typeof createDeposits>[0]
    const guard = createWalletGuard(plain)
    const deps = { ...plain, desk: options.guarded === true ? guard.desk : plain.desk }
    const deposits = createDeposits(deps)
    const payoutDeps: PayoutDeps = {
      ...deps,
      heldMsat: () => heldMsat,
      isDepositOpen: deposits.isOpenFor,
      ownerLane: createLanes(1),
      purseLanes: createPurseLanes(),
      keepMsat: () => 0,
    }
    const melts = createMelts({ ...payoutDeps, ...asking, moveInvoice: async () => ({ refused: 'no-invoice' }) })
    const payouts = createPayouts({ ...payoutDeps, followMelt: melts.follow, ...asking })
    const swaps = createSwaps({
      ...payoutDeps,
      cancelled: (payout, swapId) => cancelledBy(payout, swapId, opened.engine),
    })
    return {
      opened,
      beganAt,
      mint,
      desk: () => made,
      deposits,
      payouts,
      swaps,
      melts,
      payoutDeps,
      sessionOf,
      refund: (session, waitMs = forever) => payouts.refund(session, 'r', waitMs),
      hold(msat) {
        heldMsat = msat
      },
      onStop(hook) {
        stop = hook
      },
      redeem(token, waitMs = forever) {
        const session = sessionOf(token)
        return deposits.redeem(
          { text: token, via: 'bearer', sessionId: session, target: session, limits: unlimited, requestId: 'r' },
          waitMs,
        )
      },
      restart: () => processes(opened),
      beside: processes,
      guard,
      lateRestores: createLateRestores({ ...deps, settleLate: deposits.settleLate }),
      async recover(gap = 300) {
        const [row] = (await guard.restoreSoon([trusted], gap, forever)).mints
        if (row === undefined) throw new Error('no mint was searched')
        return row
      },
      wallet,
      purse: (unit = 'sat') => `${mintId}/${unit}`,
      now: () => clock,
      pauses: () => pauses,
      turn(ms) {
        clock += ms
      },
      sheet: async () => (await opened.log.sheet()).filter((row) => row.purse.startsWith(mintId)),
      events: async (stream) => (await opened.log.read(stream, 0)).map((event) => event.type),
      async close() {
        deposits.stop()
        payouts.stop()
        swaps.stop()
        melts.stop()
        guard.stop()
        await mint.stop()
      },
    }
  }
  return processes(opened)
}
