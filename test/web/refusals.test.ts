/** What the node refuses reads as a sentence, where it was asked: never a code, a status or the node's own raw text. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, signIn, startStage } from '../kit/dashboard'
import { createTestUpstream, type TestUpstream } from '../kit/upstream'

let stage: Stage
let browser: Browser
let page: Page
let other: TestUpstream
const url = (path: string) => `${stage.node.url}/admin${path}`
const viewer = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  other = createTestUpstream()
  await stage.node.call('security.setPassword', { password })
  // What a customer paid is the owner's, so that there is something to withdraw.
  const key = await stage.deposit(5000)
  await stage.chat(key, 'gpt-4o', { prompt: 200_000, completion: 10_000 })
  page = (await openPage(browser)).page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
  await other.stop()
})

/** Presses the form's button, and gives the proof that it then asks for. */
async function press(verb: string, proved = false): Promise<void> {
  const button = page.getByRole('dialog').getByRole('button', { name: verb, exact: true })
  await button.click()
  if (!proved) return
  await page.getByLabel('Your current password').fill(password)
  await button.click()
}

/** No code of ours, no number of an error and no text of a library stands anywhere on the page. */
async function expectNothingRaw(): Promise<void> {
  const shown = await page.locator('body').textContent()
  expect(shown).not.toMatch(
    /refused:|REFUSED|PARAMS|UNAVAILABLE|Invalid input|Too (big|small)|expected string|-32\d{3}/,
  )
  expect(shown).not.toMatch(/\b(status|error|HTTP) (4|5)\d\d\b/i)
}

test('D-084 an upstream, a mint and an operator that are known already: three refusals of the node, three sentences', async () => {
  await page.goto(url('/settings/upstream'))
  await page.getByRole('button', { name: 'Add upstream', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Type').selectOption('generic')
  await dialog.getByLabel('Base URL').fill(other.url)
  await dialog.getByLabel('Name').fill('openai-main')
  await press('Add upstream', true)
  await dialog.getByText('Another upstream has this name. Nothing was changed.').waitFor()
  await expectNothingRaw()

  await page.goto(url('/settings/mints'))
  await page.getByRole('button', { name: 'Add Mint', exact: true }).click()
  await dialog.getByLabel('Mint URL').fill(stage.mint.url)
  await press('Test Connection')
  await press('Accept this mint', true)
  await dialog.getByText('Not added: this mint is accepted already. Nothing was changed.').waitFor()
  await expectNothingRaw()

  await stage.node.call('admins.add', { npub: viewer, role: 'viewer', label: 'reader' })
  await page.goto(url('/settings/security'))
  await page.getByRole('button', { name: 'Add operator', exact: true }).click()
  await dialog.getByLabel('npub').fill(viewer)
  await dialog.getByLabel('Role').selectOption('viewer')
  await press('Add this operator', true)
  await dialog.getByText('Not added: this key is an operator already. Change its role instead.').waitFor()
  await expectNothingRaw()
})

test('D-084 the node’s own key as an operator, and a value that it does not take, which lands on its field', async () => {
  const { inbox } = (await stage.node.call('node.status')).result as { readonly inbox: string }
  await page.goto(url('/settings/security'))
  await page.getByRole('button', { name: 'Add operator', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('npub').fill(inbox)
  await press('Add this operator', true)
  await dialog.getByText('This is a key of the node itself. It cannot be an operator’s.').waitFor()
  await dialog.getByLabel('Name', { exact: true }).fill('x'.repeat(200))
  await press('Add this operator')
  await dialog.getByText(/^At most \d+ characters\.$/).waitFor()
  expect(await dialog.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')).toBe('true')
  await expectNothingRaw()
})

test('D-084 a destination that cannot be paid is refused with the money in the sentence', async () => {
  await page.goto(url('/withdraw'))
  const destination = page.getByLabel('Lightning address, LNURL or invoice')
  await destination.fill('nobody at all')
  const form = page.locator('form').filter({ has: destination })
  await form.getByLabel('Amount').fill('1')
  await form.getByRole('button', { name: 'Ask what it costs' }).click()
  await page.getByText(/^Not withdrawn: this is no Lightning address, LNURL or invoice/).waitFor()
  await expectNothingRaw()
})

test('D-084 a proxy’s bare 502 and page of its own are a lost connection, and no number of it is shown', async () => {
  await page.goto(url('/models'))
  await page.locator('tbody tr').first().waitFor()
  await page.route('**/admin/api/**', (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' }),
  )
  // The stream that is open goes on by itself: the next question meets the proxy.
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByText(/^Not connected to the node since/).waitFor({ timeout: 15_000 })
  expect(await page.locator('body').textContent()).not.toMatch(/502|Bad Gateway/)
  await page.unrouteAll()
})
