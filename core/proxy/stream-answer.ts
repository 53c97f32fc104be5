/** A stream as the client gets it: live, or for a one-shot payment as a whole, its change in the header (contract 7.4). */
import type { Seen } from '../upstream/seen'
import type { Admitted } from './admission'
import { errorAnswer } from './answer'
import { type Given, giveChange, withChange } from './change'
import type { Ended } from './charge-of'
import { chatStream, type Ending, type Settlement } from './chat-stream'
import { type CostObject, costHeaders } from './cost'
import type { PublicNode, PublicRequest } from './node-port'
import type { Ahead } from './read-ahead'
import { publicError } from './refusals'

type Streamed = {
  readonly admitted: Admitted
  readonly attempt: Ahead
  readonly provider: string | undefined
  readonly headers: Record<string, string>
  readonly ended: (outcome: Ended['outcome'], status: number, seen: Seen) => Promise<CostObject | undefined>
}

/** The longest that a timer can be: nobody reads a stream that is kept back, so nothing keeps it alive. */
const neverMs = 2 ** 31 - 1

export function streamAnswer(node: PublicNode, call: PublicRequest, streamed: Streamed): Promise<Response> | Response {
  const { admitted, attempt } = streamed
  const isBuffered = admitted.oneShot !== undefined && !admitted.oneShot.isLive && attempt.isLong !== true
  return isBuffered ? bufferedAnswer(node, call, streamed) : liveAnswer(node, call, streamed)
}

function liveAnswer(node: PublicNode, call: PublicRequest, streamed: Streamed): Response {
  const { admitted, headers } = streamed
  const { oneShot } = admitted
  const stream = streamOf(node, call, streamed, node.settings('network.keepaliveS') * 1000, async (seen, ending) => {
    const cost = await settled(streamed, seen, ending)
    const given = await giveChange(node, oneShot, 'chunk')
    return settlementOf(cost, given, oneShot === undefined ? undefined : (given.token ?? null))
  })
  return eventStream(stream, oneShot === undefined ? headers : { ...headers, 'x-routstr-change': 'pending' })
}

/** The bytes of a live stream, kept back until charge and change are known. */
async function bufferedAnswer(node: PublicNode, call: PublicRequest, streamed: Streamed): Promise<Response> {
  const { admitted, headers } = streamed
  let cost: CostObject | undefined
  let given: Given = { headers: {} }
  const stream = streamOf(node, call, streamed, neverMs, async (seen, ending) => {
    cost = await settled(streamed, seen, call.request.signal.aborted ? 'left' : ending)
    given = await giveChange(node, admitted.oneShot)
    return settlementOf(cost, given, undefined)
  })
  const bytes = await new Response(stream).arrayBuffer()
  if (cost === undefined) return errorAnswer(withChange(publicError('settlement_failed'), given), call.id, headers)
  return eventStream(bytes, { ...headers, ...costHeaders(cost), ...given.headers })
}

/** A charge that could not be booked is an answer too: then the change is all there was (contract 6.6, 7.2). */
const settled = (streamed: Streamed, seen: Seen, ending: Ending): Promise<CostObject | undefined> =>
  streamed.ended(ending === 'complete' ? 'answered' : ending, 200, seen).catch(() => undefined)

const settlementOf = (cost: CostObject | undefined, given: Given, change: string | null | undefined): Settlement =>
  cost === undefined
    ? { ok: false, error: withChange(publicError('settlement_failed'), given).error }
    : { ok: true, cost, change }

function streamOf(
  node: PublicNode,
  call: PublicRequest,
  { admitted, attempt, provider }: Streamed,
  keepaliveMs: number,
  settle: (seen: Seen, ending: Ending) => Promise<Settlement>,
): ReadableStream<Uint8Array> {
  return chatStream({
    events: attempt.events,
    abort: attempt.abort,
    model: admitted.model,
    provider,
    requestId: call.id,
    keepaliveMs,
    drainMs: node.settings('network.drainS') * 1000,
    settle,
  })
}

const eventStream = (body: ReadableStream<Uint8Array> | ArrayBuffer, headers: Record<string, string>) =>
  new Response(body, {
    headers: {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    },
  })
