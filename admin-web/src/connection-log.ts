/** How the page stands to the node, in one word, and its last ten changes (dashboard 3). */
import { createEffect, createRoot, createSignal, untrack } from 'solid-js'
import { connection } from './client'
import type { Connection } from './transport/transport'

export type Stand = 'opening' | 'live' | 'polling' | 'plain' | 'skewed' | 'lost'
export type Change = { readonly atS: number; readonly connection: Connection }

const skewShownS = 30
const kept = 10

export function standOf(now: Connection): Stand {
  if (now.is !== 'live') return now.is
  if (Math.abs(now.skewS) > skewShownS) return 'skewed'
  if (now.polling) return 'polling'
  return now.encrypted ? 'live' : 'plain'
}

const [changes, setChanges] = createSignal<readonly Change[]>([])
/** Newest first. */
export const connectionChanges = changes

createRoot(() =>
  createEffect(() => {
    const now = connection()
    const [last] = untrack(changes)
    if (last !== undefined && standOf(last.connection) === standOf(now)) return
    setChanges([{ atS: Math.floor(Date.now() / 1000), connection: now }, ...untrack(changes)].slice(0, kept))
  }),
)
