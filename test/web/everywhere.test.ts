/** What holds on every view: accessible in both themes, no sideways scroll, targets, keys, a door that is lost. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, type Stage, signIn, startStage } from '../kit/dashboard'
import { until } from '../kit/node'
import { spread } from '../kit/sizes'

let stage: Stage
let browser: Browser
/** Names of the views, and where they lie once the node has a session and a model. */
const paths = {
  overview: () => '/',
  sessions: () => '/sessions',
  session: () => `/sessions/${hash}?view=about`,
  timeline: () => `/sessions/${hash}`,
  'no match': () => '/sessions?q=zz',
  models: () => '/models',
  model: () => `/models/${upstream}/gpt-4o`,
  import: () => '/models/import',
  'settings, upstream': () => '/settings/upstream',
  'settings, pricing': () => '/settings/pricing',
  'settings, mints': () => '/settings/mints',
  'settings, security': () => '/settings/security',
  'settings, backup': () => '/settings/backup',
  'settings, history': () => '/settings/history',
  'settings, found': () => '/settings?q=fee',
  withdraw: () => '/withdraw',
  'node log': () => '/logs',
  requests: () => '/logs/requests',
  trace: () => `/logs/requests/${requestId}`,
  money: () => '/logs/money',
  'not found': () => '/no-such-page',
} as const
type Name = keyof typeof paths
const names = Object.keys(paths) as Name[]
let hash = ''
let upstream = ''
let requestId = ''
const url = (path: string) => `${stage.node.url}/admin${path}`

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  const key = await stage.deposit(640)
  await stage.chat(key, 'gpt-4o')
  hash = new Bun.CryptoHasher('sha256').update(key).digest('hex').slice(0, 12)
  const rowsOf = async (method: string) =>
    ((await stage.node.call(method)).result as { rows: readonly Record<string, string>[] }).rows
  upstream = (await rowsOf('upstreams.list'))[0]?.id ?? ''
  await until('the request is listed', async () => (await rowsOf('requests.list')).length > 0)
  requestId = (await rowsOf('requests.list'))[0]?.requestId ?? ''
  await stage.node.call('settings.apply', { changes: { 'identity.description': 'AI for sats' } })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

/** What stands in a drawer once its data has come. */
const drawers: readonly (readonly [RegExp, string])[] = [
  [/view=about$|^\/models\//, 'dialog form'],
  [/^\/sessions\//, 'dialog select'],
  [/requests\//, 'dialog dl'],
]

async function open(page: Page, path: string): Promise<void> {
  await page.goto(url(path))
  await page
    .locator(drawers.find(([of]) => of.test(path))?.[1] ?? 'main :is(section, ul):visible')
    .first()
    .waitFor()
}

/** What axe finds on the page as it stands, in both themes: between them nothing differs but colour. */
async function findingsOn(page: Page): Promise<readonly string[]> {
  // One page without frames: the mode that opens a second page for its sum is not needed.
  const axe = () => new AxeBuilder({ page }).setLegacyMode()
  const light = await axe()
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await axe().withRules(['color-contrast', 'link-in-text-block']).analyze()
  await page.emulateMedia({ colorScheme: 'light' })
  return [...light.violations, ...dark.violations].map(
    (one) => `${one.id} ${one.nodes[0]?.target.join(' ')} ${one.nodes[0]?.html}`,
  )
}

test('D-008 axe finds nothing on any view, in either theme', async () => {
  const { page, context } = await openPage(browser, { bypassPolicy: true })
  await signIn(page, stage.node)
  const found: Record<string, readonly string[]> = {}
  // Each view takes seconds: a check looks at some, the night at all.
  for (const name of spread(names, 12)) {
    await open(page, paths[name]())
    found[name] = await findingsOn(page)
  }
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
  await context.close()
}, 120_000)

test('D-008 axe finds nothing on the sign-in and the sheet of keys, in either theme', async () => {
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
  for (const name of spread(names, 2)) {
    const path = paths[name]()
    await open(page, path)
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    if (wide !== 0) problems.push(`${path} is ${wide} px too wide`)
    const small = await page.evaluate<readonly string[]>(`
      [...(document.querySelector('dialog[open]') ?? document).querySelectorAll('a, button, select, input, summary')]
        .filter((one) => one.checkVisibility() && one.type !== 'checkbox' && !one.matches('[href="#page"]'))
        .map((one) => ({ one, box: (one.matches('input') ? one.closest('span, input') : one).getBoundingClientRect() }))
        .filter(({ box }) => box.height < 43.5 || box.width < 43.5)
        .map(({ one, box }) => one.outerHTML.slice(0, 120) + ' ' + Math.round(box.width) + 'x' + Math.round(box.height))`)
    problems.push(...small.map((one) => `${path}: ${one}`))
  }
  await context.close()
  expect(problems).toEqual([])
})

test('D-015 D-085 keys lead through the tabs and lists, never fire in a field, and Esc gives the focus back', async () => {
  const { page, context } = await openPage(browser)
  await signIn(page, stage.node)
  await page.locator('[data-wallet]').waitFor()
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
  await page.keyboard.type('gmut?')
  expect(await page.evaluate<string>('document.activeElement.value')).toBe('gmut?')
  expect(page.url()).toStartWith(url('/sessions'))
  await page.evaluate('document.activeElement.blur()')
  await page.keyboard.press('t')
  expect(await page.evaluate<string>('document.documentElement.dataset.theme')).toBe('light')
  await page.keyboard.press('t')
  expect(await page.evaluate<string>('document.documentElement.dataset.theme')).toBe('dark')
  await page.keyboard.press('g')
  await page.keyboard.press('m')
  await page.waitForURL(url('/models'))
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
  await signIn(page, stage.node, `/admin${paths.session()}`)
  await page.getByRole('button', { name: 'Copy: Hash of the key' }).click()
  await page.getByText(/The browser does not let this page copy/).waitFor()
  expect(await page.getByText('Copied', { exact: true }).count()).toBe(0)
  expect(await page.evaluate<string>('String(getSelection())')).toMatch(/^[0-9a-f]{64}$/)
  await context.close()
})
