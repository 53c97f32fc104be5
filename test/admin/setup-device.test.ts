/** What the device of the set-up link may do while nobody can prove anything yet. */
import { expect, test } from 'bun:test'
import { startEconomy } from '../kit/economy'
import { startNode } from '../kit/node'

test('R-014 before any password an S row asks the set-up device for a code that only the terminal shows', async () => {
  const economy = await startEconomy()
  const { node } = economy
  const key = await economy.key(100)
  const code = node.served.signIn.makeLinkCode()
  const headers = { 'content-type': 'application/json', origin: node.url, 'x-routstr-admin': '1' }
  const post = (path: string, body: unknown, cookie?: string) =>
    fetch(`${node.url}/admin/api${path}`, {
      method: 'POST',
      headers: cookie === undefined ? headers : { ...headers, cookie },
      body: JSON.stringify(body),
    })
  const opened = await post('/setup', { code })
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const ask = async (method: string, params: unknown) =>
    (await (await post('/rpc', { id: crypto.randomUUID(), method, params }, cookie)).json()) as {
      readonly result?: Record<string, unknown>
      readonly error?: { readonly data: Record<string, unknown> }
    }
  const sessions = (await ask('sessions.list', {})).result as { rows: { key12: string }[] }
  const debit = { session: sessions.rows[0]?.key12, msat: 1000, reason: 'agreed with the customer' }
  const held = await ask('sessions.debit', debit)
  expect(held.error?.data).toMatchObject({ reason: 'CONFIRM_REQUIRED', kind: 'second-way' })
  const told = /^confirm ([0-9A-Z]{5})$/m.exec(node.printed.at(-1) ?? '')?.[1] ?? ''
  expect(JSON.stringify(held)).not.toContain(told)
  expect((await economy.info(key)).balance).toBe(100_000)
  expect((await ask('commands.confirm', { code: told })).error).toBeUndefined()
  expect((await economy.info(key)).balance).toBe(99_000)
  // Once a password exists it is the proof, and the link's device has none.
  expect((await ask('security.setPassword', { password: 'a password of the tests' })).error).toBeUndefined()
  expect((await ask('sessions.debit', debit)).error?.data.reason).toBe('STEP_UP_REQUIRED')
  await economy.stop()
}, 30_000)

test('D-014 the first operator’s zone becomes the reporting one, and no later sign-in changes what stands', async () => {
  const node = await startNode()
  const enter = (timeZone: string) =>
    fetch(`${node.url}/admin/api/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: node.url, 'x-routstr-admin': '1' },
      body: JSON.stringify({ code: node.served.signIn.makeLinkCode(), timeZone }),
    })
  const zone = async () => ((await node.call('node.status', {})).result as { timeZone: string }).timeZone
  expect([(await enter('Mars/Olympus')).status, await zone()]).toEqual([200, 'UTC'])
  expect([(await enter('America/St_Johns')).status, await zone()]).toEqual([200, 'America/St_Johns'])
  expect([(await enter('Asia/Kolkata')).status, await zone()]).toEqual([200, 'America/St_Johns'])
  await node.stop()
}, 30_000)
