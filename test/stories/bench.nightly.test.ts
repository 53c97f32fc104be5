/** The benchmarks' made-up past is one that the node itself would have written (configuration 1, performance 4). */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { verifyLog } from '../../events'
import { madeUpKey } from '../bench/history'
import { seedDirectory } from '../bench/seed'
import { childEnvironment, prepareData } from '../kit/child'
import { temporaryDirectory } from '../kit/log'
import { startNode } from '../kit/node'

test('configuration 1 A1 a seeded directory has a sound log, balanced books, and customers who can go on', async () => {
  const directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  await prepareData(data)
  const seeded = await seedDirectory(data, { requests: 400, sessions: 20, seed: 11 })
  expect(seeded.events).toBeGreaterThan(460)
  const node = await startNode({ directory: data, environment: childEnvironment(data) })
  expect(await verifyLog(node.node.log)).toMatchObject({ ok: true, problems: [] })
  expect((await node.call('books.check')).result).toMatchObject({ balanced: true })
  const infos = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const headers = { authorization: `Bearer ${madeUpKey(11, n)}` }
      return (await (await fetch(`${node.url}/v1/balance/info`, { headers })).json()) as {
        readonly balance: number
        readonly total_requests: number
      }
    }),
  )
  expect(infos.reduce((sum, info) => sum + info.total_requests, 0)).toBe(400)
  expect(infos.every((info) => info.balance >= 0)).toBe(true)
  await node.stop()
  directory.remove()
}, 60_000)
