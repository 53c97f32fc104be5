/** Questions that are prepared once answer as plain ones do, value for value, also when their table is made anew. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { openTestLog, type TestLog, temporaryDirectory } from '../kit/log'

const directory = temporaryDirectory()
let opened: TestLog
beforeAll(async () => {
  opened = await openTestLog(directory.path)
  await opened.sql.script(`create table kinds (n bigint, i int, s smallint, t text, b boolean, y bytea, j jsonb, f float8);
    insert into kinds values (9007199254740993, -7, 3, 'Zürich ₿ \u{1f95c}', true, '\\x00ff10', '{"a": [1, null]}', 0.1),
      (null, null, null, '', false, '\\x', null, null)`)
})
afterAll(async () => {
  await opened.close()
  directory.remove()
})

test('architecture 4 a lookup answers what a query answers, of every type that the log and its read models have', async () => {
  const text = 'select *, count(*) over () as all, $1::text as asked from kinds where t <> $2 order by n'
  for (const params of [
    ['x', 'y'],
    [null, ''],
    ['"\\', 'ä'.repeat(20_000)],
  ] as const) {
    const [plain, prepared, again] = [
      await opened.sql.query(text, params),
      await opened.sql.lookup(text, params),
      await opened.sql.lookup(text, params),
    ]
    expect(prepared).toEqual(plain)
    expect(again).toEqual(plain)
  }
  expect(await opened.sql.lookup('select n from kinds where y = $1', [Uint8Array.of(0, 255, 16)])).toEqual([
    { n: 9007199254740993n },
  ])
  expect(await opened.sql.lookup('select n from kinds where b = $1 and i = $2', [true, -7])).toHaveLength(1)
  expect(await opened.sql.lookup('select n from kinds where n = $1', [5n])).toEqual([])
})

test('architecture 4 a lookup that fails says why as a query does, and the next one works', async () => {
  const wrong = opened.sql.lookup('select n from kinds where i = $1', ['no number'])
  expect(await wrong.catch((error: unknown) => (error as { code?: string }).code)).toBe('22P02')
  const unknown = opened.sql.lookup('select n from nowhere')
  expect(await unknown.catch((error: unknown) => (error as { code?: string }).code)).toBe('42P01')
  expect(await opened.sql.lookup('select 1 as one')).toEqual([{ one: 1 }])
})

test('architecture 4 a table that is made anew with other columns is looked up as it is now', async () => {
  await opened.sql.script('create table fresh (a int); insert into fresh values (1)')
  expect(await opened.sql.lookup('select * from fresh')).toEqual([{ a: 1 }])
  await opened.sql.script("drop table fresh; create table fresh (b text, a int); insert into fresh values ('x', 2)")
  expect(await opened.sql.lookup('select * from fresh')).toEqual([{ b: 'x', a: 2 }])
  expect(await opened.sql.lookup('select * from fresh')).toEqual([{ b: 'x', a: 2 }])
})
