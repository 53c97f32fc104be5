/** What 30 clients who pay in, take refunds and pay by X-Cashu do to the chats of others; the bare proxy beside it. */
import { median, quantile, rounded, type Table } from './figures'
import { chat, type Stage } from './stage'

export type PayingIn = { readonly seconds: number }
type Times = Record<'proxy' | 'node', number[]>
type Counts = { deposits: number; refunds: number; oneShots: number; failed: number }

const clients = 30
const lanes = 4
const topUpAmounts = [64, 128, 256]

export async function payingIn(stage: Stage, { seconds }: PayingIn): Promise<Table> {
  const [watched, ...payers] = stage.keys
  await chats(stage, watched, 3000)
  const quietMs = seconds * 1000
  const before = await chats(stage, watched, quietMs)
  const counts: Counts = { deposits: 0, refunds: 0, oneShots: 0, failed: 0 }
  let over = false
  const paying = payers.slice(0, clients).map((key) => pays(stage, key, counts, () => over))
  const during = await chats(stage, watched, quietMs)
  over = true
  await Promise.all(paying)
  const after = await chats(stage, watched, quietMs)
  const row = (when: string, times: Times) => ({
    when,
    chats: times.node.length,
    'node p50 ms': rounded(median(times.node)),
    'node p99 ms': rounded(quantile(times.node, 0.99)),
    'proxy p50 ms': rounded(median(times.proxy)),
    'proxy p99 ms': rounded(quantile(times.proxy, 0.99)),
  })
  const perSecond = (count: number) => rounded(count / seconds)
  return {
    title: `Chats beside ${clients} paying clients, ${seconds} s each; meanwhile per second ${perSecond(counts.deposits)} deposits, ${perSecond(counts.refunds)} refunds, ${perSecond(counts.oneShots)} X-Cashu, ${counts.failed} failed; the mint's CPU is on this machine, too`,
    rows: [row('before', before), row('during', during), row('after', after)],
    target: 'reported with and without (issue 4)',
  }
}

/** A few lanes of chats, each sent to the proxy and to the node in turn. */
async function chats(stage: Stage, key: string, forMs: number): Promise<Times> {
  const times: Times = { proxy: [], node: [] }
  const until = performance.now() + forMs
  const lane = async () => {
    while (performance.now() < until)
      for (const place of ['proxy', 'node'] as const) {
        const sent = performance.now()
        await (await post(stage.chatUrl[place], chat(), { authorization: `Bearer ${key}` })).arrayBuffer()
        times[place].push(performance.now() - sent)
      }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return times
}

/** One client: a top-up, a refund of all of it, a chat paid by its token; again and again. */
async function pays(stage: Stage, key: string, counts: Counts, isOver: () => boolean): Promise<void> {
  const bearer = { authorization: `Bearer ${key}` }
  const balance = `${stage.nodeUrl}/v1/balance`
  while (!isOver()) {
    const toppedUp = await post(`${balance}/topup`, JSON.stringify({ cashu_token: stage.token(topUpAmounts) }), bearer)
    count('deposits', toppedUp)
    const paid = await post(stage.chatUrl.node, chat(), { 'x-cashu': stage.token(topUpAmounts) })
    count('oneShots', paid)
    const refunded = await post(`${balance}/refund`, '{}', bearer)
    // The first one takes all that the key was funded with: it may have to wait for coins.
    count('refunds', refunded)
    await Promise.all([toppedUp, paid, refunded].map((response) => response.arrayBuffer()))
  }

  function count(what: 'deposits' | 'refunds' | 'oneShots', { status }: Response): void {
    if (status === 200) counts[what] += 1
    else counts.failed += 1
  }
}

const post = (url: string, body: string, headers: Record<string, string>): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
