/** Door 2: the admin API over HTTP and the dashboard's files (remote-admin 9). Translates, decides nothing. */
import { Elysia } from 'elysia'
import type { Trace } from '../trace'
import { json, problem, tooMany } from './answers'
import { backupFile, backupIn } from './backup-file'
import { cookieOf, crossSite, isOwnHost, isSameSite, readJson } from './browser'
import { consoleRoute } from './console-routes'
import { deviceLabel } from './device-label'
import { exported, exportIn } from './exports/file'
import { dashboardFile } from './files'
import { adminOpenApi } from './openapi'
import { type PathDeps, resultOf } from './paths/path-route'
import { answerPath } from './paths/paths'
import type { Principal } from './principal'
import { rpc } from './rpc'
import type { Opened, RequestProof, SignInProblem } from './sign-in'
import type { Table } from './table'
import type { Watches } from './watch'
import { callerOf, isConsole, principalOf, proofOf, tokenWaitS, withPassword } from './who-asks'

export type AdminDeps = PathDeps & {
  readonly trace: Trace
  /** Folder of the built dashboard. */
  readonly files: string
  readonly table: Table
  readonly watches: Watches
  readonly console: PathDeps['console'] & { readonly verifyLog: () => Promise<unknown> }
}

/** Answers everything under `/admin`. */
export function createAdminHandler(deps: AdminDeps): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url)
    try {
      if (!isOwnHost(request, deps.node)) return problem(421, 'misdirected', 'this host name is not one of this node')
      const path = apiPath(request, url)
      return await (path === undefined ? dashboardFile(deps.files, request, url) : api(deps, request, url, path))
    } catch (error) {
      deps.trace.error('Internal error', { path: url.pathname, why: String((error as Error)?.message ?? error) })
      return problem(500, 'internal_error', 'Internal error')
    }
  }
}

/** Below `/admin/api`, or one of the two that RIP-07 has beside it; undefined: a page. */
function apiPath(request: Request, { pathname }: URL): string | undefined {
  if (pathname === '/admin/api' || pathname.startsWith('/admin/api/')) return pathname.slice('/admin/api'.length)
  if (pathname === '/admin/withdraw' && request.method === 'POST') return '/withdraw'
  const isLog = pathname.startsWith('/admin/logs/') && request.method === 'GET'
  const isPage = /\btext\/html\b/i.test(request.headers.get('accept') ?? '')
  return isLog && !isPage ? pathname.slice('/admin'.length) : undefined
}

async function api(deps: AdminDeps, request: Request, url: URL, path: string): Promise<Response> {
  const waitS = tokenWaitS(deps, request)
  if (waitS !== undefined) return tooMany(waitS)
  if (request.method === 'GET') return read(deps, request, url, path)
  if (!['POST', 'PATCH', 'DELETE'].includes(request.method))
    return problem(405, 'method_not_allowed', `Method ${request.method} is not allowed here`)
  // To remove something needs no words; a browser says them all the same.
  const isBare = request.method === 'DELETE' && request.body === null && cookieOf(request) === undefined
  const body = isBare ? { bytes: new Uint8Array(), value: {} } : await readJson(request)
  if (body instanceof Response) return body
  const proof = proofOf(request, url, body.bytes)
  if (request.method === 'POST' && path === '/rpc') {
    const principal = await letIn(deps, request, proof)
    return principal instanceof Response ? principal : rpc(deps, request, body, principal)
  }
  if ('wrong' in body) return problem(400, 'invalid_json', body.wrong)
  const route = request.method === 'POST' ? consoleRoute(path) : undefined
  if (route !== undefined)
    return isConsole(deps, request)
      ? route(deps, body.value)
      : problem(401, 'unauthorized', 'The console of this machine only')
  if (request.method === 'POST' && (path === '/setup' || path === '/login' || path === '/login/nostr'))
    return isSameSite(request) ? await enter(deps, request, path, body.value, proof) : crossSite()
  const principal = await letIn(deps, request, proof)
  if (principal instanceof Response) return principal
  if (path === '/logout' && request.method === 'POST') return logout(deps, principal)
  const answer = await answerPath(deps, { request, url, path, body: body.value, principal })
  return answer ?? problem(404, 'not_found', `Path '${url.pathname}' not found`)
}

