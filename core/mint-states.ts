/** The accepted mints as the doors see them: a desk for each, its state in one sentence, a probe before trust. */
import { createHash } from 'node:crypto'
import type { Engine, TrustedMint } from '../events'
import type { MintLimits, MintProbe, MintState } from './admin/node-port'
import type { MintInfo } from './money/mint-answers'
import { createMintClient, isTrueKeyset } from './money/mint-client'
import { normaliseMintUrl } from './money/mint-url'
import { createMintDesk, type MintDesk } from './processes/mint-desk'
import type { Trace } from './trace'

export type Mints = {
  readonly trusted: () => readonly TrustedMint[]
  /** The one desk of a mint: its queue, its keys, its health. */
  readonly desk: (mint: TrustedMint) => MintDesk
  readonly state: (mint: TrustedMint) => MintState
  /** Asks a mint that need not be trusted yet (wallet 9.1). */
  readonly probe: (url: string) => Promise<MintProbe>
  /** `sat` and `msat`, as far as any accepted mint has them. */
  readonly units: () => readonly string[]
  /** URL in its one spelling, and the id made of it; undefined: not the URL of a mint. */
  readonly normalise: (text: string) => { readonly url: string; readonly mintId: string } | undefined
}

export function createMints(deps: {
  readonly engine: Engine
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  readonly trace: Trace
}): Mints {
  const { engine } = deps
  const trusted = (): readonly TrustedMint[] => engine.peek('node', 'node')?.mints ?? []
  const known = (mint: TrustedMint) => engine.peek('mint', `mint-${mint.mintId}`)
  const desks = new Map<string, MintDesk>()

  function desk(mint: TrustedMint): MintDesk {
    const open = desks.get(mint.mintId)
    if (open !== undefined) return open
    const made = createMintDesk({ ...deps, mint, client: createMintClient(mint.url), isTrueKeyset })
    desks.set(mint.mintId, made)
    return made
  }

  function state(mint: TrustedMint): MintState {
    const health = desk(mint).health()
    const learnt = known(mint)
    const suspended = learnt?.suspended
    const fees = Object.values(learnt?.keysets ?? {})
      .filter((keyset) => keyset.active)
      .map((keyset) => keyset.feePpk)
    return {
      mint: mint.url,
      state: suspended === undefined ? health.state : 'suspended',
      sentence: suspended === undefined ? sentences[health.state](mint.url) : whySuspended(mint.url, suspended),
      at: health.at,
      roundTripMs: health.roundTripMs,
      feePpk: fees.length === 0 ? undefined : Math.min(...fees),
      nuts: learnt?.nuts ?? [],
      units: unitsOf(mint),
    }
  }

  /** As far as the mint has them; before it was asked, as far as they are accepted. */
  function unitsOf(mint: TrustedMint): readonly string[] {
    const pinned = Object.values(known(mint)?.keysets ?? {}).map((keyset) => keyset.unit)
    const has = desk(mint).units() ?? (pinned.length === 0 ? mint.units : pinned)
    return mint.units.filter((unit) => has.includes(unit))
  }

  function units(): readonly string[] {
    const accepted = trusted().flatMap(unitsOf)
    return ['sat', 'msat'].filter((unit) => accepted.includes(unit))
  }

  async function probe(url: string): Promise<MintProbe> {
    const mint = trusted().find((one) => one.url === url)
    const client = mint === undefined ? createMintClient(url) : desk(mint).client
    const ask = mint === undefined ? undefined : desk(mint)
    const started = performance.now()
    // Side by side: who waits for a test hears of a silent mint after one patience, not two (D-056).
    const [info, keysets] = await Promise.all([
      ask === undefined ? client.info() : ask.call(client.info),
      ask === undefined ? client.keysets() : ask.call(client.keysets),
    ])
    const ms = Math.round(performance.now() - started)
    if (info?.is !== 'done' || keysets?.is !== 'done')
      return { ok: false, ms, sentence: `${url} does not answer as a mint does. Nothing was changed.` }
    return judged({ url, ms, info: info.value, keysets: keysets.value })
  }

  return { trusted, desk, state, probe, units, normalise }
}

/** A mint that has no desk here, asked without a queue. */
export const plainDesk = (url: string): Pick<MintDesk, 'call' | 'client'> => ({
  client: createMintClient(url),
  call: (ask) => ask(),
})

function normalise(text: string): ReturnType<Mints['normalise']> {
  const url = normaliseMintUrl(text)
  return url === undefined ? undefined : { url, mintId: createHash('sha256').update(url).digest('hex').slice(0, 16) }
}

const whySuspended = (url: string, why: string): string =>
  why === 'counter-clash'
    ? `The log is older than ${url}: nothing is planned there until its coins are brought back.`
    : `${url} is suspended: ${why}.`

const sentences: Readonly<Record<'unknown' | 'connected' | 'limited' | 'down', (url: string) => string>> = {
  unknown: (url) => `${url} was not asked yet.`,
  connected: (url) => `${url} answers.`,
  limited: (url) => `${url} limits our requests.`,
  down: (url) => `${url} does not answer.`,
}

/** Without 07, 09 or 12 money cannot be proven; without 17, 19, 20 it works, with a warning (wallet 9.1). */
const neededNuts = ['7', '9', '12']
const wantedNuts = ['17', '19', '20']

function judged(seen: {
  readonly url: string
  readonly ms: number
  readonly info: MintInfo
  readonly keysets: readonly { readonly unit: string; readonly active: boolean; readonly feePpk: number }[]
}): MintProbe {
  const { url, ms, info, keysets } = seen
  const missing = neededNuts.filter((nut) => !info.nuts.includes(nut))
  if (missing.length > 0)
    return {
      ok: false,
      ms,
      sentence: `${url} lacks NUT-${missing.join(', NUT-')}, without which money cannot be proven.`,
    }
  const active = keysets.filter((keyset) => keyset.active)
  const units = (['sat', 'msat'] as const).filter((unit) => active.some((keyset) => keyset.unit === unit))
  const cheapest = (unit: string) =>
    Math.min(...active.filter((keyset) => keyset.unit === unit).map((keyset) => keyset.feePpk))
  return {
    ok: true,
    ms,
    name: info.name,
    units,
    nuts: info.nuts,
    feePpk: Object.fromEntries(units.map((unit) => [unit, cheapest(unit)])),
    limits: Object.fromEntries(units.map((unit) => [unit, limitsOf(info, unit)])),
    warnings: wantedNuts.filter((nut) => !info.nuts.includes(nut)).map((nut) => `It does not speak NUT-${nut}.`),
  }
}

/** What one deposit by invoice and one payout by Lightning may be there, in units; what the mint does not name is not there. */
function limitsOf({ invoices, payments }: MintInfo, unit: string): MintLimits {
  const [deposit, payout] = [invoices, payments].map((bounds) => bounds.find((one) => one.unit === unit))
  return {
    ...(deposit?.least === undefined ? {} : { depositLeast: deposit.least }),
    ...(deposit?.most === undefined ? {} : { depositMost: deposit.most }),
    ...(payout?.least === undefined ? {} : { payoutLeast: payout.least }),
    ...(payout?.most === undefined ? {} : { payoutMost: payout.most }),
  }
}
