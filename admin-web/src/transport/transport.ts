/** What a door must offer. HTTP does today; the Nostr door will; pages and forms know neither. */
import type { Accessor } from 'solid-js'
import type { Reason } from '../../../core/admin/envelope'
import type { What } from '../../../core/admin/exports/lists'

export type Wish = {
  /** 128 random bits, the same through retries. */
  readonly id: string
  readonly method: string
  readonly params: unknown
  /** Log position that the answer must not be older than. */
  readonly notBefore?: number | undefined
  /** Position after which nothing that the command writes may have changed. */
  readonly ifRev?: number | undefined
}
/** A fresh proof by the owner over one request; never kept. */
export type Proof = {
  readonly password?: string | undefined
  /** By the owner's signer over this very request. */
  readonly sign?: boolean
}

export type Trouble =
  /** The node said no, in one of the ways of remote-admin 2.3. */
  | {
      readonly kind: 'answered'
      readonly reason: Reason
      readonly message: string
      readonly data: Readonly<Record<string, unknown>>
      readonly id: string
    }
  /** Nothing reached the node, or its answer did not reach us and nothing was to be done. */
  | { readonly kind: 'lost'; readonly sinceS: number }
  /** It may have been done: the answer did not come. */
  | { readonly kind: 'unconfirmed'; readonly id: string }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'limited'; readonly waitS: number }

export type Answered = { readonly ok: true; readonly result: unknown; readonly position: number | undefined } | Refused
export type Refused = { readonly ok: false; readonly trouble: Trouble }

export type Ways = {
  readonly password: boolean
  readonly nostr: boolean
  readonly setup: boolean
  readonly name: string
}
export type Entry =
  | { readonly way: 'password'; readonly password: string }
  | { readonly way: 'setup'; readonly code: string }
  | { readonly way: 'extension' }
export type Entered =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly why: 'wrong' | 'not-offered' | 'too-many-devices' | 'unreachable' | 'cancelled' | 'no-extension'
    }
  | { readonly ok: false; readonly why: 'paused'; readonly waitS: number }

export type Connection =
  | { readonly is: 'opening' }
  | {
      readonly is: 'live'
      readonly ms: number
      readonly encrypted: boolean
      readonly skewS: number
      /** Nothing comes by itself on the way to this node: what is shown is asked for again and again. */
      readonly polling: boolean
    }
  | { readonly is: 'lost'; readonly sinceS: number; readonly nextTryS: number }

/** One snapshot of one topic (remote-admin 5). */
export type Push = {
  readonly topic: string
  /** Where the log stood. */
  readonly position: number
  /** Undefined where the node answered with a trouble. */
  readonly data: unknown
}
export type Watcher = {
  readonly take: (push: Push) => void
  /** The sign-in ended: nothing comes any more. */
  readonly signedOut: () => void
}

export type Transport = {
  readonly call: (wish: Wish, proof?: Proof) => Promise<Answered>
  readonly connection: Accessor<Connection>
  /** Called whenever the door opens again. */
  readonly onReturn: (listener: () => void) => void
  /** Tries the door now instead of at the next pause. */
  readonly retry: () => void
  /** Where the rows of a list can be taken as a file; undefined: not by this door. */
  readonly exportAddress: (
    what: What,
    format: 'csv' | 'json',
    filter: Readonly<Record<string, unknown>>,
  ) => string | undefined
  /** Runs `backups.download`, and answers the sealed file with its name. */
  readonly download: (
    wish: { readonly id: string; readonly backup: string },
    proof?: Proof,
  ) => Promise<{ readonly ok: true; readonly file: Blob; readonly name: string } | Refused>
  /** Watches these topics in place of those before; with none it ends. `connection` says where it cannot. */
  readonly live: (topics: readonly string[], watcher: Watcher) => void
  readonly ways: () => Promise<Ways | undefined>
  readonly enter: (entry: Entry) => Promise<Entered>
  readonly leave: () => Promise<void>
}
