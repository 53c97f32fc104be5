/** The wallet's words: shown to the owner, and asked back (wallet 12.1). */
import { z } from 'zod'
import { wish } from '../../../events'
import { command } from '../command'

/** Which words are asked back: their places, counted from 1. */
const askedBack = [3, 9] as const

export const walletShowWords = command({
  name: 'wallet.showWords',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  doors: 'H',
  secretResults: ['words'],
  in: z.object({}),
  out: z.object({ words: z.string() }),
  run: async (_, { node }) => ({ words: await node.wallet.words() }),
})

export const walletConfirmWords = command({
  name: 'wallet.confirmWords',
  role: 'owner',
  class: 'L',
  doors: 'H',
  secrets: ['words'],
  in: z.object({ words: z.array(z.string().trim().toLowerCase().max(20)).length(2, 'the 3rd and the 9th word') }),
  out: z.object({ ok: z.boolean() }),
  async run({ words }, { node, execute }) {
    const own = (await node.wallet.words()).split(' ')
    if (!askedBack.every((place, index) => own[place - 1] === words[index])) return { refused: 'words-differ' }
    const outcome = await execute(wish('node', 'node', { do: 'confirm-words', seedId: node.wallet.seedId }))
    return 'refused' in outcome ? outcome : { ok: true }
  },
})
