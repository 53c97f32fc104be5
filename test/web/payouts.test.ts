/** The owner's money out by Lightning in a browser: what is confirmed, what is unclear, the sweep, refunds nobody collected. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, signIn, startStage } from '../kit/dashboard'
import { until } from '../kit/node'
import { createReceiver, type TestReceiver } from '../kit/receiver'
import { atNight } from '../kit/sizes'

let stage: Stage
let receiver: TestReceiver
let browser: Browser
let page: Page
let offsetMs = 0
const url = (path: string) => `${stage.node.url}/admin${path}`
const result = async <T>(name: string, params = {}) => (await stage.node.call(name, params)).result as T
type Floor = { readonly perMint: readonly { readonly mineSat: number; readonly safeSat: number }[] }

beforeAll(async () => {
  const now = () => Date.now() + offsetMs
  receiver = createReceiver(now)
  const environment = { RECEIVE_LN_ADDRESS: receiver.address, MINT_WAIT_S: '2' }
  ;[stage, browser] = await Promise.all([
    startStage({ node: { now, foreign: receiver.foreign, environment } }),
    openBrowser(),
  ])
  const key = await stage.deposit(5000)
  expect((await stage.chat(key, 'gpt-4o', { prompt: 500_000, completion: 500 })).status).toBe(200)
  await stage.node.call('security.setPassword', { password })
  page = (await openPage(browser)).page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  expect((await stage.node.call('books.check')).result).toMatchObject({ balanced: true })
  await browser.close()
  await stage.stop()
  await receiver.stop()
})

/** msat of an account, over all purses. */
const sheet = async (account: string) =>
  (await stage.node.node.log.sheet()).reduce((msat, row) => msat + (row.account === account ? Number(row.msat) : 0), 0)
/** The proof that money moves with the owner's will. */
async function prove(within: Page | ReturnType<Page['locator']>, verb: string): Promise<void> {
  await within.getByLabel('Your current password').fill(password)
  await within.getByRole('button', { name: verb }).click()
}
/** What stands beside a name in a list of facts. */
const fact = (within: ReturnType<Page['locator']>, name: string) =>
  within.locator('dl > *', { has: page.locator('dt', { hasText: name }) }).locator('dd')

test('D-062 the confirmation repeats amount, destination, highest fee and what is left, and needs a proof', async () => {
  stage.mint.setLightning({ outcome: 'pending', fee: 1, reserve: 1 })
  await page.goto(url('/withdraw'))
  const form = page.locator('form', { hasText: 'Lightning address, LNURL or invoice' })
  await form.getByLabel('Lightning address, LNURL or invoice').fill(receiver.address)
  await form.getByLabel('Amount').fill('40')
  await form.getByRole('button', { name: 'Ask what it costs' }).click()
  const verb = form.getByRole('button', { name: 'Withdraw 40 sat' })
  await verb.waitFor()
  const quote = await result<{ feeMaxSat: number; mineAfterMsat: number }>('payouts.quote', {
    sat: 40,
    to: receiver.address,
  })
  const msat = async (name: string) => Number(await fact(form, name).locator('data').getAttribute('value'))
  expect(await msat('Amount')).toBe(40_000)
  expect(await fact(form, 'To').textContent()).toBe(receiver.address)
  expect(await msat('Fee at most')).toBe(quote.feeMaxSat * 1000)
  expect(await msat('Your Balance after')).toBe(quote.mineAfterMsat)
  const { totals } = await result<{ totals: { mineMsat: number } }>('overview.get')
  expect(quote.mineAfterMsat).toBeLessThanOrEqual(totals.mineMsat - 40_000)
  await verb.click()
  await form.getByLabel('Your current password').waitFor()
  expect(stage.mint.melts().filter(({ state }) => state !== 'UNPAID')).toEqual([])
  await prove(form, 'Withdraw 40 sat')
  await page.locator('tbody tr', { hasText: 'outcome unclear' }).waitFor()
})

