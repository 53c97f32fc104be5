/** What models.list says customers made of a model: its margin and its errors are those of the requests behind them. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'
import { until } from '../kit/node'
import { gptX } from '../kit/upstream'

type Model = {
  readonly model: string
  readonly requests7d: number
  readonly marginMsat7d?: number
  readonly costedRevenueMsat7d: number
  readonly unknown7d: number
  readonly requests24h: number
  readonly errors24h: number
  readonly otherUsd: Readonly<Record<string, string>>
}
type Request = {
  readonly model: string
  readonly costMsat: number
  readonly upstreamCostMsat?: number
  readonly marginMsat?: number
}

let economy: Economy
const named = (id: string) => ({ ...gptX, id })
const rowsOf = async <Row>(name: string, params = {}): Promise<readonly Row[]> => {
  const { result, error } = await economy.node.call(name, params)
  expect(error).toBeUndefined()
  return (result as { rows: readonly Row[] }).rows
}
const model = async (id: string) => (await rowsOf<Model>('models.list')).find((row) => row.model === id)

beforeAll(async () => {
  economy = await startEconomy({ upstream: { models: ['dear', 'fair', 'silent', 'unused'].map(named) } })
  const key = await economy.key(3000)
  const ask = async (id: string, cost?: number) => {
    economy.upstream.next(cost === undefined ? {} : { usageMore: { cost } })
    expect((await economy.chat(key, { model: id })).status).toBe(200)
  }
  await ask('fair', 0.000_001)
  await ask('fair', 0.000_002)
  await ask('fair')
  // Its upstream asks for more than the customer paid.
  await ask('dear', 0.9)
  await ask('silent')
  economy.upstream.next({ fault: { status: 500, body: 'no' } })
  expect((await economy.chat(key, { model: 'silent' })).status).toBe(424)
  await until('all six are listed', async () => (await rowsOf('requests.list')).length === 6)
}, 60_000)
afterAll(() => economy.stop())

test('D-037 D-025 a margin is the sum over the requests whose cost is known, and says of how many it is not', async () => {
  const requests = (await rowsOf<Request>('requests.list')).filter((row) => row.model === 'fair')
  const known = requests.filter((row) => row.upstreamCostMsat !== undefined)
  expect([requests.length, known.length]).toEqual([3, 2])
  const sum = (of: (row: Request) => number) => known.reduce((total, row) => total + of(row), 0)
  expect(await model('fair')).toMatchObject({
    requests7d: 3,
    marginMsat7d: sum((row) => row.marginMsat ?? Number.NaN),
    costedRevenueMsat7d: sum((row) => row.costMsat),
    unknown7d: 1,
    errors24h: 0,
  })
  expect((await model('dear'))?.marginMsat7d).toBeLessThan(0)
})

test('D-013 a margin of which nothing is known is absent and never 0, and what the upstream failed is an error', async () => {
  const silent = await model('silent')
  expect(silent).toMatchObject({ requests7d: 2, requests24h: 2, errors24h: 1, unknown7d: 1, costedRevenueMsat7d: 0 })
  expect(silent).not.toHaveProperty('marginMsat7d')
  expect(await model('unused')).toMatchObject({ requests7d: 0, errors24h: 0, unknown7d: 0 })
})

test('D-037 models are ordered by their share, and what is unknown is last either way', async () => {
  const order = async (sort: string) => (await rowsOf<Model>('models.list', { sort })).map((row) => row.model)
  expect(await order('marginMsat7d')).toEqual(['dear', 'fair', 'silent', 'unused'])
  expect(await order('-marginMsat7d')).toEqual(['fair', 'dear', 'silent', 'unused'])
  expect((await order('-errors24h'))[0]).toBe('silent')
  expect((await order('-errors24h')).at(-1)).toBe('unused')
})

test('D-037 what else is charged for stands under the names by which it is set, per 1M tokens', async () => {
  const [{ upstreamId: upstream = '' } = {}] = await rowsOf<{ upstreamId: string }>('models.list')
  const prices = { inUsdPerM: '2', outUsdPerM: '6', cacheReadUsdPerM: '0.5', requestUsd: '0.01' }
  const { error } = await economy.node.call('models.setPrice', { upstream, model: 'unused', ...prices })
  expect(error).toBeUndefined()
  expect((await model('unused'))?.otherUsd).toMatchObject({ cacheReadUsdPerM: '0.5', requestUsd: '0.01' })
  expect(Object.keys((await model('unused'))?.otherUsd ?? {})).not.toContain('inUsdPerM')
})
