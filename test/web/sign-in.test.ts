/** The ways in and out, in a real browser. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { finalizeEvent, generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import type { Browser } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, startStage } from '../kit/dashboard'

let stage: Stage
let browser: Browser
const url = (path: string) => `${stage.node.url}/admin${path}`
beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage({ models: [] }), openBrowser()])
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

test('R-108 D-057 a set-up link opens once, its code leaves the address, and no password is a banner', async () => {
  const { page, context, asked, complaints } = await openPage(browser)
  const code = stage.node.served.signIn.makeLinkCode()
  await page.goto(url(`/setup#${code}`))
  await page.getByText('step 1 of 8').waitFor()
  expect(page.url()).toBe(url('/setup'))
  await page.goto(url('/'))
  await page.locator('[data-banner="no-password"]').waitFor()
  await page.getByRole('link', { name: 'Models', exact: true }).click()
  await page.locator('[data-banner="no-password"] button').click()
  await page.getByLabel('New password').fill('short')
  await page.getByRole('button', { name: 'Set the password' }).click()
  expect(await page.getByText('Use 8 to 128 characters.').count()).toBe(1)
  await page.getByLabel('New password').fill(password)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.locator('[data-banner="no-password"]').waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
  expect(asked.filter((address) => address.includes(code))).toEqual([])

  const second = await openPage(browser)
  await second.page.goto(url(`/setup#${code}`))
  await second.page.getByText('This set-up link is spent or too old.').waitFor()
  await second.page.getByText('bun run node-admin link').waitFor()
  // A new link is pasted where the spent one stood: only the hash of the address changes.
  await second.page.goto(url(`/setup#${stage.node.served.signIn.makeLinkCode()}`))
  await second.page.getByText(/^step \d of 8$/).waitFor()
  expect(second.page.url()).toBe(url('/setup'))
  await Promise.all([context.close(), second.context.close()])
})

test('D-003 a deep link leads on after sign-in, and a next outside the dashboard is ignored', async () => {
  const { page, context } = await openPage(browser)
  await page.goto(url('/models?state=off'))
  await page.waitForURL(url(`/sign-in?next=${encodeURIComponent('/admin/models?state=off')}`))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(url('/models?state=off'))
  for (const next of ['https://evil.example/admin/', '//evil.example/admin/', '/v1/models', '/admin/../v1/models']) {
    await page.goto(url(`/sign-in?next=${encodeURIComponent(next)}`))
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.keyboard.press('Enter')
    await page.waitForURL(url('/'), { waitUntil: 'commit' })
  }
  await context.close()
})

test('D-078 a wrong password, a missing extension, a pause and an unreachable node are four sentences', async () => {
  const { page, context } = await openPage(browser)
  await page.goto(url('/sign-in'))
  await page.getByText('No Nostr extension found in this browser.').waitFor()
  const button = page.getByRole('button', { name: 'Sign in', exact: true })
  const field = page.getByLabel('Password', { exact: true })
  await field.fill('not the password')
  await button.click()
  await page.getByText('That password is not right.').waitFor()
  // The dashboard knows nothing of the node's delays: it says what the node answers.
  await page.route('**/admin/api/login', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 429, headers: { 'retry-after': '7' }, json: { type: 'error' } })
      : route.continue(),
  )
  await field.fill('again')
  await button.click()
  await page.getByText(/Too many tries\. The next one counts in \d seconds?\./).waitFor()
  await page.unrouteAll()
  await page.route('**/admin/api/**', (route) => route.abort())
  await page.reload()
  await page.getByText('The node does not answer. Is it running, and is this its address?').waitFor()
  await context.close()
})

test('R-111 an operator signs in by the Nostr extension, with a signature over that very request', async () => {
  const secret = generateSecretKey()
  await stage.node.call('admins.add', { npub: getPublicKey(secret), role: 'operator', label: 'me' })
  const { page, context, complaints } = await openPage(browser)
  await page.exposeFunction('signForTest', (event: Parameters<typeof finalizeEvent>[0]) => finalizeEvent(event, secret))
  await page.addInitScript('window.nostr = { signEvent: (event) => window.signForTest(event) }')
  await page.goto(url('/sign-in'))
  await page.getByRole('button', { name: 'Sign in with a Nostr extension' }).click()
  await page.waitForURL(url('/'), { waitUntil: 'commit' })
  await page.getByText('operator · ').waitFor()
  expect(complaints).toEqual([])
  await context.close()
})

test('D-079 after sign-out nothing is left in storage, and Back finds the sign-in', async () => {
  const { page, context } = await openPage(browser)
  await page.goto(url('/sign-in'))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.locator('[data-wallet]').waitFor()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.waitForURL(url('/sessions'))
  await page.getByRole('button', { name: 'Menu of Blue Harbour' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(url('/sign-in'))
  await page.goBack()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  expect(await page.locator('[data-wallet]').count()).toBe(0)
  const kept = await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage })')
  expect(kept.replace(/"routstr\.(unit|theme|density|keys)":"[a-z]+"/g, '')).not.toMatch(/[0-9a-z]{8}/)
  await context.close()
})

test('dashboard 3 a sign-in that ends keeps the page under a dialog, and signing in again goes on', async () => {
  const { page, context } = await openPage(browser)
  await page.goto(url('/sign-in'))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.locator('[data-wallet]').waitFor()
  await page.getByRole('link', { name: 'Models', exact: true }).click()
  await page.getByText('No models. Connect an upstream').waitFor()
  // It ends elsewhere: the live stream ends with it, and nobody has to press anything to learn it.
  const [cookie] = await context.cookies()
  await fetch(url('/api/logout'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      cookie: `${cookie?.name}=${cookie?.value}`,
      origin: stage.node.url,
      'x-routstr-admin': '1',
    },
    body: '{}',
  })
  const dialog = page.getByRole('dialog', { name: 'Your sign-in ended' })
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('No models. Connect an upstream').waitFor()
  expect(page.url()).toBe(url('/models'))
  await context.close()
})
