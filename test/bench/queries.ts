/** B8: what the dashboard asks of a node with a long past (`--data`), and what running requests feel of it. */
import { median, quantile, rounded, type Table } from './figures'
import { chat, type Stage } from './stage'

type Params = Readonly<Record<string, unknown>>

/** As the pages ask; the rarest filters and the deepest pages are the dearest. */
async function questions(stage: Stage): Promise<readonly (readonly [string, Params])[]> {
  const { rows } = (await stage.call('sessions.list', { sort: '-requests', limit: 1 })) as { rows: { key12: string }[] }
  const session = rows[0]?.key12 ?? ''
  const deep = async (name: string, params: Params) => {
    let cursor: unknown
    for (let pages = 0; pages < 5; pages += 1)
      cursor = (await stage.call(name, { ...params, limit: 500, ...(cursor === undefined ? {} : { cursor }) })).next
    return { ...params, cursor }
  }
  const charts = ['revenue', 'requests', 'errors', 'tokens', 'payments', 'latency', 'assets']
  return [
    ['overview.get', {}],
    ['health.get', {}],
    ...['24h', '7d', '3m', '12m'].map((range) => ['overview.numbers', { range }] as const),
    ...charts.map((metric) => ['overview.series', { range: '3m', metric, tz: 'America/St_Johns' }] as const),
    ['overview.models', { range: '3m' }],
    ['overview.errors', { range: '3m' }],
    ['requests.list', {}],
    ['requests.list', await deep('requests.list', { model: 'gpt-x' })],
    ['requests.list', { outcome: 'empty', model: 'large-reasoning' }],
    ['requests.list', { model: 'unheard-of' }],
    ['requests.list', { minMsat: 60_000 }],
    ['requests.list', { session }],
    ['requests.list', { text: session }],
    ['sessions.list', {}],
    ['sessions.list', await deep('sessions.list', { sort: '-spentMsat' })],
    ['sessions.list', { sort: 'availableMsat', funded: true, state: 'open' }],
    ['sessions.list', { search: 'a1b' }],
    ['sessions.get', { session }],
    ['sessions.timeline', { session }],
    ['sessions.timeline', { session, kind: 'deposit' }],
    ['search.find', { text: session.slice(0, 8) }],
    ['logs.list', { text: 'upstream' }],
    ['money.list', { kind: 'deposit' }],
  ]
}

export async function queries(stage: Stage, { rounds }: { readonly rounds: number }): Promise<Table> {
  const asked = await questions(stage)
  const times = new Map<string, number[]>()
  const quiet = await chats(stage, async () => Bun.sleep(3000))
  const busy = await chats(stage, async () => {
    for (let round = 0; round < rounds; round += 1)
      for (const [name, params] of asked) {
        const began = performance.now()
        await stage.call(name, params)
        const title = `${name} ${JSON.stringify(params).slice(0, 70)}`
        times.set(title, [...(times.get(title) ?? []), performance.now() - began])
      }
  })
  const rows = [...times].map(([query, taken]) => ({
    query,
    'p50 ms': rounded(median(taken)),
    'worst ms': rounded(Math.max(...taken)),
  }))
  const felt = (samples: readonly number[]) => ({
    'p50 ms': rounded(quantile(samples, 0.5)),
    'worst ms': rounded(quantile(samples, 0.99)),
  })
  return {
    title: `B8 queries over a long past, ${rounds} rounds, beside paid chats (of these the second figure is p99)`,
    rows: [...rows, { query: 'chats, no query beside', ...felt(quiet) }, { query: 'chats beside', ...felt(busy) }],
    target: 'Overview 300 ms, pages of Logs and Sessions 500 ms; p99 of chats rises by less than 50 ms',
  }
}

/** One chat after the other until the work beside them is done; answers how long each took. */
async function chats({ chatUrl, keys }: Stage, work: () => Promise<void>): Promise<readonly number[]> {
  const taken: number[] = []
  let isOver = false
  const beside = work().finally(() => {
    isOver = true
  })
  while (!isOver) {
    const began = performance.now()
    const answer = await fetch(chatUrl.node, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[0]}` },
      body: chat(),
    })
    await answer.arrayBuffer()
    taken.push(performance.now() - began)
  }
  await beside
  return taken
}
