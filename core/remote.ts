/** Door 3: the admin inbox on the admin relays; opened when there are relays, opened anew when they change. */
import type { Engine, Log } from '../events'
import type { Dispatch } from './admin/dispatch'
import type { RemoteHealth } from './admin/node-port'
import type { Principal } from './admin/principal'
import { createAdminInbox } from './nostr/inbox'
import { openRelays, type Relays } from './nostr/relays'
import type { Inbox } from './nostr/wrap'
import type { Settings } from './settings'
import type { Trace } from './trace'

export type Remote = {
  readonly health: () => RemoteHealth
  /** Resolves once no command is under way. */
  readonly settled: () => Promise<void>
  readonly close: () => void
}

export function openRemote(deps: {
  readonly engine: Engine
  readonly log: Log
  readonly settings: Settings
  readonly inbox: Inbox
  readonly dispatch: Dispatch
  readonly rev: () => bigint
  readonly now: () => number
  readonly trace: Trace
}): Remote {
  const { engine, settings, now, trace } = deps
  const state = () => engine.peek('node', 'node')
  let relays: Relays | undefined
  const inbox = createAdminInbox({
    inbox: deps.inbox,
    dispatch: deps.dispatch,
    principalOf,
    publish: async (event) => relays?.publish(event),
    catchUp: () => relays?.catchUp(),
    rev: deps.rev,
    now,
    trace,
  })

  function principalOf(pubkey: string): Principal | undefined {
    const admin = state()?.admins.find((one) => one.pubkey === pubkey)
    return admin === undefined ? undefined : { admin: pubkey, name: pubkey, role: admin.role, stepUp: false }
  }

  /** Sockets open only to what the operator named; without a relay none does. */
  function open(): void {
    relays?.close()
    const urls = state()?.adminRelays ?? []
    relays =
      urls.length === 0
        ? undefined
        : openRelays({
            urls,
            inboxes: () => [deps.inbox],
            onEvent: inbox.take,
            canaryMs: () => settings('admin.canarySeconds') * 1000,
            now,
            trace,
          })
  }

  const end = deps.log.onCommit((events) => {
    if (events.some(({ type }) => type === 'admin.relays-set')) open()
  })
  open()
  return {
    health: () => ({
      relays: (relays?.health() ?? []).map((relay) => ({ ...relay })),
      counts: inbox.counts(),
    }),
    settled: inbox.settled,
    close() {
      end()
      inbox.close()
      relays?.close()
    },
  }
}
