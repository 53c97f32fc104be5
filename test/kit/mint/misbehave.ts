/** How the test mint misbehaves as told: around its work, whatever the work is (wallet 17). */
import type { Fault } from './faults'

/** Instead of the work; undefined: the work is done. */
export async function beforeWork(fault: Fault | undefined): Promise<Response | undefined> {
  switch (fault?.kind) {
    case 'drop-before':
      return dropped()
    case 'hang-before':
      return never()
    case 'delay-before':
      await Bun.sleep(fault.ms ?? 50)
      return undefined
    case 'status':
      return new Response(fault.body ?? 'broken', { status: fault.status ?? 500 })
    case 'code':
      return Response.json(
        { code: fault.code ?? 99_999, detail: fault.detail ?? 'as told' },
        { status: fault.status ?? 400 },
      )
    case 'limit':
      return new Response('slow down', {
        status: 429,
        headers: fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
      })
    case 'redirect':
      return new Response(null, { status: 302, headers: { location: 'http://127.0.0.1:9/' } })
    case 'html':
      return new Response('<html>maintenance</html>', { headers: { 'content-type': 'text/html' } })
    case 'huge':
      return new Response('x'.repeat(20 * 1024 * 1024))
    default:
      return undefined
  }
}

/** Instead of the answer to work that was done. */
export async function afterWork(fault: Fault | undefined): Promise<Response | undefined> {
  switch (fault?.kind) {
    case 'drop-after':
      return dropped()
    case 'hang-after':
      return never()
    case 'delay-after':
      await Bun.sleep(fault.ms ?? 50)
      return undefined
    case 'status-after':
      return new Response('broken', { status: fault.status ?? 500 })
    default:
      return undefined
  }
}

const never = () => new Promise<Response>(() => undefined)
/** The line breaks in mid-answer: whoever waits sees a reset. */
export const dropped = () =>
  new Response(new ReadableStream({ start: (controller) => controller.error(new Error('dropped')) }))
