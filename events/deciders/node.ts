/** The owner's decisions about his node: identity, settings, mints he trusts, who may command it. */
import type { Msat } from '../schema/money'
import type { NodeEvent, Role, SettingValue } from '../schema/node'
import type { Decider } from './decider'
import { type AccessCommand, type AccessRefusal, accessAfter, accessEvents, isAccessCommand } from './node-access'
import { applySettings, sameList } from './node-settings'
import {
  isSetupCommand,
  noSetup,
  type Setup,
  type SetupCommand,
  type SetupRefusal,
  setupAfter,
  setupEvents,
} from './node-setup'
import { walletEvents } from './node-wallet'

type Data<Type extends NodeEvent['type']> = Extract<NodeEvent, { type: Type }>['data']
type Source = 'operator' | 'environment'

export type TrustedMint = Data<'mint.trusted'> & { readonly deposits?: boolean; readonly capSat?: number | null }
export type Device = Data<'device.opened'>
export type AccessToken = Data<'token.created'>
export type Admin = {
  readonly pubkey: string
  readonly role: Role
  readonly label: string
  readonly source: Source
  /** Unix seconds. */
  readonly addedAt?: number | undefined
}

export type ChosenSetting = {
  readonly value: SettingValue
  readonly source: Source
  /** What holds until then. */
  readonly later?: { readonly at: number; readonly meanwhile: SettingValue }
}

export type Node = {
  readonly created: Data<'node.created'> | undefined
  readonly providerKey: { readonly vault: string; readonly npub: string } | undefined
  readonly seeds: readonly Data<'wallet.seed-added'>[]
  /** Seed whose words the owner has shown to know. */
  readonly confirmedSeed: string | undefined
  readonly settings: Readonly<Record<string, ChosenSetting>>
  readonly paused: { readonly reason: string | undefined } | undefined
  readonly draining: { readonly note: string | undefined } | undefined
  /** In the order of trust: the first is the primary one. */
  readonly mints: readonly TrustedMint[]
  readonly admins: readonly Admin[]
  /** Who is one no more: the environment does not bring them back. */
  readonly removedAdmins: readonly string[]
  readonly adminRelays: readonly string[]
  readonly password: { readonly hash: string; readonly source: Source } | undefined
  /** The operator chose to have none: the environment's is not set again. */
  readonly passwordCleared: boolean
  readonly devices: readonly Device[]
  readonly tokens: readonly AccessToken[]
  readonly setup: Setup
}

export type NodeCommand =
  | { readonly do: 'create'; readonly created: Data<'node.created'>; readonly seedId: string }
  | { readonly do: 'add-seed'; readonly seedId: string; readonly words: string }
  | { readonly do: 'confirm-words'; readonly seedId: string }
  | { readonly do: 'release-unattributed'; readonly purse: string; readonly msat: Msat }
  | ({ readonly do: 'merge-purses' } & Data<'wallet.purse-merged'>)
  | { readonly do: 'set-provider-key'; readonly vault: string; readonly npub: string; readonly source: Source }
  | {
      readonly do: 'apply-settings'
      readonly changes: Readonly<Record<string, SettingValue>>
      readonly defaults: Readonly<Record<string, SettingValue>>
      readonly source: Source
      /** Of those that get looser: when they hold, and what holds until then. */
      readonly later?: Readonly<Record<string, NonNullable<ChosenSetting['later']>>>
    }
  | { readonly do: 'pause'; readonly reason: string | undefined }
  | { readonly do: 'resume' }
  | { readonly do: 'begin-drain'; readonly note: string | undefined }
  | { readonly do: 'end-drain' }
  | { readonly do: 'trust-mint'; readonly mint: TrustedMint }
  | ({ readonly do: 'change-mint' } & Data<'mint.changed'>)
  | { readonly do: 'distrust-mint'; readonly mintId: string }
  | { readonly do: 'set-admin-relays'; readonly relays: readonly string[]; readonly source: Source }
  | AccessCommand
  | SetupCommand

export type NodeRefusal =
  | { readonly refused: 'already-created' }
  | { readonly refused: 'mint-known' }
  | { readonly refused: 'mint-unknown' }
  | AccessRefusal
  | SetupRefusal

