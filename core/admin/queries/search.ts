/** search.find: what a few characters name: keys by hash, requests, models, payouts (dashboard 3, palette). */
import { z } from 'zod'
import { findRequest, listSessions, payoutsNamed } from '../../../events'
import { query, type RunContext } from '../command'

const most = 20
/** Shapes of keys and tokens: none of them belongs into a search, and none is told back (D-016). */
const secret = /^(bearer\s|sk-|cashu[ab]|nsec1|ncryptsec1|rnt_)/i

const row = z.object({ kind: z.enum(['session', 'request', 'model', 'payout']), id: z.string(), label: z.string() })
type Found = z.output<typeof row>

export const searchFind = query({
  name: 'search.find',
  in: z.object({
    text: z
      .string()
      .trim()
      .min(2)
      .max(100)
      .refine((text) => !secret.test(text), 'this looks like a key or a token: search for the hash of a key'),
  }),
  out: z.object({ rows: z.array(row) }),
  async run({ text }, context) {
    const wanted = text.toLowerCase()
    const rows = [
      ...(await sessionsNamed(wanted, context)),
      ...(await requestNamed(wanted, context)),
      ...(await payoutsFound(wanted, context)),
      ...modelsNamed(wanted, context),
    ]
    return { rows: rows.slice(0, most) }
  },
})

async function sessionsNamed(text: string, { node, now }: RunContext): Promise<readonly Found[]> {
  if (!/^[0-9a-f]{4,64}$/.test(text)) return []
  const found = await listSessions(node.views.sql, { search: text, limit: most, nowS: Math.floor(now / 1000) })
  return found
    .filter(({ stream }) => stream.startsWith(`session-${text}`))
    .map(({ key12, label, state }) => ({
      kind: 'session',
      id: key12,
      label: label === '' ? state : `${label}, ${state}`,
    }))
}

async function requestNamed(text: string, { node }: RunContext): Promise<readonly Found[]> {
  if (!z.uuid().safeParse(text).success) return []
  const found = await findRequest(node.views.sql, text)
  return found === undefined
    ? []
    : [{ kind: 'request', id: found.requestId, label: `${found.model}, ${found.outcome}` }]
}

async function payoutsFound(text: string, { node }: RunContext): Promise<readonly Found[]> {
  const [, id = ''] = /^(?:payout-)?([0-9a-f]{4,32})$/.exec(text) ?? []
  if (id === '') return []
  const found = await payoutsNamed(node.views.sql, id, most)
  return found.map((payout) => ({
    kind: 'payout',
    id: payout.id.slice('payout-'.length),
    label: `${payout.via}, ${payout.state}`,
  }))
}

function modelsNamed(text: string, { node }: RunContext): readonly Found[] {
  return node.upstreams
    .models()
    .filter(({ model, aliases }) => [model, ...aliases].some((name) => name.toLowerCase().includes(text)))
    .slice(0, most)
    .map(({ model, upstream, upstreamId }) => ({
      kind: 'model',
      id: `${upstreamId}/${model}`,
      label: `${model} at ${upstream}`,
    }))
}
