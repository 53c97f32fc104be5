/** How pages and forms speak to the node: `query` and `command` by name, typed by the node's own table. */
import { hashKey, QueryClient, type QueryKey, QueryObserver } from '@tanstack/solid-query'
import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import type { z } from 'zod'
import type { typedRows } from '../../core/admin/table'
import { createLive, type WatchedQuery } from './live'
import { topicOf } from './live-topics'
import { createHttpTransport } from './transport/http'
import type { Answered, Proof, Refused, Trouble } from './transport/transport'

type Rows = (typeof typedRows)[number]
type RowOf<Name extends Rows['name']> = Extract<Rows, { readonly name: Name }>
export type QueryName = Extract<Rows, { readonly class: '-' }>['name']
export type CommandName = Exclude<Rows['name'], QueryName>
export type Input<Name extends Rows['name']> = z.input<RowOf<Name>['in']>
export type Answer<Name extends Rows['name']> = z.output<RowOf<Name>['out']>

export const transport = createHttpTransport()
export const connection = transport.connection
/** The rows of a list as a file, where this door hands over files. */
export const { exportAddress } = transport
export type ExportName = Parameters<typeof exportAddress>[0]
export const isConnected = (): boolean => connection().is !== 'lost'

/** True from the first 401 after a sign-in until the next sign-in. */
export const [signedOut, setSignedOut] = createSignal(false)
/** While nothing comes by itself, nothing is asked for more often (dashboard 3, polling). */
export const pollSeconds = 15

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      refetchOnWindowFocus: true,
      gcTime: 5 * 60_000,
      retry: (failures, error) => failures < 2 && isLater(troubleOf(error)),
      retryDelay: (failures) => 500 * 3 ** failures,
    },
  },
})
transport.onReturn(() => void cache.invalidateQueries())
/** A page always shows its own write: queries after a command ask for at least its position. */
const live = createLive(transport, cache)
const isPolling = (): boolean => {
  const now = connection()
  return now.is === 'live' && now.polling
}

const isLater = (trouble: Trouble | undefined): boolean =>
  trouble?.kind === 'answered' && trouble.reason === 'UNAVAILABLE' && trouble.data.kind === 'later'
export const troubleOf = (error: unknown): Trouble | undefined =>
  error instanceof Error ? (error.cause as Trouble | undefined) : undefined

export const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const pollMs = (everyMs: number | undefined): number | false =>
  everyMs !== undefined && isPolling() ? Math.max(everyMs, pollSeconds * 1000) : false
const watchedAs = (topic: string, everyMs: number | undefined) =>
  everyMs === undefined ? undefined : ({ topic, everyMs } satisfies WatchedQuery)

/** Asks once; rejects with the trouble as the error's cause. */
export async function ask<Name extends QueryName>(name: Name, input: Input<Name>): Promise<Answer<Name>> {
  const answered = await transport.call({ id: newId(), method: name, params: input, notBefore: live.position() })
  noteSignIn(answered)
  if (!answered.ok) throw new Error(answered.trouble.kind, { cause: answered.trouble })
  return answered.result as Answer<Name>
}

function noteSignIn(answered: { readonly ok: true } | Refused): void {
  const isEnded = !answered.ok && answered.trouble.kind === 'signed-out'
  if (isEnded) setSignedOut(true)
  if (isEnded || answered.ok) live.setAdmitted(answered.ok)
}

export type Query<Data> = {
  readonly data: Accessor<Data | undefined>
  readonly trouble: Accessor<Trouble | undefined>
  /** First load only; later ones keep what is shown. */
  readonly loading: Accessor<boolean>
  readonly refreshing: Accessor<boolean>
  /** What is shown answers an earlier input; the one for this input is under way. */
  readonly isEarlier: Accessor<boolean>
  /** Unix ms of the answer that is shown; 0 before the first. */
  readonly at: Accessor<number>
  readonly refetch: () => void
}
export type QueryOptions = {
  /** It is live, and need not be younger than this, ms. */
  readonly everyMs?: number | undefined
  readonly when?: Accessor<boolean>
  /** Name of the field that tells rows apart, so that a refresh keeps what did not change. */
  readonly rowKey?: string
}

