/** Where both doors end: may they, was it done already, run it once, remember the outcome (remote-admin 3). */
import { createHash, createHmac } from 'node:crypto'
import type { z } from 'zod'
import { type CommandRow, LogUnavailable, type Meta, type Wish, wish } from '../../events'
import { limits } from '../limits'
import { canonical } from './canonical'
import { type CommandContext, isNo, type No, type Row, type RunContext, type Sealing } from './command'
import type { Confirmations } from './confirmations'
import { type AdminRequest, adminError, type Enveloped, enveloped, type Stored } from './envelope'
import { createLanes } from './lanes'
import type { AdminNode } from './node-port'
import { type Door, includes, type Principal } from './principal'
import type { Table } from './table'

export type Proof = {
  readonly sealId: string
  readonly author: string
  readonly createdAt: number
  readonly sig: string
  readonly sealed?: string
}
export type Caller = {
  readonly principal: Principal
  readonly door: Door
  /** When the caller wrote it, Unix seconds; over HTTP that is now. */
  readonly createdAtS: number
  readonly proof?: Proof
}

export type Dispatch = {
  readonly dispatch: (request: AdminRequest, caller: Caller) => Promise<Enveloped>
  /** Closes what was received and not finished when the node died (R-051); answers how many. */
  readonly closeOpen: () => Promise<number>
}

type Fresh = 'fresh' | 'stale' | 'future'
const futureS = 60

