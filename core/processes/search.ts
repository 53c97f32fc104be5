/** Asks a mint which outputs of our seed it has signed (NUT-09, NUT-13): what every restore and every probe begins with. */
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import type { Wallet } from './deposit-types'
import type { MintDesk } from './mint-desk'

/** One counter of which the mint has a signature. */
export type Hit = { readonly counter: number; readonly signature: Signature }
export type Searched = { readonly hits: readonly Hit[]; readonly from: number; readonly to: number }

const batch = 100

/**
 * From counter `from` until `gap` in a row are unknown to the mint, and never before that gap behind `atLeast`: what
 * this log has planned itself is no end. undefined: some call failed, so nothing was seen.
 */
export async function search(
  keysetId: string,
  wanted: { readonly from: number; readonly gap: number; readonly atLeast: number },
  desk: MintDesk,
  wallet: Pick<Wallet, 'derive'>,
): Promise<Searched | undefined> {
  const { from, gap } = wanted
  const hits: Hit[] = []
  let to = from
  const least = Math.max(from, wanted.atLeast)
  const end = () => Math.min(least + limits.scanCounters, Math.max(least, (hits.at(-1)?.counter ?? -1) + 1) + gap)
  while (to < end()) {
    const until = Math.min(to + batch, end())
    const found = await restored(keysetId, to, until, desk, wallet)
    if (found === undefined) return undefined
    hits.push(...found)
    to = until
  }
  return { hits, from, to }
}

/** Signatures of the counters `from` up to, not including, `to`; the amount of an output is the mint's to say. */
async function restored(
  keysetId: string,
  from: number,
  to: number,
  desk: MintDesk,
  wallet: Pick<Wallet, 'derive'>,
): Promise<readonly Hit[] | undefined> {
  const counters = new Map<string, number>()
  const breathe = createBreath()
  for (let counter = from; counter < to; counter += 1) {
    counters.set(wallet.derive(keysetId, counter, 1).B_, counter)
    await breathe()
  }
  const outputs = [...counters.keys()].map((B_) => ({ amount: 1, id: keysetId, B_ }))
  const answer = await desk.call(() => desk.client.restore(outputs))
  if (answer?.is !== 'done') return undefined
  // Matched by B_, not by position: a mint may leave some out, reorder them or name one twice.
  const found = new Map<number, Signature>()
  answer.value.outputs.forEach(({ B_ }, index) => {
    const counter = counters.get(B_)
    const signature = answer.value.signatures[index]
    if (counter !== undefined && signature !== undefined && signature.amount > 0) found.set(counter, signature)
  })
  return [...found].map(([counter, signature]) => ({ counter, signature })).sort((a, b) => a.counter - b.counter)
}

/** Deriving an output takes some milliseconds: running streams get their turn between two of them (wallet 11). */
export function createBreath(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < limits.sliceMs) return
    await new Promise<void>((go) => setImmediate(go))
    since = performance.now()
  }
}
