/** What every list offers: other columns, its rows as a file whose totals are those of the list, several rows at once. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, type Stage, signIn, startStage, type Watched } from '../kit/dashboard'
import { until } from '../kit/node'
import { atNight } from '../kit/sizes'

type Row = Readonly<Record<string, unknown>>
type Listed = { readonly rows: readonly Row[]; readonly totals: Readonly<Record<string, number>> }

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
const keys: string[] = []
const url = (path: string) => `${stage.node.url}/admin${path}`
const hashOf = (key: string) => new Bun.CryptoHasher('sha256').update(key).digest('hex').slice(0, 12)
const listed = async (name: string, params = {}) => (await stage.node.call(name, params)).result as Listed

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  for (const sat of [500, 300, 100]) keys.push(await stage.deposit(sat))
  for (const key of keys) expect((await stage.chat(key, 'gpt-4o', { prompt: 812, completion: 190 })).status).toBe(200)
  await until('the requests are listed', async () => (await listed('requests.list')).rows.length === 3)
  watched = await openPage(browser)
  page = watched.page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

const heads = async () =>
  (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.replace(/ (sat|msat)$/, '').trim())

/** The rows and the totals of the file that the menu hands over. */
async function exported(list: string): Promise<{ rows: Row[]; totals: Record<string, number> }> {
  await page.getByRole('button', { name: `Export ${list}`, exact: true }).click()
  const file = page.waitForEvent('download')
  await page.getByRole('link', { name: `Export ${list} as JSON` }).click()
  return JSON.parse(await Bun.file(await (await file).path()).text())
}

test('D-028 D-015 columns are chosen by keyboard alone, remembered by this browser, and the first one stays', async () => {
  await page.goto(url('/sessions'))
  await page.locator('tbody tr').first().waitFor()
  expect(await heads()).not.toContain('Deposited')
  await page.getByRole('button', { name: 'Columns' }).focus()
  await page.keyboard.press('Enter')
  const box = page.getByRole('checkbox', { name: 'Deposited' })
  await box.waitFor()
  expect(await page.getByRole('checkbox', { name: 'Hashed Key' }).count()).toBe(0)
  for (let steps = 0; steps < 30 && !(await box.evaluate((one) => one.matches(':focus'))); steps += 1)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.getByRole('columnheader', { name: 'Deposited' }).waitFor()
  await page.keyboard.press('Escape')
  await box.waitFor({ state: 'detached' })
  expect(await page.evaluate<string>('document.activeElement.getAttribute("aria-label")')).toBe('Columns')
  await page.keyboard.press('Enter')
  await page.getByRole('checkbox', { name: 'Created' }).uncheck()
  await page.reload()
  await page.getByRole('columnheader', { name: 'Deposited' }).waitFor()
  expect(await heads()).not.toContain('Created')
  const deposited = (await listed('sessions.list')).rows.map((row) => Number(row.depositedMsat))
  const shown = await page
    .locator('tbody td:last-child data')
    .evaluateAll((all) => all.map((one) => Number(one.getAttribute('value'))))
  expect(shown.toSorted()).toEqual(deposited.toSorted())
})

test('D-002 D-015 what was typed last is written into no other page, however slowly that one comes', async () => {
  const { page: slow, context } = await openPage(browser)
  await slow.route('**/assets/models-*.js', async (route) => {
    // Longer than a list waits for the next letter.
    await Bun.sleep(600)
    await route.continue()
  })
  await signIn(slow, stage.node, '/admin/sessions')
  await slow.locator('tbody tr').first().waitFor()
  await slow.keyboard.press('/')
  await slow.keyboard.type('zz')
  await slow.getByRole('navigation').getByRole('link', { name: 'Models' }).click()
  await slow.waitForURL(/models/)
  await slow.locator('tbody tr').first().waitFor()
  expect(slow.url()).toBe(url('/models'))
  await context.close()
})

test('D-013 a cost that no upstream told is unknown with its reason, and never 0', async () => {
  await page.goto(url('/logs/requests'))
  await page.locator('tbody tr').first().waitFor()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('checkbox', { name: 'Margin' }).check()
  await page.keyboard.press('Escape')
  const cell = page.locator('tbody tr').first().locator('td').last()
  expect(await cell.textContent()).toBe('unknown: The upstream reports no cost.')
  await page.goto(url('/'))
  const tile = page.getByRole('region', { name: 'More numbers' }).locator('div', { hasText: 'Margin' })
  await tile.waitFor()
  expect(await tile.locator('p').allTextContents()).toEqual([
    'unknown: The cost of 3 requests was not reported.',
    'The cost of 3 requests was not reported.',
  ])
})

