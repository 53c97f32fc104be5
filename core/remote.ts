/** Door 3: the admin inbox on the admin relays; opened when there are relays, opened anew when they change. */
import type { Engine, Log } from '../events'
import { checkOperatorUrl } from './address'
import type { Dispatch } from './admin/dispatch'
import type { RemoteHealth } from './admin/node-port'
import type { Principal } from './admin/principal'
import { limits } from './limits'
import { createAdminInbox } from './nostr/inbox'
import type { Route } from './nostr/relay-link'
import { openRelays, type Relays } from './nostr/relays'
import { type Inbox, makeRumor, typedKind, wrapRumor } from './nostr/wrap'
import type { SeenWraps } from './seen-wraps'
import type { Settings } from './settings'
import type { Trace } from './trace'

export type Remote = {
  readonly health: () => RemoteHealth
  /** A typed message to an admin, stored by the relays for as long as a code lives. */
  readonly tell: (pubkey: string, text: string) => void
  /** Resolves once no command is under way. */
  readonly settled: () => Promise<void>
  /** Takes no more commands, waits for those under way and their answers, then ends every socket. */
  readonly close: () => Promise<void>
}

export function openRemote(deps: {
  readonly engine: Engine
  readonly log: Log
  readonly settings: Settings
  readonly inbox: Inbox
  readonly dispatch: Dispatch
  readonly seenWraps: SeenWraps
  /** No socket is opened, whatever the relays are. */
  readonly isOffline?: boolean
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
    seenBefore: deps.seenWraps,
    rev: deps.rev,
    now,
    trace,
  })

  function principalOf(pubkey: string): Principal | undefined {
    const admin = state()?.admins.find((one) => one.pubkey === pubkey)
    return admin === undefined ? undefined : { admin: pubkey, name: pubkey, role: admin.role, stepUp: false }
  }

  /**
   * A name may point elsewhere than when it was typed: looked at before each connect. Onion hosts are reached by
   * the tunnel alone, which resolves them; a node that is itself reached by onion only goes out by it too.
   */
  async function routeTo(url: string): Promise<Route> {
    const tunnel = settings('network.torTunnel')
    if (URL.parse(url)?.hostname.endsWith('.onion') === true)
      return tunnel === '' ? { refused: 'an onion relay needs network.torTunnel' } : { proxy: tunnel }
    const isTorOnly = tunnel !== '' && settings('identity.onionUrl') !== '' && settings('identity.publicUrl') === ''
    // Neither a look-up nor a socket leaves such a node in the clear; loopback is no network.
    if (isTorOnly && !isLoopback(url)) return { proxy: tunnel }
    const address = await checkOperatorUrl(url, ['ws:', 'wss:'])
    return 'refused' in address ? { refused: address.why } : { proxy: undefined }
  }

  /** Sockets open only to what the operator named; without a relay none does. */
  function open(): void {
    relays?.close()
    const urls = deps.isOffline === true ? [] : (state()?.adminRelays ?? [])
    relays =
      urls.length === 0
        ? undefined
        : openRelays({
            urls,
            inboxes: () => [deps.inbox],
            routeTo,
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
    tell(pubkey, content) {
      const nowS = Math.floor(now() / 1000)
      const rumor = makeRumor({ author: deps.inbox.publicKey, recipient: pubkey, kind: typedKind, content, nowS })
      const sealer = { secret: deps.inbox.secret, recipient: pubkey }
      void relays?.publish(wrapRumor(rumor, sealer, { is: 'durable', ttlS: limits.codeMessageTtlS }, nowS))
    },
    settled: inbox.settled,
    async close() {
      end()
      inbox.close()
      await inbox.settled()
      relays?.close()
    },
  }
}

const isLoopback = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(URL.parse(url)?.hostname ?? '')
