/** What can have happened to the node itself: identity, settings, trusted mints, admins, devices. Append-only. */
import { z } from 'zod'
import type { EventOf } from './envelope'
import { msat, purse } from './money'

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])
export type SettingValue = z.infer<typeof value>
const source = z.enum(['operator', 'environment'])
export const role = z.enum(['viewer', 'operator', 'owner'])
export type Role = z.infer<typeof role>
/** In the order of the wizard (dashboard 4.8). */
export const setupStep = z.enum(['you', 'words', 'upstream', 'mints', 'margin', 'payout', 'nostr', 'request'])
export type SetupStep = z.infer<typeof setupStep>

export const nodeEvents = {
  /** The node made its secrets: vault references of wallet seed words, node seed and provider key. */
  'node.created': [z.object({ words: z.string(), nodeSeed: z.string(), providerKey: z.string(), npub: z.string() })],
  /** `words`: vault reference of words that were brought here; the first seed's stand in `node.created`. */
  'wallet.seed-added': [z.object({ seedId: z.string(), active: z.boolean(), words: z.string().optional() })],
  /** The owner knew two of the words: they are written down somewhere (wallet 12.1). */
  'wallet.words-confirmed': [z.object({ seedId: z.string() })],
  /** The owner says that what a scan found is his: it stops being owed (wallet 12.3). */
  'wallet.unattributed-released': [z.object({ purse, msat })],
  /** After a drain: customers' balances, and their payouts without coins, count in `to` from here on (wallet 5.6). */
  'wallet.purse-merged': [z.object({ from: purse, to: purse, mint: z.string(), sharesMsat: msat, promisedMsat: msat })],
  'node.provider-key-set': [z.object({ vault: z.string(), npub: z.string(), source })],
  'node.settings-changed': [
    z.object({ changes: z.array(z.object({ key: z.string(), old: value, new: value })), source }),
    z.object({
      changes: z.array(
        z.object({
          key: z.string(),
          old: value,
          new: value,
          /** A limit that gets looser: unix ms from which it holds, and what holds until then. */
          later: z.object({ at: z.int(), meanwhile: value }).optional(),
        }),
      ),
      source,
    }),
  ],
  'node.paused': [z.object({ reason: z.string().optional() })],
  /** Also ends draining. */
  'node.resumed': [z.object({})],
  /** No deposits and no new keys: balances may be spent and refunded. */
  'node.drain-begun': [z.object({ note: z.string().optional() })],
  'node.drain-ended': [z.object({})],
  'mint.trusted': [
    z.object({
      mintId: z.string(),
      url: z.string(),
      units: z.array(z.enum(['sat', 'msat'])),
      privateAddress: z.boolean(),
      warnings: z.array(z.string()),
      source,
    }),
  ],
  /** What the owner wants of a mint that he trusts; `first`: it becomes the primary one. */
  'mint.changed': [
    z.object({
      mintId: z.string(),
      /** false: what customers bring from there is refused; refunds go on. */
      deposits: z.boolean(),
      /** Above this new deposits are refused; null: no cap. */
      capSat: z.int().min(0).nullable(),
      first: z.boolean(),
    }),
  ],
  'mint.distrusted': [z.object({ mintId: z.string() })],
  /** `addedAt`: Unix seconds; older ones lack it. */
  'admin.added': [z.object({ pubkey: z.string(), role, label: z.string(), source, addedAt: z.int().optional() })],
  'admin.changed': [z.object({ pubkey: z.string(), role, label: z.string() })],
  'admin.removed': [z.object({ pubkey: z.string() })],
  'admin.relays-set': [z.object({ relays: z.array(z.string()), source })],
  /** argon2id text; a password device ends with its password. */
  'password.set': [z.object({ hash: z.string(), source })],
  'password.cleared': [z.object({})],
  'device.opened': [
    z.object({
      device: z.string(),
      admin: z.string(),
      role,
      label: z.string(),
      way: z.enum(['setup', 'password', 'nostr']),
      /** sha256 of the cookie's value: the value itself is never stored. */
      cookieHash: z.string(),
      expiresAt: z.int(),
      /** Unix seconds; older ones lack it. */
      openedAt: z.int().optional(),
    }),
  ],
  'device.ended': [
    z.object({ device: z.string(), why: z.enum(['signed-out', 'password-changed', 'expired', 'ended']) }),
  ],
  /** A bearer for programs (remote-admin 9.4). */
  'token.created': [
    z.object({
      token: z.string(),
      name: z.string(),
      role,
      /** Of the admin table; absent: all that the role may. */
      commands: z.array(z.string()).optional(),
      /** Who made it: it may never do more than he may. */
      admin: z.string(),
      /** sha256 of the bearer: the value itself is never stored. */
      tokenHash: z.string(),
      last4: z.string(),
      /** Unix seconds. */
      createdAt: z.int(),
      expiresAt: z.int(),
    }),
  ],
  /** Put off: it stays in the checklist. */
  'setup.skipped': [z.object({ step: setupStep })],
  /** Out of the checklist for good. */
  'setup.hidden': [z.object({ steps: z.array(setupStep) })],
  /** The owner gave himself a key to try his node with; `at` is Unix ms. */
  'setup.test-key-made': [z.object({ session: z.string(), at: z.int() })],
  'token.ended': [z.object({ token: z.string(), why: z.enum(['ended', 'expired', 'maker-lost-it']) })],
} as const

export type NodeEvent = EventOf<typeof nodeEvents>
