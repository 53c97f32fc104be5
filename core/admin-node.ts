/** The node as admin commands and queries may use it. */
import type { Engine, Holds, Log, ReadModels } from '../events'
import { checkOperatorUrl } from './address'
import { createImports } from './admin/imports'
import type { AdminNode } from './admin/node-port'
import type { Revisions } from './admin/revisions'
import { diskSpace } from './disk'
import type { Lanes } from './lanes'
import type { LastSeen } from './last-seen'
import { limits } from './limits'
import type { Mints } from './mint-states'
import { createTrials } from './model-trial'
import type { BtcPrice } from './money/btc-price'
import { receiverLimits } from './money/pay-request'
import type { Books } from './processes/books'
import { outOfLastDay } from './processes/daily-out'
import type { Wallet } from './processes/deposit-types'
import type { Drains } from './processes/drain-types'
import { draftLoss, expiredAt } from './processes/expired-coins'
import { floorsOf } from './processes/floor'
import { type KeyEnds, revokedClaim } from './processes/key-ends'
import type { Melts } from './processes/melt-types'
import { cancelledBy } from './processes/payout-cancel'
import type { PayoutDeps, Payouts } from './processes/payout-types'
import { draftReclaim } from './processes/reclaims'
import type { Swaps } from './processes/swap-types'
import type { Sweep } from './processes/sweep'
import type { WalletGuard } from './processes/wallet-guard'
import { draftLightningWithdrawal, draftTokenWithdrawal, warmMint } from './processes/withdrawals'
import { hashPassword, type Secrets } from './seed'
import type { Settings } from './settings'
import type { Stock } from './stock'
import type { Asking } from './typed-host'

type Parts = {
  readonly version: string
  readonly localUrl: string
  readonly startedAt: number
  readonly dataDirectory: string
  readonly engine: Engine
  readonly log: Log
  readonly views: ReadModels
  readonly holds: Holds
  readonly settings: Settings
  readonly revisions: Revisions
  readonly inbox: string
  readonly ownKeys: readonly string[]
  readonly price: BtcPrice
  readonly wallet: Pick<Wallet, 'seal' | 'seedId'>
  readonly secrets: Pick<Secrets, 'words'>
  readonly mints: Mints
  readonly stock: Stock
  readonly books: Books
  readonly ownerLane: Lanes
  readonly payoutDeps: PayoutDeps
  readonly asking: Asking
  readonly payouts: Pick<Payouts, 'follow' | 'askToken'>
  readonly swaps: Pick<Swaps, 'follow'>
  readonly sweep: Sweep
  readonly drains: Drains
  readonly melts: Pick<Melts, 'follow' | 'wake'>
  readonly tellCode: AdminNode['tellCode']
  readonly backups: AdminNode['backups']
  readonly guard: Pick<WalletGuard, 'restoreSoon' | 'restoreState'>
  readonly keyEnds: KeyEnds
  readonly remote: AdminNode['remote']
  readonly lastSeen: LastSeen
}

export function createAdminNode(parts: Parts): AdminNode {
  const { engine, mints, stock, price, books } = parts
  return {
    version: parts.version,
    localUrl: parts.localUrl,
    startedAt: parts.startedAt,
    engine,
    log: parts.log,
    views: parts.views,
    holds: parts.holds,
    settings: parts.settings,
    revisions: parts.revisions,
    inbox: parts.inbox,
    ownKeys: parts.ownKeys,
    rate: price.current,
    clock: price.clock,
    disk: () => diskSpace(parts.dataDirectory),
    seal: parts.wallet.seal,
    mints: { state: mints.state, probe: mints.probe, normalise: mints.normalise },
    upstreams: {
      state: stock.catalogue.state,
      probe: stock.probe,
      streams: stock.streams,
      tryModel: createTrials({
        stock,
        settings: parts.settings,
        rate: () => price.current()?.usdPerBtc,
        userAgent: `routstr-node/${parts.version}`,
      }),
      learnKey: stock.learn,
      refresh: (upstream) => void stock.catalogue.refresh(upstream),
      resolve: (idOrName) =>
        stock.streams().find((stream) => stream === idOrName || stock.configOf(stream)?.name === idOrName),
      models: () => stock.rows(price.current()?.usdPerBtc),
      names: stock.names,
    },
    imports: createImports({
      probe: (upstream) => stock.probe({ upstream }),
      state: (upstream) => engine.state('upstream', upstream),
    }),
    money: moneyPort(parts),
    tellCode: parts.tellCode,
    wallet: {
      seedId: parts.wallet.seedId,
      words: parts.secrets.words,
      restore: parts.guard.restoreSoon,
      restoreState: parts.guard.restoreState,
    },
    backups: parts.backups,
    keyEnds: { ...parts.keyEnds, claim: revokedClaim },
    remote: parts.remote,
    lastSeen: parts.lastSeen,
    books: () => books.check(true),
    password: { hash: hashPassword, verify: (text, hash) => Bun.password.verify(text, hash) },
    address: checkOperatorUrl,
  }
}

/** What may spend the owner's money. */
function moneyPort(parts: Parts): AdminNode['money'] {
  const inLane = { ...parts.payoutDeps, patienceMs: limits.laneMintMs }
  return {
    lane: parts.ownerLane,
    // A command that chooses coins must not lose them again and again to a crowd of refunds.
    coinsLane: (work) => parts.ownerLane(() => parts.payoutDeps.purseLanes.all(work)),
    isBalanced: parts.books.isBalanced,
    floors: () => floorsOf(parts.payoutDeps),
    warm: (asked) => warmMint(asked, parts.payoutDeps),
    draftToken: (asked) => draftTokenWithdrawal(asked, inLane),
    draftLightning: (asked) => draftLightningWithdrawal(asked, parts.payoutDeps),
    followMelt: parts.melts.follow,
    sweep: parts.sweep,
    askReceiver: (destination, isTyped) =>
      receiverLimits(destination, isTyped ? parts.asking.askTyped(destination.url) : parts.asking.askForeign),
    draftDrain: parts.drains.draft,
    drainsOf: parts.drains.ofMint,
    wakeMelt: parts.melts.wake,
    askToken: parts.payouts.askToken,
    draftReclaim: (asked) => draftReclaim(asked, inLane),
    followSwap: parts.swaps.follow,
    expiredAt: (mint) => expiredAt(mint, parts.payoutDeps),
    draftLoss: (expired) =>
      draftLoss(expired, { ...inLane, cancelled: (payout, swap) => cancelledBy(payout, swap, parts.engine) }),
    outOfLastDay: () => outOfLastDay(parts.payoutDeps),
    async follow(payout, waitMs) {
      const found = await parts.payouts.follow(payout, waitMs)
      return 'is' in found && found.is === 'ready' ? { token: found.token } : undefined
    },
  }
}
