/** What is shown once stays until it is saved, and the password is set, changed and cleared (dashboard 4.4, 6). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { byToken } from '../kit/browser'
import { openBrowser, openPage, password, type Stage, signIn, startStage, type Watched } from '../kit/dashboard'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
const url = (path: string) => `${stage.node.url}/admin${path}`
const dialog = () => page.getByRole('dialog')
const inDialog = (name: string) => dialog().getByRole('button', { name, exact: true })
/** Every way out that a hand may slip into. */
async function slip(): Promise<void> {
  await page.mouse.click(20, 880)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
}

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

test('D-059 a double click on the button that makes a token makes one and shows it, and no slip closes it', async () => {
  await page.goto(url('/settings/security'))
  await page.getByRole('button', { name: 'Make a token', exact: true }).click()
  await dialog().getByLabel('Name').fill('nightly report')
  await inDialog('Make a token').dblclick()
  await dialog().getByLabel('Your current password').fill(password)
  await inDialog('Make a token').dblclick()
  await slip()
  const shown = dialog().locator('code', { hasText: 'rnt_' })
  await shown.waitFor()
  await slip()
  expect(await shown.isVisible()).toBe(true)
  expect(await dialog().getByRole('button', { name: 'Close' }).getAttribute('aria-disabled')).toBe('true')
  const token = (await shown.textContent()) ?? ''
  expect((await byToken(stage.node, token)('overview.get')).status).toBe(200)
  expect((await stage.node.call('tokens.list')).result).toMatchObject({ rows: [{ last4: token.slice(-4) }] })
  await inDialog('I saved it').click()
  await dialog().waitFor({ state: 'detached' })
})

test('D-059 the page asks before it is left while a token is shown, and Back keeps it', async () => {
  await page.goto(url('/settings/backup'))
  await page.getByRole('link', { name: 'Security', exact: true }).click()
  await page.getByRole('button', { name: 'Make a token', exact: true }).click()
  await dialog().getByLabel('Name').fill('second')
  await inDialog('Make a token').click()
  await dialog().getByLabel('Your current password').fill(password)
  await inDialog('Make a token').click()
  await dialog().locator('code', { hasText: 'rnt_' }).waitFor()
  const asked = page.waitForEvent('dialog').then(async (question) => {
    await question.dismiss()
    return question.message()
  })
  await page.evaluate('history.back()')
  expect(await asked).toBe('It is not shown again. Leave without saving it?')
  expect(await dialog().locator('code', { hasText: 'rnt_' }).isVisible()).toBe(true)
  await inDialog('I saved it').click()
})

test('D-059 a double click shows the wallet words, and no slip closes them before they are written down', async () => {
  await page.goto(url('/settings/backup'))
  await page.getByRole('button', { name: 'Show the words', exact: true }).click()
  await inDialog('Show the words').dblclick()
  await dialog().getByLabel('Your current password').fill(password)
  await inDialog('Show the words').dblclick()
  await slip()
  await dialog().locator('ol li').nth(11).waitFor()
  await slip()
  expect(await dialog().locator('ol li').count()).toBe(12)
  await inDialog('I wrote them down').click()
  await dialog().waitFor({ state: 'detached' })
})

test('D-046 Admin Password says that it is set, is changed after the old one, and cleared after a proof', async () => {
  await page.goto(url('/settings/security'))
  const section = page.getByRole('region', { name: 'Admin Password' })
  await section.getByText('Set by', { exact: false }).waitFor()
  expect(await section.textContent()).not.toContain('no password by default')
  await section.getByRole('button', { name: 'Change', exact: true }).click()
  await dialog().getByLabel('New password').fill('another one of the tests')
  await inDialog('Set the password').click()
  await dialog().getByLabel('Your current password').fill(password)
  await inDialog('Set the password').click()
  await dialog().waitFor({ state: 'detached' })
  await section.getByRole('button', { name: 'Clear', exact: true }).click()
  await inDialog('Clear the password').click()
  await dialog().getByLabel('Your current password').fill(password)
  await inDialog('Clear the password').click()
  await page.getByText('That password is not right.', { exact: false }).waitFor()
  await dialog().getByLabel('Your current password').fill('another one of the tests')
  await inDialog('Clear the password').click()
  await dialog().waitFor({ state: 'detached' })
  await section.getByRole('button', { name: 'Set a password' }).waitFor()
  await section.getByText('The dashboard has no password by default.', { exact: false }).waitFor()
  expect((await stage.node.call('me.get')).result).toMatchObject({ passwordSet: false })
})

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((one) => !one.startsWith(stage.node.url))).toEqual([])
  expect(watched.complaints).toEqual([])
})
