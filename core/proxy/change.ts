/** What is left of a one-shot payment on its way to the client: in a header, in an error, or later (contract 7.2). */
import { limits } from '../limits'
import type { Change } from '../processes/one-shot-types'
import type { PublicNode, PublicRequest } from './node-port'
import { noteBug } from './note-bug'
import { type PublicError, publicError } from './refusals'

/** The payment that one request runs on. */
export type OneShot = {
  readonly deposit: string
  readonly requestId: string
  /** Its request is over: the token may be looked up again. */
  readonly end: () => void
  /** The client wants the first byte at once, and the change in the last event. */
  readonly isLive: boolean
}

/** `token` undefined: nothing is due, or it is collected later. */
export type Given = { readonly headers: Readonly<Record<string, string>>; readonly token?: string }

const pending: Given = { headers: { 'x-routstr-change': 'pending' } }

/** The end of every path after a redemption; keys have no change. Never rejects: what cannot be had now is collected. */
export async function giveChange(
  node: PublicNode,
  oneShot: OneShot | undefined,
  to: 'header' | 'chunk' = 'header',
): Promise<Given> {
  if (oneShot === undefined) return { headers: {} }
  try {
    return givenBy(
      await node.oneShots.change(oneShot.deposit, to, to === 'chunk' ? limits.changeChunkMs : waitMs(node)),
    )
  } catch (error) {
    const { deposit, requestId } = oneShot
    node.trace.warn('Change is made later', { requestId, deposit, why: String((error as Error)?.message ?? error) })
    return pending
  } finally {
    oneShot.end()
  }
}

export function givenBy(change: Change): Given {
  switch (change.is) {
    case 'ready': {
      const { token } = change
      // All headers of an answer stay below 15 KiB (contract 1.5).
      const fits = token.length <= limits.cashuHeaderBytes
      return fits ? { headers: { 'x-cashu': token, 'x-routstr-change': 'sent' }, token } : { ...pending, token }
    }
    case 'none':
    case 'swept':
      return { headers: { 'x-routstr-change': 'none' } }
    case 'pending':
      return pending
    default:
      return change satisfies never
  }
}

/** A refusal that carries the money back. */
export const withChange = (problem: PublicError, { headers, token }: Given): PublicError => ({
  ...problem,
  error: token === undefined ? problem.error : { ...problem.error, refund_token: token },
  headers: { ...problem.headers, ...headers },
})

/** Whatever goes wrong in our own program after a redemption, the money goes back (contract 7.2). */
export async function afterBug(
  node: PublicNode,
  call: PublicRequest,
  oneShot: OneShot,
  error: unknown,
): Promise<PublicError> {
  noteBug(node, call, error)
  return withChange(publicError('internal_error'), await giveChange(node, oneShot))
}

/** Nothing was taken: the token goes back as it came. */
export const withEcho = (problem: PublicError, presented: string): PublicError =>
  presented.length > limits.cashuHeaderBytes
    ? problem
    : { ...problem, headers: { ...problem.headers, 'x-cashu': presented } }

/** How long a client waits for a mint. */
export const waitMs = (node: PublicNode): number =>
  Math.min(node.settings('network.mintWaitS') * 1000, limits.mintWaitMaxMs)

export const inProgress = (): PublicError => publicError('payment_in_progress', {}, { retryAfterS: 2 })
