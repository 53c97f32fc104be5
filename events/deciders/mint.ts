/** What the node believes of one mint: the keysets it pinned, and whether it trusts its word at the moment. */
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
  readonly infoHash: string
  readonly name: string
  readonly nuts: readonly string[]
  readonly limits: { readonly maxInputs?: number | undefined; readonly maxOutputs?: number | undefined }
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
  | {
      readonly do: 'suspend'
      readonly why: 'lied' | 'partial-restore' | 'counter-clash' | 'own-coin-spent' | 'wants-auth' | 'owner'
      readonly operation?: string
    }
  | { readonly do: 'resume'; readonly by: string }

export type MintRefusal = { readonly refused: 'keyset-changed'; readonly keysetId: string }

export const mint: Decider<Mint, MintCommand, MintEvent, MintRefusal> = {
  initial: { keysets: {}, suspended: undefined, infoHash: '', name: '', nuts: [], limits: {} },

  decide(state, command) {
    switch (command.do) {
      case 'see': {
        if (state.infoHash === command.infoHash) return []
        const { infoHash, name, nuts, limits } = command
        return [{ type: 'mint.seen', data: { infoHash, name, nuts: [...nuts], limits } }]
      }
      case 'learn-keysets':
        return learnKeysets(state, command.keysets)
      case 'suspend': {
        const { do: _, ...data } = command
        return state.suspended === undefined ? [{ type: 'mint.suspended', data }] : []
      }
      case 'resume':
        return state.suspended === undefined ? [] : [{ type: 'mint.resumed', data: { by: command.by } }]
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
      case 'mint.keyset-fee-changed':
        return withKeyset(state, event.data.keysetId, (known) => ({ ...known, feePpk: event.data.feePpk }))
      case 'mint.suspended':
        return { ...state, suspended: event.data.why }
      case 'mint.resumed':
        return { ...state, suspended: undefined }
      default:
        return event satisfies never
    }
  },
}

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
