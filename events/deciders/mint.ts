/** What the node believes of one mint: the keysets it pinned, and whether it trusts its word at the moment. */
import type { Coin, Evidence } from '../schema/deposit'
import type { MintEvent } from '../schema/mint'
import type { Decider } from './decider'

export type Keyset = {
  readonly unit: string
  readonly feePpk: number
  readonly active: boolean
  readonly keysHash: string
  readonly finalExpiry?: number | undefined
}

export type Mint = {
  readonly keysets: Readonly<Record<string, Keyset>>
  readonly suspended: string | undefined
  /** Units by purse that were booked as lost since the suspension and that no found coin has made up for. */
  readonly lost: Readonly<Record<string, number>>
  /** Operations whose coins of a keyset it took for expired, by keyset. */
  readonly expired: Readonly<Record<string, readonly string[]>>
  readonly infoHash: string
  readonly name: string
  readonly nuts: readonly string[]
  readonly limits: {
    readonly maxInputs?: number | undefined
    readonly maxOutputs?: number | undefined
    readonly learntAt?: number | undefined
  }
}

export type SeenKeyset = {
  readonly keysetId: string
  readonly unit: string
  readonly feePpk: number
  readonly active: boolean
  readonly keysHash: string
  readonly finalExpiry?: number | undefined
}

export type MintCommand =
  | {
      readonly do: 'see'
      readonly infoHash: string
      readonly name: string
      readonly nuts: readonly string[]
      readonly limits: Mint['limits']
    }
  | { readonly do: 'learn-keysets'; readonly keysets: readonly SeenKeyset[] }
  | { readonly do: 'learn-expired'; readonly keysetId: string; readonly operation: string }
  /** It refused a request with one coin more, at this instant in milliseconds. */
  | { readonly do: 'learn-input-cap'; readonly maxInputs: number; readonly at: number }
  | {
      readonly do: 'suspend'
      readonly why: 'lied' | 'partial-restore' | 'counter-clash' | 'own-coin-spent' | 'wants-auth' | 'owner'
      readonly operation?: string
    }
  | { readonly do: 'resume'; readonly by: string }
  | {
      readonly do: 'scan'
      readonly isTrusted: boolean
      readonly purse: string
      readonly keysetId: string
      readonly seedId: string
      readonly from: number
      readonly to: number
      readonly imported: readonly Coin[]
      readonly cursor: number
      /** Whether the log may have forgotten whose the coins are. */
      readonly isBehind: boolean
      /** What the same append gives back to a customer. */
      readonly returnedUnits?: number
    }
  | {
      readonly do: 'lose-coins'
      readonly purse: string
      readonly coins: readonly Pick<Coin, 'keysetId' | 'counter' | 'amount'>[]
      readonly evidence: Evidence
    }

export type MintRefusal =
  | { readonly refused: 'keyset-changed'; readonly keysetId: string }
  | { readonly refused: 'mint-unknown' }

