/** How the node is, line by line, and what its operator must see on every page (dashboard 3, 4.1). */
import { limits } from '../../limits'
import type { RunContext } from '../command'
import type { RemoteHealth } from '../node-port'

export async function health({ node, now }: RunContext) {
  const rate = node.rate()
  const upstreams = node.upstreams.streams().map((stream) => node.upstreams.state(stream))
  const { mints } = await node.engine.state('node', 'node')
  const mintStates = mints.map((mint) => node.mints.state(mint))
  const failing = [...upstreams.filter((one) => one.state === 'down' || one.state === 'refused-key')]
  const downMints = mintStates.filter((one) => one.state === 'down' || one.state === 'suspended')
  const { relays } = node.remote()
  const live = relays.filter((relay) => relay.state === 'live').length
  return [
    ...(relays.length === 0
      ? []
      : [
          { name: 'relays', ok: live === relays.length, sentence: `${live} of ${relays.length} admin relays deliver.` },
        ]),
    {
      name: 'upstreams',
      ok: upstreams.length > 0 && failing.length === 0,
      sentence:
        upstreams.length === 0
          ? 'No upstream is connected.'
          : (failing[0]?.sentence ?? `${upstreams.length} connected.`),
    },
    {
      name: 'mints',
      ok: mintStates.length > 0 && downMints.length === 0,
      sentence:
        mintStates.length === 0 ? 'No mint is trusted.' : (downMints[0]?.sentence ?? `${mintStates.length} trusted.`),
    },
    {
      name: 'log',
      ok: node.log.isWritable(),
      sentence: node.log.isWritable() ? 'The log is written.' : 'The log cannot be written; selling stopped.',
    },
    {
      name: 'views',
      ok: node.views.isHealthy(),
      sentence: node.views.isHealthy()
        ? 'The read models follow the log.'
        : 'The read models do not hold the whole log yet: lists and sums may be behind.',
    },
    {
      name: 'rate',
      ok: rate !== undefined,
      sentence:
        rate === undefined
          ? 'No current BTC price.'
          : `$${rate.usdPerBtc}, ${Math.max(0, Math.floor((now - rate.at) / 1000))} s old.`,
    },
  ]
}

/** In the order of dashboard 3, worst first; each stands as long as its cause does. */
export async function banners({ node, now }: RunContext, mineMsat: number) {
  const state = await node.engine.state('node', 'node')
  const found: { kind: string; level: 'bad' | 'look' | 'off'; text: string; action: string }[] = []
  if (mineMsat < 0)
    found.push({
      kind: 'insolvent',
      level: 'bad',
      text: `Your Balance is negative: ${mineMsat} msat.`,
      action: 'overview',
    })
  if (!node.log.isWritable())
    found.push({
      kind: 'log-write',
      level: 'bad',
      text: 'The node cannot write its log and stopped selling.',
      action: 'logs',
    })
  if (state.password === undefined && !state.admins.some((admin) => admin.role === 'owner'))
    found.push({
      kind: 'no-password',
      level: 'bad',
      text: 'No password and no operator key is set. Anyone with a set-up link can take this node.',
      action: 'security',
    })
  if (state.paused !== undefined)
    found.push({ kind: 'paused', level: 'look', text: 'Selling is paused.', action: 'resume' })
  if (node.rate() === undefined && !node.settings('pricing.fixed'))
    found.push({
      kind: 'price-stale',
      level: 'look',
      text: 'The BTC price is too old: USD-priced models are not sold.',
      action: 'settings',
    })
  if (!node.upstreams.models().some((model) => model.state === 'sellable'))
    found.push({ kind: 'nothing-to-sell', level: 'look', text: 'No model can be sold.', action: 'models' })
  for (const mint of state.mints) {
    const { state: word, sentence } = node.mints.state(mint)
    if (word === 'down' || word === 'suspended')
      found.push({ kind: 'mint-down', level: 'look', text: sentence, action: 'overview' })
  }
  for (const upstream of node.upstreams.streams()) {
    const { state: word, sentence } = node.upstreams.state(upstream)
    if (word === 'down' || word === 'refused-key')
      found.push({ kind: 'upstream-down', level: 'look', text: sentence, action: 'models' })
  }
  return [...found, ...safetyBanners(node, state.confirmedSeed, now), ...relayBanner(node.remote(), now)]
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

/** A node that has just begun has none yet. */
function isBackupStale({ backups, startedAt }: RunContext['node'], now: number): boolean {
  const newest = Math.max(0, ...backups.list().map(({ verifiedAt }) => verifiedAt ?? 0))
  return now - newest > limits.backupStaleMs && now - startedAt > limits.backupBannerMs
}
