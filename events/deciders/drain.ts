/** The rules of a drain (wallet 5.6): one round at a time, fees within its bound, and an end that leaves nobody behind. */
import type { DrainEvent } from '../schema/drain'
import { asMsat, type Msat, wholeParts } from '../schema/money'
import type { Process } from './decider'
import { ppmOf, usualReservePpm } from './drain-round'

type Data<Type extends DrainEvent['type']> = Extract<DrainEvent, { type: Type }>['data']
export type DrainPlan = Data<'drain.started'>
export type Round = Data<'drain.round-begun'>
type Ended = Data<'drain.round-ended'>

export type OpenDrain = {
  readonly is: 'open'
  readonly plan: DrainPlan
  /** Begun so far, and the one under way. */
  readonly rounds: number
  readonly round: Round | undefined
  readonly last: Round | undefined
  readonly arrivedMsat: number
  readonly feesMsat: number
  /** Of what arrived, what customers' shares have followed. */
  readonly mergedMsat: number
  /** Rounds in a row that moved nothing, and when and why the newest ended (unix ms). */
  readonly failures: number
  readonly endedAt: number | undefined
  readonly why: string | undefined
  /** Learnt: what the mint sets aside for the way, and an amount that it does not pay at once. */
  readonly reservePpm: number
  readonly mostMsat: number | undefined
  readonly stopped: Data<'drain.stopped'>['why'] | undefined
}
export type Drain =
  | { readonly is: 'unknown' }
  | OpenDrain
  | (Omit<OpenDrain, 'is'> & { readonly is: 'ended'; readonly how: Data<'drain.ended'>['why'] })

export type DrainCommand =
  | { readonly do: 'start'; readonly plan: DrainPlan }
  | { readonly do: 'begin-round'; readonly round: Round }
  | { readonly do: 'end-round'; readonly round: Ended }
  | { readonly do: 'merge'; readonly sharesMsat: Msat; readonly promisedMsat: Msat }
  | { readonly do: 'stop'; readonly why: Data<'drain.stopped'>['why']; readonly by: string }
  | { readonly do: 'end'; readonly why: Data<'drain.ended'>['why'] }

export type DrainRefusal = { readonly refused: 'drain-exists' | 'drain-over' | 'drain-moving' | 'drain-fees' }

/** What a drain owes the world: a round to be followed, the next one, or the merge of what arrived. */
export type DrainWork = { readonly work: 'follow' | 'next' | 'merge' }

const over: DrainRefusal = { refused: 'drain-over' }

export const drain: Process<Drain, DrainCommand, DrainEvent, DrainRefusal, DrainWork> = {
  initial: { is: 'unknown' },

  decide(state, command) {
    if (command.do === 'start')
      return state.is === 'unknown' ? [{ type: 'drain.started', data: command.plan }] : { refused: 'drain-exists' }
    if (state.is !== 'open') return over
    switch (command.do) {
      case 'begin-round':
        return beginRound(state, command.round)
      case 'end-round':
        if (state.round?.n === command.round.n) return [{ type: 'drain.round-ended', data: command.round }]
        return command.round.n <= state.rounds ? [] : over
      case 'merge': {
        const { sharesMsat, promisedMsat } = command
        if (state.round !== undefined) return { refused: 'drain-moving' }
        return 'address' in state.plan.to ? over : [{ type: 'drain.merged', data: { sharesMsat, promisedMsat } }]
      }
      case 'stop':
        return state.stopped === undefined
          ? [{ type: 'drain.stopped', data: { why: command.why, by: command.by } }]
          : []
      case 'end':
        return state.round === undefined
          ? [{ type: 'drain.ended', data: { why: command.why } }]
          : { refused: 'drain-moving' }
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    if (event.type === 'drain.started') return started(event.data)
    if (state.is !== 'open') return state
    switch (event.type) {
      case 'drain.round-begun':
        return { ...state, rounds: event.data.n, round: event.data, last: event.data }
      case 'drain.round-ended':
        return roundEnded(state, event.data)
      case 'drain.merged': {
        const { sharesMsat, promisedMsat } = event.data
        return { ...state, mergedMsat: state.mergedMsat + sharesMsat + promisedMsat }
      }
      case 'drain.stopped':
        return { ...state, stopped: event.data.why }
      case 'drain.ended':
        return { ...state, is: 'ended', how: event.data.why }
      default:
        return event satisfies never
    }
  },

  todo(state) {
    if (state.is !== 'open') return []
    if (state.round !== undefined) return [{ work: 'follow' }]
    return [{ work: state.stopped === undefined ? 'next' : 'merge' }]
  },
}

const started = (plan: DrainPlan): Drain => ({
  is: 'open',
  plan,
  rounds: 0,
  round: undefined,
  last: undefined,
  arrivedMsat: plan.carriedMsat ?? 0,
  feesMsat: 0,
  mergedMsat: 0,
  failures: 0,
  endedAt: undefined,
  why: undefined,
  reservePpm: usualReservePpm,
  mostMsat: undefined,
  stopped: undefined,
})

/** What the drain may still spend on fees: a round may take no more. */
export const feeLeftMsat = ({ plan, feesMsat }: OpenDrain): Msat => asMsat(Math.max(0, plan.maxFeeMsat - feesMsat))

/** One open move per drained purse (wallet 15). */
function beginRound(state: OpenDrain, round: Round): DrainEvent[] | DrainRefusal {
  if (state.stopped !== undefined) return over
  if (state.round !== undefined || round.n !== state.rounds + 1) return { refused: 'drain-moving' }
  if (round.maxFeeMsat > feeLeftMsat(state)) return { refused: 'drain-fees' }
  return [{ type: 'drain.round-begun', data: round }]
}

function roundEnded(state: OpenDrain, { how, arrivedMsat, feesMsat, why, numbers, at }: Ended): OpenDrain {
  const { round } = state
  const ended = {
    ...state,
    round: undefined,
    arrivedMsat: state.arrivedMsat + arrivedMsat,
    feesMsat: state.feesMsat + feesMsat,
    failures: how === 'arrived' ? 0 : state.failures + 1,
    endedAt: at,
    why,
  }
  // What was too much once may not be for ever.
  if (how === 'arrived') return { ...ended, mostMsat: state.mostMsat === undefined ? undefined : state.mostMsat * 2 }
  if (round === undefined) return ended
  // Outside of its bounds: any other refusal says nothing of the amount.
  if (why === 'mint-refuses' && numbers?.code === amountLimits) return { ...ended, mostMsat: wholeParts(round.msat, 2) }
  const asideMsat = asideOf(why, numbers, round)
  return asideMsat === undefined
    ? ended
    : { ...ended, reservePpm: Math.min(million, Math.max(state.reservePpm, ppmOf(asideMsat, round.msat))) }
}

/** What the mint wanted to set aside beside an amount that it was not paid for. */
function asideOf(why: string | undefined, numbers: Ended['numbers'], { msat }: Round): number | undefined {
  if (why === 'too-dear') return numbers?.feesMsat
  const { units, reserveUnits } = numbers ?? {}
  if (why !== 'too-little' || units === undefined || reserveUnits === undefined || units === 0) return undefined
  return Number((BigInt(msat) * BigInt(reserveUnits) + BigInt(units) - 1n) / BigInt(units))
}

const million = 1_000_000
/** NUT error code. */
const amountLimits = 11006
