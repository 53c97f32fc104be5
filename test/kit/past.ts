/** A made-up past on a real log: keys that were opened, paid in and asked, written without any decider. */
import { type Charged, newestVersion } from '../../events'
import { chargeOf } from './charge'
import type { TestLog } from './log'

export const purse = '0123456789abcdef/sat'

export type Past = {
  /** Opens a key with money on it. */
  readonly open: (session: string, msat: number, at: number) => Promise<void>
  /** Appends one event to a stream; with what a bitcoin cost then, where it was known. */
  readonly write: (stream: string, type: string, data: unknown, at: number, usdPerBtc?: string) => Promise<void>
  /** One request; answers what was charged. */
  readonly ask: (session: string, msat: number, at: number, more?: Partial<Charged>) => Promise<Charged>
  /** Every charge so far, oldest first, with its time and its place in the log. */
  readonly charges: readonly (Charged & {
    readonly writtenAt: number
    readonly session: string
    readonly position: bigint
  })[]
}

export function createPast({ log }: Pick<TestLog, 'log'>): Past {
  const versions = new Map<string, number>()
  const charges: (Charged & { writtenAt: number; session: string; position: bigint })[] = []

  async function write(stream: string, type: string, data: unknown, at: number, usdPerBtc?: string): Promise<void> {
    const expected = versions.get(stream) ?? 0
    const written = await log.append({
      streams: [{ stream, expected, events: [{ type, v: newestVersion(type), data }] }],
      meta: { actor: 'past', door: 'public', usdPerBtc },
      at,
    })
    if ('conflict' in written) throw new Error(`the past clashes: ${written.conflict}`)
    versions.set(stream, expected + 1)
  }

  return {
    charges,
    write,
    async open(session, msat, at) {
      const limits = { balanceLimitMsat: null, balanceLimitReset: null, validUntil: null }
      await write(session, 'session.opened', { origin: 'token', limits }, at)
      const credit = { depositId: 'deposit-1', amountMsat: msat, feeMsat: 0, purse, unit: 'sat', mint: 'http://mint' }
      await write(session, 'session.credited', credit, at)
    },
    async ask(session, msat, at, more = {}) {
      const charge = { ...chargeOf(msat), shortfallMsat: 0, shares: [{ purse, msat }], ...more } as Charged
      await write(session, 'session.charged', charge, at)
      charges.push({ ...charge, writtenAt: at, session, position: log.head() })
      return charge
    },
  }
}
