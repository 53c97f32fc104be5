/** Faults of the test mint, switched on per path and per call (wallet 17). */

export type FaultKind =
  | 'drop-before'
  | 'drop-after'
  | 'hang-before'
  | 'hang-after'
  | 'delay-before'
  | 'delay-after'
  /** The line drops at once; the request is processed when the test says so. */
  | 'zombie'
  | 'status'
  | 'status-after'
  | 'limit'
  | 'redirect'
  | 'truncated'
  | 'huge'
  | 'html'
  | 'count-wrong'
  | 'amount-wrong'
  | 'keyset-wrong'
  | 'dleq-missing'
  | 'dleq-false'
  | 'restore-empty'
  | 'restore-partial'
  | 'restore-reordered'
  | 'states-reordered'
  | 'code'

export type Fault = {
  /** `swap`, `checkstate`, `restore`, `keys`, `keysets`, `info`, `quote`, `quote-state`, `mint` (issue). */
  readonly path: string
  readonly kind: FaultKind
  /** Which call from now on, counted from 1; default the next. */
  readonly nth?: number
  /** How many calls it lasts; default one. */
  readonly times?: number
  readonly ms?: number
  readonly status?: number
  /** Of `status`: the text of the answer. */
  readonly body?: string
  readonly code?: number
  /** Of `code`: its words. */
  readonly detail?: string
  readonly retryAfter?: string
}

type Armed = { readonly fault: Fault; skip: number; left: number }

export function createFaults() {
  let armed: Armed[] = []
  return {
    arm(fault: Fault): void {
      armed.push({ fault, skip: (fault.nth ?? 1) - 1, left: fault.times ?? 1 })
    },
    clear(): void {
      armed = []
    },
    /** The fault that meets this call, if any; counts it. */
    next(path: string): Fault | undefined {
      for (const one of armed) {
        if (one.fault.path !== path) continue
        if (one.skip > 0) {
          one.skip -= 1
          continue
        }
        one.left -= 1
        if (one.left <= 0) armed = armed.filter((other) => other !== one)
        return one.fault
      }
      return undefined
    },
  }
}

/** Twists a good answer of the mint the way the fault says. */
export function twisted(kind: FaultKind, body: Record<string, unknown>): Record<string, unknown> {
  const signatures = body.signatures as Record<string, unknown>[] | undefined
  const states = body.states as unknown[] | undefined
  switch (kind) {
    case 'count-wrong':
      return { ...body, signatures: signatures?.slice(1) }
    case 'amount-wrong':
      return 'request' in body
        ? { ...body, amount: Number(body.amount) * 2 }
        : { ...body, signatures: signatures?.map((one) => ({ ...one, amount: Number(one.amount) * 2 })) }
    case 'keyset-wrong':
      return { ...body, signatures: signatures?.map((one) => ({ ...one, id: `00${'f'.repeat(14)}` })) }
    case 'dleq-missing':
      return { ...body, signatures: signatures?.map(({ dleq: _, ...one }) => one) }
    case 'dleq-false':
      return {
        ...body,
        signatures: signatures?.map((one) => ({ ...one, dleq: { e: '11'.repeat(32), s: '22'.repeat(32) } })),
      }
    case 'restore-empty':
      return { outputs: [], signatures: [] }
    case 'restore-partial':
      return { outputs: (body.outputs as unknown[]).slice(1), signatures: signatures?.slice(1) }
    case 'restore-reordered':
      return { outputs: [...(body.outputs as unknown[])].reverse(), signatures: [...(signatures ?? [])].reverse() }
    case 'states-reordered':
      return { states: [...(states ?? [])].reverse() }
    default:
      return body
  }
}
