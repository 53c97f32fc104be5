/** SIGKILL on disk: what was acknowledged is there after the restart, and nothing is half there (P-28). */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { prepareData, startChild, startTrade } from '../kit/child'
import { temporaryDirectory } from '../kit/log'
import { until } from '../kit/node'

test('P-28 P-27 a node killed in the middle of paid requests forgets no charge that it told', async () => {
  const directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  await prepareData(data)
  const trade = startTrade(data)
  const { mint, environment } = trade
  const first = await startChild(environment)
  const token = mint.token(4096)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const info = async (url: string) =>
    (await (await fetch(`${url}/v1/balance/info`, { headers })).json()) as {
      balance: number
      total_requests: number
      total_spent: number
    }
  await until(
    'a model is sold',
    async () => ((await (await fetch(`${first.url}/v1/models`)).json()) as { data: unknown[] }).data.length > 0,
  )
  const { balance } = await info(first.url)
  let toldMsat = 0
  let answers = 0
  const body = JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 })
  const client = async () => {
    for (;;) {
      const response = await fetch(`${first.url}/v1/chat/completions`, { method: 'POST', headers, body }).catch(
        () => undefined,
      )
      if (response?.status !== 200) return
      toldMsat += Number(response.headers.get('x-routstr-cost-msats'))
      answers += 1
    }
  }
  const clients = Array.from({ length: 8 }, client)
  await until('fifty answers are read', () => answers >= 50)
  first.child.kill('SIGKILL')
  await Promise.all(clients)
  await first.child.exited
  const second = await startChild(environment)
  const after = await info(second.url)
  // Told is a lower bound: an answer may have been booked and then cut by the kill.
  expect(after.total_spent).toBeGreaterThanOrEqual(toldMsat)
  expect(after.total_requests).toBeLessThanOrEqual(answers + clients.length)
  expect(after.balance).toBe(balance - after.total_spent)
  second.child.kill('SIGTERM')
  expect(await second.child.exited).toBe(0)
  await trade.stop()
  directory.remove()
}, 60_000)