export function createDispatch(deps: {
  readonly node: AdminNode
  readonly table: Table
  readonly confirmations: Confirmations
  readonly fingerprintKey: Uint8Array
  readonly now: () => number
}): Dispatch {
  const { node, table, confirmations, now } = deps
  const serial = createLanes(1)
  const outside = createLanes(limits.commandOutsideLanes)
  const queries = createLanes(limits.queriesAtOnce)
  const running = new Map<string, { readonly fingerprint: string; readonly answer: Promise<Enveloped> }>()

  async function dispatch(request: AdminRequest, caller: Caller): Promise<Enveloped> {
    if ((request.v ?? 1) !== 1)
      return answer(request.id, adminError('UNSUPPORTED_VERSION', 'only version 1 is spoken here', { supported: [1] }))
    const row = table.find(request.method)
    if (row === undefined || row.role === 'none')
      return answer(request.id, adminError('NO_METHOD', `there is no command ${request.method}`))
    try {
      if (row.class === '-') return await queries(() => runQuery(row, request, caller))
      if (row.class === 'm') return await runMemory(row, request, caller)
      if (row.name === 'commands.confirm') return await confirm(request, caller)
      return await mutate(row, request, caller, false)
    } catch (error) {
      if (error instanceof LogUnavailable)
        return answer(
          request.id,
          adminError('UNAVAILABLE', 'The log cannot be written. Nothing was done.', { kind: 'later' }),
        )
      throw error
    }
  }

  async function runQuery(row: Row, request: AdminRequest, caller: Caller): Promise<Enveloped> {
    const ready = prepare(row, request, caller)
    if ('error' in ready) return answer(request.id, ready)
    if (request.notBefore !== undefined) await node.views.caughtUp(BigInt(request.notBefore), limits.viewsWaitMs)
    const result = await row.run(ready.params, { ...ready.context, execute: neverExecute })
    return answer(request.id, stored(row, result))
  }

  async function runMemory(row: Row, request: AdminRequest, caller: Caller): Promise<Enveloped> {
    const ready = prepare(row, request, caller)
    if ('error' in ready) return answer(request.id, ready)
    if (row.name === 'commands.cancel')
      return answer(request.id, { result: { cancelled: confirmations.drop(caller.principal.name) } })
    return answer(request.id, stored(row, await row.run(ready.params, { ...ready.context, execute: neverExecute })))
  }

  async function confirm(request: AdminRequest, caller: Caller): Promise<Enveloped> {
    const code = request.params?.code
    if (typeof code !== 'string')
      return answer(request.id, adminError('PARAMS', 'code: a text is needed', { path: 'code' }))
    const held = confirmations.claim(caller.principal.name, code, Math.floor(now() / 1000))
    if ('refused' in held)
      return answer(request.id, adminError('REFUSED', sentences[held.refused], { code: held.refused }))
    const row = table.find(held.request.method)
    if (row === undefined) return answer(request.id, adminError('NO_METHOD', 'the held command is gone'))
    const done = await mutate(row, held.request, caller, true)
    return { ...done, id: request.id }
  }

  async function mutate(row: Row, request: AdminRequest, caller: Caller, confirmed: boolean): Promise<Enveloped> {
    const stream = `command-${createHash('sha256').update(`${caller.principal.admin}\0${request.id}`).digest('hex')}`
    const fingerprint = createHmac('sha256', deps.fingerprintKey)
      .update(canonical([row.name, request.params ?? {}]))
      .digest('hex')
    const underway = running.get(stream)
    if (underway !== undefined)
      return underway.fingerprint === fingerprint
        ? { ...(await underway.answer), replayed: true }
        : answer(request.id, conflict())
    const work = attempt(row, request, caller, { stream, fingerprint, confirmed }).finally(() => running.delete(stream))
    running.set(stream, { fingerprint, answer: work })
    return work
  }

  type Identity = { readonly stream: string; readonly fingerprint: string; readonly confirmed: boolean }

  async function attempt(row: Row, request: AdminRequest, caller: Caller, identity: Identity): Promise<Enveloped> {
    const known = await node.log.command(identity.stream)
    if (known !== undefined)
      return known.fingerprint === identity.fingerprint ? repeated(request.id, known) : answer(request.id, conflict())
    const age = freshness(row, request, caller.createdAtS, now())
    if (age !== 'fresh' && !identity.confirmed) return refuseAge(age, row, request, caller, identity)
    const ready = prepare(row, request, caller)
    if ('error' in ready) return answer(request.id, ready)
    const what = identity.confirmed ? undefined : await row.check?.(ready.params, ready.context)
    if (what !== undefined) {
      const { code, expiresS } = confirmations.hold(caller.principal.name, request, what, Math.floor(now() / 1000))
      return answer(request.id, adminError('CONFIRM_REQUIRED', what, { kind: 'check', what, code, expires: expiresS }))
    }
    const run = () => receiveAndRun(row, request, caller, identity, ready)
    return row.class === 'O' ? outside(run) : serial(run)
  }

  /** Steps 23 to 26: received, run, effects and outcome in one append. */
  async function receiveAndRun(
    row: Row,
    request: AdminRequest,
    caller: Caller,
    identity: Identity,
    ready: Ready,
  ): Promise<Enveloped> {
    const { stream, fingerprint } = identity
    const meta: Meta = { actor: caller.principal.name, door: caller.door, cause: stream }
    await receive(row, request, caller, identity, meta)
    const wishes: Wish[] = []
    const seal: { ref: string; bytes: Uint8Array }[] = []
    const execute: CommandContext['execute'] = async (wished, also?: Sealing) => {
      const added = [wished].flat() as Wish[]
      const tried = await node.engine.simulate([...wishes, ...added])
      if ('refused' in tried) return tried
      wishes.push(...added)
      seal.push(...(also?.seal ?? []))
      return { events: tried.events }
    }
    const outcome = stored(row, await row.run(ready.params, { ...ready.context, execute }))
    const done = 'result' in outcome
    const finish = (what: Stored, state: 'done' | 'refused') =>
      wish('command', stream, { do: 'finish', finished: { state, outcome: JSON.stringify(what) } })
    const commandRow = (what: Stored): CommandRow => ({ id: stream, fingerprint, outcome: JSON.stringify(what) })
    if (done) {
      const written = await node.engine.execute([...wishes, finish(outcome, 'done')], {
        meta,
        seal,
        command: commandRow(outcome),
      })
      if (!('refused' in written)) return answer(request.id, outcome, written.position)
      const late = refusal(written)
      const closed = await node.engine.execute(finish(late, 'refused'), { meta, command: commandRow(late) })
      return answer(request.id, late, 'position' in closed ? closed.position : undefined)
    }
    const closed = await node.engine.execute(finish(outcome, 'refused'), { meta, command: commandRow(outcome) })
    return answer(request.id, outcome, 'position' in closed ? closed.position : undefined)
  }

  async function receive(
    row: Row,
    request: AdminRequest,
    caller: Caller,
    identity: Identity,
    meta: Meta,
  ): Promise<void> {
    const { proof, principal } = caller
    const vaultRef = proof?.sealed !== undefined && row.secrets === undefined ? `proof/${identity.stream}` : undefined
    const received = {
      principal: principal.name,
      admin: principal.admin,
      ...(principal.device === undefined ? {} : { device: principal.device }),
      door: caller.door,
      method: row.name,
      params: masked(request.params ?? {}, row.secrets ?? []),
      class: row.class as 'L' | 'P' | 'O',
      fingerprint: identity.fingerprint,
      runBy: now() + limits.commandOutsideMs,
      ...(proof === undefined
        ? {}
        : {
            proof: {
              sealId: proof.sealId,
              author: proof.author,
              createdAt: proof.createdAt,
              sig: proof.sig,
              ...(vaultRef === undefined ? {} : { vault: vaultRef }),
            },
          }),
    }
    const written = await node.engine.execute(wish('command', identity.stream, { do: 'receive', received }), {
      meta,
      command: { id: identity.stream, fingerprint: identity.fingerprint, outcome: null },
      seal: vaultRef === undefined ? [] : [node.seal(vaultRef, proof?.sealed ?? '')],
    })
    if ('refused' in written) throw new Error(`a command could not be received: ${written.refused}`)
  }

  type Ready = { readonly params: unknown; readonly context: RunContext }

  /** Steps 20 and 21: role, door, step-up, schema. */
  function prepare(row: Row, request: AdminRequest, caller: Caller): Ready | ReturnType<typeof adminError> {
    const { principal, door } = caller
    if (row.role === 'none' || !includes(principal.role, row.role))
      return adminError('FORBIDDEN', `this needs the role ${row.role}`, { need: row.role })
    if (row.doors === 'H' && door === 'nostr')
      return adminError('WRONG_DOOR', 'over the HTTP door or the console only', {})
    const parsed = row.in.safeParse(request.params ?? {})
    const context: RunContext = {
      node,
      principal,
      door,
      now: now(),
      commandId: request.id,
      ifRev: request.ifRev === undefined ? undefined : BigInt(request.ifRev),
    }
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const path = issue?.path.join('.') ?? ''
      return adminError('PARAMS', `${path === '' ? 'params' : path}: ${issue?.message ?? 'not as specified'}`, { path })
    }
    const need = row.needs?.(parsed.data, context)
    if (need !== undefined && !includes(principal.role, need))
      return adminError('FORBIDDEN', `this needs the role ${need}`, { need })
    const wantsProof = row.stepUp === 'S' || (row.stepUp === 'S?' && row.stepUpFor?.(parsed.data, context) === true)
    if (wantsProof && !principal.stepUp && !mayAtSetup(row, principal))
      return adminError('STEP_UP_REQUIRED', 'this needs a fresh proof by an owner', { how: stepUpWays() })
    return { params: parsed.data, context }
  }

  /** Until a password or an owner key exists, the set-up device stands for both (R-014). */
  function mayAtSetup(row: Row, principal: Principal): boolean {
    const { password, admins } = node.engine.peek('node', 'node') ?? { password: undefined, admins: [] }
    return (
      row.atSetup === true &&
      principal.way === 'setup' &&
      password === undefined &&
      !admins.some((admin) => admin.role === 'owner')
    )
  }

  function stepUpWays(): readonly string[] {
    const state = node.engine.peek('node', 'node')
    const hasOwnerKey = state?.admins.some((admin) => admin.role === 'owner') ?? false
    if (hasOwnerKey) return ['nostr', 'nip98', 'console']
    return state?.password === undefined ? ['console'] : ['password', 'console']
  }

  /** A mutation from the future burns its id, so that waiting cannot make it valid (R-046). */
  async function refuseAge(
    age: 'stale' | 'future',
    row: Row,
    request: AdminRequest,
    caller: Caller,
    identity: Identity,
  ): Promise<Enveloped> {
    const skewS = caller.createdAtS - Math.floor(now() / 1000)
    if (age === 'stale') return answer(request.id, adminError('STALE', `the request is ${-skewS} s old`, { skewS }))
    const future = adminError('FUTURE', `the request is ${skewS} s ahead of this node's clock`, { skewS })
    const meta: Meta = { actor: caller.principal.name, door: caller.door, cause: identity.stream }
    await receive(row, request, caller, identity, meta)
    await node.engine.execute(
      wish('command', identity.stream, {
        do: 'finish',
        finished: { state: 'refused', outcome: JSON.stringify(future) },
      }),
      {
        meta,
        command: { id: identity.stream, fingerprint: identity.fingerprint, outcome: JSON.stringify(future) },
      },
    )
    return answer(request.id, future)
  }

  function repeated(id: string, known: CommandRow): Enveloped {
    if (known.outcome === null) return { v: 1, id, pending: true, retryAfterMs: 1500, now: Math.floor(now() / 1000) }
    return enveloped(id, JSON.parse(known.outcome) as Stored, {
      rev: node.revisions.rev(),
      nowMs: now(),
      replayed: true,
    })
  }

  const answer = (id: string, what: Stored, position?: bigint): Enveloped =>
    enveloped(id, what, { position: position ?? node.log.head(), rev: node.revisions.rev(), nowMs: now() })

  async function closeOpen(): Promise<number> {
    let closed = 0
    for (const stream of await node.log.openCommands()) {
      const state = await node.engine.state('command', stream)
      if (state.is !== 'open') continue
      const unknown = state.received.class === 'O'
      const outcome = unknown
        ? adminError('OUTCOME_UNKNOWN', 'the node stopped while it talked to the outside; look before repeating')
        : adminError('NOT_RUN', 'the node stopped before anything was done; send it again under a new id')
      await node.engine.execute(
        wish('command', stream, {
          do: 'finish',
          finished: { state: unknown ? 'unknown' : 'not-run', outcome: JSON.stringify(outcome) },
        }),
        {
          meta: { actor: 'node', door: 'node', cause: stream },
          command: { id: stream, fingerprint: state.received.fingerprint, outcome: JSON.stringify(outcome) },
        },
      )
      closed += 1
    }
    return closed
  }

  return { dispatch, closeOpen }
}

