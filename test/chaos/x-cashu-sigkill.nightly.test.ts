/** A node as a process of its own: a long token reaches it, and SIGKILL in mid-answer loses nobody's money (C-011, C-147). */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { childEnvironment, prepareData, startChild } from '../kit/child'
import { chatBody } from '../kit/economy'
import { temporaryDirectory } from '../kit/log'
import { createTestMint } from '../kit/mint'
import { until } from '../kit/node'
import { createTestUpstream } from '../kit/upstream'
import { answered, faceOf } from '../kit/x-cashu'

test('C-011 C-147 a header of 60,000 bytes pays, and after kill -9 in mid-stream all of it comes back', async () => {
  const directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  await prepareData(data)
  const mint = createTestMint()
  const upstream = createTestUpstream()
  const environment = {
    ...childEnvironment(data),
    CASHU_MINTS: mint.url,
    UPSTREAM_BASE_URL: upstream.url,
    UPSTREAM_API_KEY: 'k-12345678',
  }
  const first = await startChild(environment)
  await until('a model is sold', async () => {
    const { data: models } = (await (await fetch(`${first.url}/v1/models`)).json()) as { data: unknown[] }
    return models.length > 0
  })
  const post = (url: string, path: string, token: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cashu': token },
      body: JSON.stringify(body),
    })
  const long = mint.token(256, 'sat', { version: 3, amounts: Array.from({ length: 256 }, () => 1) })
  expect(long.length).toBeGreaterThan(60_000)
  const paid = await answered(await post(first.url, '/v1/chat/completions', long, chatBody))
  expect([paid.status, paid.change, faceOf(paid.token ?? '').units]).toEqual([200, 'sent', 253])
  const headerBytes = [...paid.headers].reduce((bytes, [name, value]) => bytes + name.length + value.length + 4, 0)
  expect(headerBytes).toBeLessThan(15 * 1024)

  const token = mint.token(50)
  const calls = upstream.calls()
  upstream.next({ pieces: 20, pauseMs: 100 })
  const cut = post(first.url, '/v1/chat/completions', token, { ...chatBody, stream: true }).catch(() => undefined)
  await until('the upstream answers', () => upstream.calls() > calls)
  first.child.kill('SIGKILL')
  await Promise.all([cut, first.child.exited])
  const second = await startChild(environment)
  let text = ''
  await until('the money is there', async () => {
    const collected = await answered(await post(second.url, '/v1/balance/refund', token, {}))
    text = String(collected.json.token)
    return collected.status === 200
  })
  expect(faceOf(text).units).toBe(50)
  const known = await answered(await post(second.url, '/v1/balance/refund', long, {}))
  expect(known.json.token).toBe(paid.token)
  second.child.kill('SIGTERM')
  expect(await second.child.exited).toBe(0)
  await mint.stop()
  await upstream.stop()
  directory.remove()
}, 60_000)
