/** The node as the public door may use it, and how well it is (`/health`). */
import type { Engine, Holds, Log, ReadModels } from '../events'
import { limits } from './limits'
import type { Mints } from './mint-states'
import type { BtcPrice } from './money/btc-price'
import { readDestination } from './money/pay-request'
import type { Books } from './processes/books'
import { readToken } from './processes/deposit-plan'
import type { PlanDeps } from './processes/deposit-types'
import type { Deposits } from './processes/deposits'
import type { Invoices } from './processes/invoices'
import type { OneShots } from './processes/one-shot-types'
import type { Payouts } from './processes/payout-types'
import { createFlood } from './proxy/flood'
import type { PublicNode } from './proxy/node-port'
import type { Refused } from './refused'
import type { Settings } from './settings'
import type { Stock } from './stock'
import type { Trace } from './trace'
import { createCooling } from './upstream/cooling'
import { createPriceCache } from './upstream/offers'

type Parts = {
  readonly version: string
  readonly engine: Engine
  readonly log: Log
  readonly views: ReadModels
  readonly holds: Holds
  readonly settings: Settings
  readonly trace: Trace
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  readonly stopHere: (place: string) => Promise<void>
  readonly mints: Mints
  readonly planDeps: PlanDeps
  readonly deposits: Deposits
  readonly invoices: Invoices
  readonly payouts: Payouts
  readonly oneShots: OneShots
  readonly books: Books
  readonly price: BtcPrice
  readonly stock: Stock
  readonly refused: Refused
  readonly isStopping: () => boolean
  readonly maxBodyBytes: number
}

export function createPublicNode(parts: Parts): PublicNode {
  const { engine, log, settings, now, mints, books, stock, planDeps } = parts
  const flood = (perAddress: number, inTotal: number) => createFlood({ perAddress, inTotal, now })
  return {
    version: parts.version,
    engine,
    // Books that do not add up stop the selling as a broken disk does (wallet 16).
    log: { ...log, isWritable: () => log.isWritable() && books.isBalanced() },
    holds: parts.holds,
    views: parts.views,
    settings,
    trace: parts.trace,
    now,
    pause: parts.pause,
    npub: () => engine.peek('node', 'node')?.providerKey?.npub ?? '',
    mints: mints.trusted,
    units: mints.units,
    rate: parts.price.current,
    book: stock.book,
    pricesOf: createPriceCache(),
    target: stock.target,
    cooling: createCooling(now),
    noteUpstream: stock.catalogue.note,
    countRefused: parts.refused.count,
    checkToken(text) {
      const read = readToken(text, planDeps)
      return 'refused' in read ? read : undefined
    },
    isPayAddress: (text) => readDestination(text)?.is === 'pay-request',
    redeem: parts.deposits.redeem,
    oneShots: parts.oneShots,
    refund: parts.payouts.refund,
    refundById: parts.payouts.byId,
    failures: flood(limits.failuresPerAddressMinute, limits.failuresPerMinute),
    invoices: parts.invoices,
    invoicesAsked: flood(limits.invoicesPerAddressMinute, limits.invoicesPerMinute),
    keysOpened: flood(limits.keysPerAddressMinute, limits.keysPerMinute),
    isStopping: parts.isStopping,
    maxBodyBytes: parts.maxBodyBytes,
    health: async () => healthOf(parts),
    stopHere: parts.stopHere,
  }
}

/** No secrets, no amounts (contract 2.2). */
function healthOf({ log, views, books, price, stock, mints }: Parts) {
  const check = (ok: boolean, sentence: string) => (ok ? { ok } : { ok, sentence })
  const isDown = mints.trusted().some((mint) => ['down', 'suspended'].includes(mints.state(mint).state))
  const writable = log.isWritable() && books.isBalanced()
  const checks = {
    log: check(writable, log.isWritable() ? 'The books do not add up.' : 'The log cannot be written.'),
    views: check(views.isHealthy(), 'The read models do not hold the whole log yet; they follow later.'),
    rate: check(price.current() !== undefined, 'No current BTC price.'),
    upstreams: check(stock.book().sellable.size > 0, 'No model can be sold.'),
    mints:
      mints.trusted().length === 0
        ? check(false, 'No mint is accepted yet.')
        : check(!isDown, 'A mint does not answer or is suspended.'),
  }
  const status = Object.values(checks).every(({ ok }) => ok) ? ('ok' as const) : ('degraded' as const)
  return { status, writable, checks }
}
