/** What the node log says of a refusal: which request, which key's session, never the key. */
import { callerOf } from './caller'
import { readCredential } from './credentials'
import type { PublicNode, PublicRequest } from './node-port'
import { presentedToken } from './one-shot'
import type { PublicError } from './refusals'

/** Of what operators search for (dashboard 4.6, common entries). */
export function logged(node: PublicNode, call: PublicRequest, problem: PublicError): PublicError {
  if (problem.logAs !== undefined) node.trace.info(problem.logAs, factsOf(node, call, problem))
  return problem
}

/** Of a request that no upstream was asked for: each leaves a line, and is counted (contract 6, dashboard 4.1). */
export function refused(node: PublicNode, call: PublicRequest, problem: PublicError): PublicError {
  node.countRefused()
  node.trace.info(problem.logAs ?? 'Request refused', { outcome: 'refused', ...factsOf(node, call, problem) })
  return problem
}

const factsOf = (node: PublicNode, call: PublicRequest, { status, error, logAs }: PublicError) => ({
  requestId: call.id,
  path: call.path,
  status,
  code: error.code,
  session: sessionNamed(call.request.headers, logAs),
  ...callerOf(node, call),
})

const keyDigits = 12

/** First digits of the key's hash, where the refusal is of a key that the node has (dashboard 4.6, D-068). */
function sessionNamed(headers: Headers, logAs: PublicError['logAs']): string | undefined {
  if (logAs !== 'Session expired' && logAs !== 'Insufficient balance') return undefined
  if (presentedToken(headers) !== undefined) return undefined
  const credential = readCredential(headers)
  return 'error' in credential ? undefined : credential.session.replace('session-', '').slice(0, keyDigits)
}
