/** Who asked, as the node log says it: only where the operator wants addresses there (dashboard 4.4, Logs). */
import type { PublicNode, PublicRequest } from './node-port'

export const callerOf = (
  { settings }: Pick<PublicNode, 'settings'>,
  { address }: Pick<PublicRequest, 'address'>,
): { readonly address?: string } => (settings('logs.callerAddress') ? { address } : {})
