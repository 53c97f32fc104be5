/** Every path of RIP-07, once; unknown ones are nobody's. */
import { problem } from '../answers'
import type { Principal } from '../principal'
import { withPassword } from '../who-asks'
import { logPaths } from './logs'
import { modelPaths } from './models'
import { moneyPaths } from './money'
import { callOf, type PathDeps, type PathRoute } from './path-route'
import { settingsPaths } from './settings'
import { upstreamPaths } from './upstreams'

export const pathRoutes: readonly PathRoute[] = [
  ...settingsPaths,
  ...upstreamPaths,
  ...modelPaths,
  ...moneyPaths,
  ...logPaths,
]

type Asked = {
  readonly request: Request
  readonly url: URL
  /** Below `/admin/api`. */
  readonly path: string
  readonly body: unknown
  readonly principal: Principal
}

/** undefined: no route has this path. */
export async function answerPath(deps: PathDeps, asked: Asked): Promise<Response | undefined> {
  const { request, url, path, body, principal } = asked
  const found = pathRoutes.flatMap((route) => {
    const rest = restOf(route.path, path)
    return rest === undefined ? [] : [{ route, rest }]
  })
  // A path of its own goes before one that takes the rest.
  const exact = found.some(({ route }) => !route.path.endsWith('}'))
  const here = exact ? found.filter(({ route }) => !route.path.endsWith('}')) : found
  if (here.length === 0) return undefined
  const match = here.find(({ route }) => route.method === request.method)
  if (match === undefined) {
    const allow = here.map(({ route }) => route.method).join(', ')
    return problem(405, 'method_not_allowed', `Method ${request.method} is not allowed here`, { allow })
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return problem(400, 'invalid_body', 'A JSON object is expected')
  const fields = body as Readonly<Record<string, unknown>>
  const [method] = match.route.commands
  // There, and only there, the body itself holds the proof.
  const { current_password: current } = method === 'security.setPassword' ? fields : {}
  const password = typeof current === 'string' ? current.slice(0, 200) : undefined
  const proved = await withPassword(deps, request, principal, method, password)
  if (proved instanceof Response) return proved
  const call = callOf(deps, { request, url, body: fields, rest: match.rest, principal: proved })
  return call instanceof Response ? call : match.route.run(call)
}

/** What `{…}` of a pattern stands for; empty where there is none; undefined: another path. */
function restOf(pattern: string, path: string): string | undefined {
  const open = pattern.indexOf('{')
  if (open < 0) return pattern === path ? '' : undefined
  if (!path.startsWith(pattern.slice(0, open)) || path.length === open) return undefined
  try {
    return decodeURIComponent(path.slice(open))
  } catch {
    return undefined
  }
}
