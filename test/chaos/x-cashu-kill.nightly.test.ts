/** A node that dies at every step of a one-shot payment gives the whole amount or the exact change afterwards (C-147). */
import { expect, test } from 'bun:test'
import { noLadder } from '../kit/deposits'
import { startEconomy } from '../kit/economy'
import { startNode, until } from '../kit/node'
import { createCustomer, faceOf } from '../kit/x-cashu'

const environment = { MINT_WAIT_S: '2', EXCHANGE_FEE: '1', UPSTREAM_FEE: '1' }
/** One coin each, so that what 2000 msat leave of it needs a swap. */
const whole = { sat: 128, msat: 131_072 }
const left = { sat: 126, msat: 129_072 }

/** Where a payment stops for ever, what comes back of it, and its purse: a choice of coins holds up those of its own. */
const places: readonly (readonly [place: string, units: number, unit: 'sat' | 'msat'])[] = [
  ['deposit: before the swap', whole.sat, 'sat'],
  ['deposit: after the swap', whole.sat, 'sat'],
  ['deposit: before the credit', whole.sat, 'sat'],
  ['deposit: after the credit', whole.sat, 'sat'],
  ['one-shot: after the redemption', whole.sat, 'sat'],
  ['inference: before the upstream', whole.sat, 'sat'],
  ['charge: before the append', whole.sat, 'sat'],
  // Whoever comes next to this purse waits for it: also the change of the next payment, which looks for coins by itself.
  ['payout: before the coins', left.msat, 'msat'],
  ['charge: after the append', left.msat, 'msat'],
  ['payout: before the swap', left.sat, 'sat'],
  ['payout: after the swap', left.sat, 'sat'],
  ['payout: before it is ready', left.sat, 'sat'],
  ['payout: after it is ready', left.sat, 'sat'],
  ['payout: after the coins', left.sat, 'sat'],
]

test('C-147 P-01 P-02 P-26 killed at each of its steps, a payment gives all of it or its exact change back, once', async () => {
  let place = ''
  let reached = false
  const economy = await startEconomy({
    mint: { units: ['sat', 'msat'] },
    node: {
      // Change needs a swap, so that it can be killed in it.
      ladder: noLadder,
      // Nobody is sent away before the kill.
      environment: { ...environment, MINT_WAIT_S: '24' },
      async stopHere(at) {
        if (at !== place) return
        place = ''
        reached = true
        await new Promise<void>(() => undefined)
      },
    },
  })
  const customer = createCustomer(economy)
  const tokens = new Map<string, string>()
  for (const [at, , unit] of places) {
    ;[place, reached] = [at, false]
    const token = customer.token(whole[unit], unit, { amounts: [whole[unit]] })
    tokens.set(at, token)
    void customer.pay(token).catch(() => undefined)
    await until(`a payment reaches ${at}`, () => reached)
  }
  const calls = economy.upstream.calls()
  await economy.node.abandon()
  const node = await startNode({
    directory: economy.node.directory,
    environment: { ...environment, CASHU_MINTS: economy.mint.url },
  })
  const again = {
    post: (path: string, body: unknown, _bearer?: string, headers: Readonly<Record<string, string>> = {}) =>
      fetch(`${node.url}${path}`, { method: 'POST', headers, body: String(body) }),
  }
  const seen = new Set<string>()
  for (const [at, units, unit] of places) {
    const token = tokens.get(at) ?? ''
    await until(`the change of ${at} is there`, async () => {
      const collected = await customer.collect(token, again)
      if (collected.status !== 200) expect([at, collected.status, collected.code]).toEqual([at, 425, 'refund_pending'])
      return collected.status === 200
    })
    const change = String((await customer.collect(token, again)).json.token)
    expect([at, faceOf(change)]).toMatchObject([at, { units, unit }])
    expect(await customer.statesOf(change)).toEqual(['UNSPENT'])
    expect((await customer.pay(token, {}, {}, again)).token).toBe(change)
    seen.add(change)
  }
  expect([seen.size, economy.upstream.calls()]).toEqual([places.length, calls])
  const number = async (type: string) =>
    ((await node.call('events.list', { type, limit: 100 })).result as { rows: unknown[] }).rows.length
  for (const type of ['session.credited', 'session.debited', 'payout.ready'])
    expect([type, await number(type)]).toEqual([type, places.length])
  await customer.check({ node })
  await node.stop()
  await economy.stop()
}, 90_000)

test('C-147 P-26 a payment that nobody asks for again becomes change by itself after a restart', async () => {
  let reached = false
  const economy = await startEconomy({
    node: {
      environment,
      async stopHere(at) {
        if (at !== 'charge: before the append') return
        reached = true
        await new Promise<void>(() => undefined)
      },
    },
  })
  const customer = createCustomer(economy)
  void customer.pay(customer.token(40)).catch(() => undefined)
  await until('the node is about to charge', () => reached)
  await economy.node.abandon()
  const node = await startNode({
    directory: economy.node.directory,
    environment: { ...environment, CASHU_MINTS: economy.mint.url },
  })
  await until('the change is made', async () => {
    const { rows } = (await node.call('events.list', { type: 'payout.ready' })).result as { rows: unknown[] }
    return rows.length === 1
  })
  await customer.check({ node })
  await node.stop()
  await economy.stop()
}, 40_000)
