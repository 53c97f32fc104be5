/** Every kill point of an invoice with every fault of its mint, twice in a row: credited once, books whole (wallet 19.3). */
import { expect, test } from 'bun:test'
import { type InvoiceKitOptions, openInvoices } from '../kit/invoices'
import type { Fault } from '../kit/mint/faults'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const places = [
  'invoice: seen paid',
  'invoice: before the issue',
  'invoice: after the issue',
  'invoice: before the credit',
  'invoice: after the credit',
]
const faults: readonly (Fault | undefined)[] = [
  undefined,
  { path: 'mint', kind: 'drop-before' },
  { path: 'mint', kind: 'drop-after' },
  { path: 'mint', kind: 'status-after' },
  { path: 'mint', kind: 'limit', retryAfter: '3' },
  { path: 'quote-state', kind: 'drop-after', nth: 2 },
  { path: 'restore', kind: 'restore-reordered' },
  { path: 'restore', kind: 'drop-before' },
]
const mints: readonly InvoiceKitOptions[] = [
  { feePpk: 0, keysetVersion: 'v1', cached: false },
  { feePpk: 100, keysetVersion: 'v2', cached: true },
]

const cases = places.flatMap((place, row) =>
  faults.map((fault, column) => {
    const mint = mints[(row + column) % mints.length] ?? {}
    return [place, fault?.path ?? '-', fault?.kind ?? '-', fault, mint] as const
  }),
)

/** Hangs at the first visit of a place: what runs there never goes on, as after a kill. */
function hangAt(place: string) {
  let isReached = false
  return {
    isReached: () => isReached,
    async stopHere(at: string) {
      if (at !== place || isReached) return
      isReached = true
      await new Promise(() => undefined)
    },
  }
}

test.each(cases)('W-01 P-03 killed at "%s", then %s %s', async (place, _path, _kind, fault, mint) => {
  const kill = hangAt(place)
  const first = openInvoices(opened(), { ...mint, stopHere: kill.stopHere })
  const { bolt11, deposit } = await first.made(21)
  first.mint.pay(bolt11)
  void first.watch(1)
  while (!kill.isReached()) await Bun.sleep(1)
  if (fault !== undefined) first.mint.fault(fault)
  // The second process dies in the middle of the recovery, the third one ends it.
  const again = hangAt('invoice: before the credit')
  const second = first.restart(again.stopHere)
  await second.invoices.resume()
  void second.watch(30_000)
  const isOver = async () => again.isReached() || (await second.free()) > 0
  while (!(await isOver())) await Bun.sleep(1)
  const third = second.restart()
  await third.invoices.resume()
  await third.watch(600_000, async () => (await third.free()) > 0)
  const settled = (await third.events(deposit)).filter((type) => type === 'deposit.settled')
  expect(settled).toHaveLength(1)
  expect(await third.free()).toBe(21_000)
  expect(third.mint.outstanding('sat')).toBe(21)
  expect((await third.sheet()).reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
  await third.close()
})