export const mint: Decider<Mint, MintCommand, MintEvent, MintRefusal> = {
  initial: { keysets: {}, suspended: undefined, lost: {}, expired: {}, infoHash: '', name: '', nuts: [], limits: {} },

  decide(state, command) {
    switch (command.do) {
      case 'see': {
        if (state.infoHash === command.infoHash) return []
        const { infoHash, name, nuts, limits } = command
        return [{ type: 'mint.seen', data: { infoHash, name, nuts: [...nuts], limits } }]
      }
      case 'learn-input-cap': {
        const { infoHash, name, nuts, limits } = state
        if (command.maxInputs >= (inputCapNow(state, command.at) ?? Number.POSITIVE_INFINITY)) return []
        const learnt = { ...limits, maxInputs: command.maxInputs, learntAt: command.at }
        return [{ type: 'mint.seen', data: { infoHash, name, nuts: [...nuts], limits: learnt } }]
      }
      case 'learn-keysets':
        return learnKeysets(state, command.keysets)
      case 'suspend': {
        const { do: _, ...data } = command
        return state.suspended === undefined ? [{ type: 'mint.suspended', data }] : []
      }
      case 'resume':
        return state.suspended === undefined ? [] : [{ type: 'mint.resumed', data: { by: command.by } }]
      case 'scan':
        return command.isTrusted ? [scanned(state, command)] : { refused: 'mint-unknown' }
      case 'learn-expired': {
        const { keysetId, operation } = command
        const isKnown = state.expired[keysetId]?.includes(operation) === true
        return isKnown ? [] : [{ type: 'mint.keyset-expired', data: { keysetId, operation } }]
      }
      case 'lose-coins': {
        const { purse, coins, evidence } = command
        const refs = coins.map(({ keysetId, counter }) => ({ keysetId, counter }))
        return coins.length === 0
          ? []
          : [{ type: 'mint.coins-lost', data: { purse, refs, units: sum(coins), evidence } }]
      }
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'mint.seen':
        return { ...state, ...event.data }
      case 'mint.keyset-pinned': {
        const { keysetId, ...known } = event.data
        return { ...state, keysets: { ...state.keysets, [keysetId]: { ...known, active: true } } }
      }
      case 'mint.keyset-retired':
        return withKeyset(state, event.data.keysetId, (known) => ({ ...known, active: false }))
      case 'mint.keyset-expired': {
        const { keysetId, operation } = event.data
        return { ...state, expired: { ...state.expired, [keysetId]: [...(state.expired[keysetId] ?? []), operation] } }
      }
      case 'mint.keyset-fee-changed':
        return withKeyset(state, event.data.keysetId, (known) => ({ ...known, feePpk: event.data.feePpk }))
      case 'mint.suspended':
        return { ...state, suspended: event.data.why }
      case 'mint.resumed':
        return { ...state, suspended: undefined, lost: {} }
      case 'mint.scanned':
        return withLost(state, event.data.purse, -event.data.recoveredUnits)
      case 'mint.coins-lost':
        // What the owner gave up is no gap in the log that found coins could fill.
        if (event.data.evidence.kind !== 'audit') return state
        return withLost(state, event.data.purse, event.data.units)
      default:
        return event satisfies never
    }
  },
}

/** One stray refusal must not bind a mint for ever: after so long more is tried again, and refused or not (wallet 8.1). */
const refusalBelievedMs = 3600_000

/** The most inputs that a mint lately refused to exceed; undefined: it refused none, or long ago. `now` in milliseconds. */
export const inputCapNow = ({ limits: { maxInputs, learntAt = 0 } }: Mint, now: number): number | undefined =>
  now - learntAt < refusalBelievedMs ? maxInputs : undefined

const sum = (coins: readonly { readonly amount: number }[]): number =>
  coins.reduce((units, coin) => units + coin.amount, 0)

/** Of a log that was behind, found coins make up for lost ones first: a payment and its change are one (wallet 16). */
function scanned(state: Mint, command: Extract<MintCommand, { do: 'scan' }>): MintEvent {
  const { do: _, isBehind, imported, returnedUnits = 0, ...found } = command
  const units = sum(imported) - returnedUnits
  const recoveredUnits = isBehind ? Math.min(units, state.lost[command.purse] ?? 0) : units
  const back = returnedUnits === 0 ? {} : { returnedUnits }
  const data = { ...found, imported: [...imported], recoveredUnits, unattributedUnits: units - recoveredUnits, ...back }
  return { type: 'mint.scanned', data }
}

const withLost = (state: Mint, purse: string, units: number): Mint => ({
  ...state,
  lost: { ...state.lost, [purse]: Math.max(0, (state.lost[purse] ?? 0) + units) },
})

/** A keyset once pinned keeps its keys for ever: other keys under its id are a lie (wallet 9.2). */
function learnKeysets(state: Mint, seen: readonly SeenKeyset[]): MintEvent[] | MintRefusal {
  const events: MintEvent[] = []
  for (const { active, ...keyset } of seen) {
    const known = state.keysets[keyset.keysetId]
    if (known !== undefined && known.keysHash !== keyset.keysHash)
      return { refused: 'keyset-changed', keysetId: keyset.keysetId }
    if (known === undefined) events.push({ type: 'mint.keyset-pinned', data: keyset })
    else if (known.feePpk !== keyset.feePpk)
      events.push({ type: 'mint.keyset-fee-changed', data: { keysetId: keyset.keysetId, feePpk: keyset.feePpk } })
    if (!active && known?.active !== false)
      events.push({ type: 'mint.keyset-retired', data: { keysetId: keyset.keysetId } })
  }
  return events
}

function withKeyset(state: Mint, keysetId: string, change: (known: Keyset) => Keyset): Mint {
  const known = state.keysets[keysetId]
  return known === undefined ? state : { ...state, keysets: { ...state.keysets, [keysetId]: change(known) } }
}
