/** mints.add and mints.test: a mint is tried before customers may pay with its tokens (wallet 9.1). */
import { z } from 'zod'
import { type CoinMove, isWorthless, type TrustedMint, type Wish, wish } from '../../../events'
import { command, type RunContext } from '../command'
import { mintRow, mintsNamed, shownMint } from '../queries/mints'

const url = z.string().min(1).max(500)
const units = z
  .array(z.enum(['sat', 'msat']))
  .min(1)
  .max(2)

export const mintsAdd = command({
  name: 'mints.add',
  role: 'owner',
  stepUp: 'S',
  atSetup: true,
  class: 'O',
  in: z.object({ url, units: units.optional() }),
  out: mintRow,
  async run(params, context) {
    const { node, execute } = context
    const normal = node.mints.normalise(params.url)
    if (normal === undefined) return { refused: 'mint-url-invalid' }
    const address = await node.address(normal.url, ['http:', 'https:'])
    if ('refused' in address) return address
    const probe = await node.mints.probe(normal.url)
    if (!probe.ok) return { trouble: 'later', sentence: probe.sentence }
    const wanted = (params.units ?? ['sat', 'msat']).filter((unit) => probe.units.includes(unit))
    if (wanted.length === 0) return { refused: 'mint-units-missing', units: probe.units.join(', ') }
    const mint = {
      ...normal,
      units: [...wanted],
      privateAddress: address.privateAddress,
      warnings: [...probe.warnings],
      source: 'operator' as const,
    }
    const outcome = await execute(wish('node', 'node', { do: 'trust-mint', mint }))
    return 'refused' in outcome ? outcome : shownMint(mint, context)
  },
})

/** In units; what the mint does not name is not there. */
const bound = z.int().optional()
const limitsOfUnit = z.object({ depositLeast: bound, depositMost: bound, payoutLeast: bound, payoutMost: bound })

export const mintsTest = command({
  name: 'mints.test',
  role: 'operator',
  class: 'O',
  in: z.union([z.object({ mint: z.string().min(1).max(500) }), z.object({ url })]),
  out: z.object({
    ok: z.boolean(),
    ms: z.int(),
    info: z
      .object({
        name: z.string(),
        units: z.array(z.string()),
        nuts: z.array(z.string()),
        feePpk: z.record(z.string(), z.int()),
      })
      .optional(),
    limits: z.record(z.string(), limitsOfUnit),
    sentence: z.string(),
  }),
  // A mint that is not trusted yet is an address of the caller's own choice.
  needs: (params) => ('url' in params ? 'owner' : undefined),
  async run(params, { node }) {
    const wanted = 'url' in params ? params.url : params.mint
    const { mints } = await node.engine.state('node', 'node')
    const trusted = mints.find((mint) => mint.mintId === wanted || mint.url === node.mints.normalise(wanted)?.url)
    if ('mint' in params && trusted === undefined) return { notFound: `mint ${wanted}` }
    const target = trusted?.url ?? node.mints.normalise(wanted)?.url
    if (target === undefined) return { refused: 'mint-url-invalid' }
    if (trusted === undefined) {
      const address = await node.address(target, ['http:', 'https:'])
      if ('refused' in address) return address
    }
    const probe = await node.mints.probe(target)
    if (!probe.ok) return { ok: false, ms: probe.ms, limits: {}, sentence: probe.sentence }
    const { name, nuts, feePpk, limits, ms } = probe
    return {
      ok: true,
      ms,
      info: { name, units: [...probe.units], nuts: [...nuts], feePpk: { ...feePpk } },
      limits: { ...limits },
      sentence: `Connected in ${ms} ms; units ${probe.units.join(', ')}.${probe.warnings.length === 0 ? '' : ` ${probe.warnings.join(' ')}`}`,
    }
  },
})

/** Ends a suspension; a mint that knows more than the log is opened by its restore alone (wallet 12.4). */
export const mintsResume = command({
  name: 'mints.resume',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  in: z.object({ mint: z.string().min(1).max(500), reason: z.string().trim().min(3).max(200) }),
  out: mintRow,
  async run({ mint: name }, context) {
    const { node, execute } = context
    const named = await mintsNamed([name], node)
    const mint = 'notFound' in named ? undefined : named[0]
    if (mint === undefined) return { notFound: `mint ${name}` }
    const stream = `mint-${mint.mintId}`
    if ((await node.engine.state('mint', stream)).suspended === 'counter-clash') return { refused: 'mint-is-searched' }
    const outcome = await execute(wish('mint', stream, { do: 'resume', by: 'owner' }))
    if ('refused' in outcome) return outcome
    // As it will be once this is written: nothing it said before counts.
    const { roundTripMs: _, at: __, ...row } = await shownMint(mint, context)
    return { ...row, state: 'unknown', sentence: `${mint.url} is asked again.` }
  },
})

const named = z.string().min(1).max(500)

/** By id or URL. */
export async function trustedMint(wanted: string, { node }: RunContext): Promise<TrustedMint | undefined> {
  const { mints } = await node.engine.state('node', 'node')
  const url = node.mints.normalise(wanted)?.url
  return mints.find((mint) => mint.mintId === wanted || mint.url === url)
}

