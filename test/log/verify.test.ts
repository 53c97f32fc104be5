/** `node-admin log verify`: a sound log is called sound, and a damaged one by its damage. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Economy, startEconomy } from '../kit/economy'

let economy: Economy
const data = () => economy.node.directory
beforeAll(async () => {
  economy = await startEconomy()
  const key = await economy.key(50)
  for (let times = 0; times < 3; times += 1) await (await economy.chat(key)).text()
}, 60_000)
afterAll(() => economy.stop())

type Verdict = { readonly ok: boolean; readonly events: number; readonly problems: readonly string[] }
async function verify(): Promise<Verdict> {
  const response = await fetch(`${economy.node.url}/admin/api/console/log-verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${economy.node.consoleToken}` },
    body: '{}',
  })
  return (await response.json()) as Verdict
}
const change = (text: string) => economy.node.node.logDatabase.script(text)

test('P-28 a sound log is read from its first event to its last', async () => {
  const verdict = await verify()
  expect([verdict.ok, verdict.problems, verdict.events]).toEqual([true, [], Number(economy.node.node.log.head())])
})

test.each([
  [
    'a sheet that says otherwise',
    "update sheet set msat = msat + 1 where account = 'customers'",
    "update sheet set msat = msat - 1 where account = 'customers'",
    'the sheet says',
  ],
  [
    'an event that lost a field',
    "update events set data = replace(data, '\"feeMsat\"', '\"gone\"') where type = 'session.credited'",
    "update events set data = replace(data, '\"gone\"', '\"feeMsat\"') where type = 'session.credited'",
    'schema',
  ],
  [
    'a version that is missing',
    "update events set version = version + 10 where type = 'session.charged'",
    "update events set version = version - 10 where type = 'session.charged'",
    'version',
  ],
])(
  'P-28 %s is found and named, without any content',
  async (_, damage, repair, word) => {
    await change(damage)
    // What was committed in this process is remembered: a new one reads the disk.
    await economy.node.stop({ keep: true })
    const child = Bun.spawn([process.execPath, 'core/console.ts', 'log', 'verify'], {
      cwd: `${import.meta.dir}/../..`,
      env: { ...process.env, ROUTSTR_DATA_DIR: data() },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const verdict = JSON.parse(await new Response(child.stdout).text()) as Verdict
    expect([await child.exited, verdict.ok]).toEqual([1, false])
    expect(verdict.problems.join('\n')).toContain(word)
    const { startNode } = await import('../kit/node')
    const again = await startNode({ directory: data() })
    await again.node.logDatabase.script(repair)
    Object.assign(economy, { node: again })
  },
  60_000,
)
