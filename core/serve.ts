/** Puts both HTTP doors on one port. */
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { Elysia } from 'elysia'
import { verifyLog } from '../events'
import { adminApp, createAdminHandler } from './admin/app'
import { createSignIn, type SignIn } from './admin/sign-in'
import { createWatches } from './admin/watch'
import { callerOf } from './admin/who-asks'
import { listening } from './listen'
import type { Node } from './node'
import { pageOrAsset } from './page-files'
import { createPublicHandler, publicApp } from './proxy/app'
import type { Trace } from './trace'

export type Served = {
  readonly url: string
  readonly port: number
  readonly signIn: SignIn
  /** No new connections; running answers get until `graceMs`. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** A quiet connection is closed after this; requests in flight are exempt (contract 1.6). */
const idleS = 60

/** Throws `WrongConfiguration` where it cannot listen. */
export function serve(
  node: Node,
  options: {
    readonly host: string
    readonly port: number
    readonly consoleToken: string
    readonly trustedProxies: readonly string[]
    readonly trace: Trace
  },
): Served {
  let server: Bun.Server<undefined> | undefined
  const socketAddress = (request: Request) => server?.requestIP(request)?.address ?? 'unknown'
  /** The socket's address, or what a trusted proxy says (P-34). */
  const address = (request: Request) => {
    const own = socketAddress(request).replace(/^::ffff:/, '')
    const forwarded = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim()
    return options.trustedProxies.includes(own) && forwarded !== undefined && forwarded !== '' ? forwarded : own
  }
  const isLocal = (request: Request) => {
    const own = socketAddress(request).replace(/^::ffff:/, '')
    return !isForwarded(request.headers) && ownAddresses().includes(own)
  }
  const signIn = createSignIn({ node: node.adminNode, now: node.publicNode.now, trace: options.trace })
  const publicHandler = createPublicHandler(node.publicNode, {
    address,
    keepOpen: (request) => server?.timeout(request, 0),
  })
  const { now } = node.publicNode
  const watches = watchesOf(node)
  const adminHandler = createAdminHandler({
    node: node.adminNode,
    dispatch: node.dispatch,
    table: node.table,
    find: node.table.find,
    watches,
    signIn,
    trace: options.trace,
    now,
    address,
    files: join(import.meta.dir, '../dist/admin'),
    console: { token: options.consoleToken, isLocal, verifyLog: () => verifyLog(node.log) },
  })
  const customersPage = { folder: join(import.meta.dir, '../dist/key'), base: '/key', known: /^\/key\/?$/ }
  // Its own links are relative to the folder.
  const keyPage = (url: URL) =>
    url.pathname === '/key'
      ? new Response(null, { status: 302, headers: { location: '/key/' } })
      : pageOrAsset(customersPage, url)
  const app = new Elysia()
    .use(adminApp(adminHandler))
    .get('/key', ({ request }) => keyPage(new URL(request.url)))
    .get('/key/*', ({ request }) => keyPage(new URL(request.url)))
    .use(publicApp(publicHandler))
  server = listening(options, () =>
    Bun.serve({
      hostname: options.host,
      port: options.port,
      idleTimeout: idleS,
      // Every door reads within its own bound and answers in its own words; the server's 413 has no envelope.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      // HTTP/1.0 knows no Host: without one there is no address to route by.
      fetch: (request) => (URL.canParse(request.url) ? app.fetch(request) : new Response(null, { status: 400 })),
    }),
  )
  const shownHost = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host
  return {
    url: `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${server.port}`,
    port: server.port ?? 0,
    signIn,
    async stop(graceMs) {
      // They go on for ever; nobody waits for their end.
      watches.stop()
      const deadline = Date.now() + graceMs
      while ((server?.pendingRequests ?? 0) > 0 && Date.now() < deadline) await Bun.sleep(20)
      await server?.stop(true)
    },
  }
}

function watchesOf({ dispatch, table, publicNode: { now } }: Node) {
  return createWatches({ dispatch, table, now, callerOf: (principal) => callerOf({ now }, principal) })
}

/** What proxies add to what they pass on: one in front of the node is no caller of this machine (R-122). */
const forwarding = [
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fly-client-ip',
]

const isForwarded = (headers: Headers): boolean =>
  [...headers.keys()].some((name) => name.startsWith('x-forwarded-') || forwarding.includes(name))

const ownAddresses = (): readonly string[] => [
  '127.0.0.1',
  '::1',
  ...Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)),
]
