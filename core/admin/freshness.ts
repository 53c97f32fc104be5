/** How old a request may be: only the rumor's own time counts. */
import { limits } from '../limits'
import { ageOf, type Row, shortAgeS } from './command'
import { type AdminError, type AdminRequest, adminError } from './envelope'
import type { Caller } from './principal'

/** undefined: in time. `skewS` lets a client correct its clock. */
export function tooOldOrNew(
  row: Row,
  request: AdminRequest,
  { createdAtS, durable = false }: Caller,
  nowS: number,
): { readonly error: AdminError } | undefined {
  const skewS = createdAtS - nowS
  if (skewS > limits.commandFutureS)
    return adminError('FUTURE', `the request is ${skewS} s ahead of this node's clock`, { skewS })
  const last =
    request.exp === undefined
      ? createdAtS + shortAgeS
      : Math.min(request.exp, createdAtS + (durable ? ageOf(row, request.params) : shortAgeS))
  return nowS <= last ? undefined : adminError('STALE', `the request is ${-skewS} s old`, { skewS })
}
