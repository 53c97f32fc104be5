/**
 * Our own voice on every relay: a wrap of random content to the admin inbox, matched by its id when it comes
 * back, never opened. A relay that takes it and does not bring it back is deaf, whatever its socket says.
 */
import { limits } from '../limits'
import { type Inbox, makeRumor, type NostrEvent, publicKeyOf, wrapRumor } from './wrap'

export type Echo = { readonly echoMs: number | undefined; readonly durableEchoMs: number | undefined }
export type Canary = {
  /** Whether this is our own voice; whoever delivered it can be heard. */
  readonly isOwn: (event: unknown, url: string) => boolean
  readonly echo: (url: string) => Echo
  readonly close: () => void
}

type Voice = { readonly sentAt: number; readonly isLive: boolean; readonly missing: Set<string> }

const canaryKind = 24_911
/** Misses in a row after which a relay counts as deaf. */
const mostMisses = 2

export function createCanary(deps: {
  readonly inbox: () => Inbox | undefined
  /** Sends to every relay that is connected and answers which these are. */
  readonly send: (event: NostrEvent) => readonly string[]
  readonly onHeard: (url: string) => void
  readonly onDeaf: (url: string) => void
  /** After each judgement. */
  readonly onJudged: () => void
  readonly everyMs: () => number
  readonly now: () => number
}): Canary {
  const { now } = deps
  const voices = new Map<string, Voice>()
  const echoes = new Map<string, Echo>()
  const misses = new Map<string, number>()
  let durableAt = Number.NEGATIVE_INFINITY
  let next: ReturnType<typeof setTimeout> | undefined
  let verdict: ReturnType<typeof setTimeout> | undefined

  function sing(isLive: boolean): void {
    const inbox = deps.inbox()
    if (inbox === undefined) return
    const nowS = Math.floor(now() / 1000)
    const content = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
    const author = publicKeyOf(inbox.secret)
    const rumor = makeRumor({ author, recipient: inbox.publicKey, kind: canaryKind, content, nowS })
    const delivery = isLive ? ({ is: 'live' } as const) : ({ is: 'durable', ttlS: limits.canaryDurableTtlS } as const)
    const event = wrapRumor(rumor, { secret: inbox.secret, recipient: inbox.publicKey }, delivery, nowS)
    const voice: Voice = { sentAt: now(), isLive, missing: new Set() }
    voices.set(event.id, voice)
    for (const oldest of voices.keys()) {
      if (voices.size <= limits.canaryIds) break
      voices.delete(oldest)
    }
    for (const url of deps.send(event)) voice.missing.add(url)
    if (isLive) verdict = setTimeout(() => judge(voice), Math.min(limits.canaryWaitMs, deps.everyMs() / 2))
  }

  /** A miss is followed by the next voice at once, so that deaf relays are named within two minutes. */
  function judge({ missing }: Voice): void {
    for (const url of missing) {
      const missed = (misses.get(url) ?? 0) + 1
      misses.set(url, missed)
      if (missed < mostMisses) continue
      misses.set(url, 0)
      deps.onDeaf(url)
    }
    deps.onJudged()
    if ([...missing].some((url) => (misses.get(url) ?? 0) > 0)) beat()
  }

  function beat(): void {
    clearTimeout(next)
    clearTimeout(verdict)
    sing(true)
    if (now() - durableAt >= limits.canaryDurableMs) {
      durableAt = now()
      sing(false)
    }
    schedule()
  }

  function schedule(): void {
    next = setTimeout(beat, deps.everyMs() * (0.9 + Math.random() * 0.2))
  }

  schedule()
  return {
    isOwn(event, url) {
      const id = (event as { readonly id?: unknown } | null)?.id
      const voice = typeof id === 'string' ? voices.get(id) : undefined
      if (voice === undefined) return false
      if (voice.missing.delete(url)) {
        const tookMs = now() - voice.sentAt
        const known = echoes.get(url) ?? { echoMs: undefined, durableEchoMs: undefined }
        echoes.set(url, voice.isLive ? { ...known, echoMs: tookMs } : { ...known, durableEchoMs: tookMs })
      }
      misses.set(url, 0)
      deps.onHeard(url)
      return true
    },
    echo: (url) => echoes.get(url) ?? { echoMs: undefined, durableEchoMs: undefined },
    close() {
      clearTimeout(next)
      clearTimeout(verdict)
    },
  }
}
