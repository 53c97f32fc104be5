/** The sweep (wallet 5.6): on schedule what is the owner's leaves to his Lightning address, above the floor and up to a cap. */
import { createHash } from 'node:crypto'
import { asMsat, type Inline, type Wish, wish } from '../../events'
import { limits } from '../limits'
import { floorsOf } from './floor'
import { coinlessClaim, payingClaim } from './melt-types'
import type { PayoutDeps } from './payout-types'

export type SweepWishes = {
  readonly enabled: boolean
  readonly address: string
  readonly thresholdMsat: number
  readonly everyMs: number
  readonly capMsat: number
  readonly maxFeePct: number
}
export type SweepDraft = {
  readonly payouts: readonly string[]
  readonly wishes: readonly Wish[]
  readonly inline: Inline
}
export type WhyNot = 'off' | 'no-address' | 'books-unbalanced' | 'under-way' | 'below-threshold'
export type SweepState = {
  readonly lastMs: number | undefined
  readonly nextMs: number
  readonly whyNot: WhyNot | undefined
}

export type Sweep = {
  /** What the append writes that begins it. Call it in the owner lane. */
  readonly draft: (by: string) => Promise<SweepDraft | { readonly whyNot: WhyNot }>
  readonly state: () => SweepState
  /** One look of the schedule; also what it decided is remembered. */
  readonly tick: () => Promise<void>
  readonly start: () => void
  readonly stop: () => void
}

export function createSweep(
  deps: PayoutDeps & { readonly wishes: () => SweepWishes; readonly isBalanced: () => boolean },
): Sweep {
  const { engine, log, now, trace } = deps
  let lastMs: number | undefined
  /** When the schedule looked last; before that, when it began. */
  let lookedMs = now()
  let endFollowing: () => void = () => undefined
  let whyNot: WhyNot | undefined
  let timer: ReturnType<typeof setInterval> | undefined

  async function draft(by: string): Promise<SweepDraft | { readonly whyNot: WhyNot }> {
    const wanted = deps.wishes()
    if (wanted.address === '') return { whyNot: 'no-address' }
    if (!deps.isBalanced()) return { whyNot: 'books-unbalanced' }
    const open = await openPurses()
    const floors = [...(await floorsOf(deps)).values()]
    const trusted = await believed()
    const rich = floors.filter(
      ({ purse, spendableMsat }) => trusted.has(purse.split('/')[0] ?? '') && spendableMsat >= wanted.thresholdMsat,
    )
    const due = rich.filter(({ purse }) => !open.has(purse))
    if (due.length === 0) return { whyNot: rich.length === 0 ? 'below-threshold' : 'under-way' }
    const drafts: SweepDraft[] = []
    // What leaves one purse is not there any more for what all of them together must bear (wallet 15).
    let leftMsat = Math.max(...due.map(({ allBearableMsat }) => allBearableMsat))
    for (const { purse, spendableMsat } of due) {
      const amounts = amountOf(Math.min(spendableMsat, leftMsat), wanted)
      if (amounts === undefined) continue
      leftMsat -= amounts.msat + amounts.maxFeeMsat
      drafts.push(draftOf(purse, amounts, by))
    }
    if (drafts.length === 0) return { whyNot: 'below-threshold' }
    return {
      payouts: drafts.flatMap(({ payouts }) => payouts),
      wishes: drafts.flatMap(({ wishes }) => wishes),
      inline: { claims: drafts.flatMap(({ inline }) => inline.claims ?? []) },
    }
  }

  function draftOf(purse: string, { msat, maxFeeMsat }: Amounts, by: string): SweepDraft {
    const payout = `payout-${createHash('sha256').update(`sweep\n${purse}\n${now()}`).digest('hex').slice(0, 32)}`
    const shares = [{ purse, msat: asMsat(msat) }]
    const destination = deps.wishes().address
    const asked = { purpose: 'sweep', try: 1, by, requestId: payout, msat, shares, maxFeeMsat, destination } as const
    return {
      payouts: [payout],
      wishes: [wish('payout', payout, { do: 'request', wish: { ...asked, shares: [...shares] } })],
      inline: { claims: [payingClaim(payout), coinlessClaim(payout)] },
    }
  }

  /** Ids of mints that are trusted and not suspended. */
  async function believed(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>()
    for (const { mintId } of deps.mints())
      if ((await engine.state('mint', `mint-${mintId}`)).suspended === undefined) ids.add(mintId)
    return ids
  }

  /** None starts while one is open on the purse. */
  async function openPurses(): Promise<ReadonlySet<string>> {
    const open = new Set<string>()
    for (const { key } of await log.claims('paying')) {
      const state = await engine.state('payout', key)
      if (state.is === 'lightning' && state.wish.purpose === 'sweep')
        for (const { purse } of state.wish.shares) open.add(purse)
    }
    return open
  }

  async function tick(): Promise<void> {
    const { enabled, everyMs } = deps.wishes()
    if (!enabled) {
      whyNot = 'off'
      lookedMs = now()
      return
    }
    if (now() < lookedMs + everyMs) return
    lookedMs = now()
    await deps.ownerLane(async () => {
      const drafted = await draft('node')
      if ('whyNot' in drafted) {
        whyNot = drafted.whyNot
        return
      }
      const done = await engine.execute(drafted.wishes, { ...drafted.inline, meta: { actor: 'node', door: 'node' } })
      if ('refused' in done) throw new Error(`a sweep could not begin: ${done.refused}`)
    })
  }

  return {
    draft,
    state() {
      const { enabled, everyMs } = deps.wishes()
      return { lastMs, nextMs: Math.max(now(), lookedMs + everyMs), whyNot: enabled ? whyNot : 'off' }
    },
    tick,
    start() {
      const look = () => void tick().catch((error: unknown) => trace.error('The sweep', { why: String(error) }))
      timer = setInterval(look, limits.sweepTickMs)
      // On schedule or by command: it ran when its payouts were written.
      endFollowing = log.onCommit((events) => {
        for (const { type, data, at } of events) {
          if (type !== 'payout.requested' || (data as { readonly purpose: string }).purpose !== 'sweep') continue
          lastMs = at
          whyNot = undefined
        }
      })
    },
    stop() {
      endFollowing()
      clearInterval(timer)
    },
  }
}

type Amounts = { readonly msat: number; readonly maxFeeMsat: number }

/** Whole sats, so that amount and the most that its fees may take stay above the floor. */
function amountOf(spendableMsat: number, { capMsat, maxFeePct }: SweepWishes): Amounts | undefined {
  // Mints count their reserve in whole units.
  const maxFeePpm = BigInt(Math.round(maxFeePct * 10_000))
  const feeOf = (msat: number) =>
    Math.max(limits.lightningAsideSat, Number((BigInt(msat) * maxFeePpm + 999_999_999n) / 1_000_000_000n)) * 1000
  let msat = Math.min(spendableMsat, capMsat)
  for (let tries = 0; tries < limits.sweepTries; tries += 1) {
    msat -= msat % 1000
    if (msat >= 1000 && msat + feeOf(msat) <= spendableMsat) return { msat, maxFeeMsat: feeOf(msat) }
    msat = spendableMsat - feeOf(msat)
  }
  return undefined
}
