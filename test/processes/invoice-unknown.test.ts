/** What a mint must say before an invoice counts as unknown there, and what becomes of it when it says otherwise (6.3, 13). */
import { afterEach, expect, test } from 'bun:test'
import { type InvoiceKit, openInvoices } from '../kit/invoices'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const open: InvoiceKit[] = []
function kit(): InvoiceKit {
  const made = openInvoices(opened())
  open.push(made)
  return made
}
afterEach(async () => {
  for (const one of open.splice(0)) {
    const sums = (await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)
    expect(sums).toBe(0n)
    await one.close()
  }
})

const minute = 60_000
const shown = ['deposit.requested', 'deposit.quoted']
const planned = [...shown, 'deposit.paid-seen', 'deposit.planned']
const status = async (one: InvoiceKit, id: string) => (await one.invoices.status(id))?.status

/** Seen paid, and planned; then the mint calls its quote unknown for so long that it is disputed. */
async function disputed(one: InvoiceKit) {
  const made = await one.made(9)
  one.mint.pay(made.bolt11)
  one.mint.fault({ path: 'mint', kind: 'status', status: 500, times: 2 })
  one.mint.fault({ path: 'quote-state', kind: 'code', code: 0, nth: 2, times: 1000, detail: 'quote not found' })
  await one.watch(5 * minute, async () => (await one.events(made.deposit)).includes('deposit.disputed'))
  expect(await one.events(made.deposit)).toEqual([...planned, 'deposit.disputed'])
  one.mint.clearFaults()
  return made
}

const pages = ['404 page not found', 'quote not found', '{"detail":"Not Found"}', '<html>unknown host</html>']
for (const body of pages)
  test(`W-05 W-17 a page without an error of a mint says nothing of an invoice, paid or not: ${body}`, async () => {
    const one = kit()
    const page = (path: string, times: number, nth = 1) =>
      one.mint.fault({ path, kind: 'status', status: body.startsWith('{') ? 400 : 404, body, times, nth })
    const unpaid = await one.made(7)
    page('quote-state', 1000)
    await one.watch(5 * minute)
    expect(await one.events(unpaid.deposit)).toEqual(shown)
    one.mint.clearFaults()
    one.mint.pay(unpaid.bolt11)
    await one.watch(minute, async () => (await one.free()) > 0)
    const paid = await one.made(9)
    one.mint.pay(paid.bolt11)
    page('mint', 2)
    page('quote-state', 20, 2)
    await one.watch(20 * minute, async () => (await one.free()) === 16_000)
    expect(await one.events(unpaid.deposit)).toEqual([...planned, 'deposit.settled'])
    expect(await one.events(paid.deposit)).toEqual([...planned, 'deposit.settled'])
  })

const troubles = ['Payment state is unknown', 'dial tcp: lookup lnd: no such host', 'the database does not exist']
test.each(troubles)(
  'W-05 wallet 6.4 an error of what stands behind a mint is no word on a quote, which is watched on: %s',
  async (detail) => {
    const one = kit()
    const made = await one.made(7)
    one.mint.fault({ path: 'quote-state', kind: 'code', code: 50_000, times: 1000, detail })
    await one.watch(5 * minute)
    expect(await one.events(made.deposit)).toEqual(shown)
    one.mint.clearFaults()
    one.mint.pay(made.bolt11)
    await one.watch(20 * minute, async () => (await one.free()) > 0)
    expect(await one.events(made.deposit)).toEqual([...planned, 'deposit.settled'])
  },
)

test('wallet 13 contract 5.4 a disputed invoice whose mint finds its quote again is credited without any client, once', async () => {
  const one = kit()
  const { deposit, invoiceId } = await disputed(one)
  await one.watch(20 * minute, async () => (await one.free()) > 0)
  expect(await one.free()).toBe(9000)
  expect(await one.events(deposit)).toEqual([...planned, 'deposit.disputed', 'deposit.reopened', 'deposit.settled'])
  expect(await status(one, invoiceId)).toBe('paid')
  expect(one.mint.outstanding('sat')).toBe(9)
})

test('wallet 13 the watcher of a disputed invoice outlives the process, and one that stays unknown stays disputed', async () => {
  const one = kit()
  const { deposit, bolt11 } = await disputed(one)
  one.mint.fault({ path: 'quote-state', kind: 'code', code: 0, times: 1000, detail: 'quote not found' })
  const again = one.restart()
  open.splice(0, 1, again)
  await again.invoices.resume()
  await again.watch(60 * minute)
  expect(await again.events(deposit)).toEqual([...planned, 'deposit.disputed'])
  expect(again.mint.quote(bolt11).state).toBe('PAID')
  again.mint.clearFaults()
  await again.watch(20 * minute, async () => (await again.free()) > 0)
  expect((await again.events(deposit)).at(-1)).toBe('deposit.settled')
})
