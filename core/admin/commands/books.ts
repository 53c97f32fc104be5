/** books.check: the sheet, the coins and the mint's own word side by side (wallet 16). */
import { z } from 'zod'
import { command } from '../command'

export const booksCheck = command({
  name: 'books.check',
  role: 'operator',
  class: 'O',
  in: z.object({}),
  out: z.object({
    balanced: z.boolean(),
    perMint: z.array(
      z.object({
        mint: z.string(),
        unit: z.string(),
        sheetMsat: z.int(),
        coinsMsat: z.int(),
        unspentMsat: z.int().nullable(),
        spentMsat: z.int().nullable(),
      }),
    ),
    sentence: z.string(),
  }),
  async run(_, { node }) {
    const check = await node.books()
    return { ...check, perMint: check.perMint.map((row) => ({ ...row })) }
  },
})
