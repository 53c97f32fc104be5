/** The wallet's words: shown on the console, asked back, and nowhere else (wallet 12.1). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWords, walletSeed } from '../../core/keys'
import { runConsole } from '../kit/console'
import { startNode, type TestNode } from '../kit/node'

let node: TestNode
let words = ''
beforeAll(async () => {
  node = await startNode()
}, 60_000)
afterAll(() => node.stop())

const banners = async () =>
  ((await node.call('overview.get')).result as { banners: readonly { kind: string }[] }).banners.map(({ kind }) => kind)

test('wallet 12.1 the twelve words are shown, and the seed is theirs', async () => {
  const shown = await node.call('wallet.showWords')
  words = String(shown.result?.words)
  expect(words.split(' ')).toHaveLength(12)
  expect(readWords(words)).toBe(words)
  const events = (await node.call('events.list', { type: 'wallet.seed-added' })).result as {
    rows: readonly { data: { seedId: string } }[]
  }
  expect(events.rows.map(({ data }) => data.seedId)).toEqual([walletSeed(words).seedId])
})

test('R-054 P-21 a repeat of the command says only that they were shown', async () => {
  const id = crypto.randomUUID()
  await node.call('wallet.showWords', {}, { id })
  const again = await node.call('wallet.showWords', {}, { id })
  expect([again.replayed, again.result?.words]).toEqual([true, '[secret]'])
})

test('R-124 over Nostr nobody gets them, and over HTTP not without a fresh proof', async () => {
  const ask = (door: 'nostr' | 'http', stepUp: boolean) =>
    node.node.dispatch.dispatch(
      { id: crypto.randomUUID(), method: 'wallet.showWords', params: {} },
      {
        principal: { admin: 'console', name: 'console', role: 'owner', stepUp },
        door,
        createdAtS: Math.floor(Date.now() / 1000),
      },
    )
  expect(JSON.stringify(await ask('nostr', true))).toContain('WRONG_DOOR')
  expect(JSON.stringify(await ask('http', false))).toContain('STEP_UP_REQUIRED')
})

test('wallet 12.1 the banner stays until the third and the ninth word were said', async () => {
  expect(await banners()).toContain('words-unconfirmed')
  const list = words.split(' ')
  const wrong = await node.call('wallet.confirmWords', { words: [list[2], list[2] === list[8] ? 'zoo' : list[2]] })
  expect(wrong.error?.data).toMatchObject({ reason: 'REFUSED', code: 'words-differ' })
  expect(await banners()).toContain('words-unconfirmed')
  const right = await node.call('wallet.confirmWords', { words: [list[2], ` ${list[8]?.toUpperCase()} `] })
  expect(right.result).toEqual({ ok: true })
  expect(await banners()).not.toContain('words-unconfirmed')
})

test('configuration 1 node-admin wallet words prints them, running or stopped, and refuses where no node is', async () => {
  const data = { ROUTSTR_DATA_DIR: node.directory }
  await node.stop({ keep: true })
  const stopped = await runConsole(['wallet', 'words'], data)
  expect([stopped.code, stopped.out]).toEqual([0, `${words}\n`])
  const nowhere = await runConsole(['wallet', 'words'], { ROUTSTR_DATA_DIR: join(node.directory, 'nothing') })
  expect([nowhere.code, nowhere.out]).toEqual([1, ''])
  expect(nowhere.said).toContain('holds no node')
}, 30_000)

test('P-21 no line of the process and no file of the data directory holds the words', () => {
  const needle = words.split(' ').slice(0, 4).join(' ')
  expect(node.lines.join('')).not.toContain(needle)
  const files = readdirSync(node.directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const holding = files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, 'latin1').includes(needle))
  expect(holding).toEqual([])
})

test('wallet 12.1 words are read in any spelling of case and space, and a wrong one is told', () => {
  expect(readWords(`  ${words.toUpperCase().replaceAll(' ', '\n  ')} `)).toBe(words)
  const list = words.split(' ')
  expect(readWords(list.slice(1).join(' '))).toBeUndefined()
  expect(readWords([...list.slice(0, 11), 'routstr'].join(' '))).toBeUndefined()
})
