/** What a start takes up before the doors open, and what then runs by itself. */
import { hasUncounted, rewrittenTables } from '../events'
import type { Dispatch } from './admin/dispatch'
import type { Backups } from './backup/backups'
import { limits } from './limits'
import type { BtcPrice } from './money/btc-price'
import type { Close, CloseLater, Core, Money, Ports } from './parts'
import { eraseDue } from './processes/sealed-rows'
import { createUpkeep } from './processes/upkeep'
import type { Stock } from './stock'
import type { Trace } from './trace'

type Booting = Core &
  Money & {
    readonly price: BtcPrice
    readonly stock: Stock
    readonly backups: Backups
    readonly dispatch: Dispatch
  }

/** What was open goes on, then the doors may open. */
export async function boot(parts: Booting, ports: Ports, closeLater: CloseLater): Promise<void> {
  const {
    engine,
    mints,
    guard,
    lateRestores,
    deposits,
    invoices,
    payouts,
    melts,
    swaps,
    sweep,
    drains,
    maintenance,
    oneShots,
    refundTaking,
    refundRemaking,
    keyEnds,
    keyExpiry,
    books,
    price,
    stock,
    dispatch,
  } = parts
  const { trace, now } = ports
  await dispatch.closeOpen()
  for (const mint of mints.trusted()) await engine.state('mint', `mint-${mint.mintId}`)
  // The console answers once: what it does not plan need not be probed.
  if (ports.isOffline !== true) guard.start()
  if (ports.isOffline !== true) lateRestores.start()
  if (ports.isOffline !== true) parts.backups.start()
  // In this order: a drain is driven by both ends of its rounds.
  for (const [name, part] of Object.entries({ deposits, invoices, payouts, payments: melts, swaps, drains })) {
    const open = await part.resume()
    if (open > 0) trace.info(`Open ${name} are taken up`, { [name]: open })
    part.start()
  }
  sweep.start()
  refundTaking.start()
  refundRemaking.start()
  maintenance.start()
  const left = await oneShots.resume()
  if (left > 0) trace.info('One-shot payments without their request are paid back', { payments: left })
  oneShots.start()
  keyEnds.start()
  keyExpiry.start()
  await books.check(false)
  books.start()
  void price.ask()
  for (const stream of stock.streams()) void stock.catalogue.refresh(stream)
  stock.catalogue.start()
  for (const desk of mints.trusted().map(mints.desk)) void desk.learnInfo().then(() => desk.keysets())
  const upkeep = createUpkeep(upkeepOf(parts, now, trace))
  upkeep.start()
  closeLater(...probing(parts, ports), upkeep.stop)
}

/** Whether what is lost is back: the log's disk, and mints that are down (wallet 9.4). Answers the ends of it. */
function probing({ log, mints }: Core, { now, trace }: Ports): readonly Close[] {
  const disk = setInterval(() => {
    if (!log.isWritable()) void log.probe(now()).then((written) => written && trace.info('The log is written again'))
  }, limits.logProbeMs)
  const down = setInterval(() => {
    for (const desk of mints.trusted().map(mints.desk)) void desk.probe()
  }, limits.mintProbeMs)
  return [() => clearInterval(disk), () => clearInterval(down)]
}

function upkeepOf(
  { log, logDatabase, views, viewsDatabase, lines, seenWraps, refused, holds, settings }: Core,
  now: () => number,
  trace: Trace,
) {
  const dayMs = 24 * 3600_000
  const isQuiet = () => holds.totals().requests === 0
  return {
    head: log.head,
    isQuiet,
    checkpoint: () => logDatabase.script('checkpoint'),
    // Counted as well: without statistics the newest page of two million requests takes ten times as long.
    async vacuum() {
      await viewsDatabase.script('vacuum analyze')
      // A table at a time: a commit waits for one of them at most.
      for (const table of rewrittenTables) if (isQuiet()) await logDatabase.script(`vacuum analyze ${table}`)
    },
    isUncounted: async () => (await views.caughtUp(log.head(), 0)) && (await hasUncounted(viewsDatabase)),
    async prune() {
      await lines.prune(now() - settings('logs.keepDays') * dayMs, settings('logs.maxMb') * limits.linesPerMb)
      await seenWraps.prune()
      await refused.prune()
      await eraseDue(log, now())
    },
    now,
    trace,
  }
}
