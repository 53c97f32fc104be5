/** The first run in a browser: from the printed link and an empty node to the first paid answer (D-077). */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { openBrowser, openPage, password } from '../kit/dashboard'
import { createTestMint } from '../kit/mint'
import { startNode } from '../kit/node'
import { createTestUpstream } from '../kit/upstream'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
async function prove(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your current password').fill(password)
  await button(page, name).click()
}

/** The twelve words are shown once, and two of them asked back. */
async function writeDown(page: Page): Promise<void> {
  await page.getByText('step 2 of 8').waitFor()
  await button(page, 'Show the words').click()
  await prove(page, 'Show the words')
  await page.locator('form ol li').nth(11).waitFor()
  const shown = await page.locator('form ol li').allTextContents()
  await page.getByLabel('3rd word').fill('wrong')
  await page.getByLabel('9th word').fill(shown[8] ?? '')
  await button(page, 'Confirm the words').click()
  await page.getByText('These are not the 3rd and the 9th word.', { exact: false }).waitFor()
  await page.getByLabel('3rd word').fill(shown[2] ?? '')
  await button(page, 'Confirm the words').click()
}

const askHello = (url: string, token: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 20 }),
  })

test('D-077 D-027 eight steps from the set-up link to a paid answer, resumed in another browser where they stood', async () => {
  const mint = createTestMint({ feePpk: 0 })
  const upstream = createTestUpstream()
  const [node, browser] = await Promise.all([startNode(), openBrowser()])
  const first = await openPage(browser)
  const { page } = first
  await page.goto(`${node.url}/admin/setup#${node.served.signIn.makeLinkCode()}`)
  await page.getByText('step 1 of 8').waitFor()
  expect(page.url()).not.toContain('#')
  await page.getByLabel('New password').fill(password)
  await button(page, 'Set the password').click()

  await writeDown(page)
  await page.getByText('step 3 of 8').waitFor()
  await page.getByLabel('Type').selectOption('generic')
  await page.getByLabel('Base URL').fill(upstream.url)
  await button(page, 'Add upstream').click()
  await prove(page, 'Add upstream')

  await page.getByText('step 4 of 8').waitFor()
  // Another browser goes on where this one stopped: the state is the node's.
  const second = await openPage(browser)
  await second.context.addCookies(await first.context.cookies())
  await second.page.goto(`${node.url}/admin/setup`)
  await second.page.getByText('step 4 of 8').waitFor()
  await second.context.close()
  await page.getByLabel('Mint URL').fill(mint.url)
  await button(page, 'Test Connection').click()
  await button(page, 'Accept this mint').click()
  await prove(page, 'Accept this mint')

  await page.getByText('step 5 of 8').waitFor()
  await page.getByLabel('Upstream Fee').fill('1.1')
  // Exact, as everywhere: a float would say $33.16.
  await page.getByText('Upstream $30/1M × 1.005 × 1.1 = $33.17/1M').waitFor()
  await page.getByLabel('Upstream Fee').fill('1.2')
  await button(page, 'Save').click()
  await page.getByText('step 6 of 8').waitFor()
  await button(page, 'Skip for now').click()
  await page.getByText('step 7 of 8').waitFor()
  await button(page, 'Skip for now').click()
  await page.getByText('step 8 of 8').waitFor()
  await page.getByText('Waiting for the first answer…').waitFor()
  expect((await askHello(node.url, mint.token(100))).status).toBe(200)
  await page.getByText('Answered by gpt-x. The node works.').waitFor()
  await button(page, 'Open the Overview').click()
  await page.getByText('Setup 6 of 8').waitFor()
  await page.getByText('open: Payout, Nostr').waitFor()
  await button(page, 'Hide').click()
  await page.getByText('Setup 6 of 8').waitFor({ state: 'detached' })
  expect(first.complaints).toEqual([])
  await browser.close()
  await node.stop()
  await mint.stop()
  await upstream.stop()
}, 90_000)