test('D-062 dashboard 6 a quote that does not come says so, and is asked for again', async () => {
  await page.goto(url('/withdraw'))
  const form = page.locator('form', { hasText: 'Lightning address, LNURL or invoice' })
  await form.getByLabel('Lightning address, LNURL or invoice').fill(receiver.address)
  await form.getByLabel('Amount').fill('30')
  let broken = 0
  await page.route('**/admin/api/rpc', (route) => {
    if (broken > 0 || route.request().postData()?.includes('"payouts.quote"') !== true) return route.continue()
    broken += 1
    return route.fulfill({ status: 502, body: 'no node behind this proxy' })
  })
  await form.getByRole('button', { name: 'Ask what it costs' }).click()
  await form.getByRole('alert').waitFor()
  expect(await form.getByRole('alert').textContent()).not.toContain('502')
  await form.getByRole('button', { name: 'Try again' }).click()
  await fact(form, 'Your Balance after').waitFor()
  expect(await form.getByRole('alert').count()).toBe(0)
  await page.unroute('**/admin/api/rpc')
})

test('D-062 dashboard 4.5 a quote that ended is asked again by itself, and stands meanwhile', async () => {
  const { page: own } = await openPage(browser)
  await signIn(own, stage.node)
  await own.clock.install()
  await own.goto(url('/withdraw'))
  let asked = 0
  own.on('request', (request) => {
    if (request.postData()?.includes('"payouts.quote"') === true) asked += 1
  })
  const form = own.locator('form', { hasText: 'Lightning address, LNURL or invoice' })
  await form.getByLabel('Lightning address, LNURL or invoice').fill(receiver.address)
  await form.getByLabel('Amount').fill('20')
  await form.getByRole('button', { name: 'Ask what it costs' }).click()
  await form.getByText('Asked again at').waitFor()
  await own.clock.fastForward(30_000)
  expect(asked).toBe(1)
  await own.clock.fastForward(40_000)
  expect(await form.getByRole('button', { name: 'Withdraw 20 sat' }).count()).toBe(1)
  await until('it is asked again', () => asked === 2)
  await own.close()
})

atNight(
  'D-065 an unclear payout has no retry and stays locked until the mint says that it was paid',
  async () => {
    await page.locator('tbody tr', { hasText: 'outcome unclear' }).getByRole('link').first().click()
    const drawer = page.getByRole('dialog')
    await drawer.getByText('The mint has not said whether it paid. The money stays locked until it does.').waitFor()
    const offered = await drawer.getByRole('button').allInnerTexts()
    expect(
      offered.map((name) => name.trim()).filter((name) => name !== '' && !/^(Copy|Ask now|Cancel)$/.test(name)),
    ).toEqual([])
    const lockedMsat = await sheet('locked')
    expect(lockedMsat).toBeGreaterThanOrEqual(40_000)
    await page.reload()
    await drawer.getByText('outcome unclear').waitFor()
    expect(await sheet('locked')).toBe(lockedMsat)
    stage.mint.endMelt(stage.mint.melts().find(({ state }) => state === 'PENDING')?.request ?? '', 'paid')
    await drawer.getByRole('button', { name: 'Ask now' }).click()
    await drawer.getByText('The invoice is paid.').waitFor()
    expect(await drawer.getByRole('button', { name: 'Ask now' }).count()).toBe(0)
    expect(await sheet('locked')).toBe(0)
  },
  60_000,
)

