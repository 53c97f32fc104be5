/** What the node knows of a mint and how it asks: pinned keysets, keys, fees, health. One desk for each mint. */
import { createHash } from 'node:crypto'
import { type Engine, type TrustedMint, wish } from '../../events'
import { limits } from '../limits'
import type { Keys, KeysetInfo, MintInfo, QuoteBounds } from '../money/mint-answers'
import type { MintClient } from '../money/mint-client'
import type { MintAnswer } from '../money/mint-request'
import type { Trace } from '../trace'
import { createMintQueue, type MintHealth, type Urgency } from './mint-queue'

export type KnownKeyset = KeysetInfo & { readonly keys: Keys }
export type Unreachable = { readonly unreachable: 'down' | 'limited' | 'suspended' }

type Call = <Value>(call: () => Promise<MintAnswer<Value>>) => Promise<MintAnswer<Value> | undefined>

/** Why a mint is not believed any more, until its owner says otherwise (wallet 4). */
export type Suspicion = 'lied' | 'partial-restore' | 'counter-clash' | 'own-coin-spent' | 'wants-auth'

export type MintDesk = {
  readonly mint: TrustedMint
  readonly client: MintClient
  /** Asks in the mint's queue; undefined: nothing was sent (wallet 9.4). */
  readonly call: Call
  /** The same for what moves money or makes a quote: mints count those apart. */
  readonly move: Call
  /** The same desk for callers who are less in a hurry than a customer that waits. */
  readonly as: (urgency: Urgency) => MintDesk
  /** All keysets of the mint, fresh enough, for what is new; `again` asks the mint now. */
  readonly keysets: (again?: boolean) => Promise<readonly KeysetInfo[] | Unreachable>
  /** The same for what is open: it goes on at a mint that is suspended (wallet 6.1), for only new plans wait (8.1). */
  readonly listed: (again?: boolean) => Promise<readonly KeysetInfo[] | Unreachable>
  /** Keys of one keyset, verified against its id. */
  readonly withKeys: (keyset: KeysetInfo) => Promise<KnownKeyset | Unreachable>
  /** The cheapest active keyset of a unit, for new outputs (T6); `again`: of what is open and is planned anew. */
  readonly outputKeyset: (unit: string, again?: boolean) => Promise<KnownKeyset | Unreachable>
  /** Whether anything new may be planned here, exact matches too; undefined: it may (wallet 6.6, 12.4). */
  readonly mayPlan: (unit: string) => Promise<Unreachable | undefined>
  /** Units that the mint has active keysets for; undefined until it was asked. */
  readonly units: () => readonly string[] | undefined
  /** For which units and amounts the mint makes invoices; undefined until it was asked. */
  readonly invoices: () => readonly QuoteBounds[] | undefined
  /** Of which changes the mint tells by itself (NUT-17); undefined until it was asked. */
  readonly tells: (unit: string) => readonly string[] | undefined
  readonly health: () => MintHealth
  /** What a mint that limited us bears now; undefined: nothing limits it. */
  readonly callsPerMinute: () => number | undefined
  /** Asks a mint that is down for its info: once in half a minute finds out whether it is back. */
  readonly probe: () => Promise<void>
  readonly suspend: (why: Suspicion, operation: string) => Promise<void>
  readonly isSuspended: () => Promise<boolean>
  readonly learnInfo: () => Promise<MintAnswer<MintInfo> | undefined>
}

