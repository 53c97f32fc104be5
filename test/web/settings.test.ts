/** Settings in a browser: reviewed, in force with the answer, reverted, and told who set what (dashboard 4.4). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, signIn, startStage, type Watched } from '../kit/dashboard'
import { createTestMint, type TestMint } from '../kit/mint'
import { atNight } from '../kit/sizes'
import { createTestUpstream, type TestUpstream } from '../kit/upstream'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
let secondMint: TestMint
let secondUpstream: TestUpstream
const url = (path: string) => `${stage.node.url}/admin${path}`
const result = async <T>(name: string, params = {}) => (await stage.node.call(name, params)).result as T
const value = async (key: string) => (await result<{ value: unknown }[]>('settings.get', { keys: [key] }))[0]?.value
const button = (name: string | RegExp, exact = true) => page.getByRole('button', { name, exact })
/** Review, save, and the proof where one is asked for. */
async function save(changes: number, proved = false): Promise<void> {
  await button('Review and save').click()
  const words = changes === 1 ? 'Save 1 change' : `Save ${changes} changes`
  await button(words).click()
  if (proved) {
    await page.getByLabel('Your current password').fill(password)
    await button(words).click()
  }
  await page.getByText(changes === 1 ? '1 change is in force.' : `${changes} changes are in force.`).waitFor()
}

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  secondMint = createTestMint()
  secondUpstream = createTestUpstream()
  await stage.node.call('security.setPassword', { password })
  watched = await openPage(browser)
  page = watched.page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
  await secondMint.stop()
  await secondUpstream.stop()
})

test('D-053 D-054 D-049 fees follow the worked example, are reviewed old and new, and are in force with the answer', async () => {
  await page.goto(url('/settings/pricing'))
  await page.getByText('Upstream $30/1M × 1.005 × 1.1 = $33.17/1M').waitFor()
  await page.getByText('Fixed Pricing is off.').waitFor()
  await page.getByLabel('Upstream Fee').fill('1.12')
  await page.getByText('Upstream $30/1M × 1.005 × 1.12 = $33.77/1M').waitFor()
  await button('Review and save').click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.locator('del').textContent()).toBe('1.1 ×')
  expect(await dialog.locator('ins').textContent()).toBe('1.12 ×')
  expect(await value('pricing.upstreamFee')).toBe(1.1)
  await button('Save 1 change').click()
  await page.getByText('1 change is in force.').waitFor()
  expect(await value('pricing.upstreamFee')).toBe(1.12)
  const field = page.locator('[data-setting="pricing.upstreamFee"]')
  await field.getByText('default 1.1').waitFor()
  await field.getByText('web').waitFor()
})

atNight('D-048 false and 0 are values; an untouched form has nothing to save', async () => {
  await page.goto(url('/settings/pricing'))
  await page.getByRole('switch', { name: 'Fixed Pricing' }).click()
  await page.getByLabel('Minimum charge').fill('5')
  await save(2)
  expect([await value('pricing.fixed'), await value('pricing.minRequestMsat')]).toEqual([true, 5])
  await page.getByRole('switch', { name: 'Fixed Pricing' }).click()
  await save(1)
  expect(await value('pricing.fixed')).toBe(false)
  await button('Review and save').waitFor({ state: 'detached' })
})

test('D-051 a change by somebody else stands beside mine, and one of them is chosen', async () => {
  await page.goto(url('/settings/identity'))
  await page.getByLabel('Description').fill('mine')
  await stage.node.call('settings.apply', { changes: { 'identity.description': 'theirs', 'identity.name': 'Harbour' } })
  await button('Review and save').click()
  await button('Save 1 change').click()
  await page.getByText('Somebody changed the same value meanwhile.', { exact: false }).waitFor()
  await button('No, go back').click()
  const clash = page.locator('[data-setting="identity.description"] [role="alert"]')
  await clash.getByText('Changed meanwhile to theirs by console.').waitFor()
  await clash.getByRole('button', { name: 'Keep mine' }).click()
  await save(1)
  expect([await value('identity.description'), await value('identity.name')]).toEqual(['mine', 'Harbour'])
})

test('D-050 History names old and new, who and by which door, and a revert goes through the same review', async () => {
  await page.goto(url('/settings/history'))
  const row = page.locator('tbody tr', { hasText: 'Description' }).first()
  await row.getByText('theirs').waitFor()
  await row.getByRole('button', { name: 'Revert Description' }).click()
  await button('Save 1 change').click()
  await page.getByText('1 change is in force.').waitFor()
  expect(await value('identity.description')).toBe('theirs')
  await page.locator('tbody tr', { hasText: 'Description' }).nth(2).waitFor()
})

