/** Coins of an expired keyset wait for the owner's word, and with it they are his loss, never a customer's (wallet 8.1). */
import { afterEach, expect, test } from 'bun:test'
import { verifyLog } from '../../events'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'

let economy: Economy
afterEach(() => economy.stop())

type Expired = { readonly keyset: string; readonly msat: number; readonly can: unknown }
const expired = async () => {
  const { rows } = (await economy.node.call('mints.list')).result as { rows: { expired: Expired[]; state: string }[] }
  expect(rows[0]?.state).not.toBe('suspended')
  return rows[0]?.expired ?? []
}
const confirm = (keyset: string, msat: number) =>
  economy.node.call('wallet.confirmLoss', { mint: economy.mint.url, keyset, msat })
const codeOf = ({ error }: Awaited<ReturnType<typeof confirm>>) => error?.data.code
const lossesMsat = async () =>
  Number((await economy.node.node.log.sheet()).find(({ account }) => account === 'owner:losses')?.msat ?? 0n)
const refund = (key: string) => economy.post('/v1/balance/refund', {}, key)

/** From now on the mint signs with a keyset that ends in a day, as the node has seen. */
async function endingKeyset(): Promise<string> {
  economy = await startEconomy({ node: { environment: { MINT_WAIT_S: '2' } } })
  const { mint } = economy
  const ending = mint.rotate('sat', { finalExpiry: Math.floor(Date.now() / 1000) + 24 * 3600 })
  await economy.node.node.adminNode.engine.state('node', 'node')
  return ending.id
}

test('wallet 8.1 coins that their mint calls expired wait for the owner, who gives them up; the customer is paid', async () => {
  const keyset = await endingKeyset()
  const { mint, node } = economy
  const key = await economy.key(1000)
  mint.rotate('sat')
  mint.expire(keyset)
  expect(codeOf(await confirm(keyset, 1_000_000))).toBe('keyset-not-expired')
  expect((await refund(key)).status).toBe(425)
  await until('the loss is shown', async () => (await expired()).length === 1)
  const [row] = await expired()
  expect(row).toMatchObject({ keyset, msat: 1_000_000, can: { confirmLoss: { ok: true } } })
  const banners = (await node.call('overview.get')).result?.banners
  expect(banners).toContainEqual(expect.objectContaining({ kind: 'coins-expired', level: 'bad' }))
  // Nobody is asked in a loop: what would be a second and a third try by now is none.
  const swaps = mint.calls('swap')
  await Bun.sleep(3500)
  expect(mint.calls('swap')).toBe(swaps)
  expect((await confirm(keyset, 999_000)).error?.data).toMatchObject({ code: 'loss-differs', waitingMsat: 1_000_000 })
  expect(await lossesMsat()).toBe(0)
  expect((await confirm(keyset, 1_000_000)).result).toEqual({})
  expect([await lossesMsat(), (await economy.info(key)).balance]).toEqual([1_000_000, 1_000_000])
  expect(codeOf(await confirm(keyset, 1_000_000))).toBe('keyset-not-expired')
  expect(await expired()).toEqual([])
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  // Owed still (wallet 9.7): what the owner earns or brings pays it.
  expect((await economy.post('/v1/balance/donate', { token: mint.token(1500) })).status).toBe(200)
  expect((await refund(key)).status).toBe(200)
  expect(await verifyLog(node.node.log)).toMatchObject({ ok: true })
}, 60_000)
