/** Keys of paid invoices lie in the vault while they may be shown, and no longer (contract 5.2). */
import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { asMsat, type SessionCharge, wish } from '../../events'
import samples from '../golden/events.json'
import { openInvoices } from '../kit/invoices'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const day = 24 * 3600_000

async function spend(session: string, at: number): Promise<void> {
  const sample = samples.find(({ type }) => type === 'session.charged')?.data as unknown as SessionCharge
  const charge = { ...sample, requestId: crypto.randomUUID(), at, costMsat: asMsat(1) }
  const done = await opened().engine.execute(wish('session', session, { do: 'charge', charge, othersHeldMsat: 0 }), {
    meta: { actor: session, door: 'public' },
  })
  expect(done).toMatchObject({ events: [{ type: 'session.charged' }] })
}

test('contract 5.2 a key is dropped from the vault once it was used and a week has passed, not before', async () => {
  const one = openInvoices(opened())
  const key = `sk-${'7'.repeat(64)}`
  const target = `session-${createHash('sha256').update(key).digest('hex')}`
  const { bolt11, invoiceId, deposit } = await one.made(21, { key, target })
  const state = await opened().engine.state('deposit', deposit)
  const ref = state.is === 'invoice' ? (state.invoice.plan.apiKey ?? '') : ''
  const isKept = async () => {
    await one.invoices.forgetKeys()
    return (await opened().log.sealed(ref)) !== undefined
  }
  one.mint.pay(bolt11)
  expect((await one.invoices.status(invoiceId))?.key).toBe(key)
  expect(await isKept()).toBe(true)
  one.turn(8 * day)
  expect(await isKept()).toBe(true)
  await spend(target, one.now())
  expect(await isKept()).toBe(false)
  expect(await one.invoices.status(invoiceId)).toMatchObject({ status: 'paid', key: null })
  expect(await opened().log.claims('invoice-key')).toEqual([])
  expect((await one.sheet()).reduce((sum, row) => sum + row.msat, 0n)).toBe(0n)
  await one.close()
})
