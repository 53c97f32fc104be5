/** What an operator does to keys in a browser: each asks for a reason, names the money, and is in the timeline. */
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
type Totals = { readonly owedMsat: number; readonly mineMsat: number }
/** Of all that is committed by now: the read models follow the log, and under load at some distance. */
async function totals(): Promise<Totals> {
  const notBefore = Number(stage.node.node.log.head())
  return ((await stage.node.call('overview.get', {}, { notBefore })).result as { readonly totals: Totals }).totals
}
const balanceOf = async (key: string) =>
  (await result<{ balanceMsat: number; availableMsat: number }>('sessions.get', { session: hashOf(key) })).balanceMsat

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

const dialog = () => page.getByRole('dialog').last()
async function act(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  await dialog().getByLabel('Reason').fill('agreed by mail')
}
async function prove(button: string): Promise<void> {
  await dialog().getByLabel('Your current password').fill(password)
  await dialog().getByRole('button', { name: button }).click()
}

test('D-029 the timeline shows every movement with the balance after it, which is what is left', async () => {
  const key = await stage.deposit(1000)
  for (const tokens of [100, 200]) await stage.chat(key, 'gpt-4o', { prompt: 812, completion: tokens })
  await until('the charges are there', async () => (await balanceOf(key)) < 999_000)
  await page.goto(url(`/sessions/${hashOf(key)}`))
  const rows = page.locator('ul[aria-label="Timeline"] li')
  await rows.nth(3).waitFor()
  const moved = await rows.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll('data')].map((one) => Number(one.getAttribute('value')))),
  )
  const money = moved.filter((values) => values.length === 2)
  expect(money.reduce((sum, [msat = 0]) => sum + msat, 0)).toBe(await balanceOf(key))
  expect(money[0]?.[1]).toBe(await balanceOf(key))
})

test('D-033 D-035 freeze stops requests, unfreeze restores them, and both stand in the timeline with their reason', async () => {
  const key = await stage.deposit(500)
  await page.goto(url(`/sessions/${hashOf(key)}`))
  await page.getByRole('button', { name: 'Freeze…' }).click()
  await dialog().getByRole('button', { name: 'Freeze the key' }).click()
  await dialog().getByText('3 to 200 characters', { exact: false }).first().waitFor()
  expect((await stage.chat(key, 'gpt-4o')).status).toBe(200)
  await dialog().getByLabel('Reason').fill('looks odd')
  await dialog().getByRole('button', { name: 'Freeze the key' }).click()
  await page.getByText('The key is frozen.').waitFor()
  expect((await stage.chat(key, 'gpt-4o')).status).toBe(403)
  const froze = page.locator('ul[aria-label="Timeline"] li', { hasText: 'looks odd' })
  await froze.getByText(/by set-up link, .+ \(web\)/).waitFor()
  const limits = { limitMsat: 5_000_000, period: 'monthly', maxParallel: 3 }
  expect(
    (await stage.node.call('sessions.setLimits', { session: hashOf(key), ...limits, reason: 'a pilot' })).error,
  ).toBe(undefined)
  const limited = page.locator('ul[aria-label="Timeline"] li', { hasText: 'a pilot' })
  await limited.getByText('by console (command line)').waitFor()
  await limited.getByText(/spending limit none → 5,000 sat/).waitFor()
  await limited.getByText(/renewed never → monthly/).waitFor()
  await limited.getByText(/requests at once as for all keys → 3/).waitFor()
  await act('Unfreeze…')
  await dialog().getByRole('button', { name: 'Unfreeze the key' }).click()
  await page.getByText('The key works again.').waitFor()
  expect((await stage.chat(key, 'gpt-4o')).status).toBe(200)
})

test('D-034 a debit above what is available is not possible, one below moves exactly its amount', async () => {
  const key = await stage.deposit(300)
  const before = await totals()
  await page.goto(url(`/sessions/${hashOf(key)}`))
  await act('Debit…')
  await dialog().getByLabel('Amount').fill('301')
  expect(await dialog().getByRole('button', { name: 'Debit 301 sat' }).getAttribute('aria-disabled')).toBe('true')
  await dialog().getByLabel('Amount').fill('100')
  await dialog().getByRole('button', { name: 'Debit 100 sat' }).click()
  await prove('Debit 100 sat')
  await page.getByText('The key is debited.').waitFor()
  const after = await totals()
  expect([before.owedMsat - after.owedMsat, after.mineMsat - before.mineMsat]).toEqual([100_000, 100_000])
})

