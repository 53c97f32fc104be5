/** The books are checked while money moves, and a wrong row stops the selling (wallet 16). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createTestMint, type TestMint } from '../kit/mint'
import { startNode, type TestNode } from '../kit/node'

let mint: TestMint
let node: TestNode
beforeAll(async () => {
  mint = createTestMint()
  node = await startNode({ environment: { CASHU_MINTS: mint.url } })
}, 60_000)
afterAll(async () => {
  await node.stop()
  await mint.stop()
})

const open = (token: string) =>
  fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status)
const isBalanced = async () => (await node.call('books.check')).result?.balanced

test('A1 wallet 16 a check in the middle of a dozen deposits finds the books in order every time', async () => {
  let busy = true
  const deposits = Promise.all(Array.from({ length: 12 }, () => open(mint.token(21)))).finally(() => {
    busy = false
  })
  const verdicts: unknown[] = []
  while (busy) verdicts.push(await isBalanced())
  expect(new Set(await deposits)).toEqual(new Set([200]))
  expect(verdicts.length).toBeGreaterThan(1)
  expect(new Set(verdicts)).toEqual(new Set([true]))
})

test('wallet 16 a sheet that is off by one msat stops the selling, and put right it sells again', async () => {
  const change = (msat: number) =>
    node.node.logDatabase.batch([
      { text: "update sheet set msat = msat + $1 where account = 'customers'", params: [msat] },
    ])
  expect(await change(1)).toBeUndefined()
  expect(await isBalanced()).toBe(false)
  expect(await open(mint.token(5))).toBe(503)
  expect((await fetch(`${node.url}/health`)).status).toBe(503)
  expect(await change(-1)).toBeUndefined()
  expect(await isBalanced()).toBe(true)
  expect(await open(mint.token(5))).toBe(200)
})
