/** health.get: how each part of the node is, when that was known, and in what words (dashboard 4.1). */
import { z } from 'zod'
import { query } from '../command'
import { secondsOf } from '../rows'
import { checksOf } from './node-health'

const check = z.object({
  state: z.enum(['ok', 'look', 'bad', 'off', 'unknown']),
  /** Unix seconds of what is said; absent: never. */
  at: z.int().optional(),
  sentence: z.string(),
})

export const healthGet = query({
  name: 'health.get',
  in: z.object({}),
  out: z.object({
    mints: check,
    upstreams: check,
    relays: check,
    log: check,
    books: check,
    views: check,
    disk: check,
    clock: check,
    rate: check,
    backup: check,
  }),
  async run(_, context) {
    const { mints, upstreams, relays, log, books, views, disk, clock, rate, backup } = await checksOf(context)
    const shown = ({ state, atMs, sentence }: typeof mints): z.input<typeof check> => ({
      state,
      ...(atMs === undefined ? {} : { at: secondsOf(atMs) ?? 0 }),
      sentence,
    })
    return {
      mints: shown(mints),
      upstreams: shown(upstreams),
      relays: shown(relays),
      log: shown(log),
      books: shown(books),
      views: shown(views),
      disk: shown(disk),
      clock: shown(clock),
      rate: shown(rate),
      backup: shown(backup),
    }
  },
})
