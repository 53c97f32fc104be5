/** Whether the door is open, since when it is not, and when it is tried again. */
import { type Accessor, createSignal } from 'solid-js'
import type { Connection } from './transport'

/** Pauses between tries while the door is lost, in seconds; the last one repeats (dashboard 3). */
const pausesS = [1, 2, 4, 8, 15] as const
const nowS = () => Math.floor(Date.now() / 1000)

/** `polling` is known to whoever keeps the stream. */
type Known =
  | Exclude<Connection, { readonly is: 'live' }>
  | Omit<Extract<Connection, { readonly is: 'live' }>, 'polling'>

export type DoorState = {
  readonly connection: Accessor<Known>
  /** An answer came after so many ms; `serverNowS` is the node's clock, where the answer tells it. */
  readonly isLive: (ms: number, serverNowS: number | undefined) => void
  readonly isLost: () => void
  readonly lostSinceS: () => number
  readonly onReturn: (listener: () => void) => void
}

/** `probe` tries the door and reports by `isLive` or `isLost` itself. */
export function createDoorState(probe: () => Promise<unknown>): DoorState {
  const [connection, setConnection] = createSignal<Known>({ is: 'opening' })
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0

  const lostSinceS = (): number => {
    const now = connection()
    return now.is === 'lost' ? now.sinceS : nowS()
  }
  return {
    connection,
    lostSinceS,
    onReturn: (listener) => void listeners.add(listener),
    isLive(ms, serverNowS) {
      const before = connection()
      // A probe does not tell the time: what was known of the clocks stays.
      const known = before.is === 'live' ? before.skewS : 0
      const skewS = serverNowS === undefined ? known : serverNowS - nowS()
      tries = 0
      clearTimeout(timer)
      setConnection({ is: 'live', ms: Math.max(1, Math.round(ms)), encrypted: isEncrypted(), skewS })
      if (before.is === 'lost') for (const listener of listeners) listener()
    },
    isLost() {
      const pauseS = pausesS[Math.min(tries, pausesS.length - 1)] ?? 15
      tries += 1
      clearTimeout(timer)
      // Up to a fifth less, so that many pages do not knock in step, and 15 s stay 15 s.
      timer = setTimeout(() => void probe(), pauseS * 1000 * (1 - Math.random() / 5))
      setConnection({ is: 'lost', sinceS: lostSinceS(), nextTryS: nowS() + pauseS })
    },
  }
}

/** Loopback needs no TLS: nobody listens between the two. */
function isEncrypted(): boolean {
  return location.protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname)
}
