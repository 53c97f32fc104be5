/** What a path of RIP-07 is: names that are mapped to commands of the one table, and answers to its words (9.6). */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { problem } from '../answers'
import type { Row } from '../command'
import type { Dispatch } from '../dispatch'
import { type AdminError, type Enveloped, errorRows } from '../envelope'
import type { Principal } from '../principal'
import type { typedRows } from '../table'
import { type Part, together } from '../together'
import { callerOf, type WhoDeps } from '../who-asks'

type Rows = (typeof typedRows)[number]
export type Name = Rows['name']
type RowOf<N extends Name> = Extract<Rows, { readonly name: N }>
export type ParamsOf<N extends Name> = z.input<RowOf<N>['in']>
export type ResultOf<N extends Name> = z.output<RowOf<N>['out']>

export type PathDeps = WhoDeps & { readonly dispatch: Dispatch; readonly find: (name: string) => Row | undefined }

export type PathCall = {
  readonly deps: PathDeps
  readonly request: Request
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  /** What the path names after its own words; empty where it names nothing. */
  readonly rest: string
  /** `part`: of several commands under one `Idempotency-Key`. */
  readonly ask: <N extends Name>(name: N, params: ParamsOf<N>, part?: string) => Promise<ResultOf<N> | Response>
  /** All in one append, or none. */
  readonly askTogether: (parts: readonly [Part, ...Part[]]) => Promise<Response | undefined>
  readonly part: <N extends Name>(name: N, params: ParamsOf<N>) => Part
}

export type PathRoute = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/admin/api`; `{…}` at its end takes the rest of the path. */
  readonly path: string
  /** The commands that it may run; the first one names what a proof is for. */
  readonly commands: readonly [Name, ...Name[]]
  readonly summary: string
  readonly body?: z.ZodType
  readonly run: (call: PathCall) => Promise<Response>
}

export function callOf(
  deps: PathDeps,
  asked: {
    readonly request: Request
    readonly url: URL
    readonly body: Readonly<Record<string, unknown>>
    readonly rest: string
    readonly principal: Principal
  },
): PathCall | Response {
  const { request, url, body, rest, principal } = asked
  const key = request.headers.get('idempotency-key') ?? crypto.randomUUID()
  if (key.length < 8 || key.length > 64) return problem(400, 'invalid_request', 'Idempotency-Key: 8 to 64 characters')
  const caller = () => callerOf(deps, principal)

  async function ask(row: Row | undefined, name: string, params: object, part?: string): Promise<unknown> {
    const id = part === undefined ? key : createHash('sha256').update(`${key}\n${part}`).digest('hex').slice(0, 32)
    const wish = { id, method: name, params: params as Record<string, unknown> }
    return resultOf(await deps.dispatch.dispatch(wish, caller(), row))
  }
  return {
    deps,
    request,
    query: url.searchParams,
    body,
    rest,
    ask: (name, params, part) => ask(undefined, name, params as object, part) as Promise<never>,
    async askTogether(parts) {
      const whole = together(parts)
      const result = await ask(whole.row, whole.row.name, whole.params)
      return result instanceof Response ? result : undefined
    },
    part(name, params) {
      const row = deps.find(name)
      if (row === undefined) throw new Error(`there is no row ${name}`)
      return { row, params: params as Readonly<Record<string, unknown>> }
    },
  }
}

/** The standard error envelope with the status of 2.3; an answer that is not there yet is none. */
export function resultOf(answer: Enveloped): unknown {
  if ('result' in answer) return answer.result
  const { error } = answer as { readonly error?: AdminError }
  if (error === undefined) return problem(503, 'unavailable', 'It still runs. Ask again.', { 'retry-after': '2' })
  const { reason, retryAfterMs } = error.data as AdminError['data'] & { readonly retryAfterMs?: number }
  const again: Record<string, string> =
    retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
  return problem(errorRows[reason][1], reason.toLowerCase(), error.message, again, error.data)
}
