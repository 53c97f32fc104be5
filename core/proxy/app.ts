/** Door 1: every public path, its methods, ids and CORS on each answer (contract 1). */
import { Elysia } from 'elysia'
import { LogUnavailable } from '../../events'
import { errorAnswer, preflight, publicHeaders } from './answer'
import { createKey, topUp } from './balance'
import { modelDetail, modelList, modelPath, modelPaths, nodeHealth, nodeInfo, nodeRoot } from './catalogue'
import { createChildKeys, resetChildKey } from './child-keys'
import { donate } from './donate'
import { keyHistory } from './history'
import { chatCompletions } from './inference'
import { keyInfo } from './key-info'
import { invoiceStatus, makeInvoice, recoverInvoice } from './lightning'
import type { PublicNode, PublicRequest } from './node-port'
import { noteBug } from './note-bug'
import { presentedToken } from './one-shot'
import { docsPage, openApiDocument } from './openapi'
import { refundKey } from './refund'
import { publicError } from './refusals'
import { canonicalPath } from './routes'

type Handler = (node: PublicNode, call: PublicRequest) => Response | Promise<Response>
type Methods = Readonly<Partial<Record<'GET' | 'POST', Handler>>>

/** By canonical path; paths that name something in themselves are matched below. */
export const routes: Readonly<Record<string, Methods>> = {
  '/': { GET: nodeRoot },
  '/info': { GET: nodeInfo },
  '/health': { GET: nodeHealth },
  '/models': { GET: modelList },
  '/models/paths': { GET: modelPaths },
  '/models/paths/model': { GET: modelPath },
  '/providers': { GET: (_, call) => errorAnswer(publicError('provider_discovery_disabled'), call.id, call.headers) },
  '/balance': { GET: keyInfo },
  '/balance/info': { GET: keyInfo },
  '/balance/history': { GET: keyHistory },
  '/balance/create': { GET: createKey, POST: createKey },
  '/balance/topup': { POST: topUp },
  '/balance/child-key': { POST: createChildKeys },
  '/balance/child-key/reset': { POST: resetChildKey },
  '/balance/donate': { POST: donate },
  '/balance/refund': { POST: refundKey },
  '/lightning/invoice': { POST: makeInvoice },
  '/lightning/recover': { POST: recoverInvoice },
  '/chat/completions': { POST: chatCompletions },
  '/openapi.json': { GET: openApiDocument },
  '/docs': { GET: docsPage },
}

/** What the server knows of a connection. */
export type Connection = {
  readonly address: (request: Request) => string
  readonly keepOpen: (request: Request) => void
}

/** Answers any request that is not the admin door's. */
export function createPublicHandler(node: PublicNode, connection: Connection): (request: Request) => Promise<Response> {
  return async (request) => {
    const id = crypto.randomUUID()
    const headers = publicHeaders(id, request.headers.get('origin'), node.settings('network.corsOrigins'))
    if (request.method === 'OPTIONS') return preflight(headers, request.headers.get('access-control-request-headers'))
    const url = new URL(request.url)
    const call: PublicRequest = {
      id,
      request,
      path: canonicalPath(url.pathname),
      query: url.searchParams,
      address: connection.address(request),
      headers,
      keepOpen: () => connection.keepOpen(request),
    }
    try {
      // To a HEAD the server sends the length of this body and not the body.
      return finalIfPaid(request, await route(node, call, url.pathname))
    } catch (error) {
      // Nothing was recorded, so nothing was sent either (W-01).
      const isOurLog = error instanceof LogUnavailable
      if (!isOurLog) noteBug(node, call, error)
      const problem = publicError(isOurLog ? 'log_unavailable' : 'internal_error')
      return finalIfPaid(request, errorAnswer(problem, id, headers))
    }
  }
}

/** A client that presented a token must not pay twice by a retry of its own (contract 1.5, C-142). */
function finalIfPaid(request: Request, answer: Response): Response {
  if (answer.status >= 400 && presentedToken(request.headers) !== undefined)
    answer.headers.set('x-should-retry', 'false')
  return answer
}

function route(node: PublicNode, call: PublicRequest, asked: string): Response | Promise<Response> {
  const { request, path } = call
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (methods !== undefined) {
    const handler = method === 'GET' || method === 'POST' ? methods[method] : undefined
    return handler === undefined ? notAllowed(call, Object.keys(methods)) : handler(node, call)
  }
  const invoice = /^\/lightning\/invoice\/([^/]+)\/status$/.exec(path)?.[1]
  if (invoice !== undefined) return method === 'GET' ? invoiceStatus(node, call, invoice) : notAllowed(call, ['GET'])
  if (path.startsWith('/models/')) {
    if (method !== 'GET') return notAllowed(call, ['GET'])
    return modelDetail(node, call, decoded(path.slice('/models/'.length)))
  }
  return errorAnswer(publicError('not_found', { path: asked }), call.id, call.headers)
}

function notAllowed({ request, id, headers }: PublicRequest, methods: readonly string[]): Response {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  return errorAnswer(publicError('method_not_allowed', { method: request.method }), id, { ...headers, allow })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The public paths as an Elysia app; raw bodies, since the original bytes count (libraries 4). */
export const publicApp = (handle: (request: Request) => Promise<Response>) =>
  new Elysia({ name: 'public' })
    .all('/', ({ request }) => handle(request), { parse: 'none' })
    .all('/*', ({ request }) => handle(request), { parse: 'none' })
