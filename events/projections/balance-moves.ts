/** What each event moves in the books, computed its own way from the event alone (wallet 16). */
import type { DepositEvent } from '../schema/deposit'
import type { MintEvent } from '../schema/mint'
import type { NodeEvent } from '../schema/node'
import { type PayoutEvent, whoseMoney } from '../schema/payout'
import type { SessionEvent } from '../schema/session'
import type { SwapEvent } from '../schema/swap'
import { type Move, moveSession } from './balance-sessions'

export type BookedEvent = SessionEvent | DepositEvent | PayoutEvent | SwapEvent | MintEvent | NodeEvent

/** By `<purse> <account>`, in msat. */
export function movementsOf(event: BookedEvent): ReadonlyMap<string, bigint> {
  const moved = new Map<string, bigint>()
  const move = (purse: string, account: string, msat: bigint) =>
    moved.set(`${purse} ${account}`, (moved.get(`${purse} ${account}`) ?? 0n) + msat)
  switch (event.type) {
    case 'deposit.settled':
      move(event.data.purse, 'free', BigInt(event.data.amountMsat))
      // A move brings back what was withdrawn where it was paid.
      if (event.data.move) move(event.data.purse, 'owner:withdrawn', -BigInt(event.data.amountMsat))
      if (event.data.donated) move(event.data.purse, 'owner:donated', -BigInt(event.data.amountMsat))
      break
    case 'session.credited':
    case 'session.charged':
    case 'session.children-added':
    case 'session.granted':
    case 'session.corrected':
    case 'session.ended':
    case 'session.debited':
    case 'session.returned':
    case 'session.rounded':
      moveSession(event, move)
      break
    case 'payout.requested':
    case 'payout.planned':
    case 'payout.ready':
    case 'payout.claimed':
    case 'payout.reissued':
    case 'payout.rejected':
    case 'payout.paid':
    case 'payout.cancelled':
    case 'payout.swept':
    case 'payout.taken-back':
      movePayout(event, move)
      break
    case 'swap.planned':
    case 'swap.settled':
    case 'swap.rejected':
      moveSwap(event, move)
      break
    case 'mint.scanned':
    case 'mint.coins-lost':
    case 'wallet.unattributed-released':
      moveRecovered(event, move)
      break
    case 'wallet.purse-merged':
      mergePurses(event.data, move)
      break
    default:
      break
  }
  return moved
}

/** What customers are owed in one purse is owed in another one, whose owner's money stands for it. */
function mergePurses(
  { from, to, sharesMsat, promisedMsat }: Extract<NodeEvent, { type: 'wallet.purse-merged' }>['data'],
  move: Move,
): void {
  for (const [account, msat] of [
    ['customers', BigInt(sharesMsat)],
    ['promised', BigInt(promisedMsat)],
  ] as const) {
    move(from, account, msat)
    move(from, 'owner:moved', -msat)
    move(to, 'owner:moved', msat)
    move(to, account, -msat)
  }
}

type MovingPayout =
  | 'payout.requested'
  | 'payout.planned'
  | 'payout.ready'
  | 'payout.claimed'
  | 'payout.reissued'
  | 'payout.rejected'
  | 'payout.paid'
  | 'payout.cancelled'
  | 'payout.swept'
  | 'payout.taken-back'

const worth = (purse: string, units: number) => BigInt(units) * (purse.split('/')[1] === 'sat' ? 1000n : 1n)
const worthOf = (purse: string, coins: readonly { readonly amount: number }[]) =>
  coins.reduce((msat, coin) => msat + worth(purse, coin.amount), 0n)

/** What a search found, what an audit missed, and what of it the owner said is his. */
function moveRecovered(
  event: Extract<BookedEvent, { type: 'mint.scanned' | 'mint.coins-lost' | 'wallet.unattributed-released' }>,
  move: Move,
): void {
  const { purse } = event.data
  if (event.type === 'mint.scanned') {
    const found = worthOf(purse, event.data.imported)
    const recovered = worth(purse, event.data.recoveredUnits)
    move(purse, 'free', found)
    move(purse, 'owner:recovered', -recovered)
    move(purse, 'unattributed', recovered + worth(purse, event.data.returnedUnits ?? 0) - found)
  }
  if (event.type === 'mint.coins-lost') {
    move(purse, 'free', -worth(purse, event.data.units))
    move(purse, 'owner:losses', worth(purse, event.data.units))
  }
  if (event.type === 'wallet.unattributed-released') {
    move(purse, 'unattributed', BigInt(event.data.msat))
    move(purse, 'owner:recovered', -BigInt(event.data.msat))
  }
}

