/** A browser's and a key's way through the HTTP door: a device by the printed link, and NIP-98 over each request. */
import { createHash } from 'node:crypto'
import { finalizeEvent } from 'nostr-tools/pure'
import type { Json } from './economy'
import type { TestNode } from './node'

export type Sent = Omit<RequestInit, 'body' | 'headers'> & {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}
export type Send = (method: string, path: string, more?: Sent) => Promise<Response>

/** `path` from the root on. */
const request = (node: TestNode, method: string, path: string, { body, headers, ...more }: Sent): Promise<Response> =>
  fetch(`${node.url}${path}`, {
    method,
    redirect: 'manual',
    ...more,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...headers },
  })

/** The device of a printed link, as a page of this node sends its requests. */
export async function browserOf(node: TestNode): Promise<Send> {
  const page = { origin: node.url, 'x-routstr-admin': '1' }
  const opened = await request(node, 'POST', '/admin/api/setup', {
    body: { code: node.served.signIn.makeLinkCode() },
    headers: page,
  })
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return (method, path, more = {}) =>
    request(node, method, path, { ...more, headers: { ...page, cookie, ...more.headers } })
}

/** As the console of this machine. */
export const consoleOf =
  (node: TestNode): Send =>
  (method, path, more = {}) =>
    request(node, method, path, { ...more, headers: { authorization: `Bearer ${node.consoleToken}`, ...more.headers } })

/** Signed by a Nostr key, each request anew. */
export const keyOf =
  (node: TestNode, secret: Uint8Array): Send =>
  (method, path, more = {}) => {
    const text = more.body === undefined ? '' : JSON.stringify(more.body)
    const event = finalizeEvent(
      {
        kind: 27_235,
        created_at: Math.floor(Date.now() / 1000),
        content: '',
        tags: [
          ['u', `${node.url}${path}`],
          ['method', method],
          ['payload', createHash('sha256').update(text).digest('hex')],
          ['nonce', crypto.randomUUID()],
        ],
      },
      secret,
    )
    const authorization = `Nostr ${Buffer.from(JSON.stringify(event)).toString('base64')}`
    return request(node, method, path, { ...more, headers: { ...more.headers, authorization } })
  }

export const jsonOf = async (response: Response): Promise<Json> => (await response.json()) as Json
