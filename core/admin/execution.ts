/** Runs one mutation: received, run, effects and outcome in one append; nothing received is ever left open. */
import { type CommandRow, type Execute, LogUnavailable, type Meta, type Wish, wish } from '../../events'
import { limits } from '../limits'
import type { Trace } from '../trace'
import { type Also, type CommandContext, isNo, type No, type Row } from './command'
import { type AdminRequest, adminError, type Stored } from './envelope'
import { shownParams, withoutSecrets } from './kept-forms'
import type { AdminNode } from './node-port'
import type { Permission, Ready } from './permission'
import type { Caller } from './principal'
import { refusedError } from './refusals'

export type Identity = { readonly stream: string; readonly fingerprint: string }
export type Command = {
  readonly row: Row
  readonly request: AdminRequest
  readonly caller: Caller
  readonly identity: Identity
}
/** What is stored and answered, and the position after it. */
export type Ran = { readonly outcome: Stored; readonly position: bigint | undefined }
type FinishState = 'done' | 'refused' | 'not-run' | 'unknown'

export type Execution = {
  readonly run: (command: Command, ready: Ready) => Promise<Ran>
  /** Receives a command only to store that it never ran: its id is burnt. */
  readonly burn: (command: Command, outcome: Stored) => Promise<void>
  /** Closes what was received and not finished when the node died; answers how many. */
  readonly closeOpen: () => Promise<number>
}

export function createExecution(deps: {
  readonly node: AdminNode
  readonly permission: Permission
  readonly now: () => number
  readonly trace: Trace
}): Execution {
  const { node, now, trace } = deps

  async function run(command: Command, ready: Ready): Promise<Ran> {
    const { row, caller } = command
    if (!deps.permission.stillAllowed(row, caller.principal))
      return { outcome: adminError('FORBIDDEN', 'the right to do this ended meanwhile', {}), position: undefined }
    await receive(command)
    for (let tries = 1; ; tries += 1) {
      const attempt = (execute: Execute) => tried(command, ready, execute)
      const { outcome, written } = await (row.alone ? node.engine.alone(attempt) : attempt(node.engine.execute))
      if (written === undefined) return finish(command, outcome.stored, outcome.state)
      if (!('refused' in written)) return { outcome: outcome.stored, position: written.position }
      // A coin, a counter or a claim was taken meanwhile: reckoned again on what there is now.
      if (written.guard === undefined || tries >= limits.commandTries)
        return finish(command, refusal(written), 'refused')
    }
  }

  /** Runs the row once; `written` undefined: it said no, and nothing was appended. */
  async function tried(command: Command, ready: Ready, append: Execute) {
    const { row, identity } = command
    const { wishes, also, outcome } = await decided(command, ready)
    if (!('result' in outcome.stored)) return { outcome, written: undefined }
    const kept = withoutSecrets(row, outcome.stored)
    const written = await append([...wishes, finishing(identity, kept, 'done')], {
      ...also,
      meta: metaOf(command),
      command: commandRow(identity, kept),
    })
    return { outcome, written }
  }

  /** Runs the row: what it would append, and its outcome. */
  async function decided(command: Command, ready: Ready) {
    const { row } = command
    const wishes: Wish[] = []
    const parts: Also[] = []
    const execute: CommandContext['execute'] = async (wished, also) => {
      const added = [wished].flat() as Wish[]
      const stale = changedSince(row, added, ready.context.ifRev)
      if (stale !== undefined) return stale
      const tried = await node.engine.simulate([...wishes, ...added])
      if ('refused' in tried) return tried
      wishes.push(...added)
      if (also !== undefined) parts.push(also)
      return { events: tried.events }
    }
    const outcome = await answered(command, () => row.run(ready.params, { ...ready.context, execute }))
    return { wishes, also: together(parts), outcome }
  }

  /** A bug inside a command is an answer too: what was received is closed, and the log of the process says why. */
  async function answered(
    { row, request, identity }: Command,
    work: () => Promise<unknown>,
  ): Promise<{ readonly stored: Stored; readonly state: FinishState }> {
    try {
      const result = await work()
      return isNo(result)
        ? { stored: refusal(result), state: 'refused' }
        : { stored: { result: row.out.parse(result) }, state: 'done' }
    } catch (error) {
      if (error instanceof LogUnavailable) throw error
      trace.error('A command failed for a reason nobody foresaw', { method: row.name, why: String(error) })
      const outside = row.class === 'O'
      return {
        stored: adminError('INTERNAL', `Internal error; quote ${request.id}`, { id: identity.stream.slice(-12) }),
        state: outside ? 'unknown' : 'not-run',
      }
    }
  }

  /** `ifRev` fails if and only if a configuration stream that this command writes moved on. */
  function changedSince(row: Row, wishes: readonly Wish[], ifRev: bigint | undefined) {
    // Settings are compared one by one: two tabs on different fields both win.
    if (ifRev === undefined || row.name === 'settings.apply') return undefined
    const moved = wishes.map(({ stream }) => stream).filter((stream) => node.revisions.ofStream(stream) > ifRev)
    return moved.length === 0 ? undefined : { refused: 'rev-mismatch' as const, keys: moved }
  }

  async function receive({ row, request, caller, identity }: Command): Promise<void> {
    const { proof, principal, door } = caller
    const vault = proof?.sealed !== undefined && row.secrets === undefined ? `proof/${identity.stream}` : undefined
    const received = {
      principal: principal.name,
      admin: principal.admin,
      ...(principal.device === undefined ? {} : { device: principal.device }),
      door,
      method: row.name,
      params: shownParams(row, request.params ?? {}),
      class: row.class as 'L' | 'P' | 'O',
      fingerprint: identity.fingerprint,
      runBy: now() + limits.commandOutsideMs,
      ...(proof === undefined ? {} : { proof: shownProof(proof, vault) }),
    }
    const written = await node.engine.execute(wish('command', identity.stream, { do: 'receive', received }), {
      meta: metaOf({ caller, identity }),
      command: { id: identity.stream, fingerprint: identity.fingerprint, outcome: null },
      seal: vault === undefined ? [] : [node.seal(vault, proof?.sealed ?? '')],
    })
    if ('refused' in written) throw new Error(`a command could not be received: ${written.refused}`)
  }

  async function finish(
    command: Pick<Command, 'caller' | 'identity'>,
    outcome: Stored,
    state: FinishState,
  ): Promise<Ran> {
    const { identity } = command
    const closed = await node.engine.execute(finishing(identity, outcome, state), {
      meta: metaOf(command),
      command: commandRow(identity, outcome),
    })
    return { outcome, position: 'position' in closed ? closed.position : undefined }
  }

  async function closeOpen(): Promise<number> {
    let closed = 0
    for (const stream of await node.log.openCommands()) {
      const state = await node.engine.state('command', stream)
      if (state.is !== 'open') continue
      const unknown = state.received.class === 'O'
      const outcome = unknown
        ? adminError('OUTCOME_UNKNOWN', 'the node stopped while it talked to the outside; look before repeating')
        : adminError('NOT_RUN', 'the node stopped before anything was done; send it again under a new id')
      const identity = { stream, fingerprint: state.received.fingerprint }
      await node.engine.execute(finishing(identity, outcome, unknown ? 'unknown' : 'not-run'), {
        meta: { actor: 'node', door: 'node', cause: stream },
        command: commandRow(identity, outcome),
      })
      closed += 1
    }
    return closed
  }

  return {
    run,
    async burn(command, outcome) {
      await receive(command)
      await finish(command, outcome, 'refused')
    },
    closeOpen,
  }
}

