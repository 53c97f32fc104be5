/** Whether a caller may run a row now: role, door, schema, step-up (remote-admin 3.1, steps 20 and 21). */
import type { z } from 'zod'
import type { Role } from '../../events'
import type { Row, RunContext } from './command'
import { type AdminError, type AdminRequest, adminError } from './envelope'
import { isLive } from './live-device'
import type { AdminNode } from './node-port'
import { type Caller, includes, lesser, mayCall, type Principal } from './principal'
import type { Table } from './table'

export type Ready = {
  readonly params: unknown
  readonly context: RunContext
  /** Nobody can prove anything yet: a code from the terminal stands for the proof. */
  readonly wantsCode: boolean
}
/** As it runs once the code was told: that is the proof. */
export const provenByCode = ({ context, ...ready }: Ready): Ready => ({
  ...ready,
  context: { ...context, principal: { ...context.principal, stepUp: true } },
})

type Refused = { readonly error: AdminError }

export type Permission = {
  readonly prepare: (row: Row, request: AdminRequest, caller: Caller) => Promise<Ready | Refused>
  /** Asked again when a queued command is about to run: who was removed meanwhile runs nothing. */
  readonly stillAllowed: (row: Row, principal: Principal) => boolean
}

export function createPermission(node: AdminNode, table: Pick<Table, 'find'>, now: () => number): Permission {
  const state = () => node.engine.peek('node', 'node')

  async function prepare(row: Row, request: AdminRequest, caller: Caller): Promise<Ready | Refused> {
    const { door } = caller
    const principal = asOfNow(caller.principal)
    if (row.role === 'none' || principal === undefined || !includes(principal.role, row.role))
      return adminError('FORBIDDEN', `this needs the role ${row.role}`, { need: row.role })
    if (!mayCall(principal, row.name))
      return adminError('FORBIDDEN', 'this token is for other commands', { commands: principal.commands })
    for (const seen of new Set([principal.name, principal.admin])) node.lastSeen.note(seen)
    if (row.doors === 'H' && door === 'nostr')
      return adminError('WRONG_DOOR', 'over the HTTP door or the console only', {})
    // No database holds this character in a text, and no one types it.
    if (JSON.stringify(request.params ?? {}).includes('\\u0000'))
      return adminError('PARAMS', 'params: a text holds a NUL character', { path: '' })
    const parsed = row.in.safeParse(request.params ?? {})
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const path = issue?.path.join('.') ?? ''
      const message = `${path === '' ? 'params' : path}: ${issue?.message ?? 'not as specified'}`
      return adminError('PARAMS', message, { path, ...(issue === undefined ? {} : { issue: ruleOf(issue) }) })
    }
    const ifRev = request.ifRev === undefined ? undefined : BigInt(request.ifRev)
    const commandName = (named: string) => table.find(named)?.name
    const context: RunContext = { node, principal, door, now: now(), commandId: request.id, ifRev, commandName }
    const need = row.needs?.(parsed.data, context)
    if (need !== undefined && !includes(principal.role, need))
      return adminError('FORBIDDEN', `this needs the role ${need}`, { need })
    const wantsProof =
      row.stepUp === 'S' || (row.stepUp === 'S?' && (await row.stepUpFor?.(parsed.data, context)) === true)
    const lacksProof = wantsProof && !principal.stepUp
    if (lacksProof && !isAloneAtSetup(principal))
      return adminError('STEP_UP_REQUIRED', 'this needs a fresh proof by an owner', { how: stepUpWays() })
    return { params: parsed.data, context, wantsCode: lacksProof && row.atSetup !== true }
  }

  /** A door resolved this principal a moment ago; what it may do is what its admin and its device may now. */
  function asOfNow(principal: Principal): Principal | undefined {
    const role = roleNow(principal)
    return role === undefined ? undefined : { ...principal, role: lesser(principal.role, role) }
  }

  function roleNow({ admin, device, token, role }: Principal): Role | undefined {
    const { admins = [], devices = [], tokens = [] } = state() ?? {}
    if (device !== undefined && !devices.some((one) => one.device === device && isLive(one, node, now())))
      return undefined
    if (token !== undefined && !tokens.some((one) => one.token === token && one.expiresAt * 1000 > now()))
      return undefined
    if (!/^[0-9a-f]{64}$/.test(admin)) return role
    return admins.find((one) => one.pubkey === admin)?.role
  }

  /** Until a password or an owner key exists, the set-up device stands for both. */
  function isAloneAtSetup(principal: Principal): boolean {
    const { password, admins = [] } = state() ?? {}
    return principal.way === 'setup' && password === undefined && !admins.some((admin) => admin.role === 'owner')
  }

  function stepUpWays(): readonly string[] {
    const { password, admins = [] } = state() ?? {}
    if (admins.some((admin) => admin.role === 'owner')) return ['nostr', 'nip98', 'console']
    return password === undefined ? ['console'] : ['password', 'console']
  }

  return {
    prepare,
    stillAllowed(row, principal) {
      const current = asOfNow(principal)
      return (
        current !== undefined && row.role !== 'none' && includes(current.role, row.role) && mayCall(current, row.name)
      )
    },
  }
}

/** Which rule a value broke, for whoever words it; the value itself stays here, for it may be a secret. */
function ruleOf(issue: z.core.$ZodIssue): Readonly<Record<string, unknown>> {
  const { code } = issue
  if (code === 'too_small') return { code, origin: issue.origin, minimum: Number(issue.minimum) }
  return code === 'too_big' ? { code, origin: issue.origin, maximum: Number(issue.maximum) } : { code }
}