test('D-007 on a narrow page a column that was asked for is a line of its card', async () => {
  const { page: narrow, context } = await openPage(browser, { width: 360, height: 740, touch: true })
  await signIn(narrow, stage.node, '/admin/sessions')
  await narrow.getByRole('button', { name: 'Columns' }).click()
  await narrow.getByRole('checkbox', { name: 'Origin' }).check()
  await narrow.locator('li dt', { hasText: 'Origin' }).first().waitFor()
  expect(await narrow.locator('li dd').first().textContent()).toBe('Cashu token')
  expect(await narrow.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0)
  await context.close()
})

test('D-072 the file holds exactly the filtered rows, and its totals are those of the list', async () => {
  await page.goto(url(`/sessions?q=${hashOf(keys[0] ?? '')}`))
  await page.getByText('1–1 of 1').waitFor()
  const sessions = await exported('Sessions')
  const list = await listed('sessions.list', { search: hashOf(keys[0] ?? '') })
  expect(sessions.rows.map((row) => row.key12)).toEqual([hashOf(keys[0] ?? '')])
  expect(sessions.totals).toMatchObject({ rows: 1, balance_msat: list.totals.balanceMsat ?? -1 })
  await page.goto(url('/logs/requests?range=7d'))
  await page.locator('tbody tr').nth(2).waitFor()
  const requests = await exported('Requests')
  const { totals } = await listed('requests.list')
  expect(requests.totals).toMatchObject({ rows: 3, cost_msat: totals.costMsat ?? -1 })
  await page.goto(url('/logs/money?kind=deposit'))
  await page.locator('tbody tr').nth(2).waitFor()
  const money = await exported('Money')
  expect(money.totals).toMatchObject({
    rows: 3,
    moved_sat: (await listed('money.list', { kind: 'deposit' })).totals.sat ?? -1,
  })
})

test('D-072 D-029 the timeline of a key and the node log go away as files, and no model is missing from its list', async () => {
  const key = keys[1] ?? ''
  await page.goto(url(`/sessions/${hashOf(key)}`))
  await page.locator('ul[aria-label="Timeline"] li').nth(1).waitFor()
  const timeline = await exported('Timeline')
  const { rows } = await listed('sessions.list', { search: hashOf(key) })
  expect(timeline.totals.msat).toBe(Number(rows[0]?.balanceMsat))
  await page.goto(url('/logs?level=debug'))
  await page.locator('ul[aria-label="Node log"] li').first().waitFor()
  expect((await exported('Node log')).totals.rows).toBeGreaterThan(0)
  await page.goto(url('/models?state=unpriced'))
  await page.getByText('1–1 of 1').waitFor()
  expect((await exported('Models')).rows.map((row) => row.model)).toEqual(['new-thing-preview'])
})

test('D-072 a chart goes away as its points, and payouts and refunds as their rows', async () => {
  await page.goto(url('/?range=7d'))
  await page.locator('canvas').first().waitFor()
  const { rows } = await exported('Held and owed')
  expect(new Set(rows.map((row) => row.name))).toEqual(new Set(['held', 'owed']))
  await page.goto(url('/withdraw'))
  await page.getByText('No payout yet.').waitFor()
  for (const list of ['Payouts', 'Uncollected refunds'])
    expect((await exported(list)).totals).toMatchObject({ rows: 0 })
})

test('D-037 D-013 the list of models says margin and errors, and why it does not know one', async () => {
  await page.goto(url('/models'))
  const rowOf = (model: string) =>
    page.locator('tbody tr', { has: page.getByRole('link', { name: `Edit ${model}`, exact: true }) }).locator('td')
  const cells = rowOf('gpt-4o')
  await cells.first().waitFor()
  const at = async (head: string) => (await heads()).indexOf(head)
  expect(await cells.nth(await at('Margin 7 d')).textContent()).toBe(
    'unknown: The upstream reports no cost: margin unknown for 3 requests.',
  )
  expect(await cells.nth(await at('Errors 24 h')).textContent()).toBe('0.0 %')
  expect(await cells.nth(await at('Requests 7 d')).textContent()).toBe('3')
  expect(
    await rowOf('llama-4-maverick')
      .nth(await at('Margin 7 d'))
      .textContent(),
  ).toBe('no requests')
})