atNight(
  'D-064 the sweep says when it ran, when it runs and why not, and Run now leaves what is promised',
  async () => {
    stage.mint.setLightning({ fee: 1, reserve: 1 })
    // Above the usual cap a second code would be asked for.
    await stage.node.call('settings.apply', { changes: { 'sweep.thresholdSat': 10_000, 'sweep.capSat': 10_000 } })
    await page.goto(url('/withdraw'))
    const card = page.locator('form', { hasText: 'last run' })
    await card.getByText('it is switched off').waitFor()
    expect(await fact(card, 'last run').textContent()).toBe('never')
    expect(await fact(card, 'next run').textContent()).toBe('never')
    await card.getByRole('button', { name: 'Switch on' }).click()
    await card.getByText(/^on, from [\d,]+ sat$/).waitFor()
    await fact(card, 'next run').locator('time').waitFor()
    const runNow = async () => {
      await card.getByRole('button', { name: 'Run now' }).click()
      await prove(card, 'Run now')
    }
    await runNow()
    await page.getByText('why not now: your profit is below the amount it starts from').waitFor()
    expect(stage.mint.melts().filter(({ state }) => state !== 'UNPAID').length).toBe(1)
    await stage.node.call('settings.apply', { changes: { 'sweep.thresholdSat': 50 } })
    const { perMint } = await result<Floor>('withdraw.get')
    const before = stage.mint.lightningOutMsat()
    await runNow()
    await page.locator('tbody tr', { hasText: 'sweep' }).filter({ hasText: 'paid' }).waitFor({ timeout: 40_000 })
    const left = stage.mint.lightningOutMsat() - before
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual((perMint[0]?.safeSat ?? 0) * 1000)
  },
  60_000,
)

test('D-025 D-002 payouts are listed from a day to a day, which stand in the address', async () => {
  const day = (atMs: number) => new Date(atMs).toLocaleDateString('sv', { timeZone: 'Europe/Berlin' })
  const [yesterday, today, tomorrow] = [-1, 0, 1].map((days) => day(Date.now() + days * 86_400_000))
  await page.goto(url('/withdraw'))
  const rows = page.locator('tbody tr', { hasText: 'Lightning' })
  await rows.first().waitFor()
  await page.getByText('From – to').click()
  const [from, to] = [page.getByLabel('From, Europe/Berlin'), page.getByLabel('To, Europe/Berlin')]
  await to.fill(yesterday ?? '')
  await page.getByText('Nothing matches these filters.').waitFor()
  await to.fill(today ?? '')
  await rows.first().waitFor()
  await from.fill(tomorrow ?? '')
  await page.getByText('Nothing matches these filters.').waitFor()
  await page.reload()
  await page.getByText('Nothing matches these filters.').waitFor()
  expect([await from.inputValue(), await to.inputValue()]).toEqual([tomorrow ?? '', today ?? ''])
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await rows.first().waitFor()
})

test('D-066 an uncollected refund shows its amount, age and session, and is taken only after the days of the setting', async () => {
  const key = await stage.deposit(31)
  await fetch(`${stage.node.url}/v1/balance/refund`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: '{}',
  })
  const hash = new Bun.CryptoHasher('sha256').update(key).digest('hex').slice(0, 12)
  const list = page.getByRole('list', { name: 'Uncollected refunds' })
  const line = list.locator('li', { hasText: hash })
  await line.waitFor({ timeout: 40_000 })
  const { rows } = await result<{ rows: readonly { sat: number }[] }>('refunds.list')
  expect(await line.locator('data').getAttribute('value')).toBe(String((rows[0]?.sat ?? 0) * 1000))
  expect(await line.textContent()).toMatch(/\d+ (s|min)/)
  expect(await line.getByRole('link', { name: hash }).getAttribute('href')).toEndWith(`/sessions/${hash}`)
  const take = line.getByRole('button', { name: 'Take' })
  expect(await take.getAttribute('aria-disabled')).toBe('true')
  await line.getByText('Take: from day 180').waitFor()
  // The sign-in of the page ends in half a year.
  offsetMs += 181 * 86_400_000
  await signIn(page, stage.node, '/admin/withdraw')
  await line.getByText('181 d').waitFor()
  await take.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('not collected for half a year')
  await dialog.getByRole('button', { name: /^Take [\d,]+ sat$/ }).click()
  await prove(dialog, `Take ${rows[0]?.sat} sat`)
  await page.getByText('Every refund was collected.').waitFor()
  await until('it is taken', async () => {
    const payouts = await result<{ rows: readonly { state: string }[] }>('payouts.list', { purpose: 'refund' })
    return payouts.rows[0]?.state === 'takenBack'
  })
})
