/** One wish for each of several models, all in one append or none of them. */
import { z } from 'zod'
import { type Wish, wish } from '../../../events'
import type { CommandContext } from '../command'
import { findModel } from '../queries/models'

export const whichModel = z.object({ upstream: z.string().max(100), model: z.string().max(300) })
export const severalModels = z.object({ models: z.array(whichModel).min(1).max(100) })
/** How many were not so already. */
export const changed = z.object({ changed: z.int() })

export async function eachModel(
  models: readonly z.infer<typeof whichModel>[],
  context: CommandContext,
  what: 'enable' | 'disable' | 'lock' | 'unlock' | 'reset-price',
) {
  const wishes: Wish[] = []
  for (const { upstream, model } of models) {
    const row = findModel(context, upstream, model)
    if (row === undefined) return { notFound: `model ${model}` }
    wishes.push(wish('upstream', row.upstreamId, { do: what, model: row.model }))
  }
  const outcome = await context.execute(wishes)
  return 'refused' in outcome ? outcome : { changed: outcome.events }
}