test('D-002 D-067 requests are filtered by status, method, path, charge and tests, and each stands in the address', async () => {
  await page.goto(url('/logs/requests?range=7d'))
  const found = page.locator('tbody tr')
  await found.nth(2).waitFor()
  await page.getByText('More filters').click()
  const narrowed = async (label: string, typed: string, inAddress: string, rows: number) => {
    const field = page.getByLabel(label, { exact: true })
    await field.fill(typed)
    await page.waitForURL((at) => at.search.includes(inAddress))
    await until(`${label} narrows the rows`, async () => (await found.count()) === rows)
    return field
  }
  await (await narrowed('Status', '424', 'status=424', 0)).fill('200')
  await found.nth(2).waitFor()
  await (await narrowed('Path', '/v1/embeddings', 'path=', 0)).fill('/v1/chat/completions')
  await found.nth(2).waitFor()
  await (await narrowed('Model', 'gpt-4o-mini', 'model=gpt-4o-mini', 0)).fill('')
  const costs = (await listed('requests.list')).rows.map((row) => Number(row.costMsat))
  const aboveAll = Math.max(...costs) + 1
  await (await narrowed('Smallest charge', String(aboveAll / 1000), `minMsat=${aboveAll}`, 0)).fill('')
  await narrowed('Session', hashOf(keys[1] ?? ''), 'session=', 1)
  await page.reload()
  await until('the same row after a reload', async () => (await found.count()) === 1)
  expect(await page.getByLabel('Status', { exact: true }).inputValue()).toBe('200')
  expect(await page.getByLabel('Path', { exact: true }).inputValue()).toBe('/v1/chat/completions')
  await page.getByText('More filters, 3 in force').waitFor()
  await page.getByLabel('Method', { exact: true }).selectOption('GET')
  await page.waitForURL(/method=GET/)
  await until('nothing was got', async () => (await found.count()) === 0)
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await found.nth(2).waitFor()
})

test('D-016 a key pasted into a further filter leaves as its hash, and what is no value says so and filters nothing', async () => {
  await page.goto(url('/logs/requests?range=7d'))
  await page.locator('tbody tr').nth(2).waitFor()
  await page.getByText('More filters').click()
  const key = keys[2] ?? ''
  const session = page.getByLabel('Session', { exact: true })
  await session.fill(key)
  await page.waitForURL((at) => at.search.includes(`session=${hashOf(key)}`))
  expect(await session.inputValue()).toBe(hashOf(key))
  expect(watched.asked.filter((one) => one.includes(key))).toEqual([])
  await session.fill('zz')
  await session.blur()
  await page.getByText('12 to 64 hex digits of a hashed key, or the key itself.').waitFor()
  await page.waitForURL((at) => !at.search.includes('session='))
})

test('D-071 requests of the owner’s test key are hidden until they are asked for', async () => {
  const made = await stage.node.call('setup.testKey')
  const { apiKey } = made.result as { readonly apiKey: string }
  expect((await stage.chat(apiKey, 'gpt-4o-mini', { prompt: 100, completion: 10 })).status).toBe(200)
  await until('it is listed', async () => (await listed('requests.list', { tests: true })).rows.length === 4)
  await page.goto(url('/logs/requests?range=7d'))
  const found = page.locator('tbody tr')
  await found.nth(2).waitFor()
  expect(await found.count()).toBe(3)
  await page.getByText('More filters').click()
  await page.getByLabel('Tests', { exact: true }).selectOption('1')
  await page.waitForURL(/tests=1/)
  await found.nth(3).waitFor()
  expect(await found.filter({ hasText: 'test' }).count()).toBe(1)
  await page.reload()
  await found.nth(3).waitFor()
})

atNight('D-067 with Auto-refresh off the log is not asked for again, whatever comes', async () => {
  const { page: open, context } = await openPage(browser)
  await signIn(open, stage.node, '/admin/logs/requests')
  await open.locator('tbody tr').first().waitFor()
  await open.getByRole('button', { name: /^HTTP live/ }).waitFor()
  let asked = 0
  open.on('request', (request) => {
    if (request.postData()?.includes('"requests.list"') === true) asked += 1
  })
  const chat = () => stage.chat(keys[0] ?? '', 'gpt-4o-mini', { prompt: 100, completion: 10 })
  await chat()
  await until('it is asked for', () => asked > 0)
  await open.getByRole('switch', { name: 'Auto-refresh' }).click()
  await open.waitForURL(/live=0/)
  await Bun.sleep(500)
  asked = 0
  await chat()
  // Two rounds of snapshots.
  await Bun.sleep(4500)
  expect(asked).toBe(0)
  await context.close()
})

atNight(
  'D-008 axe finds nothing with the menu of columns open, and with several rows before their dialog',
  async () => {
    const { page: bare, context } = await openPage(browser, { bypassPolicy: true })
    await signIn(bare, stage.node, '/admin/sessions')
    const findings = async () =>
      (await new AxeBuilder({ page: bare }).setLegacyMode().analyze()).violations.map(
        (one) => `${one.id} ${one.nodes[0]?.html}`,
      )
    await bare.getByRole('button', { name: 'Columns' }).click()
    await bare.getByRole('checkbox', { name: 'Parent' }).check()
    await bare.getByRole('checkbox', { name: 'Choose all rows of this page' }).check()
    expect(await findings()).toEqual([])
    await bare.getByRole('button', { name: 'Revoke…' }).click()
    await bare.getByRole('dialog').getByLabel('Type the sum').waitFor()
    expect(await findings()).toEqual([])
    await context.close()
  },
)

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((one) => !one.startsWith(stage.node.url))).toEqual([])
  expect(watched.complaints).toEqual([])
})
