/** How long one call may take: one deadline for all of it, one for each wait, and one once the client has left. */

export type Patience = {
  readonly signal: AbortSignal
  /** Ends the call if `work` takes longer than `mostMs`; `work` then rejects through the signal. */
  readonly within: <Value>(work: Promise<Value>, mostMs: number, why: string) => Promise<Value>
  /** For many waits of one length, one at a time: one timer serves them all. Once per call. */
  readonly silence: (mostMs: number, why: string) => Silence
  /** Nobody waits any more: the connection is closed. The first reason stays. */
  readonly abort: (why: string) => void
  /** Why the call was ended early, if it was. */
  readonly why: () => string | undefined
  /** The call is over; no timer is left. */
  readonly end: () => void
}

export type Silence = { readonly begins: () => void; readonly breaks: () => void }

export function createPatience(options: {
  readonly totalMs: number
  readonly clientGone: AbortSignal
  readonly drainMs: number
}): Patience {
  const controller = new AbortController()
  let reason: string | undefined
  let drain: ReturnType<typeof setTimeout> | undefined
  let quiet: ReturnType<typeof setTimeout> | undefined
  let isOver = false

  function abort(why: string): void {
    reason ??= why
    controller.abort(new Error(why))
    end()
  }
  // What was asked for is awaited although the client left: it is paid for, but not for ever (contract 6.9).
  function onGone(): void {
    drain = setTimeout(abort, options.drainMs, 'the client left')
  }
  function end(): void {
    clearTimeout(total)
    clearTimeout(drain)
    clearTimeout(quiet)
    isOver = true
    options.clientGone.removeEventListener('abort', onGone)
  }

  const total = setTimeout(abort, options.totalMs, 'the answer took too long')
  if (options.clientGone.aborted) onGone()
  else options.clientGone.addEventListener('abort', onGone, { once: true })

  return {
    signal: controller.signal,
    async within(work, mostMs, why) {
      const timer = setTimeout(abort, mostMs, why)
      try {
        return await work
      } finally {
        clearTimeout(timer)
      }
    },
    silence(mostMs, why) {
      let since: number | undefined
      function look(): void {
        const silentMs = since === undefined ? 0 : performance.now() - since
        if (silentMs >= mostMs) abort(why)
        else quiet = setTimeout(look, mostMs - silentMs)
      }
      if (!isOver) quiet = setTimeout(look, mostMs)
      return {
        begins() {
          since = performance.now()
        },
        breaks() {
          since = undefined
        },
      }
    },
    abort,
    why: () => reason,
    end,
  }
}
