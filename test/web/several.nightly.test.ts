/** Several rows at once: each that cannot is named with its reason, the rest is one command, and the money is exact. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, signIn, startStage, type Watched } from '../kit/dashboard'
import { until } from '../kit/node'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
const url = (path: string) => `${stage.node.url}/admin${path}`
const hashOf = (key: string) => new Bun.CryptoHasher('sha256').update(key).digest('hex').slice(0, 12)
const result = async <T>(name: string, params = {}) => (await stage.node.call(name, params)).result as T
type Session = { readonly state: string; readonly balanceMsat: number; readonly expiresAt?: number }
const session = (key: string) => result<Session>('sessions.get', { session: hashOf(key) })
const dialog = () => page.getByRole('dialog').last()

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  await stage.node.call('security.setPassword', { password })
  watched = await openPage(browser)
  page = watched.page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

async function keysOf(...sats: number[]): Promise<string[]> {
  const keys: string[] = []
  for (const sat of sats) keys.push(await stage.deposit(sat))
  const shown = async () => (await result<{ rows: { key12: string }[] }>('sessions.list')).rows.map((row) => row.key12)
  await until('the keys are listed', async () => {
    const hashes = await shown()
    return keys.every((key) => hashes.includes(hashOf(key)))
  })
  return keys
}
async function choose(keys: readonly string[]): Promise<void> {
  await page.goto(url('/sessions'))
  for (const key of keys) await page.getByRole('checkbox', { name: `Choose ${hashOf(key)}` }).check()
  await page.getByText(`${keys.length} chosen`).waitFor()
}

test('D-033 D-035 D-015 keys are chosen with x and frozen together; one that is frozen already is named with its reason', async () => {
  const [one = '', other = '', frozen = ''] = await keysOf(10, 20, 30)
  await stage.node.call('sessions.freeze', { sessions: [hashOf(frozen)], reason: 'before all this' })
  await page.goto(url('/sessions'))
  for (const key of [one, other, frozen]) {
    await page.getByRole('link', { name: `View details of session ${hashOf(key)}` }).focus()
    await page.keyboard.press('x')
  }
  await page.getByText('3 chosen').waitFor()
  await page.getByRole('button', { name: 'Freeze…', exact: true }).click()
  const unable = dialog().locator('li', { hasText: hashOf(frozen) })
  expect(await unable.textContent()).toContain('This key is frozen already.')
  const sum = (await session(one)).balanceMsat + (await session(other)).balanceMsat
  expect(Number(await dialog().locator('tfoot data').getAttribute('value'))).toBe(sum)
  await dialog().getByRole('button', { name: 'Freeze 2 keys' }).click()
  await dialog().getByText('3 to 200 characters', { exact: false }).first().waitFor()
  expect((await session(one)).state).toBe('open')
  await dialog().getByLabel('Reason').fill('looks odd')
  await dialog().getByRole('button', { name: 'Freeze 2 keys' }).click()
  await page.getByText('2 keys frozen.').waitFor()
  expect([(await session(one)).state, (await session(other)).state]).toEqual(['frozen', 'frozen'])
  await page.getByText('3 chosen').waitFor({ state: 'detached' })
  await page.goto(url(`/sessions/${hashOf(one)}`))
  await page.locator('ul[aria-label="Timeline"]').getByText('looks odd', { exact: false }).waitFor()
})

test('D-033 keys are extended together, and the end of each stands beside it before', async () => {
  const keys = await keysOf(11, 12)
  await choose(keys)
  await page.getByRole('button', { name: 'Extend…' }).click()
  expect(await dialog().locator('tbody td').first().textContent()).toMatch(/^never → /)
  await dialog().getByRole('button', { name: '+7 d', exact: true }).click()
  await dialog().getByLabel('Reason').fill('a week')
  await dialog().getByRole('button', { name: 'Extend 2 keys' }).click()
  await page.getByText('2 keys extended.').waitFor()
  const ends = await Promise.all(keys.map(async (key) => (await session(key)).expiresAt ?? 0))
  expect(ends[0]).toBe(ends[1] ?? -1)
  expect(ends[0]).toBeGreaterThan(Date.now() / 1000 + 6 * 86_400)
})

test('D-031 D-032 several keys are revoked only when their sum is typed, and exactly it becomes mine', async () => {
  const keys = await keysOf(100, 250)
  const mine = async () => (await result<{ totals: { mineMsat: number } }>('overview.get')).totals.mineMsat
  const before = await mine()
  await choose(keys)
  const available = (await Promise.all(keys.map(session))).reduce((sum, { balanceMsat }) => sum + balanceMsat, 0)
  const sum = String(available / 1000)
  await page.getByRole('button', { name: 'Revoke…' }).click()
  expect(await dialog().locator('input[type=radio]:checked').count()).toBe(0)
  await dialog().getByText('End the key and take the balance', { exact: false }).click()
  await dialog().getByLabel('Reason').fill('stolen keys')
  const button = dialog().getByRole('button', { name: `Revoke and take ${sum} sat` })
  await dialog()
    .getByLabel('Type the sum')
    .fill(String(available / 1000 - 1))
  await button.click()
  await dialog().getByText('This is not the sum. Nothing was sent.').waitFor()
  await dialog().getByLabel('Type the sum').fill(sum)
  await button.click()
  await dialog().getByLabel('Your current password').fill(password)
  await button.click()
  await page.getByText(`The keys are revoked; ${sum} sat became yours.`).waitFor()
  expect((await mine()) - before).toBe(available)
  for (const key of keys) expect((await stage.chat(key, 'gpt-4o')).status).toBe(401)
})

test('D-040 D-041 models are switched together; one without a price is named with its reason and stays off', async () => {
  const state = async (model: string) =>
    (await result<{ rows: { model: string; enabled: boolean }[] }>('models.list')).rows.find(
      (row) => row.model === model,
    )?.enabled
  await page.goto(url('/models'))
  for (const model of ['gpt-4o', 'llama-4-maverick'])
    await page.getByRole('checkbox', { name: `Choose ${model}`, exact: true }).check()
  await page.getByRole('button', { name: 'Disable…' }).click()
  await dialog().getByRole('button', { name: 'Disable 2 models' }).click()
  await page.getByText('2 models disabled.').waitFor()
  expect([await state('gpt-4o'), await state('llama-4-maverick')]).toEqual([false, false])
  for (const model of ['gpt-4o', 'llama-4-maverick', 'new-thing-preview'])
    await page.getByRole('checkbox', { name: `Choose ${model}`, exact: true }).check()
  await page.getByRole('button', { name: 'Enable…' }).click()
  const unable = dialog().locator('li', { hasText: 'new-thing-preview' })
  expect(await unable.textContent()).toContain('No price yet: set one first.')
  await dialog().getByRole('button', { name: 'Enable 2 models' }).click()
  await page.getByText('2 models enabled.').waitFor()
  expect([await state('gpt-4o'), await state('llama-4-maverick')]).toEqual([true, true])
})

test('D-021 D-033 who may only look sees each chosen key with its reason, and the button cannot be pressed', async () => {
  const [key = ''] = await keysOf(40)
  const { token } = await result<{ token: string }>('tokens.create', { name: 'looks', role: 'viewer', days: 30 })
  expect(token).toBeString()
  const answer = await fetch(`${stage.node.url}/admin/api/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ v: 1, jsonrpc: '2.0', id: crypto.randomUUID(), method: 'sessions.list', params: {} }),
  })
  const listed = await answer.text()
  await page.route('**/admin/api/rpc', async (route) => {
    const isList = route.request().postData()?.includes('"sessions.list"') === true
    await (isList ? route.fulfill({ contentType: 'application/json', body: listed }) : route.continue())
  })
  await choose([key])
  await page.getByRole('button', { name: 'Freeze…', exact: true }).click()
  expect(await dialog().locator('li').textContent()).toContain('This needs the role operator.')
  expect(await dialog().getByRole('button', { name: 'Freeze 0 keys' }).getAttribute('aria-disabled')).toBe('true')
  await page.unrouteAll()
})

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((one) => !one.startsWith(stage.node.url))).toEqual([])
  expect(watched.complaints).toEqual([])
})
