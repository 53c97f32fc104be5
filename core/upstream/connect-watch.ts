/**
 * Notices a host that takes no connection. Bun's fetch has no connect timeout of its own, and a dead host must not
 * cost the ten minutes that a slow answer may take (contract 1.10).
 */
import { LRUCache } from 'lru-cache'
import type { Patience } from './patience'

/** A host that answered within this time is taken to be there. */
const freshMs = 30_000
/** Upstreams that the operator typed; many times what anyone has. */
const mostHosts = 1000

const answered = new LRUCache<string, true>({ max: mostHosts, ttl: freshMs })
const knocking = new Map<string, Promise<boolean>>()

/** The host answered: for a while nobody knocks. */
export const noteAnswer = (origin: string): void => void answered.set(origin, true)
export const noteSilence = (origin: string): void => void answered.delete(origin)

/** Beside the call, not before it: it costs no time, and one more connection only where nothing was heard lately. */
export function watchConnect(origin: string, patience: Patience, mostMs: number, knock: Knock = knockTcp): void {
  if (answered.has(origin)) return
  let isHeard = knocking.get(origin)
  if (isHeard === undefined) {
    isHeard = within(knock(origin), mostMs).finally(() => knocking.delete(origin))
    knocking.set(origin, isHeard)
  }
  void isHeard.then((heard) => {
    if (!heard && !answered.has(origin)) patience.abort('no connection in time')
  })
}

/** Resolves when anything was heard, a refusal or an unknown name too: those are reported by the call itself. */
export type Knock = (origin: string) => Promise<unknown>

function knockTcp(origin: string): Promise<unknown> {
  const { hostname, port, protocol } = new URL(origin)
  const connection = Bun.connect({
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    socket: { open: (socket) => void socket.end(), data: () => undefined, error: () => undefined },
  })
  return connection.catch(() => undefined)
}

async function within(work: Promise<unknown>, mostMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, mostMs, false)
  })
  return Promise.race([work.then(() => true), silence]).finally(() => clearTimeout(timer))
}
