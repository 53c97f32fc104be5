/** The customer's own page in a browser: create, read, top up, child keys, refund, and the key in this tab only (D-080, D-081). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, type Stage, startStage, type Watched } from '../kit/dashboard'
import { until } from '../kit/node'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
let key = ''
const url = (path = '') => `${stage.node.url}/key/${path}`

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  await stage.node.call('settings.apply', { changes: { 'pricing.childKeyMsat': 1000 } })
  watched = await openPage(browser, { bypassPolicy: true })
  page = watched.page
  // As behind a proxy that blocks the dashboard.
  await page.route('**/admin/**', (route) => route.abort())
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

test('contract 2.2 a browser that opens / is shown this page, a program is told what runs', async () => {
  await page.goto(stage.node.url)
  expect(page.url()).toBe(url())
  await page.getByRole('heading', { name: 'Blue Harbour' }).waitFor()
  const told = (await (await fetch(`${stage.node.url}/`)).json()) as { status: string }
  expect(told.status).toBe('running')
})

test('D-081 a key is created from a token with a limit, and read with its balance', async () => {
  await page.goto(url('?tab=fund'))
  await page.getByText('Limit, renewal, valid until').click()
  await page.getByLabel('Spending limit').fill('500')
  await page.getByLabel('Cashu token', { exact: true }).fill(stage.mint.token(1000))
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByText('999 sat are on the key.').waitFor()
  key = (await page.locator('code', { hasText: 'sk-' }).first().textContent()) ?? ''
  expect(key).toMatch(/^sk-[0-9a-f]{64}$/)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.locator('section data').first().waitFor()
  expect(await page.locator('section data').first().getAttribute('value')).toBe('999000')
  await page.locator('dl').getByText('Spending limit').waitFor()
})

test('D-080 the key goes out as a bearer header only, and is gone with the tab', async () => {
  expect(watched.asked.filter((one) => one.includes(key) || one.includes('/admin/'))).toEqual([])
  expect(page.url()).not.toContain(key)
  const stored = await page.evaluate<string>(
    'JSON.stringify({ ...localStorage, ...sessionStorage, c: document.cookie })',
  )
  expect(stored).not.toContain(key)
  await page.reload()
  await page.getByRole('textbox', { name: 'Your key' }).waitFor()
  expect(await page.content()).not.toContain(key)
})

async function open(): Promise<void> {
  await page.goto(url())
  await page.getByRole('textbox', { name: 'Your key' }).fill(key)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.locator('section data').first().waitFor()
}

test('D-081 its usage says what each request cost, and the charges explain the balance', async () => {
  expect((await stage.chat(key, 'gpt-4o', { prompt: 812, completion: 190 })).status).toBe(200)
  await open()
  const row = page.locator('tbody tr', { hasText: 'gpt-4o' })
  await row.waitFor()
  const cost = Number(await row.locator('data').getAttribute('value'))
  const balance = Number(await page.locator('section data').first().getAttribute('value'))
  expect(balance).toBe(999_000 - cost)
  await page.getByText('in · cashu', { exact: false }).waitFor()
})

test('D-011 the unit changes every amount of it at once, and USD is at the price that the models are sold at', async () => {
  const first = page.locator('section data').first()
  const msat = Number(await first.getAttribute('value'))
  const chosen = (name: string) =>
    page.getByRole('group', { name: 'Unit of amounts' }).getByRole('button', { name, exact: true })
  await chosen('USD').click()
  const { data } = (await (await fetch(`${stage.node.url}/v1/models`)).json()) as {
    data: { pricing: { prompt: number }; sats_pricing: { prompt: number } }[]
  }
  const usdPerSat = (data[0]?.pricing.prompt ?? 0) / (data[0]?.sats_pricing.prompt ?? 1)
  const shown = ((msat / 1000) * usdPerSat).toFixed(2)
  expect(((await first.textContent()) ?? '').trim()).toBe(`≈ $${shown}`)
  const texts = await page.locator('main data').allInnerTexts()
  expect(texts.filter((text) => !text.startsWith('≈'))).toEqual([])
  expect(texts.filter((text) => text.includes('rate unknown'))).toEqual([])
  expect(await page.locator('tbody tr data').first().textContent()).toContain('at today’s price')
  await chosen('sat').click()
  expect(await first.textContent()).toContain('sat')
})

test('D-081 it is topped up by token and by invoice, with a recovery line before the invoice', async () => {
  await open()
  await page.getByRole('button', { name: 'Top up', exact: true }).click()
  await page.getByLabel('Cashu token', { exact: true }).fill(stage.mint.token(100))
  await page.locator('form').getByRole('button', { name: 'Top up' }).click()
  await page.getByText(/^9\d sat are on the key\.$|^99 sat are on the key\.$/).waitFor()
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.getByRole('button', { name: 'Top up', exact: true }).click()
  await page.getByRole('button', { name: 'Lightning' }).click()
  await page.getByLabel('Amount').fill('50')
  await page.getByRole('button', { name: 'Show the invoice' }).click()
  await page.getByText('Save this line first', { exact: false }).waitFor()
  await page.getByRole('img', { name: 'The Lightning invoice as a QR code' }).waitFor()
  const invoice = (await page.locator('code', { hasText: /^lnbc/ }).first().textContent()) ?? ''
  stage.mint.pay(invoice)
  await page.getByText('50 sat are on the key.').waitFor({ timeout: 20_000 })
}, 40_000)

test('D-081 child keys show their price first, and an unknown key, an untrusted token have sentences', async () => {
  await open()
  await page.getByRole('button', { name: 'Child keys' }).click()
  await page.getByText('Each costs 1 sat.', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Create 1 key' }).click()
  await page.getByText('Save these keys now; they are not shown again.').waitFor()
  await page.goto(url())
  await page.getByRole('textbox', { name: 'Your key' }).fill(`sk-${'0'.repeat(64)}`)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.getByText('This key is not known to this node.', { exact: false }).waitFor()
})

test('D-081 what is left is refunded, and the same refund is shown again', async () => {
  await open()
  await page.getByRole('button', { name: 'Refund', exact: true }).click()
  await page.getByRole('button', { name: /^Refund [\d,]+ sat$/ }).click()
  const token = page.locator('code', { hasText: 'cashuB' }).first()
  await token.waitFor()
  const first = await token.textContent()
  await open()
  await page.getByRole('button', { name: 'Refund', exact: true }).click()
  await page.getByRole('button', { name: 'Show the last refund again' }).click()
  await token.waitFor()
  expect(await token.textContent()).toBe(first)
  await until('the books add up', async () => {
    const { balanced } = (await stage.node.call('books.check')).result as { balanced: boolean }
    return balanced
  })
})

test('D-008 D-007 axe finds nothing on it, and at 360 px it does not scroll sideways', async () => {
  const found: string[] = []
  for (const tab of ['', '?tab=fund', '?tab=models', '?tab=recover']) {
    await page.goto(url(tab))
    await page.locator('section').first().waitFor()
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    found.push(...violations.map((one) => `${tab} ${one.id} ${one.nodes[0]?.html}`))
  }
  await page.setViewportSize({ width: 360, height: 740 })
  for (const tab of ['', '?tab=fund', '?tab=models', '?tab=recover']) {
    await page.goto(url(tab))
    await page.locator('section').first().waitFor()
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    if (wide !== 0) found.push(`${tab} is ${wide} px too wide`)
  }
  expect(found).toEqual([])
})