/** A cookie is sent by the browser whoever asks: only a page of ours adds the header. */
async function letIn(deps: AdminDeps, request: Request, proof: RequestProof): Promise<Principal | Response> {
  const principal = await principalOf(deps, request, proof)
  if (principal === undefined) return problem(401, 'unauthorized', 'Sign in first')
  return principal.device !== undefined && !isSameSite(request) ? crossSite() : principal
}

async function read(deps: AdminDeps, request: Request, url: URL, path: string): Promise<Response> {
  // Its public name is no secret, and tells which node asks for a password.
  if (path === '/login') return json({ ...(await deps.signIn.ways()), name: deps.node.settings('identity.name') })
  if (path === '/login/challenge') return json(deps.signIn.challenge())
  const principal = await principalOf(deps, request, proofOf(request, url))
  if (principal === undefined) return problem(401, 'unauthorized', 'Sign in first')
  if (path === '/openapi.json') return json(adminOpenApi(deps.table, deps.node.version))
  if (path === '/watch') return watch(deps, request, url, principal)
  const list = exportIn(path)
  if (list !== undefined) return exported(deps, url, list, principal)
  const backup = backupIn(path)
  if (backup !== undefined) {
    const proved = await withPassword(deps, request, principal, 'backups.download')
    return proved instanceof Response ? proved : backupFile(deps, proved, backup)
  }
  const answer = await answerPath(deps, { request, url, path, body: {}, principal })
  return answer ?? problem(404, 'not_found', `Path '${url.pathname}' not found`)
}

/** To begin a stream counts as a request; what it then asks by itself does not. */
async function watch(deps: AdminDeps, request: Request, url: URL, principal: Principal): Promise<Response> {
  const topics = (url.searchParams.get('topics') ?? '').split(',').filter((name) => name !== '')
  const wish = { id: crypto.randomUUID(), method: 'me.get', params: {} }
  const me = resultOf(await deps.dispatch.dispatch(wish, callerOf(deps, principal)))
  return me instanceof Response ? me : deps.watches.open(request, [...new Set(topics)], principal)
}

async function enter(
  deps: AdminDeps,
  request: Request,
  path: string,
  body: unknown,
  proof: RequestProof,
): Promise<Response> {
  const { signIn } = deps
  const address = deps.address(request)
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string).slice(0, 200) : '')
  const zone = text('timeZone')
  const browser = {
    label: deviceLabel(request.headers.get('user-agent')),
    ...(zone === '' ? {} : { timeZone: zone }),
  }
  if (path === '/setup') return entered(request, await signIn.claimSetup(text('code'), address, browser))
  if (path === '/login') return entered(request, await signIn.password(text('password'), address, browser))
  return entered(request, await signIn.nostr(request.headers.get('authorization') ?? '', text('nonce'), proof, browser))
}

function entered(request: Request, opened: Opened | SignInProblem): Response {
  if ('waitS' in opened) return tooMany(opened.waitS)
  if ('refused' in opened) {
    if (opened.refused === 'too-many-devices')
      return problem(409, 'too-many-devices', 'Twenty devices are signed in; end one first')
    return problem(
      401,
      opened.refused === 'not-offered' ? 'not_offered' : 'sign_in_failed',
      opened.refused === 'not-offered' ? 'This way in is not offered' : 'That is not right',
    )
  }
  const { cookie, ...shown } = opened
  const secure = (request.headers.get('origin') ?? '').startsWith('https://')
  const name = secure ? '__Host-routstr_admin' : 'routstr_admin'
  return json(shown, 200, {
    'set-cookie': `${name}=${cookie}; HttpOnly; SameSite=Strict; Path=/${secure ? '; Secure' : ''}`,
  })
}

async function logout(deps: AdminDeps, principal: Principal): Promise<Response> {
  const answer = await deps.dispatch.dispatch(
    { id: crypto.randomUUID(), method: 'me.signOut', params: {} },
    callerOf(deps, principal),
  )
  const gone = ['routstr_admin=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0']
  return json(answer, 200, { 'set-cookie': gone[0] ?? '' })
}

export const adminApp = (handle: (request: Request) => Promise<Response>) =>
  new Elysia({ name: 'admin' })
    .all('/admin', ({ request }) => handle(request), { parse: 'none' })
    .all('/admin/*', ({ request }) => handle(request), { parse: 'none' })
