/** A backup was taken before a payment by Lightning that its node made: the copy pays nothing twice (wallet 12.4, P-29). */
import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { listBalances } from '../../events'
import { copyOf } from '../kit/copies'
import { startEconomy } from '../kit/economy'
import { brokenInvariants } from '../kit/invariants'
import { temporaryDirectory } from '../kit/log'
import { walletOf } from '../kit/losses'
import { type TestNode, until } from '../kit/node'
import { createReceiver } from '../kit/receiver'

const aside = temporaryDirectory()
afterAll(() => aside.remove())

async function stateOf(copy: TestNode): Promise<string | undefined> {
  const { rows } = (await copy.call('payouts.list')).result as { rows: readonly { readonly state: string }[] }
  return rows[0]?.state
}

test('P-29 P-06 a refund by Lightning that was quoted in the backup and paid since is paid, and its change stays ours', async () => {
  const receiver = createReceiver()
  let atLock = async () => undefined as unknown
  const { foreign } = receiver
  const stopHere = async (place: string) => {
    if (place === 'melt: before the lock') await atLock()
  }
  const economy = await startEconomy({ mint: { feePpk: 0 }, node: { foreign, stopHere } })
  const { mint, node } = economy
  mint.setLightning({ reserve: 2, fee: 1 })
  const key = await economy.key(100)
  await economy.post('/v1/balance/donate', { token: mint.token(40) })
  let copies = 0
  atLock = async () => {
    copies += 1
    if (copies === 1) expect((await node.call('backups.run')).error).toBeUndefined()
  }
  const refund = await economy.post('/v1/balance/refund', { lightning_address: receiver.address }, key)
  expect(refund.status).toBe(200)
  const outMsat = mint.lightningOutMsat()
  expect(outMsat).toBeGreaterThan(90_000)
  const copy = await copyOf(economy, join(aside.path, 'paid'), { foreign })
  await until('the copy knows that it is paid', async () => (await stateOf(copy)) === 'paid', 30_000)
  expect(mint.lightningOutMsat()).toBe(outMsat)
  expect((await copy.call('books.check')).result).toMatchObject({ balanced: true })
  const mintId = copy.node.adminNode.mints.normalise(mint.url)?.mintId ?? ''
  await until('nothing is locked', async () =>
    (await copy.node.log.sheet()).every(({ account, msat }) => account !== 'locked' || Number(msat) === 0),
  )
  const rows = ({ purse, account, msat }: { purse: string; account: string; msat: bigint }) =>
    Number(msat) === 0 ? [] : [`${purse} ${account} ${msat}`]
  const { views, log } = copy.node.adminNode
  await views.caughtUp(copy.node.log.head(), 5000)
  expect((await listBalances(views.sql)).flatMap(rows)).toEqual((await log.sheet()).flatMap(rows))
  const watched = { log: copy.node.log, wallet: await walletOf(copy), mint, mintId }
  expect(await brokenInvariants(watched)).toEqual([])
  await copy.stop()
  await economy.stop()
  await receiver.stop()
}, 60_000)
