/** What the outside says, in sentences that tell one cause from another: upstreams, mints, and when a value holds. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, signIn, startStage } from '../kit/dashboard'
import { createTestMint, type TestMint } from '../kit/mint'
import { atNight } from '../kit/sizes'

let stage: Stage
let browser: Browser
let page: Page
let mint: TestMint
/** Upstreams that have no list, and that refuse our key; nothing listens at the third one. */
const answersWith = (status: number) =>
  Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('not here', { status }) })
const listless = answersWith(404)
const strict = answersWith(401)
const gone = answersWith(200)
const goneUrl = gone.url.href
const url = (path: string) => `${stage.node.url}/admin${path}`
const value = async (key: string) =>
  ((await stage.node.call('settings.get', { keys: [key] })).result as unknown as { value: unknown }[])[0]?.value

beforeAll(async () => {
  await gone.stop(true)
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  mint = createTestMint({ units: ['sat', 'msat'], feePpk: 100, minAmount: 2, maxAmount: 250_000 })
  await stage.node.call('security.setPassword', { password })
  page = (await openPage(browser)).page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
  await mint.stop()
  await listless.stop(true)
  await strict.stop(true)
})

test('D-045 no model list, unreachable and refused key are three sentences, on Test, in the list and over the models', async () => {
  const causes = [
    { name: 'listless', baseUrl: listless.url.href, says: 'listless has no model list; add models by hand.' },
    { name: 'strict', baseUrl: strict.url.href, says: 'strict refused our key' },
    { name: 'gone', baseUrl: goneUrl, says: 'gone is not reachable' },
  ]
  for (const { name, baseUrl } of causes)
    await stage.node.call('upstreams.add', { name, kind: 'generic', baseUrl, apiKeys: ['sk-none'] })
  await page.goto(url('/settings/upstream'))
  for (const { name, says } of causes) {
    const row = page.locator(`[data-upstream="${name}"]`)
    await row.getByText(says).waitFor()
    await row.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByRole('status').getByText(says).last().waitFor()
  }
  await page.goto(url('/models'))
  for (const { says } of causes) await page.locator('main').getByText(says).first().waitFor()
})

test('D-056 Test Connection tells units, fee and limits of a mint, at the form and at the row', async () => {
  await page.goto(url('/settings/mints'))
  await page.getByRole('button', { name: 'Add Mint', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Mint URL').fill(mint.url)
  await dialog.getByRole('button', { name: 'Test Connection' }).click()
  const result = dialog.getByRole('status')
  await result.getByText(/Connected in \d+ ms; units sat, msat\./).waitFor()
  const facts = await result.locator('dl > div').allInnerTexts()
  expect(facts.map((fact) => fact.replace(/\s+/g, ' '))).toEqual([
    'Name test mint',
    'Fee, sat 100 thousandths for each coin',
    'One deposit by invoice, sat 2 to 250,000 sat',
    'One payout by Lightning, sat the mint names no limit',
    'Fee, msat 100 thousandths for each coin',
    'One deposit by invoice, msat 2 to 250,000 msat',
    'One payout by Lightning, msat the mint names no limit',
  ])
  await page.keyboard.press('Escape')
  const row = page.locator(`[data-mint="${stage.mint.url}"]`)
  await row.getByRole('button', { name: 'Test Connection' }).click()
  await row.getByRole('status').getByText('One deposit by invoice, sat').waitFor()
})

atNight(
  'D-056 of a mint that never answers Test Connection says so within 30 s',
  async () => {
    mint.fault({ path: 'info', kind: 'hang-before', times: 9 })
    mint.fault({ path: 'keysets', kind: 'hang-before', times: 9 })
    await page.goto(url('/settings/mints'))
    await page.getByRole('button', { name: 'Add Mint', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Mint URL').fill(mint.url)
    await dialog.getByRole('button', { name: 'Test Connection' }).click()
    await dialog
      .getByText('does not answer as a mint does. Nothing was changed.', { exact: false })
      .waitFor({ timeout: 30_000 })
    mint.clearFaults()
  },
  60_000,
)

test('D-047 what was saved is in force when the page says so, without a restart', async () => {
  const priceOf = async () => {
    const list = (await (await fetch(`${stage.node.url}/v1/models`)).json()) as {
      readonly data: readonly { readonly id: string; readonly pricing: { readonly prompt: string } }[]
    }
    return Number(list.data.find(({ id }) => id === 'gpt-4o')?.pricing.prompt)
  }
  const before = await priceOf()
  await page.goto(url('/settings/pricing'))
  await page.getByLabel('Upstream Fee').fill('2.2')
  await page.getByRole('button', { name: 'Review and save' }).click()
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByText('1 change is in force.').waitFor()
  expect(await priceOf()).toBeCloseTo(before * 2, 10)
})

test('D-047 a looser limit of money says from when it holds, and until then the old one does', async () => {
  await stage.node.call('settings.apply', { changes: { 'security.dailyOutSat': 5000 } })
  await page.goto(url('/settings/security'))
  await page.getByLabel('Payouts per day', { exact: true }).fill('900000')
  await page.getByRole('button', { name: 'Review and save' }).click()
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByLabel('Your current password').fill(password)
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByText(/^Saved, and not in force yet: it holds from \w+ \d+, \d\d:\d\d [AP]M on\./).waitFor()
  await page
    .locator('[data-setting="security.dailyOutSat"]')
    .getByText(/900,?000.* from/)
    .waitFor()
  const [row] = (await stage.node.call('settings.get', { keys: ['security.dailyOutSat'] })).result as unknown as {
    readonly value: number
    readonly pending?: { readonly value: number; readonly at: number }
  }[]
  expect(row?.pending?.value).toBe(900_000)
  expect((row?.pending?.at ?? 0) - Date.now() / 1000).toBeGreaterThan(23 * 3600)
  expect(await value('security.dailyOutSat')).toBe(5000)
})
