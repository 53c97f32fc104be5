/** A node that lost its machine: the words alone bring the coins to another one, by the console (wallet 12). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeWords } from '../../core/keys'
import { prepareData } from '../kit/child'
import { runConsole } from '../kit/console'
import { type Economy, startEconomy } from '../kit/economy'
import { temporaryDirectory } from '../kit/log'
import { startNode, type TestNode } from '../kit/node'

const temporary = temporaryDirectory()
const data = join(temporary.path, 'data')
let economy: Economy
let words = ''
let node: TestNode
const mints = () => ({ CASHU_MINTS: economy.mint.url, ROUTSTR_DATA_DIR: data })

beforeAll(async () => {
  economy = await startEconomy()
  const key = await economy.key(100)
  await (await economy.chat(key)).text()
  words = String((await economy.node.call('wallet.showWords')).result?.words)
  await prepareData(data)
}, 60_000)
afterAll(async () => {
  await node.stop({ keep: true })
  await economy.stop()
  temporary.remove()
})

test('P-29 words that are none are refused before anything is made, and a wrong option is named', async () => {
  const empty = join(temporary.path, 'empty')
  const typo = await runConsole(['wallet', 'restore', '--words'], { ROUTSTR_DATA_DIR: empty }, `${words} abandon\n`)
  expect([typo.code, typo.said.includes('no wallet words')]).toEqual([1, true])
  expect(typo.said).not.toContain(words.slice(0, 20))
  expect(existsSync(empty)).toBe(false)
  for (const options of [['--gap', '0'], ['--gap'], ['--mint'], ['--all']])
    expect((await runConsole(['wallet', 'restore', ...options], { ROUTSTR_DATA_DIR: empty })).code).toBe(2)
  expect(existsSync(empty)).toBe(false)
}, 30_000)

test('P-29 W-18 in an empty directory the words alone bring every coin back, as unattributed', async () => {
  const held = economy.mint.outstanding('sat') * 1000
  const found = await runConsole(['wallet', 'restore', '--words'], mints(), `${words}\n`)
  expect(found.code).toBe(0)
  expect(found.said + found.out).not.toContain(words.slice(0, 20))
  expect(JSON.parse(found.out)).toMatchObject([
    { mint: economy.mint.url, state: 'done', isBehind: true, importedMsat: held, unattributedMsat: held },
  ])
  const shown = await runConsole(['wallet', 'words'], mints())
  expect(shown.out.trim()).toBe(words)
  const again = await runConsole(['wallet', 'restore'], mints())
  expect(JSON.parse(again.out)).toMatchObject([{ state: 'done', importedMsat: 0 }])
}, 60_000)

test('P-29 words of another wallet are refused where coins are, and nothing is written of them', async () => {
  const wrong = await runConsole(['wallet', 'restore', '--words'], mints(), `${makeWords()}\n`)
  expect([wrong.code, wrong.out]).toEqual([1, ''])
  expect(wrong.said).toContain('has coins of its own')
  const shown = await runConsole(['wallet', 'words'], mints())
  expect(shown.out.trim()).toBe(words)
}, 30_000)

test('wallet 12.3 what was found is owed until its owner names the amount and says that it is his', async () => {
  node = await startNode({ directory: data, environment: { CASHU_MINTS: economy.mint.url } })
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  const totals = async () => ((await node.call('overview.get')).result as { totals: Record<string, number> }).totals
  const held = economy.mint.outstanding('sat') * 1000
  expect(await totals()).toMatchObject({ totalMsat: held, owedMsat: held, mineMsat: 0 })
  const release = (msat: number, mint = economy.mint.url) => node.call('wallet.releaseUnattributed', { mint, msat })
  expect((await release(held + 1)).error?.data).toMatchObject({
    code: 'more-than-unattributed',
    unattributedMsat: held,
  })
  expect((await release(1, 'https://other.example')).error?.data).toMatchObject({ reason: 'NOT_FOUND' })
  expect((await release(held - 1000)).result).toEqual({})
  expect(await totals()).toMatchObject({ totalMsat: held, owedMsat: 1000, mineMsat: held - 1000 })
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
}, 30_000)

test('R-124 the running node restores by both doors of its table, and tells an unknown mint', async () => {
  const found = await node.call('wallet.restore', { mints: [`${economy.mint.url}/`] })
  expect(found.result).toMatchObject({ state: 'done', mints: [{ state: 'done', importedMsat: 0, isBehind: false }] })
  const unknown = await node.call('wallet.restore', { mints: ['https://other.example'] })
  expect(unknown.error?.data).toMatchObject({ reason: 'NOT_FOUND' })
})
