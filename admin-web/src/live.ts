/** What the pages show is what is watched, by one stream, whatever the door; a snapshot says what to ask anew (dashboard 5). */
import type { QueryClient } from '@tanstack/solid-query'
import { type Accessor, createEffect, createMemo, createRoot, createSignal, onCleanup } from 'solid-js'
import { answeredBy, differsAlways } from './live-topics'
import type { Push, Transport } from './transport/transport'

/** Pages change their topics one after the other while they open. */
const settleMs = 200
/** The snapshots of one round come one after the other; together they say what to ask. */
const roundMs = 100
/** A tab that nobody saw for so long asks for nothing. */
const hiddenMs = 60_000
/** Snapshots come this often: what a change of its topic tells of is not asked for more often. */
const snapshotMs = 2000

/** What a query says of itself to the cache. */
export type WatchedQuery = { readonly topic: string; readonly everyMs: number }
type Asked = { readonly position: number; readonly atMs: number }

export type Live = {
  /** Watches a topic until the answer is called. */
  readonly watch: (topic: string) => () => void
  /** The newest position of the log that is known: no question is answered from before it. */
  readonly position: () => number | undefined
  readonly notePosition: (position: number | undefined) => void
  /** A question of this hash leaves now. */
  readonly noteAsked: (queryHash: string) => void
  /** The node knows who asks, or no longer does. */
  readonly setAdmitted: (admitted: boolean) => void
  readonly forget: () => void
}

export function createLive(transport: Pick<Transport, 'live' | 'connection'>, cache: QueryClient): Live {
  const [admitted, setAdmitted] = createSignal(false)
  const watched = new Map<string, number>()
  const [topics, setTopics] = createSignal('')
  const asked = new Map<string, Asked>()
  const snapshots = new Map<string, string>()
  const changedAtMs = new Map<string, number>()
  let newest: number | undefined
  let isRoundOpen = false

  const notePosition = (position: number | undefined) => {
    if (position !== undefined && position > (newest ?? 0)) newest = position
  }
  const count = (topic: string, by: 1 | -1) => {
    watched.set(topic, (watched.get(topic) ?? 0) + by)
    setTopics([...watched.keys()].filter((name) => watched.get(name) !== 0).join(','))
  }

  function take(push: Push): void {
    const isOld = push.position < (newest ?? 0)
    notePosition(push.position)
    const whole = isCut(push.data) ? undefined : answeredBy(push.topic)
    if (whole !== undefined && !isOld && cache.getQueryState(whole) !== undefined) {
      cache.setQueryData(whole, push.data)
      noteAsked(hashOf(cache, whole))
    }
    const snapshot = JSON.stringify(push.data) ?? ''
    const before = snapshots.get(push.topic)
    snapshots.set(push.topic, snapshot)
    // A trouble is told by the query itself.
    if (push.data === undefined || (before !== undefined && before !== snapshot && !differsAlways(push.topic)))
      changedAtMs.set(push.topic, Date.now())
    if (!isRoundOpen) setTimeout(askBehind, roundMs)
    isRoundOpen = true
  }

  function noteAsked(queryHash: string): void {
    asked.set(queryHash, { position: newest ?? 0, atMs: Date.now() })
  }

  /** What its topic tells of is asked at once; what the log alone tells of, not more often than it grows old. */
  function askBehind(): void {
    isRoundOpen = false
    const nowMs = Date.now()
    for (const query of cache.getQueryCache().findAll({ type: 'active', fetchStatus: 'idle' })) {
      const { topic, everyMs } = (query.meta ?? {}) as Partial<WatchedQuery>
      const last = asked.get(query.queryHash)
      if (topic === undefined || everyMs === undefined || last === undefined) continue
      const isChanged = last.atMs < (changedAtMs.get(topic) ?? 0)
      const isBehind = last.position < (newest ?? 0)
      const freshMs = isChanged ? Math.min(everyMs, snapshotMs) : everyMs
      if ((isChanged || isBehind) && nowMs - last.atMs >= freshMs) void query.fetch().catch(() => undefined)
    }
  }

  function signedOut(): void {
    setAdmitted(false)
    // The next answer says so, and the page asks for the sign-in.
    void cache.invalidateQueries()
  }

  function forget(): void {
    newest = undefined
    for (const memory of [asked, snapshots, changedAtMs]) memory.clear()
  }

  createRoot(() => {
    const isSeen = createSeen(() => void cache.invalidateQueries())
    const wanted = createMemo(() =>
      admitted() && isSeen() && transport.connection().is !== 'lost' && topics() !== '' ? topics() : undefined,
    )
    createEffect(() => {
      const names = wanted()?.split(',') ?? []
      const timer = setTimeout(() => transport.live(names, { take, signedOut }), names.length === 0 ? 0 : settleMs)
      onCleanup(() => clearTimeout(timer))
    })
  })

  return {
    watch(topic) {
      count(topic, 1)
      return () => count(topic, -1)
    },
    position: () => newest,
    notePosition,
    noteAsked,
    setAdmitted,
    forget,
  }
}

const hashOf = (cache: QueryClient, key: readonly unknown[]): string =>
  cache.getQueryCache().find({ queryKey: key, exact: true })?.queryHash ?? ''

const isCut = (data: unknown): boolean =>
  data === undefined || (typeof data === 'object' && data !== null && 'cut' in data)

/** False once the tab was hidden for a minute; `onReturn` is called when it is seen again after that. */
function createSeen(onReturn: () => void): Accessor<boolean> {
  const [isSeen, setSeen] = createSignal(true)
  let timer: ReturnType<typeof setTimeout> | undefined
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    if (document.visibilityState === 'hidden') timer = setTimeout(() => setSeen(false), hiddenMs)
    else if (!isSeen()) {
      setSeen(true)
      onReturn()
    }
  })
  return isSeen
}
