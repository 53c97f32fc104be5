/** The client's side of a stream: bytes out, keep-alives in silence, and whether anybody still reads (contract 6.8). */

export type Outlet = {
  readonly readable: ReadableStream<Uint8Array>
  /** Nothing is kept for a client that left. */
  readonly send: (bytes: Uint8Array) => void
  /** undefined: go on at once. Else wait: the client has not taken what it was sent. */
  readonly room: () => Promise<void> | undefined
  readonly hasLeft: () => boolean
  readonly close: () => void
}

/** What waits for a slow client before the upstream is no longer read. */
const mostWaitingBytes = 256 * 1024
const shortestBeatMs = 20
const keepAlive = new TextEncoder().encode(': keep-alive\n\n')

/** `onLeave` is called once, when the client leaves or takes nothing for `stallMs`. */
export function createOutlet(wish: {
  readonly keepaliveMs: number
  readonly stallMs: number
  readonly onLeave: () => void
}): Outlet {
  let isOpen = true
  let left = false
  let lastAt = performance.now()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let resume: (() => void) | undefined
  let stall: ReturnType<typeof setTimeout> | undefined

  function send(bytes: Uint8Array): void {
    if (!isOpen) return
    lastAt = performance.now()
    controller?.enqueue(bytes)
  }

  function beat(): void {
    if (performance.now() - lastAt >= wish.keepaliveMs && (controller?.desiredSize ?? 0) > 0) send(keepAlive)
  }
  const beating = setInterval(beat, Math.max(shortestBeatMs, wish.keepaliveMs / 4))

  function leave(): void {
    if (!isOpen) return
    left = true
    isOpen = false
    clearInterval(beating)
    flow()
    wish.onLeave()
  }

  function flow(): void {
    clearTimeout(stall)
    resume?.()
    resume = undefined
  }

  const readable = new ReadableStream<Uint8Array>(
    {
      start(handed) {
        controller = handed
      },
      pull: flow,
      cancel: leave,
    },
    { highWaterMark: mostWaitingBytes, size: (bytes) => bytes?.byteLength ?? 0 },
  )

  return {
    readable,
    send,
    room() {
      if (!isOpen || (controller?.desiredSize ?? 1) > 0) return undefined
      return new Promise((go) => {
        resume = go
        stall = setTimeout(() => {
          leave()
          controller?.error(new Error('the client does not read'))
        }, wish.stallMs)
      })
    },
    hasLeft: () => left,
    close() {
      clearInterval(beating)
      if (!isOpen) return
      isOpen = false
      controller?.close()
    },
  }
}