export function createMintDesk(deps: {
  readonly mint: TrustedMint
  readonly client: MintClient
  readonly isTrueKeyset: (keys: Keys, info: KeysetInfo) => boolean
  readonly engine: Engine
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  readonly trace: Trace
}): MintDesk {
  const { mint, client, engine, now, trace } = deps
  const stream = `mint-${mint.mintId}`
  const queue = createMintQueue(deps)
  /** Info, keysets and keys are asked for seldom, and whoever waits for them, a customer may join him. */
  const shared = { urgency: 'customer', isMoney: false } as const
  const keysById = new Map<string, Keys>()
  let known: { readonly keysets: readonly KeysetInfo[]; readonly at: number } | undefined
  let invoices: readonly QuoteBounds[] | undefined
  let told: MintInfo['tells'] | undefined
  let asking: Promise<readonly KeysetInfo[] | Unreachable> | undefined
  const meta = { actor: 'node', door: 'node', cause: undefined } as const

  const unreachable = (): Unreachable => ({ unreachable: queue.health().state === 'limited' ? 'limited' : 'down' })

  async function keysets(again = false): Promise<readonly KeysetInfo[] | Unreachable> {
    return (await isSuspended()) ? { unreachable: 'suspended' } : listed(again)
  }

  async function listed(again = false): Promise<readonly KeysetInfo[] | Unreachable> {
    // A log that is older than its mint is searched first: what stands open in it may be long over (wallet 12.4).
    if ((await suspension()) === 'counter-clash') return { unreachable: 'suspended' }
    if (!again && known !== undefined && now() - known.at < limits.mintFreshMs) return known.keysets
    if (queue.closed() === 'down') return unreachable()
    asking ??= askKeysets().finally(() => {
      asking = undefined
    })
    return asking
  }

  async function askKeysets(): Promise<readonly KeysetInfo[] | Unreachable> {
    const answer = await queue.run(shared, client.keysets)
    if (answer?.is !== 'done') return known !== undefined && answer === undefined ? known.keysets : unreachable()
    known = { keysets: answer.value.filter((keyset) => keyset.unit === 'sat' || keyset.unit === 'msat'), at: now() }
    return known.keysets
  }

  async function withKeys(keyset: KeysetInfo): Promise<KnownKeyset | Unreachable> {
    const cached = keysById.get(keyset.id)
    if (cached !== undefined) return { ...keyset, keys: cached }
    const answer = await queue.run(shared, () => client.keys(keyset.id))
    if (answer?.is !== 'done') return unreachable()
    if (!deps.isTrueKeyset(answer.value, keyset)) {
      trace.warn('A mint named a keyset whose keys do not hash to its id', { mint: mint.url, keyset: keyset.id })
      return { unreachable: 'down' }
    }
    const learnt = await engine.execute(
      wish('mint', stream, { do: 'learn-keysets', keysets: [seen(keyset, answer.value)] }),
      { meta },
    )
    if ('refused' in learnt) {
      await suspend('lied', keyset.id)
      return { unreachable: 'suspended' }
    }
    keysById.set(keyset.id, answer.value)
    return { ...keyset, keys: answer.value }
  }

  async function outputKeyset(
    unit: string,
    again: boolean,
    urgency: 'customer' | 'redeem',
  ): Promise<KnownKeyset | Unreachable> {
    // What would only lie in wait is not begun: a plan for a mint that is down or wants quiet fails at once.
    const closed = queue.closed(urgency)
    if (closed !== undefined) return { unreachable: closed }
    const all = await (again ? listed(true) : keysets())
    if ('unreachable' in all) return all
    const found = await usableKeyset(all, unit)
    if (found !== undefined) return found
    // A list that names nothing usable is asked for again soon: the mint's next rotation ends that.
    const isOld = known !== undefined && now() - known.at >= limits.keysetsAgainMs
    return again || !isOld ? unreachable() : outputKeyset(unit, true, urgency)
  }

  async function usableKeyset(all: readonly KeysetInfo[], unit: string): Promise<KnownKeyset | undefined> {
    const nowS = now() / 1000
    const usable = all
      .filter(
        (keyset) =>
          keyset.unit === unit && keyset.active && (keyset.finalExpiry === undefined || keyset.finalExpiry > nowS),
      )
      .sort((a, b) => a.feePpk - b.feePpk)
    for (const keyset of usable) {
      const found = await withKeys(keyset)
      if (!('unreachable' in found)) return found
    }
    return undefined
  }

  async function suspend(why: Suspicion, operation: string): Promise<void> {
    trace.error('A mint is suspended', { mint: mint.url, why, operation })
    await engine.execute(wish('mint', stream, { do: 'suspend', why, operation }), { meta })
  }

  const suspension = async () => (await engine.state('mint', stream)).suspended
  const isSuspended = async () => (await suspension()) !== undefined

  async function learnInfo(): Promise<MintAnswer<MintInfo> | undefined> {
    const answer = await queue.run(shared, client.info)
    if (answer?.is !== 'done') return answer
    const { name, nuts } = answer.value
    invoices = answer.value.invoices
    told = answer.value.tells
    const infoHash = createHash('sha256').update(JSON.stringify({ name, nuts })).digest('hex')
    await engine.execute(wish('mint', stream, { do: 'see', infoHash, name, nuts, limits: {} }), { meta })
    return answer
  }

  const view = (urgency: Urgency): MintDesk => ({
    ...plain,
    call: (call) => queue.run({ urgency, isMoney: false }, call),
    move: (call) => queue.run({ urgency, isMoney: true }, call),
    outputKeyset: (unit, again = false) => outputKeyset(unit, again, urgency === 'redeem' ? 'redeem' : 'customer'),
    as: view,
  })
  const plain = {
    mint,
    client,
    keysets,
    listed,
    withKeys,
    // The wallet's guard has a say of its own; the desk knows of no reason.
    mayPlan: async () => undefined,
    units: () => known?.keysets.filter((keyset) => keyset.active).map((keyset) => keyset.unit),
    invoices: () => invoices,
    tells: (unit: string) => told?.filter((one) => one.unit === unit).flatMap(({ commands }) => commands),
    health: queue.health,
    callsPerMinute: queue.callsPerMinute,
    probe: () => queue.probe(client.info),
    suspend,
    isSuspended,
    learnInfo,
  }
  return view('customer')
}

function seen(keyset: KeysetInfo, keys: Keys) {
  const keysHash = createHash('sha256')
    .update(JSON.stringify(Object.entries(keys.keys).sort(([a], [b]) => Number(a) - Number(b))))
    .digest('hex')
  const { id: keysetId, unit, feePpk, active, finalExpiry } = keyset
  return { keysetId, unit, feePpk, active, keysHash, ...(finalExpiry === undefined ? {} : { finalExpiry }) }
}