export const mintsChange = command({
  name: 'mints.change',
  role: 'owner',
  stepUp: 'S?',
  atSetup: true,
  class: 'L',
  in: z.object({
    mint: named,
    deposits: z.boolean().optional(),
    capSat: z.int().min(0).max(2_100_000_000_000_000).nullable().optional(),
    default: z.boolean().optional(),
  }),
  out: mintRow,
  // To take less from a mint is always safe.
  stepUpFor: ({ deposits, capSat }) => deposits === true || capSat !== undefined,
  async run(params, context) {
    const mint = await trustedMint(params.mint, context)
    if (mint === undefined) return { notFound: `mint ${params.mint}` }
    const deposits = params.deposits ?? mint.deposits ?? true
    if (params.deposits === true && (await isDrained(mint, context))) return { refused: 'drain-open' }
    const capSat = params.capSat === undefined ? (mint.capSat ?? null) : params.capSat
    const first = params.default === true
    const outcome = await context.execute(
      wish('node', 'node', { do: 'change-mint', mintId: mint.mintId, deposits, capSat, first }),
    )
    return 'refused' in outcome ? outcome : shownMint({ ...mint, deposits, capSat }, context)
  },
})

/**
 * Refused while anything of ours or of a customer's lies there, or is on its way (wallet 9.5). What is the owner's and
 * too little for any drain is written off in the same append: else its own fee would keep the mint for ever.
 */
export const mintsRemove = command({
  name: 'mints.remove',
  role: 'owner',
  class: 'L',
  lane: 'coins',
  alone: true,
  in: z.object({ mint: named }),
  /** `writtenOffMsat`: the owner's loss. */
  out: z.object({ mint: z.string(), writtenOffMsat: z.int().optional() }),
  async run(params, context) {
    const { node, execute } = context
    const mint = await trustedMint(params.mint, context)
    if (mint === undefined) return { notFound: `mint ${params.mint}` }
    const rows = (await node.log.sheet()).filter(({ purse }) => purse.startsWith(`${mint.mintId}/`))
    const sum = (...accounts: readonly string[]) =>
      rows.reduce((msat, row) => msat + (accounts.includes(row.account) ? Number(row.msat) : 0), 0)
    const heldMsat = sum('free', 'locked', 'out')
    const owedMsat = -sum('customers', 'promised', 'unattributed', 'promisedOwner')
    const open = await openAt(mint, context)
    const isOwners = owedMsat === 0 && sum('locked', 'out') === 0 && open === 0
    const rest = isOwners ? await worthlessAt(mint, context) : undefined
    if (rest === undefined)
      return { refused: 'mint-not-empty', heldMsat, owedMsat: -sum('customers', 'promised', 'unattributed'), open }
    const distrust = wish('node', 'node', { do: 'distrust-mint', mintId: mint.mintId })
    const outcome = await execute([...rest.wishes, distrust], { moves: rest.moves })
    if ('refused' in outcome) return outcome
    return { mint: mint.url, ...(heldMsat === 0 ? {} : { writtenOffMsat: heldMsat }) }
  },
})

/** What gives up all coins there; undefined: a drain would still move some of them. They stay known, and so their counters. */
async function worthlessAt({ mintId }: TrustedMint, { node }: RunContext) {
  const evidence = { kind: 'written-off', looks: [], sends: 0 }
  const wishes: Wish[] = []
  const moves: CoinMove[] = []
  for (const { purse, freeMsat, feesMsat } of (await node.money.floors()).values()) {
    if (!purse.startsWith(`${mintId}/`) || freeMsat === 0) continue
    // Where coins cost nothing to move, a token takes out the last of them.
    if (feesMsat === 0 || !isWorthless(freeMsat, feesMsat)) return undefined
    const coins = (await node.log.coins(purse)).filter(({ state }) => state === 'free')
    wishes.push(wish('mint', `mint-${mintId}`, { do: 'lose-coins', purse, coins, evidence }))
    moves.push(
      ...coins.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'free' as const, to: 'spent' as const })),
    )
  }
  return { wishes, moves }
}

async function isDrained({ mintId }: TrustedMint, { node }: RunContext): Promise<boolean> {
  return (await node.money.drainsOf(mintId)).some(({ state }) => state.plan.purse.startsWith(`${mintId}/`))
}

/** Deposits, invoices, payouts and drains there, or to there, that have not ended. */
async function openAt(mint: TrustedMint, { node }: RunContext): Promise<number> {
  let open = (await node.money.drainsOf(mint.mintId)).length
  for (const kind of ['open', 'invoice', 'swapping', 'coinless', 'paying', 'swap'])
    for (const { key } of await node.log.claims(kind)) if (await isAt(mint, key, node)) open += 1
  return open
}

async function isAt({ mintId, url }: TrustedMint, stream: string, { engine }: RunContext['node']): Promise<boolean> {
  if (stream.startsWith('deposit-')) {
    const state = await engine.state('deposit', stream)
    const plan = state.is === 'invoice' ? state.invoice.plan : 'plan' in state ? state.plan : undefined
    return plan?.mint === url
  }
  if (stream.startsWith('swap-')) {
    const state = await engine.state('swap', stream)
    return state.is !== 'unknown' && state.plan.mint === url
  }
  const state = await engine.state('payout', stream)
  return state.is !== 'unknown' && state.wish.shares.some(({ purse }) => purse.startsWith(`${mintId}/`))
}
