/** Random invoices, payments, faults, rotations and kills: what was paid is credited once, to the last sat (wallet 19.5). */
import { expect, test } from 'bun:test'
import { type InvoiceKit, openInvoices } from '../kit/invoices'
import type { FaultKind } from '../kit/mint/faults'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const operations = 60
const minute = 60_000
/** Lies would suspend the mint until its owner speaks: here it is clumsy, not false. */
const clumsy: readonly FaultKind[] = [
  'drop-before',
  'drop-after',
  'status',
  'status-after',
  'truncated',
  'html',
  'limit',
]
const paths = ['quote', 'quote-state', 'mint', 'restore', 'checkstate', 'keysets', 'keys']

/** Numbers from a seed, so that a failure can be played again (mulberry32). */
function chance(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (most: number) => Math.floor(next() * most)
  const of = <Item>(items: readonly Item[]) => items[below(items.length)]
  return { below, of }
}

async function play(seed: number): Promise<InvoiceKit> {
  const { below, of } = chance(seed)
  let one = openInvoices(opened(), { keysetVersion: seed % 2 === 0 ? 'v1' : 'v2', cached: seed % 3 === 0 })
  const shown: string[] = []
  for (let n = 0; n < operations; n += 1) {
    const invoice = of(shown)
    switch (of(['make', 'make', 'pay', 'pay', 'fault', 'fault', 'rotate', 'kill', 'watch', 'watch', 'turn'])) {
      case 'make': {
        const made = await one.ask(1 + below(5000))
        if ('invoiceId' in made) shown.push(made.bolt11)
        break
      }
      case 'pay':
        if (invoice !== undefined) one.mint.pay(invoice)
        break
      case 'fault':
        one.mint.fault({
          path: of(paths) ?? 'mint',
          kind: of(clumsy) ?? 'status',
          times: 1 + below(3),
          retryAfter: '7',
        })
        break
      case 'rotate':
        one.mint.rotate('sat', { feePpk: 100 * below(3) })
        break
      case 'kill':
        void one.watch(minute)
        await Bun.sleep(below(20))
        one = one.restart()
        await one.invoices.resume()
        break
      case 'watch':
        await one.watch(below(2) * minute + 5000)
        break
      default:
        one.turn(below(4) * 30 * minute)
    }
  }
  one.mint.clearFaults()
  await one.watch(200 * minute, async () => (await one.free()) === one.mint.lightningInMsat())
  return one
}

test.each([1, 2, 3, 4, 5, 6].map((run) => [run * 7919 + (Date.now() % 1000)]))(
  'I1 I3 I4 P-03 a random hour of invoices, seed %p',
  async (seed) => {
    const one = await play(seed)
    expect(await one.desk().isSuspended()).toBe(false)
    expect(await one.free()).toBe(one.mint.lightningInMsat())
    expect(one.mint.outstanding('sat') * 1000).toBe(one.mint.lightningInMsat())
    expect((await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
    for (const { request, state } of one.mint.quotes()) expect([request, state]).not.toEqual([request, 'PAID'])
    await one.close()
  },
  60_000,
)
