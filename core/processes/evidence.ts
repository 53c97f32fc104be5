/** One look at an operation: input states first, then restore of every attempt (W-04, wallet 6.2). */
import type { Evidence, WalletAttempt } from '../../events'
import { limits } from '../limits'
import type { Signature } from '../money/mint-answers'
import type { Case, OpenSwap } from './drive-types'
import type { MintDesk } from './mint-desk'

export type Look = {
  /** Unix ms. */
  readonly at: number
  readonly unspent: number
  /** Which inputs those are: a rejection gives them free again. */
  readonly unspentYs: readonly string[]
  readonly pending: number
  readonly spent: number
  /** Attempts of which the mint returned signatures, with them in plan order. */
  readonly restored: readonly { readonly attempt: WalletAttempt; readonly signatures: readonly Signature[] }[]
}

const batch = 100

/** undefined: some call failed, so nothing was seen; half a look is none. */
export async function lookAt(
  attempts: readonly WalletAttempt[],
  ys: readonly string[],
  desk: MintDesk,
  now: () => number,
): Promise<Look | undefined> {
  const counts = { UNSPENT: 0, PENDING: 0, SPENT: 0 }
  const unspentYs: string[] = []
  for (let from = 0; from < ys.length; from += batch) {
    const part = ys.slice(from, from + batch)
    const answer = await desk.call(() => desk.client.states(part))
    if (answer?.is !== 'done') return undefined
    // Matched by Y, not by position: a mint may reorder.
    const byY = new Map(answer.value.map((one) => [one.y, one.state]))
    for (const y of part) {
      const found = byY.get(y)
      if (found === undefined) return undefined
      counts[found] += 1
      if (found === 'UNSPENT') unspentYs.push(y)
    }
  }
  const restored = []
  for (const attempt of [...attempts].reverse()) {
    const signatures = await restore(attempt, desk)
    if (signatures === undefined) return undefined
    if (signatures.length > 0) restored.push({ attempt, signatures })
  }
  const { UNSPENT: unspent, PENDING: pending, SPENT: spent } = counts
  return { at: now(), unspent, unspentYs, pending, spent, restored }
}

export type Place = { readonly index: number; readonly signature: Signature }

/** What the mint signed of an attempt, by the place of its outputs (NUT-09). undefined: it did not say. */
export async function restoredAt(attempt: WalletAttempt, desk: MintDesk): Promise<readonly Place[] | undefined> {
  const found = new Map<string, Signature>()
  for (let from = 0; from < attempt.outputs.length; from += batch) {
    const outputs = attempt.outputs
      .slice(from, from + batch)
      .map(({ amount, b, part }) => ({ amount: part === 'blank' ? 0 : amount, id: attempt.keysetId, B_: b }))
    const answer = await desk.call(() => desk.client.restore(outputs))
    if (answer?.is !== 'done') return undefined
    answer.value.outputs.forEach((output, index) => {
      const signature = answer.value.signatures[index]
      if (signature !== undefined) found.set(output.B_, signature)
    })
  }
  return attempt.outputs.flatMap(({ b }, index) => {
    const signature = found.get(b)
    return signature === undefined ? [] : [{ index, signature }]
  })
}

export const restore = async (attempt: WalletAttempt, desk: MintDesk): Promise<readonly Signature[] | undefined> =>
  (await restoredAt(attempt, desk))?.map(({ signature }) => signature)

/** What was seen, as the closing event keeps it. */
export function evidenceOf<Open extends OpenSwap>({ looks, sends, answer }: Case<Open>, kind: string): Evidence {
  const seen = looks.slice(-limits.looksKept).map(({ at, unspent, pending, spent, restored }) => ({
    at,
    unspent,
    pending,
    spent,
    restored: restored.length,
  }))
  if (answer?.is !== 'rejected') return { kind, looks: seen, sends }
  const { status, code } = answer
  return { kind, looks: seen, sends, lastStatus: status, ...(code === undefined ? {} : { lastCode: code }) }
}
