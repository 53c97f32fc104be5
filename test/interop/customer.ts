/** A customer's day at our node with coins of a real mint: buy, top up, try what must fail, be refunded (contract 3, 4, 5, 7). */
import { type TestNode, until } from '../kit/node'
import type { Check, ClientWallet } from './real-mint'

type Json = Readonly<Record<string, unknown>>
type Made = {
  readonly api_key: string
  readonly credited_msats: number
  readonly fee_msats: number
  readonly unit: string
}

export const chat: Json = { model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 }

export const postAt =
  (node: TestNode) =>
  (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
export const errorOf = async (response: Response) =>
  ((await response.json()) as { error?: { code: string } }).error?.code

export async function spendAt(node: TestNode, wallet: ClientWallet, check: Check): Promise<void> {
  const post = postAt(node)
  for (const [unit, amount, perUnit] of [
    ['sat', 500, 1000],
    ['msat', 70_001, 1],
  ] as const) {
    const token = await wallet.send(unit, amount)
    const made = (await (await post('/v1/balance/create', { initial_balance_token: token })).json()) as Made
    const face = made.credited_msats + made.fee_msats
    check(`create with a ${unit} token: credit + fee = face`, face === amount * perUnit && made.unit === unit, made)
    const again = (await (await post('/v1/balance/create', { initial_balance_token: token })).json()) as Made
    check(`the same ${unit} token again: the same key`, again.api_key === made.api_key, again.api_key?.slice(0, 9))
  }
  const key = await wallet.send('sat', 200)
  const answer = await post('/v1/chat/completions', chat, bearer(key))
  const { cost } = (await answer.json()) as { cost?: { total_msats: number } }
  check('a token as bearer buys an answer', answer.status === 200 && (cost?.total_msats ?? 0) > 0, cost)
  const streamed = await (await post('/v1/chat/completions', { ...chat, stream: true }, bearer(key))).text()
  check('and a stream', streamed.endsWith('data: [DONE]\n\n'), `${streamed.length} bytes`)
  const topUp = await wallet.send('sat', 64)
  const topped = await post('/v1/balance/topup', { cashu_token: topUp }, bearer(key))
  check('a top-up is credited', topped.status === 200, await topped.json())
  const twice = await post('/v1/balance/topup', { cashu_token: topUp }, bearer(key))
  check('the second top-up with it is refused', twice.status === 400, await errorOf(twice))
  const spent = await wallet.send('sat', 40)
  await wallet.receive('sat', spent)
  const refused = await post('/v1/balance/create', { initial_balance_token: spent })
  check('a token that was spent at the mint is refused', refused.status === 400, await errorOf(refused))
  const parallel = await wallet.send('sat', 100)
  const all = await Promise.all(
    Array.from({ length: 20 }, () => post('/v1/balance/create', { initial_balance_token: parallel })),
  )
  const keys = new Set(await Promise.all(all.map(async (one) => JSON.stringify(await one.json()))))
  check('twenty parallel first uses: one answer', keys.size === 1, `${keys.size} different`)
}

/** Pays one request with a token; the change is money for a wallet that nobody here wrote (contract 7). */
export async function payOnce(node: TestNode, wallet: ClientWallet, check: Check): Promise<void> {
  const post = postAt(node)
  for (const [unit, amount] of [
    ['sat', 64],
    ['msat', 9001],
  ] as const) {
    const token = await wallet.send(unit, amount)
    const answer = await post('/v1/chat/completions', chat, { 'x-cashu': token })
    const change = answer.headers.get('x-cashu') ?? ''
    check(`X-Cashu with ${unit} buys an answer`, answer.status === 200, answer.headers.get('x-routstr-change'))
    check(`its ${unit} change is received by the wallet`, change !== '', await wallet.receive(unit, change))
    const again = await post('/v1/chat/completions', chat, { 'x-cashu': token })
    check('the same token again buys nothing', again.status >= 400, [again.status, await errorOf(again)])
  }
}

/** The fake wallet pays every invoice by itself; nobody asks for its status before it is credited. */
export async function payInvoiceAt(node: TestNode, check: Check): Promise<void> {
  const response = await fetch(`${node.url}/v1/lightning/invoice`, {
    method: 'POST',
    body: JSON.stringify({ amount_sats: 210 }),
  })
  const made = (await response.json()) as { invoice_id: string; bolt11: string }
  check('an invoice is made', response.status === 200, made)
  const credits = async () =>
    ((await node.call('events.list', { type: 'deposit.settled' })).result as { rows: { data: unknown }[] }).rows
  const before = (await credits()).length
  await until('the watcher credits it', async () => (await credits()).length > before, 40_000)
  const status = await (await fetch(`${node.url}/v1/lightning/invoice/${made.invoice_id}/status`)).json()
  const { api_key } = status as { api_key: string }
  const info = await fetch(`${node.url}/v1/balance/info`, { headers: bearer(api_key) })
  const { balance } = (await info.json()) as { balance: number }
  check('and credited to a new key, which its status shows', balance === 210_000, status)
  const quoted = (await node.call('events.list', { type: 'deposit.quoted' })).result
  check('its quote is locked to our key (NUT-20)', JSON.stringify(quoted).includes('"locked":true'), 'locked')
}

/** Answers msat that were handed out in tokens and redeemed. */
export async function refundFrom(node: TestNode, wallet: ClientWallet, check: Check): Promise<void> {
  const post = postAt(node)
  for (const [unit, amount] of [
    ['sat', 300],
    ['msat', 9001],
  ] as const) {
    const key = await wallet.send(unit, amount)
    await post('/v1/chat/completions', chat, bearer(key))
    const refund = async () =>
      (await (await post('/v1/balance/refund', {}, bearer(key))).json()) as Readonly<Record<string, string | number>>
    const first = await refund()
    const face = Number(first.sats ?? Number(first.msats) / 1000)
    check(`a ${unit} key is refunded in whole sats`, face > 0, { ...first, token: String(first.token).slice(0, 6) })
    check('its token is received by the wallet', true, await wallet.receive(unit, String(first.token)))
    check('and told again on the same call', (await refund()).token === first.token, 'the same text')
  }
}

type Books = {
  readonly balanced: boolean
  readonly perMint: readonly { readonly coinsMsat: number; readonly unspentMsat: number; readonly spentMsat: number }[]
}

/**
 * The books balance, and the mint says of our coins what the log says: free ones are unspent, locked ones are not.
 * `collected`: tokens that were handed out may be redeemed by now.
 */
export async function checkBooks(what: string, node: TestNode, check: Check, collected = false): Promise<void> {
  const { balanced, perMint } = (await node.call('books.check')).result as Books
  const sheet = await node.node.log.sheet()
  const held = (account: string) =>
    sheet.reduce((msat, row) => (row.account === account ? msat + Number(row.msat) : msat), 0)
  const sum = (name: 'unspentMsat' | 'spentMsat') => perMint.reduce((msat, row) => msat + row[name], 0)
  const [locked, free, out] = [held('locked'), held('free'), held('out')]
  const same = collected
    ? sum('unspentMsat') >= free && sum('spentMsat') <= locked + out && sum('spentMsat') >= locked
    : sum('unspentMsat') === free + out && sum('spentMsat') === locked
  check(`books after ${what}`, balanced && same, {
    balanced,
    free,
    locked,
    out,
    unspent: sum('unspentMsat'),
    other: sum('spentMsat'),
  })
}
