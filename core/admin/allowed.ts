/** Says for a row of a list which actions its reader may take, and why not (dashboard 1, principle 1). */
import type { Role } from '../../events'
import { includes, type Principal } from './principal'
import type { RefusalCode } from './refusals'

export type Can = Readonly<Record<string, { ok: true } | { refused: RefusalCode; needRole?: string }>>

/** `actions` maps an action to the role it needs, or to the reason why the state forbids it. */
export function allowed(
  principal: Principal,
  actions: Readonly<Record<string, { readonly role: Role; readonly not?: RefusalCode | undefined }>>,
): Can {
  return Object.fromEntries(
    Object.entries(actions).map(([action, { role, not }]) => {
      if (!includes(principal.role, role)) return [action, { refused: `${role}-only`, needRole: role }]
      return [action, not === undefined ? { ok: true as const } : { refused: not }]
    }),
  )
}