/** Coins of ours that are swapped for new ones: what was at hand or out, what came, and the mint's fee. */
function moveSwap(
  { type, data }: Extract<SwapEvent, { type: 'swap.planned' | 'swap.settled' | 'swap.rejected' }>,
  move: Move,
): void {
  const { purse } = data
  if (type === 'swap.planned') {
    const taken = ['fence', 'reclaim'].includes(data.reason) ? data.added : [...data.inputs, ...data.added]
    move(purse, 'free', -worthOf(purse, taken))
    move(purse, 'locked', worthOf(purse, taken))
  }
  if (type === 'swap.settled') {
    move(purse, 'locked', -worth(purse, data.lockedUnits))
    move(purse, 'out', worthOf(purse, data.send) - worth(purse, data.outUnits))
    move(purse, 'free', worthOf(purse, data.keep))
    move(purse, 'owner:mintFees', worth(purse, data.feeUnits))
  }
  if (type === 'swap.rejected') {
    move(purse, 'locked', -worth(purse, data.freedUnits + data.lostUnits))
    move(purse, 'free', worth(purse, data.freedUnits))
    move(purse, 'owner:losses', worth(purse, data.lostUnits))
  }
}

function movePaid(data: Extract<PayoutEvent, { type: 'payout.paid' }>['data'], move: Move): void {
  const { purse, whose, evidence, lightningFeeUnits, inputFeeUnits } = data
  const [promisedMsat, returnedMsat] = [BigInt(data.promisedMsat), BigInt(data.returnedMsat)]
  const ofOwner = whose === 'owner'
  move(purse, ofOwner ? 'promisedOwner' : 'promised', promisedMsat)
  // Paid by coins that this log does not hold: it counts against what was lost.
  if (evidence === 'quote-alone') {
    move(purse, 'owner:losses', returnedMsat - promisedMsat)
    return
  }
  const [locked, change] = [worth(purse, data.lockedUnits), worthOf(purse, data.change)]
  move(purse, 'locked', -locked)
  move(purse, 'free', change)
  // What went beyond the customer's promise is the owner's cost.
  const feeMsat = ofOwner ? worth(purse, lightningFeeUnits) : locked - change + returnedMsat - promisedMsat
  move(purse, 'owner:lightningFees', feeMsat)
  if (ofOwner) move(purse, 'owner:mintFees', worth(purse, inputFeeUnits))
}

function movePayout(event: Extract<PayoutEvent, { type: MovingPayout }>, move: Move): void {
  const { data, type } = event
  const takePlace = (purse: string, moved: readonly { readonly purse: string; readonly msat: number }[]) => {
    for (const share of moved)
      for (const [place, msat] of [
        [share.purse, BigInt(share.msat)],
        [purse, -BigInt(share.msat)],
      ] as const) {
        move(place, 'promised', msat)
        move(place, 'owner:moved', -msat)
      }
  }
  const promise = (
    shares: readonly { readonly purse: string; readonly msat: number }[],
    ofOwner: boolean,
    way: bigint,
  ) => {
    for (const { purse, msat } of shares) {
      move(purse, ofOwner ? 'promisedOwner' : 'promised', -BigInt(msat) * way)
      if (ofOwner) move(purse, 'owner:withdrawn', BigInt(msat) * way)
    }
  }
  if (type === 'payout.requested') promise(data.shares, whoseMoney(data.purpose) === 'owner', 1n)
  if (type === 'payout.planned') {
    takePlace(data.purse, data.moved)
    move(data.purse, 'free', -worthOf(data.purse, data.inputs))
    move(data.purse, 'locked', worthOf(data.purse, data.inputs))
  }
  if (type === 'payout.ready') {
    const [send, keep] = [worthOf(data.purse, data.send), worthOf(data.purse, data.keep)]
    const fee = worth(data.purse, data.feeUnits)
    if (data.exactMatch) takePlace(data.purse, data.moved)
    move(data.purse, data.exactMatch ? 'free' : 'locked', -(send + keep + fee))
    move(data.purse, 'free', keep)
    move(data.purse, 'out', send)
    move(data.purse, 'owner:mintFees', fee)
  }
  if (type === 'payout.claimed') {
    move(data.purse, 'out', -worth(data.purse, data.units))
    move(data.purse, data.whose === 'owner' ? 'promisedOwner' : 'promised', worth(data.purse, data.units))
  }
  // Only a customer's token is made again.
  if (type === 'payout.reissued' && data.found !== undefined) {
    move(data.found.purse, 'out', worth(data.found.purse, data.found.units))
    move(data.found.purse, 'promised', -worth(data.found.purse, data.found.units))
  }
  if (type === 'payout.paid') {
    takePlace(data.purse, data.moved ?? [])
    movePaid(data, move)
  }
  if (type === 'payout.cancelled') promise(data.shares, data.whose === 'owner', -1n)
  if (type === 'payout.swept') {
    move(data.purse, 'promised', worth(data.purse, data.units))
    move(data.purse, 'owner:swept', -worth(data.purse, data.units))
  }
  if (type === 'payout.taken-back')
    promise([{ purse: data.purse, msat: Number(worth(data.purse, data.units)) }], true, -1n)
  if (type === 'payout.rejected') {
    promise(data.shares, data.whose === 'owner', -1n)
    if (data.coins === undefined) return
    const { purse, units, fate } = data.coins
    move(purse, 'locked', -worth(purse, units))
    move(purse, fate === 'freed' ? 'free' : 'owner:losses', worth(purse, units))
  }
}
