/** B3: paid streams of 50 chunks 30 ms apart: how much later a chunk arrives than without anybody between. */
import { median, quantile, rounded, type Table } from './figures'
import { cpuMs } from './machine'
import { chat, type Place, places, type Stage } from './stage'

export type Streams = { readonly rounds: number; readonly streams: number }
type Seen = { readonly lagsMs: number[]; chunks: number; merged: number; told: number }

const chunksEach = 50
const nowMs = () => performance.timeOrigin + performance.now()

export async function streams(stage: Stage, { rounds, streams: count }: Streams): Promise<Table> {
  const seen: Record<Place, Seen> = { direct: empty(), proxy: empty(), node: empty() }
  const pids: Partial<Record<Place, number>> = { proxy: stage.proxyPid, node: stage.nodePid }
  const usedMs: Record<Place, number> = { direct: 0, proxy: 0, node: 0 }
  for (const place of places) await round(stage, place, count, empty())
  for (let n = 0; n < rounds; n += 1)
    for (const place of places) {
      const pid = pids[place]
      const before = pid === undefined ? 0 : cpuMs(pid)
      await round(stage, place, count, seen[place])
      if (pid !== undefined) usedMs[place] += cpuMs(pid) - before
    }
  const due = rounds * count * chunksEach
  const rows = places.map((place) => ({
    place,
    'lag p50 ms': rounded(median(seen[place].lagsMs)),
    'lag p99 ms': rounded(quantile(seen[place].lagsMs, 0.99)),
    'extra p50 ms': rounded(median(seen[place].lagsMs) - median(seen.direct.lagsMs)),
    'chunks lost': due - seen[place].chunks,
    'chunks merged': seen[place].merged,
    'costs told': place === 'node' ? `${seen.node.told} of ${rounds * count}` : '',
    'CPU µs/chunk': pids[place] === undefined ? '' : rounded((usedMs[place] * 1000) / due),
  }))
  return {
    title: `B3 ${count} streams at once, ${chunksEach} chunks 30 ms apart, ${rounds} rounds, interleaved`,
    rows,
    target: 'extra lag p50 at most 0.3 ms with 64 streams, 1 ms with 256; no chunk lost or merged; 20 µs CPU a chunk',
  }
}

const empty = (): Seen => ({ lagsMs: [], chunks: 0, merged: 0, told: 0 })

/** Starts are spread over one pause, so that chunks do not come in step. */
async function round(stage: Stage, place: Place, count: number, seen: Seen): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      await Bun.sleep((n * 30) / count)
      await one(stage, place, stage.keys[n % stage.keys.length] ?? stage.keys[0], seen)
    }),
  )
}

async function one({ chatUrl }: Stage, place: Place, key: string, seen: Seen): Promise<void> {
  const response = await fetch(chatUrl[place], {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: chat({ stream: true }),
  })
  if (response.status !== 200 || response.body === null) throw new Error(`${place} answered ${response.status}`)
  const decoder = new TextDecoder()
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    const atMs = nowMs()
    const text = decoder.decode(bytes, { stream: true })
    const stamps = [...text.matchAll(/"content":"(\d+\.?\d*) "/g)]
    for (const [, stamp] of stamps) seen.lagsMs.push(atMs - Number(stamp))
    seen.chunks += stamps.length
    if (stamps.length > 1) seen.merged += stamps.length - 1
    if (text.includes('"total_msats"')) seen.told += 1
  }
}
