/** What the environment seeds and what it no longer does, and wrong usage at the terminal (configuration 1 and 2, R-171). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readEnvironment } from '../../core/env'
import { listening } from '../../core/listen'
import { childEnvironment, prepareData, runNode, startChild } from '../kit/child'
import { runConsole } from '../kit/console'
import type { Json } from '../kit/economy'
import { temporaryDirectory } from '../kit/log'
import { startNode, type TestNode } from '../kit/node'
import { atNight } from '../kit/sizes'

const root = temporaryDirectory()
const data = join(root.path, 'data')
beforeAll(() => prepareData(data), 30_000)
afterAll(() => root.remove())

const fee = 'pricing.upstreamFee'
const feeIn = async (node: TestNode) => {
  const [row] = (await node.call('settings.get', { keys: [fee] })).result as unknown as Json[]
  return [row?.value, row?.source]
}
/** Starts on the same directory with these variables, looks, and stops. */
async function started<Seen>(environment: Record<string, string>, look: (node: TestNode) => Promise<Seen>) {
  const node = await startNode({ directory: data, environment })
  try {
    const head = node.node.adminNode.log.head()
    const seen = await look(node)
    return { seen, head, told: node.lines.filter((line) => line.includes('has no effect')) }
  } finally {
    await node.stop()
  }
}

test('R-171 what the environment seeded follows it; what the operator chose stays, and the variable is named', async () => {
  expect(await started({ UPSTREAM_FEE: '1' }, feeIn)).toMatchObject({ seen: [1, 'environment'], told: [] })
  const changed = await started({ UPSTREAM_FEE: '2', CORS_ORIGINS: 'https://a.example' }, feeIn)
  expect(changed).toMatchObject({ seen: [2, 'environment'], told: [] })
  const same = await started({ UPSTREAM_FEE: '2', CORS_ORIGINS: 'https://a.example' }, feeIn)
  expect(same).toMatchObject({ seen: [2, 'environment'], told: [] })
  // Nothing changed, so that nothing is written.
  expect(same.head).toBe(changed.head)
  // A variable that is gone takes nothing with it.
  expect(await started({}, feeIn)).toMatchObject({ seen: [2, 'environment'], told: [] })

  const chosen = await started({}, async (node) => {
    await node.call('settings.apply', { changes: { [fee]: 1.3 } })
    return feeIn(node)
  })
  expect(chosen.seen).toEqual([1.3, 'operator'])
  expect(await started({ UPSTREAM_FEE: '1.3' }, feeIn)).toMatchObject({ seen: [1.3, 'operator'], told: [] })
  const kept = await started({ UPSTREAM_FEE: '1.9' }, feeIn)
  expect([kept.seen, kept.told.length]).toEqual([[1.3, 'operator'], 1])
  for (const word of ['UPSTREAM_FEE', fee]) expect(kept.told[0]).toContain(word)
  expect(kept.told[0]).not.toContain('1.9')
}, 60_000)

test("R-171 an operator's revert is the operator's choice", async () => {
  const reverted = await started({ UPSTREAM_FEE: '1.9' }, async (node) => {
    const { rows } = (await node.call('settings.history', { key: fee })).result as { rows: Json[] }
    // Back to what the environment had seeded.
    expect((await node.call('settings.revert', { change: rows[0]?.change })).error).toBeUndefined()
    return feeIn(node)
  })
  expect(reverted.seen).toEqual([2, 'operator'])
  const after = await started({ UPSTREAM_FEE: '1.9' }, feeIn)
  expect([after.seen, after.told.length]).toEqual([[2, 'operator'], 1])
}, 30_000)

test('configuration 2 a variable that this version does not serve yet is named, without its value', () => {
  const names = ['METRICS_TOKEN', 'RELAYS', 'MAX_OPEN_INVOICES', 'ANTHROPIC_API_KEY', 'OLLAMA_BASE_URL']
  const { warnings } = readEnvironment(Object.fromEntries(names.map((name) => [name, 'canary-value'])), {
    terminal: false,
  })
  expect(warnings.map((line) => line.split(' ')[0]).toSorted()).toEqual(names.toSorted())
  expect(warnings.join()).not.toContain('canary-value')
})

atNight(
  'configuration 1 a HOST or a PORT that cannot be listened on ends the start with exit 2 and its name',
  async () => {
    const directory = join(root.path, 'listens')
    await prepareData(directory)
    const busy = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
    const wrong = [
      ['HOST', { HOST: 'nobody.invalid' }],
      ['PORT', { PORT: String(busy.port) }],
    ] as const
    for (const [name, variable] of wrong) {
      const { code, said } = await runNode({ ...childEnvironment(directory), ...variable })
      expect([name, code, said.split('\n').length]).toEqual([name, 2, 2])
      expect(said).toStartWith(`routstr-node: ${name}: `)
    }
    await busy.stop(true)
    const elsewhere = { host: '203.0.113.7', port: 0 }
    const start = () => Bun.serve({ hostname: elsewhere.host, port: 0, fetch: () => new Response() })
    expect(() => listening(elsewhere, start)).toThrow(/^HOST: /)
    // It was closed as any other: the next one opens it.
    const next = await startChild(childEnvironment(directory))
    next.child.kill('SIGTERM')
    expect(await next.child.exited).toBe(0)
  },
  60_000,
)

atNight(
  'configuration 1 the console makes no node where there is none, and parameters that are no object are exit 2',
  async () => {
    const empty = join(root.path, 'empty')
    mkdirSync(empty)
    const verbs = ['export', 'call node.status', 'log verify', 'inbox', 'wallet words', 'wallet restore']
    for (const directory of [empty, join(root.path, 'nothing')])
      for (const verb of verbs) {
        const { code, said } = await runConsole(verb.split(' '), { ROUTSTR_DATA_DIR: directory })
        expect([verb, code, said]).toEqual([verb, 1, `node-admin: ${directory} holds no node\n`])
      }
    expect([readdirSync(empty), existsSync(join(root.path, 'nothing'))]).toEqual([[], false])
    for (const params of ['{bad', '[]', 'null', '1', '']) {
      const { code, said } = await runConsole(['call', 'node.pause', params], { ROUTSTR_DATA_DIR: data })
      expect([params, code, said.includes('JSON')]).toEqual([params, 2, true])
    }
  },
  60_000,
)
