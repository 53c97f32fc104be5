/** What a power cut may leave of the last write to the log: nothing acknowledged is lost, nothing is half there (P-28). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoredEvent } from '../../events/log/log'
import { chargeOf } from '../kit/charge'
import { openTestLog, temporaryDirectory } from '../kit/log'
import { spread } from '../kit/sizes'

const acknowledged = 20
const stream = `session-${'a'.repeat(64)}`
const directory = temporaryDirectory()
const [before, after] = [join(directory.path, 'before'), join(directory.path, 'after')]
const pageBytes = 8192
let events: readonly StoredEvent[] = []

beforeAll(async () => {
  const live = join(directory.path, 'live')
  const opened = await openTestLog(live)
  const append = async (version: number, more: object = {}) => {
    const data = { ...chargeOf(1000), ...more }
    const row = { stream, expected: version, events: [{ type: 'session.charged', v: 1, data }] }
    const meta = { actor: stream, door: 'public' as const }
    expect(await opened.log.append({ streams: [row], meta, at: 1_700_000_000_000 })).toHaveProperty('position')
  }
  for (let version = 0; version < acknowledged; version += 1) await append(version)
  events = await opened.log.read(stream, 0)
  cpSync(live, before, { recursive: true })
  // Several pages long, and nothing that packs well.
  const prices = Object.fromEntries(Array.from({ length: 600 }, () => [crypto.randomUUID(), crypto.randomUUID()]))
  await append(acknowledged, { prices })
  cpSync(live, after, { recursive: true })
  await opened.close()
}, 60_000)
afterAll(() => directory.remove())

const segmentOf = (cluster: string) => {
  const folder = join(cluster, 'log/pg_wal')
  const [name = ''] = readdirSync(folder).filter((file) => /^[0-9A-F]{24}$/.test(file))
  return join(folder, name)
}

/** The cluster before the last write, and of that write the first so many bytes from its first page on. */
async function afterTearing(bytes: number): Promise<readonly StoredEvent[]> {
  const torn = join(directory.path, 'torn')
  cpSync(before, torn, { recursive: true })
  const [old, fresh] = [readFileSync(segmentOf(before)), readFileSync(segmentOf(after))]
  const first = old.findIndex((byte, index) => byte !== fresh[index])
  const page = first - (first % pageBytes)
  fresh.copy(old, page, page, page + bytes)
  writeFileSync(segmentOf(torn), old)
  const opened = await openTestLog(torn)
  try {
    const found = await opened.log.read(stream, 0)
    const meta = { actor: stream, door: 'public' as const }
    const next = { stream, expected: found.length, events: [{ type: 'session.charged', v: 1, data: chargeOf(7) }] }
    expect(await opened.log.append({ streams: [next], meta, at: 1_700_000_000_001 })).toHaveProperty('position')
    return found
  } finally {
    await opened.close()
    rmSync(torn, { recursive: true })
  }
}

test.each(spread([512, 4096, pageBytes - 512, pageBytes + 512, 2 * pageBytes], 2))(
  'P-28 of a write that tore after %d bytes nothing is there, all before it is, and the log goes on',
  async (bytes) => {
    expect(await afterTearing(bytes)).toEqual([...events])
  },
)

test('P-28 a write that reached the disk whole is there whole', async () => {
  const found = await afterTearing(32 * pageBytes)
  expect(found.slice(0, acknowledged)).toEqual([...events])
  expect(found).toHaveLength(acknowledged + 1)
})