test('D-031 D-032 revoke has no choice preselected, names the balance, and taking it moves exactly that', async () => {
  const key = await stage.deposit(200)
  const msat = await balanceOf(key)
  const before = await totals()
  await page.goto(url(`/sessions/${hashOf(key)}`))
  await act('Revoke…')
  expect(await dialog().locator('input[type=radio]:checked').count()).toBe(0)
  await dialog().getByRole('button', { name: 'Revoke the key' }).click()
  await dialog().getByText('Choose what becomes of the balance.').waitFor()
  const amount = `${msat / 1000} sat`
  await dialog().getByText(`End the key and take the balance: ${amount} become yours.`, { exact: false }).click()
  await dialog()
    .getByRole('button', { name: `Revoke and take ${amount}` })
    .click()
  await prove(`Revoke and take ${amount}`)
  await page.getByText('The key is revoked, its balance is yours.').waitFor()
  const after = await totals()
  expect([before.owedMsat - after.owedMsat, after.mineMsat - before.mineMsat]).toEqual([msat, msat])
  expect((await stage.chat(key, 'gpt-4o')).status).toBe(401)
})

test('D-026 D-014 every chart is drawn for each range, names the zone, and as a table sums to its total', async () => {
  await page.goto(url('/?range=24h&chart=requests'))
  await page.getByText('Held and owed').first().waitFor()
  await page.locator('canvas').nth(1).waitFor()
  expect(await page.getByText('Europe/Berlin').count()).toBeGreaterThan(1)
  await page.getByRole('button', { name: 'as table' }).nth(1).click()
  const cells = await page.locator('table tbody tr td:first-of-type').allTextContents()
  const { total } = await result<{ total: number }>('overview.series', { range: '24h', metric: 'requests' })
  expect(cells.reduce((sum, cell) => sum + (Number(cell.replaceAll(',', '')) || 0), 0)).toBeGreaterThan(0)
  expect(total).toBeGreaterThan(2)
  for (const range of ['7 d', '30 d', '3 m', '12 m']) {
    await page.getByRole('button', { name: range, exact: true }).click()
    await page.locator('canvas').first().waitFor()
  }
})

test('D-015 D-016 the palette finds settings, models and a pasted key by its hash only, with the keyboard alone', async () => {
  const key = await stage.deposit(100)
  await until('the key is listed', async () => (await balanceOf(key).catch(() => 0)) > 0)
  await page.goto(url('/'))
  await page.locator('[data-wallet]').waitFor()
  await page.keyboard.press('Control+k')
  const find = page.getByRole('combobox', { name: 'Find' })
  await find.fill('Upstream Fee')
  await page.keyboard.press('Enter')
  await page.waitForURL(url('/settings/pricing'))
  await page.keyboard.press('Control+k')
  await find.fill('gpt-4o-mini')
  await page.getByRole('option', { name: 'gpt-4o-mini' }).first().waitFor()
  await find.fill(key)
  await page.getByRole('option', { name: hashOf(key) }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(url(`/sessions/${hashOf(key)}`))
  expect(watched.asked.filter((one) => one.includes(key))).toEqual([])
})

test('D-067 D-002 each part of the logs takes days of one’s own, which stand in the address and are the node’s days', async () => {
  await page.goto(url('/logs/requests'))
  await page.locator('tbody tr').first().waitFor()
  await page.getByLabel('Time Range').selectOption('custom')
  const [from, to] = [page.getByLabel('From, Europe/Berlin'), page.getByLabel('To, Europe/Berlin')]
  const day = (days: number) =>
    new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv', { timeZone: 'Europe/Berlin' })
  await to.fill(day(-1))
  await page.getByText('No requests in this range.').waitFor()
  await from.fill(day(0))
  await to.fill(day(0))
  await page.locator('tbody tr').first().waitFor()
  expect(await page.locator('tbody tr').count()).toBe((await result<{ rows: unknown[] }>('requests.list')).rows.length)
  await page.reload()
  await page.locator('tbody tr').first().waitFor()
  expect([await page.getByLabel('Time Range').inputValue(), await from.inputValue(), await to.inputValue()]).toEqual([
    'custom',
    day(0),
    day(0),
  ])
  for (const part of ['', '/money']) {
    await page.goto(url(`/logs${part}?from=2026-01-01&to=2026-01-02`))
    await page.getByText(part === '' ? 'Nothing in this range.' : 'No money moved in this range.').waitFor()
    expect(await from.inputValue()).toBe('2026-01-01')
  }
  await page.getByLabel('Time Range').selectOption('24h')
  await page.locator('tbody tr').first().waitFor()
  expect(new URL(page.url()).search).not.toContain('from')
}, 30_000)

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((one) => !one.startsWith(stage.node.url))).toEqual([])
  expect(watched.complaints).toEqual([])
})
