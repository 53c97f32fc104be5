/** B1: one paid JSON chat at a time, paired with the same request sent directly and through the bare proxy. */
import { openDiskProbe } from './disk-probe'
import { median, quantile, rounded, type Table } from './figures'
import { chat, type Place, places, type Stage } from './stage'

export type OneAtATime = { readonly rounds: number; readonly requestsPerRound: number }
type Sample = { readonly wholeMs: number; readonly beforeUpstreamMs: number }

const warmRequests = 12_000
const warmLanes = 16
const nowMs = () => performance.timeOrigin + performance.now()

export async function oneAtATime(stage: Stage, { rounds, requestsPerRound }: OneAtATime): Promise<Table> {
  const samples: Record<Place, Sample[]> = { direct: [], proxy: [], node: [] }
  const disk = openDiskProbe(stage.directory)
  const syncs: number[] = []
  for (const place of places) await warm(stage, place)
  for (let round = 0; round < rounds; round += 1)
    for (let n = 0; n < requestsPerRound; n += 1) {
      for (const place of places) samples[place].push(await ask(stage, place))
      syncs.push(disk.syncMs())
    }
  disk.close()
  const rows = places.map((place) => ({
    place,
    'p50 ms': rounded(median(samples[place].map((one) => one.wholeMs))),
    'p99 ms': rounded(
      quantile(
        samples[place].map((one) => one.wholeMs),
        0.99,
      ),
    ),
    'added p50 ms': rounded(added(samples[place], samples.direct, 'wholeMs')),
    'added before the upstream p50 ms': rounded(added(samples[place], samples.direct, 'beforeUpstreamMs')),
  }))
  return {
    title: `B1 one paid JSON chat at a time, ${rounds * requestsPerRound} requests each, interleaved`,
    rows: [
      ...rows,
      {
        place: 'a sync of 8 kB, nothing else',
        'p50 ms': rounded(median(syncs)),
        'p99 ms': rounded(quantile(syncs, 0.99)),
      },
    ],
    target: 'node adds at most 1.2 ms, at most 0.35 ms of it before the upstream is called',
  }
}

/** Median of the paired differences: what a neighbour does to one it does to its pair. */
const added = (ours: readonly Sample[], theirs: readonly Sample[], part: keyof Sample): number =>
  median(ours.map((one, index) => one[part] - (theirs[index]?.[part] ?? 0)))

/** A node that sells is warm: without this the compiler of Bun would be measured. The same for every place. */
async function warm(stage: Stage, place: Place): Promise<void> {
  const lanes = Array.from({ length: warmLanes }, async () => {
    for (let n = 0; n < warmRequests / warmLanes; n += 1) await ask(stage, place)
  })
  await Promise.all(lanes)
}

async function ask({ chatUrl, keys }: Stage, place: Place): Promise<Sample> {
  const sentMs = nowMs()
  const response = await fetch(chatUrl[place], {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[0]}` },
    body: chat(),
  })
  const answer = (await response.json()) as { readonly system_fingerprint?: string }
  const wholeMs = nowMs() - sentMs
  if (response.status !== 200) throw new Error(`${place} answered ${response.status}`)
  return { wholeMs, beforeUpstreamMs: Number(answer.system_fingerprint) - sentMs }
}
