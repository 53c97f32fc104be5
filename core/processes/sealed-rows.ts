/** Sealed rows that have served leave the vault a while after the end of what they were sealed for (wallet 5.1, 5.2). */
import type { Log } from '../../events'
import { limits } from '../limits'

const kind = 'erase'

/** Rides in the append that ends the operation; `afterMs` is unix ms. */
export const eraseAfter = (ref: string, afterMs: number) => ({ kind, key: ref, owner: String(afterMs) })

/** Released first, where the end of an operation is told a second time. */
export const eraseAgain = (ref: string) => [{ kind, key: ref }]

/** Erases what is due at `nowMs`. */
export async function eraseDue(log: Log, nowMs: number): Promise<void> {
  const due = (await log.claims(kind)).filter(({ owner }) => Number(owner) <= nowMs).map(({ key }) => key)
  for (let from = 0; from < due.length; from += limits.eraseAtOnce) {
    const refs = due.slice(from, from + limits.eraseAtOnce)
    await log.append({
      streams: [],
      releases: refs.map((key) => ({ kind, key })),
      erase: refs,
      meta: { actor: 'node', door: 'node' },
      at: nowMs,
    })
  }
}