/** Several parts as one. */
const together = (parts: readonly Also[]): Also => ({
  claims: parts.flatMap((part) => part.claims ?? []),
  releases: parts.flatMap((part) => part.releases ?? []),
  cursors: parts.flatMap((part) => part.cursors ?? []),
  coins: parts.flatMap((part) => part.coins ?? []),
  moves: parts.flatMap((part) => part.moves ?? []),
  seal: parts.flatMap((part) => part.seal ?? []),
  erase: parts.flatMap((part) => part.erase ?? []),
})

const metaOf = ({ caller, identity }: Pick<Command, 'caller' | 'identity'>): Meta => ({
  actor: caller.principal.name,
  door: caller.door,
  cause: identity.stream,
})
const finishing = ({ stream }: Identity, outcome: Stored, state: FinishState): Wish =>
  wish('command', stream, { do: 'finish', finished: { state, outcome: JSON.stringify(outcome) } })
const commandRow = ({ stream, fingerprint }: Identity, outcome: Stored): CommandRow => ({
  id: stream,
  fingerprint,
  outcome: JSON.stringify(outcome),
})

const shownProof = ({ sealId, author, createdAt, sig }: NonNullable<Caller['proof']>, vault: string | undefined) => ({
  sealId,
  author,
  createdAt,
  sig,
  ...(vault === undefined ? {} : { vault }),
})

/** A closed mapping from every way to say no to the errors of 2.3. */
export function refusal(no: No): Stored {
  if ('notFound' in no) return adminError('NOT_FOUND', `${no.notFound} is not known here`, { what: no.notFound })
  if ('trouble' in no) return adminError('UNAVAILABLE', no.sentence, { kind: no.trouble })
  if ('revMismatch' in no) return adminError('REV_MISMATCH', 'it was changed meanwhile', { keys: no.revMismatch })
  const { refused, ...numbers } = no
  if (refused === 'rev-mismatch') return adminError('REV_MISMATCH', 'it was changed meanwhile', numbers)
  return refusedError(refused, numbers)
}
