/** Requests that no upstream was asked for: each leaves a line and is counted, and no list of requests has it (contract 6). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { startNode, until } from '../kit/node'

let economy: Economy
beforeAll(async () => {
  economy = await startEconomy()
}, 30_000)
afterAll(() => economy.stop())

type Answer = {
  readonly tiles: readonly { readonly name: string; readonly value: number | null }[]
  readonly series: readonly { readonly name: string; readonly total: number | null }[]
  readonly total: number | null
  readonly rows: readonly { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[]
  readonly counts: Readonly<Record<string, number>>
}
async function ask(name: string, params: Readonly<Record<string, unknown>>): Promise<Answer> {
  const { result, error } = await economy.node.call(name, params)
  expect([name, error]).toEqual([name, undefined])
  return result as Answer
}
const tile = async (name: string) =>
  (await ask('overview.numbers', { range: '24h' })).tiles.find((one) => one.name === name)?.value

test('D-026 D-025 what was refused stands beside the requests: in its tile, in the chart and line by line', async () => {
  const key = await economy.key(1000)
  expect((await economy.chat(key)).status).toBe(200)
  expect((await economy.chat(`sk-${'0'.repeat(64)}`)).status).toBe(401)
  expect((await economy.chat(key, { model: 'sold-nowhere' })).status).toBe(404)
  expect((await economy.chat(key, { max_tokens: -1 })).status).toBe(400)
  await until('they are counted', async () => (await tile('refused')) === 3)
  expect(await tile('requests')).toBe(1)

  const { series, total } = await ask('overview.series', { range: '24h', metric: 'requests' })
  const drawn = Object.fromEntries(series.map((one) => [one.name, one.total]))
  expect([drawn, total]).toEqual([{ answered: 1, 'client-left': 0, empty: 0, 'upstream-failed': 0, refused: 3 }, 1])

  const lines = await ask('logs.list', { outcome: 'refused', level: 'info' })
  expect(lines.rows.map(({ message, fields }) => [message, fields.status]).toSorted()).toEqual([
    ['Invalid token', 401],
    ['Request refused', 400],
    ['Request refused', 404],
  ])
  expect(lines.counts.info).toBe(3)
  expect(JSON.stringify(lines)).not.toContain(key)
})

test('D-026 what was refused is counted on after a restart', async () => {
  const { directory, stop } = economy.node
  await stop({ keep: true })
  const again = await startNode({ directory })
  try {
    const { result } = await again.call('overview.numbers', { range: '24h' })
    expect((result as unknown as Answer).tiles.find(({ name }) => name === 'refused')?.value).toBe(3)
  } finally {
    await again.stop()
  }
})
