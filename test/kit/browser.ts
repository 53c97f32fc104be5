/** The admin door as a browser, a program and a key of an admin use it. */
import { createHash } from 'node:crypto'
import { finalizeEvent } from 'nostr-tools/pure'
import type { Envelope, TestNode } from './node'

export type Ask = (
  method: string,
  params?: Record<string, unknown>,
  headers?: Readonly<Record<string, string>>,
) => Promise<Envelope>

const bodyOf = (method: string, params: Record<string, unknown>): string =>
  JSON.stringify({ id: crypto.randomUUID(), method, params })

/** POST to `/admin/api<path>` with the headers that only a page of ours sends. */
export const post = (
  { url }: TestNode,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(`${url}/admin/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, 'x-routstr-admin': '1', ...headers },
    body,
  })

/** Signs in by password; what it answers asks as that device. Throws where the node does not open it. */
export async function signIn(
  node: TestNode,
  password: string,
): Promise<{ readonly ask: Ask; readonly cookie: string }> {
  const opened = await post(node, '/login', JSON.stringify({ password }))
  if (opened.status !== 200) throw new Error(`the sign-in was answered ${opened.status}`)
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { cookie, ask: byHeaders(node, { cookie }) }
}

/** Asks with these headers; an answer that is no envelope throws with its status. */
export const byHeaders =
  (node: TestNode, own: Readonly<Record<string, string>>): Ask =>
  async (method, params = {}, headers = {}) => {
    const response = await post(node, '/rpc', bodyOf(method, params), { ...own, ...headers })
    if (response.status !== 200) throw new Error(`${method} was answered ${response.status}`)
    return (await response.json()) as Envelope
  }

/** As a program with a token: it is no browser, and sends no origin. */
export const byToken =
  (node: TestNode, token: string) =>
  (method: string, params: Record<string, unknown> = {}) =>
    fetch(`${node.url}/admin/api/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: bodyOf(method, params),
    })

/** As the key of an admin, which signs each request; `sent` keeps the headers, for who would steal one. */
export const byKey =
  (node: TestNode, secret: Uint8Array, now: () => number, sent: string[] = []): Ask =>
  async (method, params = {}, headers = {}) => {
    const body = bodyOf(method, params)
    const proof = finalizeEvent(
      {
        kind: 27235,
        created_at: Math.floor(now() / 1000),
        content: '',
        tags: [
          ['u', `${node.url}/admin/api/rpc`],
          ['method', 'POST'],
          ['payload', createHash('sha256').update(body).digest('hex')],
        ],
      },
      secret,
    )
    const authorization = `Nostr ${Buffer.from(JSON.stringify(proof)).toString('base64')}`
    sent.push(authorization)
    return (await (await post(node, '/rpc', body, { ...headers, authorization })).json()) as Envelope
  }
