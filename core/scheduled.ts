/** What the node does with money by itself, as its owner's settings say; and what may still leave within a day. */
import { leftOf, outOfLastDay } from './processes/daily-out'
import { createMaintenance } from './processes/maintenance'
import type { PayoutDeps } from './processes/payout-types'
import { createRefundRemaking } from './processes/refund-remaking'
import { createRefundTaking } from './processes/refund-taking'
import { createSweep } from './processes/sweep'
import type { Settings } from './settings'

export function createScheduled(
  deps: PayoutDeps & { readonly isBalanced: () => boolean; readonly settings: Settings },
) {
  const { settings } = deps
  return {
    maintenance: createMaintenance(deps),
    sweep: createSweep({
      ...deps,
      wishes: () => ({
        enabled: settings('sweep.enabled'),
        address: settings('sweep.address'),
        thresholdMsat: settings('sweep.thresholdSat') * 1000,
        everyMs: settings('sweep.everyMin') * 60_000,
        capMsat: settings('sweep.capSat') * 1000,
        maxFeePct: settings('sweep.maxFeePct'),
      }),
    }),
    refundRemaking: createRefundRemaking(deps),
    refundTaking: createRefundTaking({
      ...deps,
      wishes: () => ({ isOn: settings('refunds.takeByItself'), days: settings('refunds.takeDays') }),
    }),
  }
}

/** msat that may still leave by a door within this day; what leaves by Nostr counts against both limits. */
export const leftToday = (settings: Settings, deps: PayoutDeps) => async (door: string) => {
  const rows = await outOfLastDay(deps)
  const leftMsat = leftOf(settings('security.dailyOutSat') * 1000, rows)
  if (door !== 'nostr') return leftMsat
  const byNostr = rows.filter((row) => row.door === 'nostr')
  return Math.min(leftMsat, leftOf(settings('security.dailyNostrSat') * 1000, byNostr))
}
