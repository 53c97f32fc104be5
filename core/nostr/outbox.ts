/** Events on their way to one relay: sent at once or after the next connect, each with one outcome. */
import { limits } from '../limits'
import { liveKind, type NostrEvent } from './wrap'

export type Published =
  | { readonly is: 'ok' }
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'timeout' | 'offline' | 'dropped' }

type Waiting = {
  readonly frame: string
  readonly kind: number
  sent: boolean
  readonly done: (outcome: Published) => void
}

/** `send` answers false while there is no connection. */
export function createOutbox(send: (frame: string) => boolean) {
  const waiting = new Map<string, Waiting>()
  let bytes = 0

  function settle(id: string, outcome: Published): void {
    const one = waiting.get(id)
    if (one === undefined) return
    waiting.delete(id)
    bytes -= one.frame.length
    one.done(outcome)
  }

  /** The oldest live one goes first: what nobody waits for any more. */
  function makeRoom(): void {
    while (waiting.size > limits.relayQueueEvents || bytes > limits.relayQueueBytes) {
      const live = [...waiting].find(([, { kind }]) => kind === liveKind) ?? [...waiting][0]
      if (live === undefined) return
      settle(live[0], { is: 'dropped' })
    }
  }

  return {
    settle,
    publish(event: NostrEvent): Promise<Published> {
      return new Promise((resolve) => {
        const frame = JSON.stringify(['EVENT', event])
        const timer = setTimeout(
          () => settle(event.id, { is: waiting.get(event.id)?.sent === true ? 'timeout' : 'offline' }),
          limits.relayPublishMs,
        )
        const done = (outcome: Published) => {
          clearTimeout(timer)
          resolve(outcome)
        }
        waiting.set(event.id, { frame, kind: event.kind, sent: send(frame), done })
        bytes += frame.length
        makeRoom()
      })
    },
    /** Every unacknowledged one goes out once more. */
    resend(): void {
      for (const one of waiting.values()) one.sent = send(one.frame) || one.sent
    },
    close(): void {
      for (const id of [...waiting.keys()]) settle(id, { is: 'offline' })
    },
  }
}
