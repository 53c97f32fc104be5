/** NIP-42 with each inbox key in use, never with an admin's key. A refusal ends it: nothing loops. */
import { makeAuthEvent } from 'nostr-tools/nip42'
import { finalizeEvent } from 'nostr-tools/pure'
import { limits } from '../limits'
import type { Inbox, NostrEvent } from './wrap'

/** Signs in at one relay, as often as it asks anew. */
export function createRelayAuth(deps: {
  readonly url: string
  readonly inboxes: () => readonly Inbox[]
  readonly nowS: () => number
  readonly send: (event: NostrEvent) => void
  /** Accepted, refused, or (undefined) left without an answer, which some relays do. */
  readonly onEnd: (auth: 'ok' | 'refused' | undefined) => void
}) {
  const open = new Set<string>()
  const challenges = new Set<string>()
  let patience: ReturnType<typeof setTimeout> | undefined

  return {
    reset() {
      clearTimeout(patience)
      open.clear()
      challenges.clear()
    },
    challenged(challenge: string) {
      if (challenge.length > 500 || challenges.has(challenge) || challenges.size >= limits.relayAuths) return
      challenges.add(challenge)
      for (const { secret } of deps.inboxes()) {
        const template = { ...makeAuthEvent(deps.url, challenge), created_at: deps.nowS() }
        const event = finalizeEvent(template, secret)
        open.add(event.id)
        deps.send(event)
      }
      clearTimeout(patience)
      patience = setTimeout(() => deps.onEnd(undefined), limits.relayAuthOkMs)
    },
    /** Whether this OK was about one of our sign-ins. */
    answered(id: string, ok: boolean): boolean {
      // A refusal without an id is that of the frame before it.
      const ours = id === '' ? [...open][0] : id
      if (ours === undefined || !open.delete(ours)) return false
      if (open.size > 0 && ok) return true
      clearTimeout(patience)
      deps.onEnd(ok ? 'ok' : 'refused')
      return true
    },
  }
}