const sentences = {
  'code-unknown': 'No command is waiting for a code.',
  'code-wrong': 'That code is not right.',
  'code-expired': 'That code has expired.',
} as const

const neverExecute = () => Promise.reject(new Error('a query appends nothing'))
const conflict = () => adminError('ID_CONFLICT', 'this id was used for another command')

/** Only the rumor's own time counts (R-044, R-045). */
function freshness(row: Row, request: AdminRequest, createdAtS: number, nowMs: number): Fresh {
  const nowS = Math.floor(nowMs / 1000)
  if (createdAtS > nowS + futureS) return 'future'
  if (request.exp !== undefined) return nowS <= Math.min(request.exp, createdAtS + row.maxAgeS) ? 'fresh' : 'stale'
  return createdAtS >= nowS - limits.commandAgeMs / 1000 ? 'fresh' : 'stale'
}

function stored(row: Row, result: unknown): Stored {
  if (!isNo(result)) return { result: row.out.parse(result) as z.output<typeof row.out> }
  return refusal(result)
}

/** A closed mapping from every way to say no to the errors of 2.3. */
function refusal(no: No): Stored {
  if ('notFound' in no) return adminError('NOT_FOUND', `${no.notFound} is not known here`, { what: no.notFound })
  if ('trouble' in no) return adminError('UNAVAILABLE', no.sentence, { kind: no.trouble })
  if ('revMismatch' in no) return adminError('REV_MISMATCH', 'it was changed meanwhile', { keys: no.revMismatch })
  const { refused, ...numbers } = no as { refused: string }
  return adminError('REFUSED', `refused: ${refused}`, { code: refused, ...numbers })
}

/** No event shows a secret (R-048): its place says that one stood there. */
function masked(params: Readonly<Record<string, unknown>>, secrets: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, secrets.includes(key) ? '[secret]' : value]),
  )
}
