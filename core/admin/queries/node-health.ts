/** How the node is, line by line (dashboard 4.1, Health). */
import { limits } from '../../limits'
import type { RunContext } from '../command'
import type { RemoteHealth } from '../node-port'

/** `off`: nothing to be well or unwell; `unknown`: nobody could say yet. */
export type Check = {
  readonly state: 'ok' | 'look' | 'bad' | 'off' | 'unknown'
  /** Unix ms of what is said; undefined: never. */
  readonly atMs: number | undefined
  readonly sentence: string
}
export const checkNames = [
  'upstreams',
  'mints',
  'relays',
  'log',
  'books',
  'views',
  'disk',
  'clock',
  'rate',
  'backup',
] as const
export type Checks = Readonly<Record<(typeof checkNames)[number], Check>>

export async function checksOf({ node, now }: RunContext): Promise<Checks> {
  const { mints } = await node.engine.state('node', 'node')
  const check = (ok: boolean, state: 'look' | 'bad', yes: string, no: string): Check => ({
    state: ok ? 'ok' : state,
    atMs: now,
    sentence: ok ? yes : no,
  })
  return {
    upstreams: together(
      node.upstreams.streams().map((stream) => node.upstreams.state(stream)),
      ['down', 'refused-key'],
      ['No upstream is connected.', 'connected.'],
    ),
    mints: together(
      mints.map((mint) => node.mints.state(mint)),
      ['down', 'suspended'],
      ['No mint is trusted.', 'trusted.'],
    ),
    relays: relaysOf(node.remote(), now),
    log: check(node.log.isWritable(), 'bad', 'The log is written.', 'The log cannot be written; selling stopped.'),
    books: check(
      node.money.isBalanced(),
      'bad',
      'The books add up.',
      'The books do not add up; selling and money commands stopped.',
    ),
    views: check(
      node.views.isHealthy(),
      'look',
      'The read models follow the log.',
      'The read models do not hold the whole log yet: lists and sums may be behind.',
    ),
    disk: diskOf(await node.disk(), now),
    clock: clockOf(node.clock()),
    rate: rateOf(node, now),
    backup: backupOf(node, now),
  }
}

/** As the overview lists them: what is off, or nobody could say, has no line. */
export const healthLines = (checks: Checks) =>
  checkNames.flatMap((name) => {
    const { state, sentence } = checks[name]
    return state === 'off' || state === 'unknown' ? [] : [{ name, ok: state === 'ok', sentence }]
  })

type Told = { readonly state: string; readonly sentence: string; readonly at: number | undefined }

function together(all: readonly Told[], failing: readonly string[], [none, well]: readonly [string, string]): Check {
  const wrong = all.filter(({ state }) => failing.includes(state))
  const times = all.flatMap(({ at }) => (at === undefined ? [] : [at]))
  const atMs = times.length === 0 ? undefined : Math.max(...times)
  if (all.length === 0) return { state: 'look', atMs, sentence: none }
  const [first] = wrong
  if (first === undefined) return { state: 'ok', atMs, sentence: `${all.length} ${well}` }
  return { state: wrong.length === all.length ? 'bad' : 'look', atMs, sentence: first.sentence }
}

function relaysOf({ relays }: RemoteHealth, now: number): Check {
  if (relays.length === 0) return { state: 'off', atMs: undefined, sentence: 'No admin relay is set.' }
  const live = relays.filter((relay) => relay.state === 'live').length
  const state = live === relays.length ? 'ok' : live === 0 ? 'bad' : 'look'
  return { state, atMs: now, sentence: `${live} of ${relays.length} admin relays deliver.` }
}

const gigabyte = 1_000_000_000

function diskOf(space: Awaited<ReturnType<RunContext['node']['disk']>>, now: number): Check {
  if (space === undefined) return { state: 'unknown', atMs: undefined, sentence: 'The disk does not say what is free.' }
  const { freeBytes, totalBytes } = space
  const state = freeBytes < limits.diskBadBytes ? 'bad' : freeBytes < limits.diskLookBytes ? 'look' : 'ok'
  const shown = (bytes: number) => (bytes / gigabyte).toFixed(1)
  return { state, atMs: now, sentence: `${shown(freeBytes)} of ${shown(totalBytes)} GB are free.` }
}

/** Told by the servers that the BTC price is asked of: their clocks to the second. */
function clockOf(clock: ReturnType<RunContext['node']['clock']>): Check {
  if (clock === undefined)
    return { state: 'unknown', atMs: undefined, sentence: 'There was nothing to compare the clock with yet.' }
  const offS = Math.round(Math.abs(clock.skewMs) / 1000)
  const isOff = Math.abs(clock.skewMs) > limits.clockOffMs
  const sentence = isOff ? `The node's clock differs by ${offS} s.` : 'The clock agrees with those of others.'
  return { state: isOff ? 'look' : 'ok', atMs: clock.at, sentence }
}

function rateOf(node: RunContext['node'], now: number): Check {
  const rate = node.rate()
  const isFixed = node.settings('pricing.fixed')
  if (rate === undefined) return { state: isFixed ? 'off' : 'look', atMs: undefined, sentence: 'No current BTC price.' }
  const ageS = Math.max(0, Math.floor((now - rate.at) / 1000))
  return { state: 'ok', atMs: rate.at, sentence: `$${rate.usdPerBtc}, ${ageS} s old.` }
}

function backupOf(node: RunContext['node'], now: number): Check {
  const verifiedMs = lastVerifiedMs(node)
  const isStale = isBackupStale(node, now)
  if (verifiedMs === 0)
    return { state: isStale ? 'look' : 'unknown', atMs: undefined, sentence: 'No backup was verified yet.' }
  const hours = Math.floor((now - verifiedMs) / 3_600_000)
  return { state: isStale ? 'look' : 'ok', atMs: verifiedMs, sentence: `The last verified backup is ${hours} h old.` }
}

/** A node that has just begun has none yet. */
export function isBackupStale(node: RunContext['node'], now: number): boolean {
  const { startedAt } = node
  return now - lastVerifiedMs(node) > limits.backupStaleMs && now - startedAt > limits.backupBannerMs
}

const lastVerifiedMs = ({ backups }: RunContext['node']): number =>
  Math.max(0, ...backups.list().map(({ verifiedAt }) => verifiedAt ?? 0))
