/** `POST /admin/api/rpc`: one command or query in its envelope, answered in one (remote-admin 2.2, R-121). */
import { json } from './answers'
import type { JsonBody } from './browser'
import type { Dispatch } from './dispatch'
import { type AdminError, adminError, type Enveloped, enveloped, requestSchema } from './envelope'
import type { Principal } from './principal'
import { callerOf, type WhoDeps, withPassword } from './who-asks'

type RpcDeps = WhoDeps & { readonly dispatch: Dispatch }

/** 200 whatever the envelope says, save that who asks too often hears it from HTTP as well. */
export async function rpc(deps: RpcDeps, request: Request, body: JsonBody, principal: Principal): Promise<Response> {
  const no = (error: { readonly error: AdminError }) =>
    json(enveloped(undefined, error, { rev: deps.node.revisions.rev(), nowMs: deps.now() }))
  if ('wrong' in body) return no(adminError('PARSE', body.wrong))
  if (body.bytes.length === 0) return no(adminError('PARSE', 'The body is empty'))
  const parsed = requestSchema.safeParse(body.value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return no(adminError('INVALID', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a request'}`))
  }
  const proved = await withPassword(deps, request, principal, parsed.data.method)
  if (proved instanceof Response) return proved
  const answer = await deps.dispatch.dispatch(parsed.data, callerOf(deps, proved))
  const waitMs = limitedMs(answer)
  return waitMs === undefined ? json(answer) : json(answer, 429, { 'retry-after': String(Math.ceil(waitMs / 1000)) })
}

/** undefined: it was not asked too often. */
function limitedMs(answer: Enveloped): number | undefined {
  const data = (answer as { readonly error?: AdminError }).error?.data
  return data?.reason === 'RATE_LIMITED' ? Number(data.retryAfterMs ?? 0) : undefined
}
