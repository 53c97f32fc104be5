/** what 10,000 wraps of strangers do to the requests of customers. */

import { npubEncode } from 'nostr-tools/nip19'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { quantile, rounded, type Table } from './figures'
import { chat, startProgram, startStage } from './stage'

export type Strangers = { readonly wraps: number; readonly perSecond: number }
const warmMs = 10_000

export async function strangers(data: string | undefined, { wraps, perSecond }: Strangers): Promise<Table> {
  const relay = await startProgram('stranger-relay.ts')
  const stage = await startStage(data, {
    ADMIN_RELAYS: relay.words[0] ?? '',
    ADMIN_NPUB: npubEncode(getPublicKey(generateSecretKey())),
  })
  const told = async (body: object) =>
    (await (await fetch(relay.url, { method: 'POST', body: JSON.stringify(body) })).json()) as {
      readonly tookMs: number
    }
  try {
    const { inbox } = (await stage.call('node.status')) as { readonly inbox: string }
    await told({ inbox, count: wraps })
    await lane(stage, () => warmMs)
    const quietMs = (wraps / perSecond) * 1000
    const before = await lane(stage, () => quietMs)
    let over = false
    const flooding = told({ perSecond }).finally(() => {
      over = true
    })
    const during = await lane(stage, () => (over ? 0 : Number.POSITIVE_INFINITY))
    const { tookMs } = await flooding
    const after = await lane(stage, () => quietMs)
    const { wraps: counts } = (await stage.call('node.status')) as { readonly wraps: Readonly<Record<string, number>> }
    const row = (when: string, times: readonly number[]) => ({
      when,
      requests: times.length,
      'p50 ms': rounded(quantile(times, 0.5)),
      'p99 ms': rounded(quantile(times, 0.99)),
      'added p99 ms': rounded(quantile(times, 0.99) - quantile(before, 0.99)),
    })
    return {
      title: `R-058 ${wraps} wraps of strangers in ${rounded(tookMs / 1000)} s: ${counts.stranger} opened, ${counts.shed} shed`,
      rows: [row('before', before), row('during', during), row('after', after)],
      target: 'p99 of proxied requests rises at most 10 ms',
    }
  } finally {
    await stage.stop()
    relay.child.kill('SIGTERM')
    await relay.child.exited
  }
}

/** One request after the other, in ms each, until that long has passed. */
async function lane({ chatUrl, keys }: Awaited<ReturnType<typeof startStage>>, forMs: () => number): Promise<number[]> {
  const times: number[] = []
  const began = performance.now()
  while (performance.now() - began < forMs()) {
    const sent = performance.now()
    const response = await fetch(chatUrl.node, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[0]}` },
      body: chat(),
    })
    await response.arrayBuffer()
    if (response.status !== 200) throw new Error(`the node answered ${response.status}`)
    times.push(performance.now() - sent)
  }
  return times
}
