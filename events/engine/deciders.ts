/** All deciders by the category of their streams (`category-id`; the node has one stream, `node`). */
import { command } from '../deciders/command'
import type { Decider } from '../deciders/decider'
import { deposit } from '../deciders/deposit'
import { drain } from '../deciders/drain'
import { mint } from '../deciders/mint'
import { node } from '../deciders/node'
import { payout } from '../deciders/payout'
import { session } from '../deciders/session'
import { swap } from '../deciders/swap'
import { upstream } from '../deciders/upstream'

export const deciders = { session, deposit, payout, swap, drain, mint, upstream, command, node } as const

export type Category = keyof typeof deciders
type Parts<D> =
  D extends Decider<infer State, infer Command, infer Event, infer No>
    ? { state: State; command: Command; event: Event; no: No }
    : never
export type StateOf<C extends Category> = Parts<(typeof deciders)[C]>['state']
export type CommandOf<C extends Category> = Parts<(typeof deciders)[C]>['command']
/** Every way in which some decider says no: who words refusals is exhaustive over its codes. */
export type Refused = { [C in Category]: Parts<(typeof deciders)[C]>['no'] }[Category]

/** What the engine itself knows of a decider: nothing of its types, only that its pieces fit each other. */
export type AnyDecider = Decider<unknown, unknown, { readonly type: string; readonly data: unknown }, Refused>

export function deciderOf(stream: string): AnyDecider {
  const category = stream.split('-', 1)[0] ?? ''
  const found = (deciders as unknown as Readonly<Record<string, AnyDecider>>)[category]
  if (found === undefined) throw new Error(`no decider for stream ${stream}`)
  return found
}
