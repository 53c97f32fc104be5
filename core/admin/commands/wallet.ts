/** The wallet's words, shown and asked back; coins brought back by them, and what those are released to (wallet 12). */
import { z } from 'zod'
import { asMsat, wish } from '../../../events'
import { limits } from '../../limits'
import { command } from '../command'
import { mintsNamed } from '../queries/mints'

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

const mintName = z.string().min(1).max(500)
export const walletRestore = command({
  name: 'wallet.restore',
  role: 'owner',
  stepUp: 'S',
  class: 'P',
  in: z.object({ mints: z.array(mintName).min(1).max(100).optional() }),
  out: z.object({
    state: z.enum(['none', 'running', 'done']),
    mints: z.array(
      z.object({
        mint: z.string(),
        state: z.enum(['done', 'later']),
        isBehind: z.boolean(),
        keysets: z.int(),
        signatures: z.int(),
        importedMsat: z.int(),
        unattributedMsat: z.int(),
        lostMsat: z.int(),
        pending: z.int(),
        unproven: z.int(),
      }),
    ),
  }),
  async run({ mints: names }, { node }) {
    const wanted = await mintsNamed(names, node)
    if ('notFound' in wanted) return wanted
    const { state, mints: rows } = await node.wallet.restore(wanted, limits.scanGap, limits.commandPendingMs)
    return { state, mints: [...rows] }
  },
})

const nothing: Record<string, never> = {}

export const walletReleaseUnattributed = command({
  name: 'wallet.releaseUnattributed',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  in: z.object({ mint: mintName, unit: z.enum(['sat', 'msat']).default('sat'), msat: z.int().min(1) }),
  out: z.object({}),
  async run({ mint: name, unit, msat }, { node, execute }) {
    const named = await mintsNamed([name], node)
    if ('notFound' in named) return named
    const purse = `${named[0]?.mintId}/${unit}`
    const owed =
      (await node.log.sheet()).find((row) => row.purse === purse && row.account === 'unattributed')?.msat ?? 0n
    if (BigInt(msat) > -owed) return { refused: 'more-than-unattributed', msat, unattributedMsat: Number(-owed) }
    const outcome = await execute(wish('node', 'node', { do: 'release-unattributed', purse, msat: asMsat(msat) }))
    return 'refused' in outcome ? outcome : nothing
  },
})

/** Coins that their mint calls expired are given up on the owner's word, who names what he sees waiting (wallet 8.1). */
export const walletConfirmLoss = command({
  name: 'wallet.confirmLoss',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  lane: 'coins',
  in: z.object({ mint: mintName, keyset: z.string().regex(/^[0-9a-f]{16,66}$/), msat: z.int().min(1) }),
  out: z.object({}),
  async run({ mint: name, keyset, msat }, { node, execute }) {
    const named = await mintsNamed([name], node)
    if ('notFound' in named) return named
    const [mint] = named
    const rows = mint === undefined ? [] : await node.money.expiredAt(mint)
    const expired = rows.find(({ keysetId }) => keysetId === keyset)
    if (expired === undefined) return { refused: 'keyset-not-expired' }
    if (expired.msat !== msat) return { refused: 'loss-differs', msat, waitingMsat: expired.msat }
    const draft = await node.money.draftLoss(expired)
    if (draft === undefined)
      return { trouble: 'later', sentence: `Something moves at ${mint?.url}. Nothing was changed.` }
    const outcome = await execute(draft.wishes, draft.inline)
    return 'refused' in outcome ? outcome : nothing
  },
})
