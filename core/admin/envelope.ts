/** The envelope of remote-admin 2.2 and its errors (2.3), the same on every door. */
import { z } from 'zod'

export const requestSchema = z.object({
  v: z.int().optional(),
  jsonrpc: z.string().optional(),
  id: z.string().min(8).max(64),
  try: z.int().min(1).optional(),
  method: z.string().min(1).max(100),
  params: z.record(z.string(), z.unknown()).optional(),
  exp: z.int().optional(),
  ifRev: z.int().min(0).optional(),
  notBefore: z.int().min(0).optional(),
  replyTo: z.string().optional(),
})
export type AdminRequest = z.infer<typeof requestSchema>

/** Code, HTTP status of path routes, by reason. */
export const errorRows = {
  PARSE: [-32700, 400],
  INVALID: [-32600, 400],
  NO_METHOD: [-32601, 404],
  PARAMS: [-32602, 400],
  INTERNAL: [-32603, 500],
  FORBIDDEN: [-32001, 403],
  STALE: [-32002, 400],
  FUTURE: [-32003, 400],
  ID_CONFLICT: [-32004, 409],
  RATE_LIMITED: [-32005, 429],
  TOO_LARGE: [-32006, 413],
  STEP_UP_REQUIRED: [-32007, 403],
  CONFIRM_REQUIRED: [-32008, 409],
  OUTCOME_UNKNOWN: [-32009, 409],
  REV_MISMATCH: [-32010, 412],
  UNSUPPORTED_VERSION: [-32011, 400],
  LOCKED: [-32012, 423],
  UNAVAILABLE: [-32013, 503],
  DEVICE_EXPIRED: [-32014, 401],
  NOT_RUN: [-32015, 409],
  REFUSED: [-32016, 409],
  NOT_FOUND: [-32017, 404],
  WRONG_DOOR: [-32018, 400],
} as const

export type Reason = keyof typeof errorRows
export type AdminError = {
  readonly code: number
  readonly message: string
  readonly data: { readonly reason: Reason } & Readonly<Record<string, unknown>>
}

/** What a command answers, before the envelope: stored as it is. */
export type Stored = { readonly result: unknown } | { readonly error: AdminError }

export function adminError(
  reason: Reason,
  message: string,
  data: Readonly<Record<string, unknown>> = {},
): { readonly error: AdminError } {
  return { error: { code: errorRows[reason][0], message, data: { reason, ...data } } }
}

export type Enveloped = Readonly<Record<string, unknown>>

/** Puts an answer into its envelope; `now` lets a client correct its clock. */
export function enveloped(
  id: string | undefined,
  stored: Stored,
  at: {
    readonly position?: bigint | undefined
    readonly rev: bigint
    readonly nowMs: number
    readonly replayed?: boolean
  },
): Enveloped {
  return {
    v: 1,
    jsonrpc: '2.0',
    ...(id === undefined ? {} : { id }),
    ...stored,
    ...(at.position === undefined ? {} : { position: Number(at.position) }),
    rev: Number(at.rev),
    now: Math.floor(at.nowMs / 1000),
    ...(at.replayed === true ? { replayed: true } : {}),
  }
}
