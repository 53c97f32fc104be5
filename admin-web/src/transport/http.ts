/** The HTTP door: one POST for each command or query; sign-in by cookie (remote-admin 9). */
import { createSignal } from 'solid-js'
import type { AdminError } from '../../../core/admin/envelope'
import { signedEvent } from './extension'
import type { Answered, Connection, Entered, Entry, Transport, Ways } from './transport'

const api = '/admin/api'
/** Pauses between tries while the door is lost, in seconds; the last one repeats (dashboard 3). */
const pausesS = [1, 2, 4, 8, 15] as const
/** A request that hangs longer is as good as lost; commands to the outside take up to 60 s. */
const patienceMs = 70_000
const probePatienceMs = 5000
const headers = { 'content-type': 'application/json', 'x-routstr-admin': '1' }
const nowS = () => Math.floor(Date.now() / 1000)

type Envelope = {
  readonly result?: unknown
  readonly error?: AdminError
  readonly pending?: boolean
  readonly position?: number
  readonly now?: number
}

export function createHttpTransport(): Transport {
  const [connection, setConnection] = createSignal<Connection>({ is: 'opening' })
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0

  function isLive(ms: number, serverNowS: number | undefined): void {
    const wasLost = connection().is === 'lost'
    const skewS = serverNowS === undefined ? 0 : serverNowS - nowS()
    tries = 0
    clearTimeout(timer)
    setConnection({ is: 'live', ms: Math.max(1, Math.round(ms)), encrypted: isEncrypted(), skewS })
    if (wasLost) for (const listener of listeners) listener()
  }

  function isLost(): void {
    const before = connection()
    const pauseS = pausesS[Math.min(tries, pausesS.length - 1)] ?? 15
    tries += 1
    clearTimeout(timer)
    // Up to a fifth less, so that many pages do not knock in step, and 15 s stay 15 s.
    timer = setTimeout(probe, pauseS * 1000 * (1 - Math.random() / 5))
    setConnection({ is: 'lost', sinceS: before.is === 'lost' ? before.sinceS : nowS(), nextTryS: nowS() + pauseS })
  }

  async function probe(): Promise<void> {
    const begun = performance.now()
    const response = await reached(`${api}/login`, { signal: AbortSignal.timeout(probePatienceMs) })
    if (response?.ok === true) isLive(performance.now() - begun, undefined)
    else isLost()
  }

  const lost = (): Answered => {
    const state = connection()
    return { ok: false, trouble: { kind: 'lost', sinceS: state.is === 'lost' ? state.sinceS : nowS() } }
  }

  async function call(...[wish, proof]: Parameters<Transport['call']>): Promise<Answered> {
    const begun = performance.now()
    const response = await reached(`${api}/rpc`, {
      method: 'POST',
      headers: proof?.password === undefined ? headers : { ...headers, 'x-admin-password': proof.password },
      body: JSON.stringify({ v: 1, jsonrpc: '2.0', ...wish }),
      signal: AbortSignal.timeout(patienceMs),
    })
    const body = response === undefined ? undefined : await jsonOf(response)
    if (response === undefined || body === undefined || response.status >= 502) {
      if (connection().is !== 'lost') isLost()
      return lost()
    }
    const envelope = body as Envelope
    isLive(performance.now() - begun, envelope.now)
    if (response.status === 401) return { ok: false, trouble: { kind: 'signed-out' } }
    if (response.status === 429) return { ok: false, trouble: { kind: 'limited', waitS: waitOf(response) } }
    if (envelope.pending === true) return { ok: false, trouble: { kind: 'unconfirmed', id: wish.id } }
    if (envelope.error?.data?.reason !== undefined) {
      const { message, data } = envelope.error
      return { ok: false, trouble: { kind: 'answered', reason: data.reason, message, data, id: wish.id } }
    }
    if (!response.ok || !('result' in envelope))
      return {
        ok: false,
        trouble: { kind: 'answered', reason: 'INTERNAL', message: '', data: { reason: 'INTERNAL' }, id: wish.id },
      }
    return { ok: true, result: envelope.result, position: envelope.position }
  }

  return {
    call,
    connection,
    onReturn: (listener) => void listeners.add(listener),
    retry: () => void probe(),
    async ways() {
      const begun = performance.now()
      const response = await reached(`${api}/login`, { signal: AbortSignal.timeout(probePatienceMs) })
      const body = response?.ok === true ? await jsonOf(response) : undefined
      if (body === undefined) isLost()
      else isLive(performance.now() - begun, undefined)
      return body as Ways | undefined
    },
    enter,
    async leave() {
      await reached(`${api}/logout`, { method: 'POST', headers, body: '{}' })
    },
  }
}

async function enter(entry: Entry): Promise<Entered> {
  switch (entry.way) {
    case 'password':
      return entered(await reached(`${api}/login`, post({ password: entry.password })))
    case 'setup':
      return entered(await reached(`${api}/setup`, post({ code: entry.code })))
    case 'extension':
      return byExtension()
    default:
      return entry satisfies never
  }
}

/** NIP-98 over this very request: address, method and hash of the body. */
async function byExtension(): Promise<Entered> {
  const challenge = await reached(`${api}/login/challenge`, {})
  if (challenge === undefined) return { ok: false, why: 'unreachable' }
  const { nonce } = (await challenge.json()) as { readonly nonce: string }
  const body = JSON.stringify({ nonce })
  const url = `${location.origin}${api}/login/nostr`
  const authorization = await signedEvent({ url, method: 'POST', body })
  if (typeof authorization === 'object') return { ok: false, why: authorization.why }
  return entered(await reached(url, { method: 'POST', headers: { ...headers, authorization }, body }))
}

async function entered(response: Response | undefined): Promise<Entered> {
  if (response === undefined) return { ok: false, why: 'unreachable' }
  if (response.ok) return { ok: true }
  if (response.status === 429) return { ok: false, why: 'paused', waitS: waitOf(response) }
  if (response.status === 409) return { ok: false, why: 'too-many-devices' }
  if (response.status >= 500) return { ok: false, why: 'unreachable' }
  const problem = (await jsonOf(response)) as { readonly error?: { readonly code?: string } } | undefined
  return { ok: false, why: problem?.error?.code === 'not_offered' ? 'not-offered' : 'wrong' }
}

const post = (body: unknown): RequestInit => ({ method: 'POST', headers, body: JSON.stringify(body) })
const waitOf = (response: Response): number => Math.max(1, Number(response.headers.get('retry-after') ?? 1))

/** A broken connection is an answer too: nothing came. */
async function reached(url: string, init: RequestInit): Promise<Response | undefined> {
  try {
    return await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store' })
  } catch {
    return undefined
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return (await response.json()) as unknown
  } catch {
    return undefined
  }
}

/** Loopback needs no TLS: nobody listens between the two. */
function isEncrypted(): boolean {
  return location.protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname)
}