/** A live view of one query. What is shown stays while a new answer is on its way (dashboard 2, Loading). */
export function useQuery<Name extends QueryName>(
  name: Name,
  input: Accessor<Input<Name>>,
  options: QueryOptions = {},
): Query<Answer<Name>> {
  type Data = Answer<Name>
  /** A list whose live tail is switched off is asked once, and not again. */
  const everyMs = () => options.everyMs
  const isWanted = () => options.when?.() ?? true
  const topic = createMemo(() => topicOf(name, input() as object))
  const settings = createMemo(() => ({
    queryKey: [name, input()] as QueryKey,
    queryFn: ({ queryKey }: { readonly queryKey: QueryKey }) => {
      live.noteAsked(hashKey(queryKey))
      return ask(name, input())
    },
    meta: watchedAs(topic(), everyMs()),
    refetchInterval: pollMs(everyMs()),
    staleTime: Math.min(1000, everyMs() ?? 1000),
    placeholderData: (before: Data | undefined) => before,
    enabled: isWanted(),
  }))
  createEffect(() => {
    if (everyMs() !== undefined && isWanted()) onCleanup(live.watch(topic()))
  })
  const observer = new QueryObserver<Data, Error, Data, Data>(cache, settings() as never)
  const [state, setState] = createStore<{ data: { value: Data | undefined } }>({ data: { value: undefined } })
  const [meta, setMeta] = createSignal(observer.getCurrentResult(), { equals: false })
  const take = (result: ReturnType<typeof observer.getCurrentResult>) => {
    if (result.data !== undefined)
      setState(
        'data',
        'value',
        reconcile(structuredClone(result.data) as never, { key: options.rowKey ?? 'id', merge: false }) as never,
      )
    setMeta(() => result)
  }
  createEffect(() => observer.setOptions(settings() as never))
  take(observer.getCurrentResult())
  onCleanup(observer.subscribe(take))
  return {
    data: () => state.data.value as Data | undefined,
    trouble: () => troubleOf(meta().error),
    loading: () => state.data.value === undefined && meta().error === null,
    refreshing: () => meta().isFetching && state.data.value !== undefined,
    isEarlier: () => meta().isPlaceholderData,
    at: () => meta().dataUpdatedAt,
    refetch: () => void observer.refetch(),
  }
}

/** Sends one command and asks anew what the page shows. A broken connection is settled by the command's id. */
export async function send<Name extends CommandName>(
  name: Name,
  input: Input<Name>,
  options: { readonly id?: string; readonly proof?: Proof | undefined; readonly ifRev?: number | undefined } = {},
): Promise<{ readonly ok: true; readonly result: Answer<Name> } | { readonly ok: false; readonly trouble: Trouble }> {
  const id = options.id ?? newId()
  let answered = await transport.call({ id, method: name, params: input, ifRev: options.ifRev }, options.proof)
  if (!answered.ok && (answered.trouble.kind === 'lost' || answered.trouble.kind === 'unconfirmed'))
    answered = await settle(id, answered)
  noteSignIn(answered)
  if (!answered.ok) {
    // What it clashed with is to be seen beside it.
    if (answered.trouble.kind === 'answered' && answered.trouble.reason === 'REV_MISMATCH') refreshAll()
    return answered
  }
  live.notePosition(answered.position)
  void cache.invalidateQueries()
  return { ok: true, result: answered.result as Answer<Name> }
}

const settleTries = 4
const settlePauseMs = 700

/** `commands.get` knows whether it was done; nothing is sent twice on a guess. */
async function settle(id: string, before: Answered): Promise<Answered> {
  for (let tries = 0; tries < settleTries; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, settlePauseMs * 2 ** tries))
    const asked = await transport.call({ id: newId(), method: 'commands.get', params: { id } })
    if (!asked.ok) continue
    const { state, outcome } = asked.result as Answer<'commands.get'>
    if (state === 'open') continue
    if (state === 'absent' || state === 'notRun') return before
    const stored = outcome as { result?: unknown; error?: { message: string; data: { reason: never } } }
    if (stored.error === undefined) return { ok: true, result: stored.result, position: asked.position }
    const { message, data } = stored.error
    return { ok: false, trouble: { kind: 'answered', reason: data.reason, message, data, id } }
  }
  return { ok: false, trouble: { kind: 'unconfirmed', id } }
}

/** A sealed file and its name; each try is recorded by the node. */
export async function download(
  ...wish: Parameters<typeof transport.download>
): Promise<Awaited<ReturnType<typeof transport.download>>> {
  const answered = await transport.download(...wish)
  noteSignIn(answered)
  return answered
}

/** Forgets what the node told us: after sign-out nothing is left on any page (D-079). */
export function forget(): void {
  live.forget()
  cache.clear()
}

/** Everything is asked anew, as after a sign-in. */
export const refreshAll = (): void => void cache.invalidateQueries()

/** Where customers send their requests: the announced address, else the one that this page came from. */
export const endpointOf = (publicUrl: string | undefined): string =>
  `${(publicUrl === undefined || publicUrl === '' ? location.origin : publicUrl).replace(/\/+$/, '')}/v1`
