/** B12: 64 clients, JSON and streams mixed, every answer read: nobody fails, and every msat told is an msat taken. */
import { rounded, type Table } from './figures'
import { chat, type Stage } from './stage'

const clients = 64

export async function exactness(stage: Stage, { requests }: { readonly requests: number }): Promise<Table> {
  const before = await totals(stage)
  const callsBefore = await stage.upstreamCalls()
  let left = requests
  let failed = 0
  let untold = 0
  let toldMsat = 0
  const began = performance.now()
  async function client(n: number): Promise<void> {
    const key = stage.keys[n % stage.keys.length] ?? stage.keys[0]
    while (left > 0) {
      left -= 1
      const costMsat = await ask(stage, key, left % 2 === 0)
      if (costMsat === 'failed') failed += 1
      else if (costMsat === undefined) untold += 1
      else toldMsat += costMsat
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)))
  const seconds = (performance.now() - began) / 1000
  const after = await totals(stage)
  const calls = (await stage.upstreamCalls()) - callsBefore
  const check = await stage.call('books.check')
  const row = {
    requests,
    failed,
    'upstream calls': calls,
    charges: after.requests - before.requests,
    'told msat': toldMsat,
    'taken msat': after.spentMsat - before.spentMsat,
    'cost not told': untold,
    'held msat': after.heldMsat,
    balanced: String(check.balanced),
    'req/s': rounded(requests / seconds),
  }
  return {
    title: `B12 exactness: ${clients} clients, JSON and streams in turn, every answer read`,
    rows: [row],
    target: '0 failed, upstream calls = charges, told = taken, nothing held, books balanced',
  }
}

async function totals({ keys, info }: Stage) {
  const all = await Promise.all(keys.map(info))
  return {
    requests: all.reduce((sum, one) => sum + one.total_requests, 0),
    spentMsat: all.reduce((sum, one) => sum + one.total_spent, 0),
    heldMsat: all.reduce((sum, one) => sum + one.reserved, 0),
  }
}

async function ask({ chatUrl }: Stage, key: string, stream: boolean): Promise<number | 'failed' | undefined> {
  try {
    const response = await fetch(chatUrl.node, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: chat(stream ? { stream: true, user: 'fast' } : {}),
    })
    const text = await response.text()
    if (response.status !== 200) return 'failed'
    if (stream && !text.endsWith('data: [DONE]\n\n')) return 'failed'
    const told = /"cost":\{"total_msats":(\d+)/.exec(text)?.[1]
    return told === undefined ? undefined : Number(told)
  } catch {
    return 'failed'
  }
}
