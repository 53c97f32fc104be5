/** What the node log says of a refusal that operators search for: which request, which key's session, never the key. */
import { callerOf } from './caller'
import { readCredential } from './credentials'
import type { PublicNode, PublicRequest } from './node-port'
import { presentedToken } from './one-shot'
import type { PublicError } from './refusals'

export function logged(node: PublicNode, call: PublicRequest, problem: PublicError): PublicError {
  if (problem.logAs !== undefined)
    node.trace.info(problem.logAs, {
      requestId: call.id,
      path: call.path,
      status: problem.status,
      code: problem.error.code,
      session: sessionNamed(call.request.headers, problem.logAs),
      ...callerOf(node, call),
    })
  return problem
}

const keyDigits = 12

/** First digits of the key's hash, where the refusal is of a key that the node has (dashboard 4.6, D-068). */
function sessionNamed(headers: Headers, logAs: NonNullable<PublicError['logAs']>): string | undefined {
  if (logAs !== 'Session expired' && logAs !== 'Insufficient balance') return undefined
  if (presentedToken(headers) !== undefined) return undefined
  const credential = readCredential(headers)
  return 'error' in credential ? undefined : credential.session.replace('session-', '').slice(0, keyDigits)
}