export const node: Decider<Node, NodeCommand, NodeEvent, NodeRefusal> = {
  initial: {
    created: undefined,
    providerKey: undefined,
    seeds: [],
    confirmedSeed: undefined,
    settings: {},
    paused: undefined,
    draining: undefined,
    mints: [],
    admins: [],
    removedAdmins: [],
    adminRelays: [],
    password: undefined,
    passwordCleared: false,
    devices: [],
    tokens: [],
    setup: noSetup,
  },

  decide(state, command) {
    if (isAccessCommand(command)) return accessEvents(state, command)
    if (isSetupCommand(command)) return setupEvents(state, command)
    switch (command.do) {
      case 'create':
        if (state.created !== undefined) return { refused: 'already-created' }
        return [
          { type: 'node.created', data: command.created },
          { type: 'wallet.seed-added', data: { seedId: command.seedId, active: true } },
        ]
      case 'add-seed':
      case 'confirm-words':
      case 'release-unattributed':
      case 'merge-purses':
        return walletEvents(state, command)
      case 'set-provider-key': {
        const { vault, npub, source } = command
        if (state.providerKey?.npub === npub) return []
        return [{ type: 'node.provider-key-set', data: { vault, npub, source } }]
      }
      case 'apply-settings':
        return applySettings(state, command)
      case 'pause':
        return state.paused === undefined ? [{ type: 'node.paused', data: { reason: command.reason } }] : []
      case 'resume':
        return state.paused === undefined && state.draining === undefined ? [] : [{ type: 'node.resumed', data: {} }]
      case 'begin-drain':
        return state.draining === undefined ? [{ type: 'node.drain-begun', data: { note: command.note } }] : []
      case 'end-drain':
        return state.draining === undefined ? [] : [{ type: 'node.drain-ended', data: {} }]
      case 'trust-mint':
        return state.mints.some((mint) => mint.mintId === command.mint.mintId)
          ? { refused: 'mint-known' }
          : [{ type: 'mint.trusted', data: command.mint }]
      case 'change-mint':
        return changeMint(state, command)
      case 'distrust-mint':
        return state.mints.some((mint) => mint.mintId === command.mintId)
          ? [{ type: 'mint.distrusted', data: { mintId: command.mintId } }]
          : { refused: 'mint-unknown' }
      case 'set-admin-relays': {
        const { relays, source } = command
        return sameList(relays, state.adminRelays)
          ? []
          : [{ type: 'admin.relays-set', data: { relays: [...relays], source } }]
      }
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'node.created':
        return { ...state, created: event.data, providerKey: { vault: event.data.providerKey, npub: event.data.npub } }
      case 'wallet.seed-added':
        return { ...state, seeds: [...state.seeds, event.data] }
      case 'wallet.words-confirmed':
        return { ...state, confirmedSeed: event.data.seedId }
      case 'wallet.unattributed-released':
      case 'wallet.purse-merged':
        return state
      case 'node.provider-key-set':
        return { ...state, providerKey: { vault: event.data.vault, npub: event.data.npub } }
      case 'node.settings-changed': {
        const settings = { ...state.settings }
        for (const { key, new: value, later } of event.data.changes)
          settings[key] = { value, source: event.data.source, ...(later === undefined ? {} : { later }) }
        return { ...state, settings }
      }
      case 'node.paused':
        return { ...state, paused: { reason: event.data.reason } }
      case 'node.resumed':
        return { ...state, paused: undefined, draining: undefined }
      case 'node.drain-begun':
        return { ...state, draining: { note: event.data.note } }
      case 'node.drain-ended':
        return { ...state, draining: undefined }
      case 'mint.trusted':
        return { ...state, mints: [...state.mints, event.data] }
      case 'mint.changed':
        return { ...state, mints: withMint(state, event.data) }
      case 'mint.distrusted':
        return { ...state, mints: state.mints.filter((mint) => mint.mintId !== event.data.mintId) }
      case 'admin.relays-set':
        return { ...state, adminRelays: event.data.relays }
      case 'admin.added':
      case 'admin.changed':
      case 'admin.removed':
      case 'password.set':
      case 'password.cleared':
      case 'device.opened':
      case 'device.ended':
      case 'token.created':
      case 'token.ended':
        return { ...state, ...accessAfter(state, event) }
      case 'setup.skipped':
      case 'setup.hidden':
      case 'setup.test-key-made':
        return { ...state, setup: setupAfter(state.setup, event) }
      default:
        return event satisfies never
    }
  },
}

function changeMint(
  state: Node,
  { do: _, ...data }: Extract<NodeCommand, { do: 'change-mint' }>,
): NodeEvent[] | NodeRefusal {
  const known = state.mints.find((mint) => mint.mintId === data.mintId)
  if (known === undefined) return { refused: 'mint-unknown' }
  const isSo = (known.deposits ?? true) === data.deposits && (known.capSat ?? null) === data.capSat
  return isSo && (!data.first || state.mints[0] === known) ? [] : [{ type: 'mint.changed', data }]
}

/** In the order of trust; the primary one first. */
function withMint({ mints }: Node, { mintId, deposits, capSat, first }: Data<'mint.changed'>): readonly TrustedMint[] {
  const changed = mints.map((mint) => (mint.mintId === mintId ? { ...mint, deposits, capSat } : mint))
  const isIt = (mint: TrustedMint) => mint.mintId === mintId
  return first ? [...changed.filter(isIt), ...changed.filter((mint) => !isIt(mint))] : changed
}
