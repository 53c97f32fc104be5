/** What a backup holds open and its node ended otherwise since: the copy ends it by proof, or by its owner's word (P-29, W-05). */
import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { getDecodedToken } from '@cashu/cashu-ts'
import { copyOf } from '../kit/copies'
import { type Economy, startEconomy } from '../kit/economy'
import { brokenInvariants } from '../kit/invariants'
import { temporaryDirectory } from '../kit/log'
import { walletOf } from '../kit/losses'
import { type TestNode, until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'

const aside = temporaryDirectory()
let copies = 0
let economy: Economy
let receiver: TestReceiver
let copy: TestNode
/** Kill point at which the backup is taken, once. */
let place = ''
beforeEach(async () => {
  receiver = createReceiver()
  const stopHere = async (at: string) => {
    if (at !== place) return
    place = ''
    expect((await economy.node.call('backups.run')).error).toBeUndefined()
  }
  economy = await startEconomy({ mint: { feePpk: 0 }, node: { foreign: receiver.foreign, stopHere } })
}, 30_000)
afterEach(async () => {
  await copy.stop()
  await economy.stop()
  await receiver.stop()
})
afterAll(() => aside.remove())

async function putBack(): Promise<void> {
  copies += 1
  const directory = join(aside.path, String(copies))
  mkdirSync(directory)
  copy = await copyOf(economy, directory, { foreign: receiver.foreign })
}
const refund = (key: string) => economy.post('/v1/balance/refund', { lightning_address: receiver.address }, key)
async function payoutOf(node: TestNode): Promise<{ readonly payout: string; readonly state: string } | undefined> {
  const { rows } = (await node.call('payouts.list')).result as {
    readonly rows: readonly { readonly payout: string; readonly state: string }[]
  }
  return rows[0]
}
const isAt = (state: string) => async () => (await payoutOf(copy))?.state === state
async function balanceOf(key: string): Promise<number> {
  const answer = await fetch(`${copy.url}/v1/balance/info`, { headers: { authorization: `Bearer ${key}` } })
  return ((await answer.json()) as { readonly balance: number }).balance
}
async function broken(): Promise<readonly string[]> {
  const { mint } = economy
  const mintId = copy.node.adminNode.mints.normalise(mint.url)?.mintId ?? ''
  return brokenInvariants({ log: copy.node.log, wallet: await walletOf(copy), mint, mintId })
}

test('P-29 wallet 6.4 a payment that its node took back since is unclear, and ends by its owner’s word alone', async () => {
  const { mint, node } = economy
  const key = await economy.key(100)
  await economy.post('/v1/balance/donate', { token: mint.token(200) })
  mint.setLightning({ outcome: 'failed' })
  place = 'melt: before the send'
  await refund(key)
  await until('its node has the money back', async () => (await payoutOf(node))?.state === 'failed', 20_000)
  await putBack()
  await until('the copy cannot tell', isAt('unclear'), 30_000)
  expect(await balanceOf(key)).toBe(0)
  const { payout = '' } = (await payoutOf(copy)) ?? {}
  expect((await copy.call('payouts.cancel', { payout })).error).toBeUndefined()
  await until('it is given up', isAt('failed'), 30_000)
  expect([await balanceOf(key), mint.lightningOutMsat()]).toEqual([100_000, 0])
  expect((await copy.call('books.check')).result).toMatchObject({ balanced: true })
  expect(await broken()).toEqual([])
}, 120_000)

test('P-29 P-06 a refund that has no quote in the backup is not paid a second time by the copy', async () => {
  const { mint, node } = economy
  const key = await economy.key(100)
  await economy.post('/v1/balance/donate', { token: mint.token(200) })
  mint.setLightning({ reserve: 0, fee: 0 })
  place = 'melt: before the invoice is kept'
  await refund(key)
  await until('its node has paid', async () => (await payoutOf(node))?.state === 'paid', 20_000)
  const outMsat = mint.lightningOutMsat()
  await putBack()
  await until('the copy cannot tell', isAt('unclear'), 30_000)
  await Bun.sleep(3000)
  expect([mint.lightningOutMsat(), receiver.invoices().length]).toEqual([outMsat, 1])
  const { payout = '' } = (await payoutOf(copy)) ?? {}
  expect((await copy.call('payouts.cancel', { payout })).error).toBeUndefined()
  await until('its owner gave it back', isAt('failed'))
  expect((await copy.call('books.check')).result).toMatchObject({ balanced: true })
}, 120_000)

test('P-29 wallet 6.1 coins of a deposit that was open in the backup, long spent, are lost in the append that credits it', async () => {
  const { mint } = economy
  place = 'deposit: before the swap'
  const key = await economy.key(64)
  const token = ((await (await economy.post('/v1/balance/refund', {}, key)).json()) as { readonly token: string }).token
  mint.spend(getDecodedToken(token, mint.keysetIds() as never).proofs)
  await economy.post('/v1/balance/donate', { token: mint.token(200) })
  await putBack()
  const isCredited = async () => (await copy.node.log.claims('open')).length === 0 && (await balanceOf(key)) === 64_000
  await until('the deposit is credited', isCredited, 30_000)
  const rows = ((await copy.call('mints.list')).result as { readonly rows: readonly { readonly state: string }[] }).rows
  expect(rows[0]?.state).toBe('connected')
  await until('the books are the mint’s', async () => (await broken()).length === 0, 20_000)
  expect((await copy.call('books.check')).result).toMatchObject({ balanced: true })
}, 120_000)
