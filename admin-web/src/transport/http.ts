/** The HTTP door: one POST for each command or query; sign-in by cookie (remote-admin 9). */
import type { AdminError } from '../../../core/admin/envelope'
import { ownZone } from '../zone'
import { createDoorState } from './door-state'
import { createEventStream } from './event-stream'
import { signedEvent } from './extension'
import type { Answered, Entered, Entry, Proof, Transport, Trouble, Ways } from './transport'

const api = '/admin/api'
/** A request that hangs longer is as good as lost; commands to the outside take up to 60 s. */
const patienceMs = 70_000
const probePatienceMs = 5000
const headers = { 'content-type': 'application/json', 'x-routstr-admin': '1' }

type Envelope = {
  readonly result?: unknown
  readonly error?: AdminError
  readonly pending?: boolean
  readonly position?: number
  readonly now?: number
}

export function createHttpTransport(): Transport {
  const door = createDoorState(ways)
  const stream = createEventStream({ probe: async () => (await ways()) !== undefined, isLost: door.isLost })

  async function ways(): Promise<Ways | undefined> {
    const begun = performance.now()
    const response = await reached(`${api}/login`, { signal: AbortSignal.timeout(probePatienceMs) })
    const body = response?.ok === true ? await jsonOf(response) : undefined
    if (body === undefined) door.isLost()
    else door.isLive(performance.now() - begun, undefined)
    return body as Ways | undefined
  }

  async function call(...[wish, proof]: Parameters<Transport['call']>): Promise<Answered> {
    const wire = JSON.stringify({ v: 1, jsonrpc: '2.0', ...wish })
    const proved = await proofHeaders(proof, { path: '/rpc', method: 'POST', body: wire })
    if ('why' in proved) return { ok: false, trouble: notSigned(wish.id) }
    const begun = performance.now()
    const response = await reached(`${api}/rpc`, {
      method: 'POST',
      headers: { ...headers, ...proved.headers },
      body: wire,
      signal: AbortSignal.timeout(patienceMs),
    })
    const body = response === undefined ? undefined : await jsonOf(response)
    if (response === undefined || body === undefined || response.status >= 502) {
      // While it is lost, only the probes count its pauses.
      if (door.connection().is !== 'lost') door.isLost()
      return { ok: false, trouble: { kind: 'lost', sinceS: door.lostSinceS() } }
    }
    door.isLive(performance.now() - begun, (body as Envelope).now)
    return answeredBy(response, body as Envelope, wish.id)
  }

  return {
    call,
    connection() {
      const now = door.connection()
      return now.is === 'live' ? { ...now, polling: stream.isRefused() } : now
    },
    live: stream.follow,
    onReturn: door.onReturn,
    retry: () => void ways(),
    exportAddress(what, format, filter) {
      const asked = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))
      return `${api}/export/${what}.${format}?${asked}`
    },
    download: (wish, proof) => download(wish, proof, door),
    ways,
    enter,
    async leave() {
      await reached(`${api}/logout`, { method: 'POST', headers, body: '{}' })
    },
  }
}

/** The proof is asked for anew: nothing was sent. */
const notSigned = (id: string): Trouble => ({
  kind: 'answered',
  reason: 'STEP_UP_REQUIRED',
  message: '',
  data: { how: ['nip98'] },
  id,
})

async function proofHeaders(
  proof: Proof | undefined,
  { path, ...request }: { readonly path: string; readonly method: string; readonly body: string },
): Promise<{ readonly headers: Readonly<Record<string, string>> } | { readonly why: string }> {
  if (proof?.sign === true) {
    const signed = await signedEvent({ url: `${location.origin}${api}${path}`, ...request })
    return typeof signed === 'string' ? { headers: { authorization: signed } } : signed
  }
  return { headers: proof?.password === undefined ? {} : { 'x-admin-password': proof.password } }
}

/** Only the GET of the file itself runs the command that records its leaving. */
async function download(
  ...[{ id, backup }, proof, door]: [...Parameters<Transport['download']>, ReturnType<typeof createDoorState>]
): ReturnType<Transport['download']> {
  const path = `/backups/${encodeURIComponent(backup)}`
  const proved = await proofHeaders(proof, { path, method: 'GET', body: '' })
  if ('why' in proved) return { ok: false, trouble: notSigned(id) }
  const response = await reached(`${api}${path}`, { headers: { ...headers, ...proved.headers } })
  if (response?.ok === true) return { ok: true, file: await response.blob(), name: `${backup}.backup` }
  const body = response === undefined ? undefined : ((await jsonOf(response)) as Problem | undefined)
  if (response === undefined || body === undefined)
    return { ok: false, trouble: { kind: 'lost', sinceS: door.lostSinceS() } }
  const { message = '', details } = body.error ?? {}
  const answered = answeredBy(response, details === undefined ? {} : { error: { message, data: details } as never }, id)
  return answered.ok ? { ok: false, trouble: notSigned(id) } : answered
}
type Problem = {
  readonly error?: { readonly message?: string; readonly details?: AdminError['data'] }
}

function answeredBy(response: Response, envelope: Envelope, id: string): Answered {
  if (response.status === 401) return { ok: false, trouble: { kind: 'signed-out' } }
  if (response.status === 429) return { ok: false, trouble: { kind: 'limited', waitS: waitOf(response) } }
  if (envelope.pending === true) return { ok: false, trouble: { kind: 'unconfirmed', id } }
  if (envelope.error?.data?.reason !== undefined) {
    const { message, data } = envelope.error
    return { ok: false, trouble: { kind: 'answered', reason: data.reason, message, data, id } }
  }
  if (response.ok && 'result' in envelope) return { ok: true, result: envelope.result, position: envelope.position }
  return { ok: false, trouble: { kind: 'answered', reason: 'INTERNAL', message: '', data: {}, id } }
}

/** The first operator's zone becomes the node's (dashboard 3, Time). */
const timeZone = ownZone

async function enter(entry: Entry): Promise<Entered> {
  switch (entry.way) {
    case 'password':
      return entered(await reached(`${api}/login`, post({ password: entry.password, timeZone })))
    case 'setup':
      return entered(await reached(`${api}/setup`, post({ code: entry.code, timeZone })))
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
  const body = JSON.stringify({ nonce, timeZone })
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
