/** A relay that, told to, delivers wraps of strangers to one inbox as fast as asked: `stranger-relay.ts`, then POST /flood. */
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { makeRumor, type NostrEvent, wrapRumor } from '../../core/nostr/wrap'
import { createTestRelay } from '../kit/relay'

const relay = createTestRelay()
let made: NostrEvent[] = []

/** Sealed and signed by keys that nobody knows, each in a wrap of its own. */
function make(inbox: string, count: number): void {
  const nowS = Math.floor(Date.now() / 1000)
  const secret = generateSecretKey()
  const author = getPublicKey(secret)
  made = Array.from({ length: count }, (_, n) => {
    const content = JSON.stringify({ id: `stranger-${n}-0000`, method: 'node.pause' })
    const rumor = makeRumor({ author, recipient: inbox, kind: 24_910, content, nowS })
    return wrapRumor(rumor, { secret, recipient: inbox }, { is: 'live' }, nowS)
  })
}

async function flood(perSecond: number): Promise<number> {
  const began = performance.now()
  for (let n = 0; n < made.length; n += 1) {
    relay.deliver(made[n] as never)
    const aheadMs = (n / perSecond) * 1000 - (performance.now() - began)
    if (aheadMs > 2) await Bun.sleep(aheadMs)
  }
  return performance.now() - began
}

const control = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const { inbox, count, perSecond } = (await request.json()) as { inbox?: string; count?: number; perSecond?: number }
    if (inbox !== undefined) make(inbox, count ?? 0)
    const tookMs = perSecond === undefined ? 0 : await flood(perSecond)
    return Response.json({ made: made.length, tookMs })
  },
})
console.log(`ready ${control.url.origin} ${relay.url}`)
