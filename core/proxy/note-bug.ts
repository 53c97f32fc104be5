/** What nobody foresaw, as the operator reads it: never what the client sent. */
import type { PublicNode, PublicRequest } from './node-port'

export function noteBug(node: PublicNode, call: PublicRequest, error: unknown): void {
  node.trace.error('Internal error', {
    requestId: call.id,
    // The id of an invoice is what its status is shown for.
    path: call.path.replace(/\/invoice\/[^/]+/, '/invoice/…'),
    why: String((error as Error)?.message ?? error),
  })
}
