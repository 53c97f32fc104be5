/** What a reader chooses under Settings, Display: how numbers are written, and with which day a week begins (D-046). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { count, decimalOf, msatOf, priceText, satText, share, typedDecimal, typedSat } from '../../admin-web/src/format'
import { numberStyle } from '../../admin-web/src/preferences'
import { overviewText } from '../../admin-web/src/text/overview'
import { openBrowser, openPage, type Stage, signIn, startStage } from '../kit/dashboard'

let stage: Stage
let browser: Browser
let page: Page
const url = (path: string) => `${stage.node.url}/admin${path}`

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  const key = await stage.deposit(5000)
  expect((await stage.chat(key, 'gpt-4o', { prompt: 90_000, completion: 400 })).status).toBe(200)
  page = (await openPage(browser)).page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  numberStyle.choose('browser')
  await browser.close()
  await stage.stop()
})

test('D-012 D-046 numbers are grouped and pointed as chosen, and an amount is read back as it is written', () => {
  const written = (style: Parameters<typeof numberStyle.choose>[0]) => {
    numberStyle.choose(style)
    for (const msat of [0, 1, 500, 12_500, 999_999, 4_212_480, 1_234_567_890_120])
      expect([style, msat, msatOf(satText(msat)), msatOf(typedSat(msat))]).toEqual([style, msat, msat, msat])
    // Which apostrophe it is depends on who knows the place.
    return [
      count(-1_234_567),
      satText(4_212_480),
      share(0.123),
      priceText('33.165'),
      overviewText.short(1_234_567),
    ].map((text) => text.replaceAll("'", '’'))
  }
  expect(written('point')).toEqual(['−1,234,567', '4,212.480', '12.3 %', '$33.17', '1.23 M'])
  expect(written('comma')).toEqual(['−1.234.567', '4.212,480', '12,3 %', '$33,17', '1,23 M'])
  expect(written('space')).toEqual(['−1\u202f234\u202f567', '4\u202f212,480', '12,3 %', '$33,17', '1,23 M'])
  expect(written('apostrophe')).toEqual(['−1’234’567', '4’212.480', '12.3 %', '$33.17', '1.23 M'])
})

test('a point that ends no group is no amount where points group, so that 12.5 never becomes 125', () => {
  numberStyle.choose('comma')
  expect(['12.5', '1.23', '12.3456', '1.234', '1.234,5', '12,5', '1234,5'].map(msatOf)).toEqual([
    ...[undefined, undefined, undefined],
    ...[1_234_000, 1_234_500, 12_500, 1_234_500],
  ])
  numberStyle.choose('point')
  expect(['12.5', '12,5', '1,234.5', '12,34,567', '1.234.5'].map(msatOf)).toEqual([
    ...[12_500, undefined, 1_234_500, 1_234_567_000, undefined],
  ])
})

test('D-046 a price or a factor is read by the reader’s marks, and what could be two numbers is none', () => {
  numberStyle.choose('point')
  expect(['50,000', '1,500', '1.5', '1,5', '0,5', '33.165', '0.125'].map(decimalOf)).toEqual([
    ...['50000', '1500', '1.5', '1.5', '0.5', '33.165', '0.125'],
  ])
  expect(['0,125', '1234,567', '1,50,0', '1.5.5', '1e3', '-1', ''].map(decimalOf)).toEqual(Array(7).fill('NaN'))
  expect(['1234,567', '0,125', '1,234'].map(msatOf)).toEqual([undefined, undefined, 1_234_000])
  numberStyle.choose('comma')
  expect(['50.000', '1,5', '1.5', '1.0050', '33,165', '1.500,25'].map(decimalOf)).toEqual([
    ...['50000', '1.5', '1.5', '1.0050', '33.165', '1500.25'],
  ])
  for (const style of ['point', 'comma', 'space', 'apostrophe'] as const) {
    numberStyle.choose(style)
    expect(['33.165', '1.005', '0.000001', '200000'].map((text) => decimalOf(typedDecimal(text)))).toEqual([
      ...['33.165', '1.005', '0.000001', '200000'],
    ])
  }
  numberStyle.choose('browser')
})

test('D-046 D-049 a setting with group marks is the number that it says, and a wrong one is not saved', async () => {
  await page.goto(url('/settings/lightning'))
  const field = page.getByLabel('Largest invoice')
  await field.fill('')
  await field.pressSequentially('2,000,0')
  await page.getByText('A number is asked here.').waitFor()
  await page.getByRole('button', { name: 'Review' }).and(page.locator('[aria-disabled=true]')).waitFor()
  await field.pressSequentially('00')
  await page.getByRole('button', { name: 'Review' }).click()
  await page.getByRole('dialog').getByText('2000000').waitFor()
  await page.keyboard.press('Escape')
})

const choice = (group: string, name: string) =>
  page.getByRole('main').getByRole('group', { name: group }).getByRole('button', { name, exact: true })

test('D-046 the format of numbers is the browser’s until one is chosen; then every page has it, a reload too', async () => {
  await page.goto(url('/settings/display'))
  await choice('Numbers', 'As the browser').and(page.locator('[aria-pressed=true]')).waitFor()
  const charged = async () => {
    await page.goto(url('/logs/requests'))
    return (await page.locator('tbody tr data').first().textContent()) ?? ''
  }
  const usual = await charged()
  expect(usual).toMatch(/^\d+\.\d{3}/)
  await page.goto(url('/settings/display'))
  await choice('Numbers', '12.345,67').click()
  await page.reload()
  await choice('Numbers', '12.345,67').and(page.locator('[aria-pressed=true]')).waitFor()
  expect(await charged()).toBe(usual.replace('.', ','))
  await page.goto(url('/settings/display'))
  await choice('Numbers', 'As the browser').click()
})

test('D-026 D-046 a week begins on Monday until another day is chosen, and charts are cut there', async () => {
  await page.goto(url('/settings/display'))
  await choice('Weeks of charts begin on', 'Monday').and(page.locator('[aria-pressed=true]')).waitFor()
  const secondWeek = async () => {
    await page.goto(url('/?range=12m'))
    const sheet = page.locator('section', { has: page.getByRole('slider', { name: 'Revenue' }) })
    await sheet.getByRole('button', { name: 'as table' }).click()
    return (
      (await page.getByRole('region', { name: 'Revenue', exact: true }).locator('tbody th').nth(1).textContent()) ?? ''
    )
  }
  const wanted = async (weekFrom: string) => {
    const { result } = await stage.node.call('overview.series', { range: '12m', metric: 'revenue', weekFrom })
    const atS = (result as { at: number[] }).at[1] ?? 0
    const form = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
    return new Date(atS * 1000).toLocaleString('en-US', { timeZone: 'Europe/Berlin', ...form })
  }
  expect(await secondWeek()).toBe(await wanted('monday'))
  await page.goto(url('/settings/display'))
  await choice('Weeks of charts begin on', 'Saturday').click()
  expect(await secondWeek()).toBe(await wanted('saturday'))
  expect(await wanted('saturday')).not.toBe(await wanted('monday'))
})
