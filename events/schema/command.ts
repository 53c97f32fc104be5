/** What can have happened to an admin command (remote-admin 3.3). Append-only. */
import { z } from 'zod'
import type { EventOf } from './envelope'

export const commandEvents = {
  'command.received': [
    z.object({
      principal: z.string(),
      admin: z.string(),
      device: z.string().optional(),
      door: z.enum(['http', 'nostr', 'console']),
      method: z.string(),
      /** Secret fields are masked. */
      params: z.record(z.string(), z.unknown()),
      class: z.enum(['L', 'P', 'O']),
      fingerprint: z.string(),
      /** Unix ms after which it may not run any more. */
      runBy: z.int(),
      /** Seal of a Nostr request: enough to verify it again offline. */
      proof: z
        .object({
          sealId: z.string(),
          author: z.string(),
          createdAt: z.int(),
          sig: z.string(),
          vault: z.string().optional(),
        })
        .optional(),
    }),
  ],
  'command.finished': [
    z.object({
      state: z.enum(['done', 'refused', 'not-run', 'unknown']),
      /** The stored answer, as JSON text; holds no bearer secret. */
      outcome: z.string(),
    }),
  ],
} as const

export type CommandEvent = EventOf<typeof commandEvents>
