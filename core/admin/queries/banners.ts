/** What the operator must see on every page, worst first; each stands as long as its cause does (dashboard 3). */
import { type Node, satText, type TrustedMint, unclearSince } from '../../../events'
import { limits } from '../../limits'
import type { RunContext } from '../command'
import type { RemoteHealth } from '../node-port'
import { type Checks, isBackupStale } from './node-health'

export type Banner = {
  readonly kind: string
  readonly level: 'bad' | 'look' | 'off'
  readonly text: string
  /** Of which amount it speaks; a page shows it in its reader's unit. */
  readonly msat?: number
  /** Unix seconds. */
  readonly since?: number
  readonly action: string
}

export async function banners({ node, now }: RunContext, mineMsat: number, checks: Checks): Promise<readonly Banner[]> {
  const state = await node.engine.state('node', 'node')
  const found: Banner[] = []
  if (mineMsat < 0)
    found.push({
      kind: 'insolvent',
      level: 'bad',
      text: `Your Balance is negative: ${satText(mineMsat)}.`,
      msat: mineMsat,
      action: 'overview',
    })
  if (!node.log.isWritable())
    found.push({
      kind: 'log-write',
      level: 'bad',
      text: 'The node cannot write its log and stopped selling.',
      action: 'logs',
    })
  if (checks.books.state === 'bad')
    found.push({ kind: 'books', level: 'bad', text: checks.books.sentence, action: 'logs' })
  if (checks.disk.state === 'bad')
    found.push({ kind: 'disk', level: 'bad', text: `The disk is nearly full: ${checks.disk.sentence}`, action: 'logs' })
  if (state.password === undefined && !state.admins.some((admin) => admin.role === 'owner'))
    found.push({
      kind: 'no-password',
      level: 'bad',
      text: 'No password and no operator key is set. Anyone with a set-up link can take this node.',
      action: 'security',
    })
  found.push(...(await unclearBanner(node, now)))
  found.push(...sellingBanners(state))
  if (node.rate() === undefined && !node.settings('pricing.fixed'))
    found.push({
      kind: 'price-stale',
      level: 'look',
      text: 'The BTC price is too old: USD-priced models are not sold.',
      action: 'settings',
    })
  if (!node.upstreams.models().some((model) => model.state === 'sellable'))
    found.push({ kind: 'nothing-to-sell', level: 'look', text: 'No model can be sold.', action: 'models' })
  for (const mint of state.mints) found.push(...(await mintBanners(mint, node)))
  for (const upstream of node.upstreams.streams()) {
    const { state: word, sentence } = node.upstreams.state(upstream)
    if (word === 'down' || word === 'refused-key')
      found.push({ kind: 'upstream-down', level: 'look', text: sentence, action: 'models' })
  }
  return [
    ...found,
    ...relayBanner(node.remote(), now),
    ...safetyBanners(node, state.confirmedSeed, now),
    ...(checks.clock.state === 'look'
      ? [{ kind: 'clock', level: 'look' as const, text: checks.clock.sentence, action: 'remote' }]
      : []),
  ]
}

async function mintBanners(mint: TrustedMint, node: RunContext['node']): Promise<readonly Banner[]> {
  const { state, sentence } = node.mints.state(mint)
  const msat = (await node.money.expiredAt(mint)).reduce((sum, row) => sum + row.msat, 0)
  const text = `${mint.url} calls ${satText(msat)} of the node’s coins expired: they wait until you confirm the loss.`
  return [
    ...(state === 'down' || state === 'suspended'
      ? [{ kind: 'mint-down', level: 'look', text: sentence, action: 'overview' } as const]
      : []),
    ...(msat === 0 ? [] : [{ kind: 'coins-expired', level: 'bad', text, action: 'settings' } as const]),
  ]
}

/** Both may stand at once; resuming ends both. */
const sellingBanners = ({ paused, draining }: Pick<Node, 'paused' | 'draining'>): readonly Banner[] => [
  ...(paused === undefined
    ? []
    : [{ kind: 'paused', level: 'look', text: 'Selling is paused.', action: 'resume' } as const]),
  ...(draining === undefined
    ? []
    : [{ kind: 'draining', level: 'look', text: drainingText(draining.note), action: 'resume' } as const]),
]

const drainingText = (note: string | undefined): string =>
  `The node drains: no deposits and no new keys; balances can be spent and refunded.${note === undefined || note === '' ? '' : ` (${note})`}`

/** Money that may have left and may not: nobody but its mint can say (dashboard 3, 4). */
async function unclearBanner(node: RunContext['node'], now: number): Promise<readonly Banner[]> {
  const { payouts, sinceMs } = await unclearSince(node.views.sql, now - limits.unclearShownMs)
  if (payouts === 0n) return []
  const text = payouts === 1n ? 'The outcome of a payout is unclear.' : `The outcome of ${payouts} payouts is unclear.`
  return [{ kind: 'payout-unclear', level: 'bad', text, since: Math.floor(Number(sinceMs) / 1000), action: 'withdraw' }]
}

/** One line for all relays that deliver nothing; a reconnect takes seconds and is no news. */
function relayBanner({ relays }: RemoteHealth, now: number) {
  const silent = relays.filter(
    ({ state, since }) => state === 'deaf' || (state === 'down' && now - since > limits.relayDownShownMs),
  )
  if (silent.length === 0) return []
  const text =
    silent.length === relays.length
      ? 'No admin relay delivers: remote commands do not reach this node.'
      : `${silent.length} of ${relays.length} admin relays do not deliver.`
  return [{ kind: 'relay-deaf', level: 'look' as const, text, action: 'remote' }]
}

/** What would be lost with this machine (dashboard 3, 10). */
function safetyBanners(node: RunContext['node'], confirmedSeed: string | undefined, now: number) {
  const stale = {
    kind: 'backup-stale',
    level: 'look' as const,
    text: 'No backup was verified for two days. A backup counts when it was restored and its sums agree.',
    action: 'settings',
  }
  const words = {
    kind: 'words-unconfirmed',
    level: 'look' as const,
    text: 'The wallet words are not confirmed: without them lost coins stay lost. On the node: bun run node-admin wallet words.',
    action: 'settings',
  }
  return [...(isBackupStale(node, now) ? [stale] : []), ...(confirmedSeed === node.wallet.seedId ? [] : [words])]
}
