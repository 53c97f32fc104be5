/** A backup is restored after its coins were handed out: the copy pays nobody with coins that are spent (wallet 12.4, P-29). */
import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import { getDecodedToken, getTokenMetadata, hashToCurve } from '@cashu/cashu-ts'
import { copyOf } from '../kit/copies'
import { type Economy, startEconomy } from '../kit/economy'
import { temporaryDirectory } from '../kit/log'
import { lightningInvoice } from '../kit/melts'
import { type TestNode, until } from '../kit/node'
import { atNight } from '../kit/sizes'

type Refund = { readonly status: number; readonly body: { readonly token?: string; readonly sats?: string } }

async function refund(url: string, key: string): Promise<Refund> {
  const answer = await fetch(`${url}/v1/balance/refund`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  })
  return { status: answer.status, body: (await answer.json()) as Refund['body'] }
}

const statesOf = ({ mint }: Economy, token = '') => [
  ...new Set(
    mint
      .states(
        getTokenMetadata(token).incompleteProofs.map(({ secret }) =>
          hashToCurve(new TextEncoder().encode(secret)).toHex(true),
        ),
      )
      .map(({ state }) => state),
  ),
]

async function msatIn(copy: TestNode, account: string): Promise<number> {
  const rows = (await copy.node.log.sheet()).filter((row) => row.account === account)
  return rows.reduce((sum, row) => sum + Number(row.msat), 0)
}

let economy: Economy
let copy: TestNode | undefined
const aside = temporaryDirectory()
beforeEach(async () => {
  economy = await startEconomy({ mint: { feePpk: 0 } })
}, 30_000)
afterEach(async () => {
  await copy?.stop()
  copy = undefined
  await economy.stop()
})
afterAll(() => aside.remove())

test('P-29 I2 wallet 12.4 exact matches since the backup took no counter: the copy finds them spent before it pays', async () => {
  const { mint, node } = economy
  const [first, second] = [await economy.key(64), await economy.key(64)]
  expect((await node.call('backups.run')).error).toBeUndefined()
  const swaps = mint.calls('swap')
  const paid = await refund(node.url, first)
  expect([paid.status, paid.body.sats, mint.calls('swap')]).toEqual([200, '64', swaps])
  mint.spend(getDecodedToken(paid.body.token ?? '', mint.keysetIds() as never).proofs)
  copy = await copyOf(economy, join(aside.path, 'spent'))
  const other = await refund(copy.url, second)
  expect([other.status, other.body.sats, statesOf(economy, other.body.token)]).toEqual([200, '64', ['UNSPENT']])
  expect([await msatIn(copy, 'owner:losses'), await msatIn(copy, 'free')]).toEqual([64_000, 0])
  expect((await copy.call('books.check')).result).toMatchObject({ balanced: true })
  const [row] = ((await copy.call('mints.list')).result as { rows: readonly { readonly state: string }[] }).rows
  expect(row?.state).toBe('connected')
}, 60_000)

test('P-29 I2 wallet 12.4 coins that lie in a token which nobody redeemed are given to nobody else by the copy', async () => {
  const { mint, node } = economy
  const [first, second] = [await economy.key(64), await economy.key(64)]
  expect((await node.call('backups.run')).error).toBeUndefined()
  const waiting = (await refund(node.url, first)).body.token
  copy = await copyOf(economy, join(aside.path, 'waiting'))
  const others = await refund(copy.url, second)
  const again = await refund(copy.url, first)
  expect([others.body.sats, again.body.sats]).toEqual(['64', '64'])
  expect([statesOf(economy, others.body.token), statesOf(economy, again.body.token)]).toEqual([
    ['UNSPENT'],
    ['UNSPENT'],
  ])
  const secretsOf = (token = '') => getTokenMetadata(token).incompleteProofs.map(({ secret }) => secret)
  const old = new Set(secretsOf(waiting))
  expect([...secretsOf(others.body.token), ...secretsOf(again.body.token)].filter((secret) => old.has(secret))).toEqual(
    [],
  )
  const [owed, lost] = await Promise.all(
    ['customers', 'owner:losses'].map((account) => msatIn(copy as TestNode, account)),
  )
  expect([owed, lost]).toEqual([0, 0])
  expect((await copy.call('books.check')).result).toMatchObject({ balanced: true })
  const swaps = mint.calls('swap')
  const third = (await (
    await fetch(`${copy.url}/v1/balance/create?initial_balance_token=${mint.token(32)}`)
  ).json()) as {
    readonly api_key: string
  }
  expect((await refund(copy.url, third.api_key)).status).toBe(200)
  expect(mint.calls('swap')).toBe(swaps + 1)
}, 60_000)

atNight(
  'P-29 I2 wallet 12.4 coins of a payment that began after the backup are handed out by nobody while it is pending',
  async () => {
    const { mint, node } = economy
    const [first] = [await economy.key(64), await economy.key(64)]
    await economy.post('/v1/balance/donate', { token: mint.token(66) })
    expect((await node.call('backups.run')).error).toBeUndefined()
    mint.setLightning({ outcome: 'pending', reserve: 0, fee: 0 })
    await node.call('payouts.toLightning', { sat: 64, to: lightningInvoice(64, Date.now()), maxFeeSat: 2 })
    await until('it is pending', () => mint.melts().some(({ state }) => state === 'PENDING'))
    copy = await copyOf(economy, join(aside.path, 'pending'))
    expect((await refund(copy.url, first)).body.token).toBeUndefined()
    for (const { state, quote } of mint.melts()) if (state === 'PENDING') mint.endMelt(quote, 'paid')
    const { url } = copy
    const isPaid = async () => (await refund(url, first)).status === 200
    await until('the refund is paid', isPaid, 20_000)
    expect(statesOf(economy, (await refund(url, first)).body.token)).toEqual(['UNSPENT'])
    expect(await msatIn(copy, 'owner:losses')).toBe(64_000)
  },
  60_000,
)
