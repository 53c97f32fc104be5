/** What holds on every view: accessible in both themes, no sideways scroll, targets, keys, a door that is lost. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, type Stage, signIn, startStage } from '../kit/dashboard'
import { until } from '../kit/node'
import { atNight, spread } from '../kit/sizes'
import { findingsOn, openView, sidewaysPx, targetsOn, viewPaths } from '../kit/views'

let stage: Stage
let browser: Browser
let paths: ReturnType<typeof viewPaths>
let hash = ''
const url = (path: string) => `${stage.node.url}/admin${path}`
const namesOf = (all: typeof paths) => Object.keys(all) as (keyof typeof paths)[]
const open = (page: Page, path: string) => openView(page, url(''), path)

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  const key = await stage.deposit(640)
  await stage.chat(key, 'gpt-4o')
  hash = new Bun.CryptoHasher('sha256').update(key).digest('hex').slice(0, 12)
  const rowsOf = async (method: string) =>
    ((await stage.node.call(method)).result as { rows: readonly Record<string, string>[] }).rows
  const upstream = (await rowsOf('upstreams.list'))[0]?.id ?? ''
  await until('the request is listed', async () => (await rowsOf('requests.list')).length > 0)
  const requestId = (await rowsOf('requests.list'))[0]?.requestId ?? ''
  paths = viewPaths({ hash, upstream, model: 'gpt-4o', requestId })
  await stage.node.call('settings.apply', { changes: { 'identity.description': 'AI for sats' } })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

test('D-008 axe finds nothing on any view, in either theme', async () => {
  const { page, context } = await openPage(browser, { bypassPolicy: true })
  await signIn(page, stage.node)
  const found: Record<string, readonly string[]> = {}
  // Each view takes seconds: a check looks at some, the night at all.
  for (const name of spread(namesOf(paths), 12)) {
    await open(page, paths[name])
    found[name] = await findingsOn(page)
  }
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
  await context.close()
}, 120_000)

atNight('D-008 axe finds nothing on the sign-in and the sheet of keys, in either theme', async () => {
  const { page, context } = await openPage(browser, { bypassPolicy: true })
  await page.goto(url('/sign-in'))
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  expect(await findingsOn(page)).toEqual([])
  await signIn(page, stage.node)
  await open(page, '/')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  expect(await findingsOn(page)).toEqual([])
  await context.close()
})

test('D-007 at 360 px no view scrolls sideways and every target measures at least 44 px', async () => {
  const { page, context } = await openPage(browser, { width: 360, height: 740, touch: true })
  await signIn(page, stage.node)
  const problems: string[] = []
  for (const name of spread(namesOf(paths), 2)) {
    const path = paths[name]
    await open(page, path)
    const wide = await sidewaysPx(page)
    if (wide !== 0) problems.push(`${path} is ${wide} px too wide`)
    const small = (await targetsOn(page)).filter(({ px }) => px < 43.5)
    problems.push(...small.map(({ markup, px }) => `${path}: ${markup} ${Math.round(px)}`))
  }
  await context.close()
  expect(problems).toEqual([])
})

test('D-015 D-085 keys lead through the tabs and lists, never fire in a field, and Esc gives the focus back', async () => {
  const { page, context } = await openPage(browser)
  await signIn(page, stage.node)
  await page.getByRole('button', { name: '7 d', exact: true }).waitFor()
  await page.keyboard.press(']')
  await page.waitForURL(url('/?range=30d'))
  await page.keyboard.press('[')
  await page.waitForURL(url('/?range=7d'))
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.waitForURL(url('/sessions'))
  await page.locator('tbody tr').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.waitForURL(url('/sessions'))
  expect(await page.evaluate<boolean>('document.activeElement.hasAttribute("data-handle")')).toBe(true)
  await page.keyboard.press('/')
  await page.keyboard.type('gmut?[]')
  expect(await page.evaluate<string>('document.activeElement.value')).toBe('gmut?[]')
  expect(page.url()).toStartWith(url('/sessions'))
  await page.evaluate('document.activeElement.blur()')
  await page.keyboard.press('t')
  expect(await page.evaluate<string>('document.documentElement.dataset.theme')).toBe('light')
  await page.keyboard.press('t')
  expect(await page.evaluate<string>('document.documentElement.dataset.theme')).toBe('dark')
  await page.keyboard.press('g')
  await page.keyboard.press('m')
  await page.waitForURL(url('/models'))
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await page.waitForURL(url('/logs'))
  await page.getByLabel('Time Range').waitFor()
  await page.keyboard.press(']')
  await page.waitForURL(url('/logs?range=7d'))
  await context.close()
})

test('D-082 an unknown path shows itself, a near tab and a way back, with status 404', async () => {
  const { page, context } = await openPage(browser)
  await signIn(page, stage.node)
  const response = await page.goto(url('/sesions'))
  expect(response?.status()).toBe(404)
  await page.getByText('There is no page at /admin/sesions.').waitFor()
  expect(await page.locator('main').getByRole('link', { name: 'Open Sessions' }).getAttribute('href')).toBe(
    '/admin/sessions',
  )
  await context.close()
})

test('D-019 D-083 without crypto.subtle and clipboard a key is still hashed, and Copy says the truth', async () => {
  const { page, context } = await openPage(browser)
  await page.addInitScript(`
    Object.defineProperty(crypto, 'subtle', { value: undefined })
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
    document.execCommand = () => false`)
  await signIn(page, stage.node, `/admin${paths.session}`)
  await page.getByRole('button', { name: 'Copy: Hash of the key' }).click()
  await page.getByText(/The browser does not let this page copy/).waitFor()
  expect(await page.getByText('Copied', { exact: true }).count()).toBe(0)
  expect(await page.evaluate<string>('String(getSelection())')).toMatch(/^[0-9a-f]{64}$/)
  await context.close()
})

test('D-067 D-025 refused requests have no row: their outcome leads to their lines in the node log', async () => {
  const { page, context } = await openPage(browser)
  await signIn(page, stage.node)
  const refused = await fetch(`${stage.node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer sk-${'0'.repeat(64)}` },
    body: JSON.stringify({ model: 'gpt-4o', messages: [] }),
  })
  expect(refused.status).toBe(401)
  await page.goto(url('/logs/requests?range=24h'))
  await page.getByLabel('Outcome', { exact: true }).selectOption('refused')
  await page.getByRole('link', { name: 'node log', exact: true }).click()
  await page.waitForURL(/\/logs\?.*outcome=refused/)
  const lines = page.getByRole('list', { name: 'Node log' }).getByRole('listitem')
  await lines.first().waitFor()
  expect(await lines.count()).toBe(1)
  await lines.filter({ hasText: 'Invalid token' }).waitFor()
  await page.goto(url('/'))
  const more = page.locator('dl', { hasText: 'Refused' })
  await until('the tile', async () => ((await more.textContent()) ?? '').match(/Refused\s*1(?!\d)/) !== null)
  await context.close()
})
