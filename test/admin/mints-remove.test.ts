/** A mint is removed only if nothing lies or begins there, whatever happens while its removal is decided (wallet 9.5). */
import { afterEach, expect, test } from 'bun:test'
import type { Log } from '../../events'
import { errorOf } from '../kit/economy'
import { until } from '../kit/node'
import { startTwoMints, type TwoMints } from '../kit/two-mints'

let two: TwoMints
afterEach(() => two.stop())

const start = async () => {
  two = await startTwoMints({ first: { feePpk: 0 }, second: { feePpk: 0 } })
}
const remove = () => two.node.call('mints.remove', { mint: two.second.url })
const create = (token: string) => two.post('/v1/balance/create', { initial_balance_token: token })
const accepted = async () =>
  ((await two.node.call('mints.list')).result as { rows: { mint: string }[] }).rows.map(({ mint }) => mint)

/** Calls `between` once, when all of a mint was looked at and nothing is decided yet. */
function afterLook(between: () => Promise<unknown>): void {
  const log = two.node.node.adminNode.log as { -readonly [Name in keyof Log]: Log[Name] }
  const { holdings } = log
  log.holdings = async () => {
    const answer = await holdings()
    log.holdings = holdings
    await between()
    return answer
  }
}

/** Holds the first one who comes to this place until it is opened. */
function gate(place: string) {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  two.onStop(async (at) => {
    if (at !== place) return
    reached.resolve()
    await opened.promise
  })
  return { reached: reached.promise, open: opened.resolve }
}

test('wallet 9.5 a mint where a token is being redeemed stays, and its customer gets his money', async () => {
  await start()
  const credit = gate('deposit: before the credit')
  const deposit = create(two.second.token(8))
  await credit.reached
  expect((await remove()).error?.data).toMatchObject({ code: 'mint-not-empty', open: 1 })
  credit.open()
  const made = await deposit
  expect(made.status).toBe(200)
  expect(await accepted()).toContain(two.second.url)
  const { api_key: key } = (await made.json()) as { api_key: string }
  expect((await two.refund(key)).sats).toBe('8')
}, 30_000)

test('wallet 9.5 a token that is brought while its mint is removed is refused before it is sent', async () => {
  await start()
  const token = two.second.token(8)
  let deposit: Promise<Response> | undefined
  afterLook(() => {
    deposit = create(token)
    // It may have to wait for the removal.
    return Promise.race([deposit, Bun.sleep(1500)])
  })
  expect((await remove()).result).toEqual({ mint: two.second.url })
  const refused = await deposit
  expect(refused?.status).toBe(422)
  expect((await errorOf(refused as Response)).code).toBe('cashu_untrusted_source_mint')
  expect([two.second.calls('swap'), await two.sheet('customers', two.second)]).toEqual([0, 0])
}, 30_000)

test('wallet 9.5 who asked a mint for its keys before it was removed plans nothing there afterwards', async () => {
  await start()
  expect((await two.node.call('mints.change', { mint: two.second.url, default: true })).result).toBeDefined()
  two.second.fault({ path: 'keys', kind: 'delay-before', ms: 1500, times: 2 })
  const token = two.second.token(8)
  const deposit = create(token)
  const invoice = two.post('/v1/lightning/invoice', { amount_sats: 20 })
  await until('both wait for its keys', () => two.second.calls('keys') === 2)
  expect((await remove()).result).toEqual({ mint: two.second.url })
  expect((await errorOf(await deposit)).code).toBe('cashu_untrusted_source_mint')
  expect([two.second.calls('swap'), two.second.quotes().length]).toEqual([0, 0])
  // The next mint makes the invoice.
  expect([(await invoice).status, two.mint.quotes().length]).toEqual([200, 1])
  // Taken back its token is as good as before.
  expect((await two.node.call('mints.add', { url: two.second.url })).result).toBeDefined()
  expect((await create(token)).status).toBe(200)
}, 30_000)
