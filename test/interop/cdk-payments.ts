/** Lightning out at cdk-mintd, for every fate that its fake wallet gives an invoice (wallet 5.4, 6.4, 6.5, 18). */
import type { TestNode } from '../kit/node'
import { until } from '../kit/node'
import type { TestReceiver } from '../kit/receiver'
import { type Fate, fatedInvoice } from './cdk-mint'
import { bearer, chat, checkBooks, errorOf, postAt } from './customer'
import type { Check, ClientWallet, Shop } from './real-mint'

type Case = {
  readonly what: string
  readonly sat: number
  readonly fate: Fate
  /** `open`: neither paid nor given back, its coins stay locked. */
  readonly ends: 'paid' | 'failed' | 'open'
}

const cases: readonly Case[] = [
  { what: 'paid', sat: 400, fate: { pay: 'PAID', check: 'PAID' }, ends: 'paid' },
  { what: 'paid with its whole reserve', sat: 40, fate: { pay: 'PAID', check: 'PAID' }, ends: 'paid' },
  { what: 'pending, then paid', sat: 120, fate: { pay: 'PENDING', check: 'PAID' }, ends: 'paid' },
  { what: 'unknown, then paid', sat: 121, fate: { pay: 'UNKNOWN', check: 'PAID' }, ends: 'paid' },
  { what: 'an error, but paid', sat: 122, fate: { pay: 'PAID', check: 'PAID', payErr: true }, ends: 'paid' },
  { what: 'failed', sat: 123, fate: { pay: 'FAILED', check: 'FAILED' }, ends: 'failed' },
  { what: 'unpaid', sat: 124, fate: { pay: 'UNPAID', check: 'UNPAID' }, ends: 'failed' },
  { what: 'pending, then failed', sat: 125, fate: { pay: 'PENDING', check: 'FAILED' }, ends: 'failed' },
  { what: 'unknown', sat: 126, fate: { pay: 'UNKNOWN', check: 'UNKNOWN' }, ends: 'failed' },
  { what: 'an error, unpaid', sat: 127, fate: { pay: 'UNPAID', check: 'UNPAID', payErr: true }, ends: 'failed' },
  { what: 'pending without an end', sat: 41, fate: { pay: 'PENDING', check: 'PENDING' }, ends: 'open' },
  { what: 'pending, then unknown', sat: 42, fate: { pay: 'PENDING', check: 'UNKNOWN' }, ends: 'open' },
  {
    what: 'pending, and every look at it fails',
    sat: 43,
    fate: { pay: 'PENDING', check: 'PENDING', checkErr: true },
    ends: 'open',
  },
  {
    what: 'an error, and every look at it fails',
    sat: 44,
    fate: { pay: 'PAID', check: 'PENDING', payErr: true, checkErr: true },
    ends: 'open',
  },
]

export const stateOf = async (node: TestNode, payout: string) =>
  ((await node.call('payouts.get', { payout })).result as { state: string } | undefined)?.state ?? 'unknown'
const unsettled = ['unclear', 'sent']

/** What the mint says of the quote, in a few words. */
async function mintSays(node: TestNode, mintUrl: string, payout: string): Promise<string> {
  const events = await node.node.log.read(`payout-${payout}`, 0)
  const quoted = events.find(({ type }) => type === 'payout.quoted')?.data as { quoteId: string } | undefined
  const response = await fetch(`${mintUrl}/v1/melt/quote/bolt11/${quoted?.quoteId}`)
  const { state, code, change } = (await response.json()) as { state?: string; code?: number; change?: unknown[] }
  return [response.status, state ?? code, change === undefined ? '' : `change ${change.length}`].join(' ').trim()
}

export async function earn({ node: nodeOf, upstream }: Shop, wallet: ClientWallet): Promise<void> {
  const node = nodeOf()
  const key = await wallet.send('sat', 6000)
  for (let round = 0; round < 3; round += 1) {
    upstream.next({ tokens: { prompt: 1_000_000, completion: 10 } })
    await (await postAt(node)('/v1/chat/completions', chat, bearer(key))).text()
  }
}

/** Answers the payouts that stay open for ever. */
export async function payOut(shop: Shop, wallet: ClientWallet, mintUrl: string, check: Check): Promise<string[]> {
  const node = shop.node()
  await earn(shop, wallet)
  const open: string[] = []
  for (const one of cases) {
    const { what, sat, fate, ends } = one
    const startedAt = Date.now()
    const answer = await node.call('payouts.toLightning', { sat, to: fatedInvoice(sat, fate), maxFeeSat: 12 })
    const { payout = '', state: first = '' } = (answer.result ?? {}) as { payout?: string; state?: string }
    if (payout === '') {
      check(`a payment: ${what}`, false, answer)
      continue
    }
    if (ends === 'open') open.push(payout)
    else
      await until(`${what}: ${ends}`, async () => (await stateOf(node, payout)) === ends, 60_000).catch(() => undefined)
    const state = await stateOf(node, payout)
    const good = ends === 'open' ? unsettled.includes(state) : state === ends
    const events = (await node.node.log.read(`payout-${payout}`, 0)).map(({ type }) => type.replace('payout.', ''))
    const mint = await mintSays(node, mintUrl, payout)
    check(`a payment: ${what}`, good, { first, state, ms: Date.now() - startedAt, mint, events: events.join(' ') })
    await checkBooks(what, node, check)
  }
  return open
}

/** What nobody can decide stays locked, whoever asks, cancels or restarts. */
export async function stayOpen(node: TestNode, payouts: readonly string[], when: string, check: Check): Promise<void> {
  for (const payout of payouts) {
    await node.call('payouts.cancel', { payout })
    await node.call('payouts.ask', { payout })
  }
  const states = await Promise.all(payouts.map((payout) => stateOf(node, payout)))
  check(
    `${when}: what is open stays open`,
    states.every((state) => unsettled.includes(state)),
    states,
  )
  await checkBooks(when, node, check)
}

/** A customer's refund to a Lightning address; what the fees left over is on his key. */
export async function refundByLightning(
  node: TestNode,
  wallet: ClientWallet,
  receiver: TestReceiver,
  check: Check,
): Promise<void> {
  const post = postAt(node)
  const key = await wallet.send('sat', 300)
  await (await post('/v1/chat/completions', chat, bearer(key))).text()
  const response = await post('/v1/balance/refund', { lightning_address: receiver.address }, bearer(key))
  const paid = (await response.json()) as { status?: string; sats?: string; fee_sats?: string }
  check('a refund by Lightning is paid', response.status === 200 && paid.status === 'paid', paid)
  const info = await fetch(`${node.url}/v1/balance/info`, { headers: bearer(key) })
  check('what its fees left is on the key', info.status === 200, await info.json())
  const gone = await post('/v1/balance/refund', { lightning_address: receiver.invoices().at(-1) }, bearer(key))
  check('an invoice is no address', gone.status === 400, await errorOf(gone))
  await checkBooks('a refund by Lightning', node, check)
}