test('D-046 D-086 a payout limit asks for a fresh proof, and a wrong one says so and changes nothing', async () => {
  await page.goto(url('/settings/lightning'))
  await page.getByLabel('Lightning Address').fill('me@wallet.example')
  await button('Review and save').click()
  await button('Save 1 change').click()
  await page.getByLabel('Your current password').fill('not the password')
  await button('Save 1 change').click()
  await page.getByText('That password is not right. Nothing was changed.').waitFor()
  expect(await value('sweep.address')).toBe('')
  await page.getByLabel('Your current password').fill(password)
  await button('Save 1 change').click()
  await page.getByText('1 change is in force.').waitFor()
  expect(await value('sweep.address')).toBe('me@wallet.example')
})

test('D-052 an upstream is tried, added, paused and removed; its key stands nowhere on the page', async () => {
  await page.goto(url('/settings/upstream'))
  await button('Add upstream').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Type').selectOption('generic')
  await dialog.getByLabel('Base URL').fill(secondUpstream.url)
  await dialog.getByLabel('API Key').fill('sk-canary-of-a-key')
  await dialog.getByLabel('Name').fill('second-one')
  await dialog.getByRole('button', { name: 'Test', exact: true }).click()
  await dialog.getByText('1 models', { exact: false }).waitFor()
  await dialog.getByRole('button', { name: 'Add upstream' }).click()
  await dialog.getByLabel('Your current password').fill(password)
  await dialog.getByRole('button', { name: 'Add upstream' }).click()
  const row = page.locator('[data-upstream="second-one"]')
  await row.getByText('key …-key').waitFor()
  await row.getByRole('button', { name: 'Pause' }).click()
  await row.getByText('Paused by an operator.').waitFor()
  expect(await page.content()).not.toContain('sk-canary')
  await row.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('button', { name: 'Remove second-one' }).click()
  await page.getByText('second-one is removed.').waitFor()
  await row.waitFor({ state: 'detached' })
})

test('D-055 a mint is accepted only once it was tried, and one that holds money is not removed', async () => {
  await page.goto(url('/settings/mints'))
  await button('Add Mint').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Mint URL').fill(secondMint.url)
  await dialog.getByText('Test the connection first.').waitFor()
  await dialog.getByRole('button', { name: 'Test Connection' }).click()
  await dialog.getByRole('button', { name: 'Accept this mint' }).click()
  await dialog.getByLabel('Your current password').fill(password)
  await dialog.getByRole('button', { name: 'Accept this mint' }).click()
  await page.locator(`[data-mint="${secondMint.url}"]`).waitFor()
  await stage.deposit(100)
  await page.locator(`[data-mint="${stage.mint.url}"]`).getByRole('button', { name: 'Remove Mint' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove Mint' }).click()
  await page.getByText(/^Not removed: \d+ sat lie there/).waitFor()
})

test('D-059 the wallet words are shown once, after a proof, and leave nothing behind', async () => {
  await page.goto(url('/settings/backup'))
  await button('Show the words').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Show the words' }).click()
  await page.getByLabel('Your current password').fill(password)
  await page.getByRole('dialog').getByRole('button', { name: 'Show the words' }).click()
  const words = page.getByRole('dialog').locator('ol li')
  await words.nth(11).waitFor()
  const [first = '', second = ''] = await words.allInnerTexts()
  await button('I wrote them down').click()
  expect(await page.content()).not.toContain(`${first}${second}`)
  expect(await page.evaluate<number>('localStorage.length + sessionStorage.length')).toBeLessThan(3)
})

test('D-059 an access token is shown once, and a device is listed and can be ended', async () => {
  await page.goto(url('/settings/security'))
  await page.getByRole('list', { name: 'Signed-in devices' }).locator('li').first().waitFor()
  await button('Make a token').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('nightly report')
  await dialog.getByRole('button', { name: 'Make a token' }).click()
  await dialog.getByLabel('Your current password').fill(password)
  await dialog.getByRole('button', { name: 'Make a token' }).click()
  const token = (await dialog.locator('code', { hasText: 'rnt_' }).textContent()) ?? ''
  await button('I saved it').click()
  const row = page.getByRole('list', { name: 'Access tokens' }).locator('li')
  await row.getByText(`ends in …${token.slice(-4)}`).waitFor()
  expect(await page.content()).not.toContain(token)
  const asked = await fetch(`${stage.node.url}/admin/api/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ id: crypto.randomUUID(), method: 'overview.get' }),
  })
  expect(asked.status).toBe(200)
  await row.getByRole('button', { name: 'End nightly report' }).click()
  await page.getByText('No access token.').waitFor()
})

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((one) => !one.startsWith(stage.node.url) && !one.startsWith('blob:'))).toEqual([])
  expect(watched.complaints).toEqual([])
})
