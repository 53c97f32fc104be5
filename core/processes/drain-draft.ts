/** The command that begins a drain (wallet 5.6): deposits stop, and the first round begins, in the command's own append. */
import { asMsat, drain as decider, wish } from '../../events'
import { limits } from '../limits'
import { readDestination } from '../money/pay-request'
import { isDrained } from './drain-merge'
import { draftRound } from './drain-round'
import {
  type DrainAsked,
  type DrainDeps,
  type DrainDraft,
  type DrainRefused,
  drainClaim,
  drainId,
  drainKind,
  moveId,
  type NotNow,
} from './drain-types'
import { belowFloor } from './withdrawals'

/** Call it in the owner lane, and append what it answers before the lane is left. */
export async function draftDrain(asked: DrainAsked, deps: DrainDeps): Promise<DrainDraft | DrainRefused> {
  const { mint, unit, to, by, door } = asked
  const { engine, log } = deps
  const purse = `${mint.mintId}/${unit}`
  const refused = targetRefused(asked)
  if (refused !== undefined) return refused
  const before = await log.claimedBy(drainKind, purse)
  const known = before === undefined ? undefined : await engine.state('drain', before)
  if (known?.is === 'open' && (known.stopped === undefined || known.round !== undefined))
    return { refused: 'drain-open', payout: (known.round ?? known.last)?.payout.slice('payout-'.length) ?? '' }
  const drain = drainId(asked.command)
  const plan = {
    purse,
    mint: mint.url,
    to: 'mint' in to ? { purse: `${to.mint.mintId}/${unit}`, mint: to.mint.url } : to,
    maxFeeMsat: asMsat(asked.maxFeeMsat),
    ...(known?.is === 'open' ? { carriedMsat: asMsat(Math.max(0, known.arrivedMsat - known.mergedMsat)) } : {}),
    by,
    door,
  }
  const state = decider.evolve(decider.initial, { type: 'drain.started', data: plan })
  if (state.is !== 'open') throw new Error('a drain that begins is open')
  const drafted = await draftRound(drain, state, { ...deps, patienceMs: limits.laneMintMs })
  const isOnlyOwed =
    'whyNot' in drafted && drafted.whyNot === 'empty' && 'mint' in to && !(await isDrained(purse, deps))
  if ('whyNot' in drafted && !isOnlyOwed) return refusalOf(drafted, asked)
  const round = 'whyNot' in drafted ? undefined : drafted
  const { capSat = null } = mint
  return {
    drain,
    payout: round === undefined ? undefined : moveId(drain, 1),
    wishes: [
      wish('node', 'node', { do: 'change-mint', mintId: mint.mintId, deposits: false, capSat, first: false }),
      // One that only waited for what it had moved: this one takes over what it left.
      ...(before === undefined ? [] : [wish('drain', before, { do: 'end', why: 'replaced' })]),
      wish('drain', drain, { do: 'start', plan }),
      ...(round?.wishes ?? []),
    ],
    inline: {
      releases: [...(before === undefined ? [] : [{ kind: drainKind, key: purse }]), ...(round?.inline.releases ?? [])],
      claims: [drainClaim(drain, plan), ...(round?.inline.claims ?? [])],
    },
  }
}

/** Another mint whose deposits are welcome, with the same unit: shares of one become shares of the other. */
function targetRefused({ mint, unit, to }: DrainAsked): DrainRefused | undefined {
  // An invoice is of one amount: a drain goes to who makes new ones.
  if ('address' in to)
    return readDestination(to.address)?.is === 'pay-request' ? undefined : { refused: 'destination-unusable' }
  const isOther = to.mint.mintId !== mint.mintId
  return isOther && to.mint.units.includes(unit) && to.mint.deposits !== false ? undefined : { refused: 'drain-target' }
}

function refusalOf({ whyNot, floor, carry }: NotNow, { maxFeeMsat }: DrainAsked): DrainRefused {
  switch (whyNot) {
    case 'empty':
      return { refused: 'nothing-to-drain' }
    case 'below-floor':
      return belowFloor(floor)
    case 'fee-limit':
      return carry === undefined
        ? { refused: 'drain-fees', maxFeeMsat }
        : { refused: 'drain-fees', maxFeeMsat, needMsat: carry.feesMsat, rounds: carry.rounds }
    case 'daily-limit':
      return { refused: 'daily-limit' }
    case 'other-drain':
      return { refused: 'other-drain' }
    case 'target-closed':
      return { refused: 'drain-target' }
    case 'mint-limited':
    case 'target-limited':
      return { unreachable: 'limited' }
    case 'mint-suspended':
    case 'target-suspended':
      return { unreachable: 'suspended' }
    case 'books-unbalanced':
    case 'mint-down':
    case 'target-down':
    case 'pause':
      return { unreachable: 'down' }
    default:
      return whyNot satisfies never
  }
}
