/** What is seen already stays where it is while the rest of a page arrives (dashboard 1, N7). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, type Stage, signIn, startStage } from '../kit/dashboard'
import { until } from '../kit/node'
import { atNight, spread } from '../kit/sizes'

let stage: Stage
let browser: Browser

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  const key = await stage.deposit(5000)
  for (let n = 0; n < 3; n += 1)
    expect((await stage.chat(key, 'gpt-4o', { prompt: 100_000, completion: 500 })).status).toBe(200)
  for (const sat of [20, 30]) await stage.node.call('payouts.toToken', { sat })
  await until('the requests are counted', async () => {
    const { totals } = (await stage.node.call('requests.list')).result as { totals: { requests: number } }
    return totals.requests === 3
  })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

/** N7. */
const mostShift = 0.05
type Shift = { readonly value: number; readonly of: readonly string[] }

/** Shifts since the page began, by the Layout Instability API, and the first words of what moved. */
const shiftsOf = (page: Page) =>
  page.evaluate<Shift[]>(`new Promise((told) => {
    const words = ({ node, previousRect: from, currentRect: to }) =>
      [node?.textContent?.slice(0, 30), from.y, from.height, to.y, to.height].join(' ')
    const shifts = []
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries())
        if (!hadRecentInput) shifts.push({ value, of: sources.map(words) })
    }).observe({ type: 'layout-shift', buffered: true })
    setTimeout(() => told(shifts), 500)
  })`)

/** Slow enough that what a page asks for arrives one after the other. */
async function openSlowly(
  path: string,
  width: number,
): Promise<{ readonly page: Page; readonly stop: () => Promise<void> }> {
  const { page, context } = await openPage(browser, { width, height: width < 768 ? 740 : 900, touch: width < 768 })
  let asked = 0
  await page.route('**/admin/api/rpc', async (route) => {
    asked += 1
    await Bun.sleep(100 + (asked % 4) * 120)
    await route.continue()
  })
  await signIn(page, stage.node, path)
  return { page, stop: () => context.close() }
}

const views = [
  ['/admin/', 'canvas'],
  ['/admin/sessions', 'tbody tr, ul li [data-handle]'],
  ['/admin/models', 'tbody tr, ul li [data-handle]'],
  ['/admin/withdraw', 'tbody tr, ul li [data-handle]'],
  ['/admin/logs/requests', 'tbody tr, ul li [data-handle]'],
] as const

test.each(spread(views, 3))(
  'D-006 N7 nothing that is seen of %s moves while it loads for the first time',
  async (path, ready) => {
    for (const width of spread([1440, 360], 2)) {
      const { page, stop } = await openSlowly(path, width)
      await page.locator(ready).first().waitFor()
      await until('nothing is waited for', async () => (await page.locator('main [aria-busy="true"]').count()) === 0)
      const shifts = await shiftsOf(page)
      const sum = shifts.reduce((all, { value }) => all + value, 0)
      expect(sum > mostShift ? shifts : []).toEqual([])
      await stop()
    }
  },
)

atNight('N7 D-070 a row that slides in at the top shifts nothing of the page', async () => {
  const key = await stage.deposit(5000)
  for (let n = 0; n < 50; n += 1) expect((await stage.chat(key, 'gpt-4o')).status).toBe(200)
  const { page, context } = await openPage(browser, { width: 1440, height: 900 })
  await signIn(page, stage.node, '/admin/logs/requests')
  const newest = page.locator('tbody tr').first().getByRole('link').first()
  await newest.waitFor()
  await page
    .locator('button:visible')
    .and(page.getByRole('button', { name: /HTTP live/ }))
    .first()
    .waitFor()
  await shiftsOf(page)
  const before = await newest.getAttribute('href')
  await page.evaluate(`window.shifted = 0; new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) shifted += value
  }).observe({ type: 'layout-shift' })`)
  expect((await stage.chat(key, 'gpt-4o')).status).toBe(200)
  await until('it stands first', async () => (await newest.getAttribute('href')) !== before)
  await Bun.sleep(300)
  // A number that grew by a digit begins a little further left.
  expect(await page.evaluate<number>('shifted')).toBeLessThan(0.001)
  await context.close()
})
