/** What stands around every page: the tabs, the banners, what a role may not do, and a page that never jumps. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { finalizeEvent, generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import type { Browser } from 'playwright-core'
import { openBrowser, openPage, type Stage, signIn, startStage, streamPieces } from '../kit/dashboard'
import { searchMint, signBeyond, spendCoin, walletOf } from '../kit/losses'
import { atNight } from '../kit/sizes'

let stage: Stage
let browser: Browser
let hash = ''
beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  const key = await stage.deposit(640)
  hash = new Bun.CryptoHasher('sha256').update(key).digest('hex')
  expect((await stage.chat(key, 'gpt-4o', { prompt: 812, completion: 190 })).status).toBe(200)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})
const url = (path: string) => `${stage.node.url}/admin${path}`

test('D-001 the dashboard is served at /admin/ and has its six tabs in their order', async () => {
  const { page, context } = await openPage(browser)
  await signIn(page, stage.node)
  await page.locator('[data-wallet]').waitFor()
  expect(page.url()).toBe(url('/'))
  const links = page.getByRole('navigation', { name: 'Tabs' }).getByRole('list').getByRole('link')
  expect(await links.locator('span:first-of-type').allInnerTexts()).toEqual([
    'Overview',
    'Sessions',
    'Models',
    'Settings',
    'Withdraw',
    'Logs',
  ])
  expect(await links.evaluateAll((all) => all.map((one) => one.getAttribute('href')))).toEqual(
    ['', '/sessions', '/models', '/settings', '/withdraw', '/logs'].map((tab) => `/admin${tab}`),
  )
  await context.close()
})

/** Sum of what moved on the page although nobody touched it (Layout Instability API). */
const watchShifts = `
  window.shifted = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value
  }).observe({ type: 'layout-shift', buffered: true })`

/** An age that grows from 9 s to 10 s is wider by a digit, and no reader sees it. */
const traceShift = 0.001

atNight(
  'D-006 no page shifts when its numbers are asked anew',
  async () => {
    const { page, context } = await openPage(browser)
    await page.addInitScript(watchShifts)
    const next = await streamPieces(page)
    await signIn(page, stage.node)
    const refreshed: Record<string, number> = {}
    const paths = ['/', '/sessions', `/sessions/${hash.slice(0, 12)}`, '/models', '/withdraw', '/logs/requests']
    for (const path of paths) {
      await page.goto(url(path))
      await page.locator('main :is(section, table):visible').first().waitFor()
      await page.locator('[aria-busy]').first().waitFor({ state: 'detached' })
      await page.getByRole('button', { name: /^HTTP live/ }).waitFor()
      const shifted = () => page.evaluate<number>('window.shifted')
      await page.evaluate('window.shifted = 0')
      await stage.node.call('sessions.rename', { session: hash, label: `number ${Object.keys(refreshed).length}` })
      // Two rounds of snapshots, and what they made the page ask.
      for (let piece = 0; piece < 4; piece += 1) await next()
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
      refreshed[path] = await shifted()
    }
    expect(Object.entries(refreshed).filter(([, shift]) => shift >= traceShift)).toEqual([])
    await context.close()
  },
  90_000,
)

test('D-021 what a viewer may not do stays in its place, can be focused, and says why', async () => {
  const secret = generateSecretKey()
  await stage.node.call('admins.add', { npub: getPublicKey(secret), role: 'viewer', label: 'a viewer' })
  const { page, context } = await openPage(browser)
  await page.exposeFunction('signForTest', (event: Parameters<typeof finalizeEvent>[0]) => finalizeEvent(event, secret))
  await page.addInitScript('window.nostr = { signEvent: (event) => window.signForTest(event) }')
  await page.goto(url('/sign-in'))
  await page.getByRole('button', { name: 'Sign in with a Nostr extension' }).click()
  await page.getByText('viewer · ').waitFor()
  const drawer = `/sessions/${hash.slice(0, 12)}`
  const controls: readonly (readonly [string, readonly string[]])[] = [
    [drawer, ['Revoke…', 'Freeze…', 'Credit…', 'Debit…', 'Extend…']],
    [`${drawer}?view=about`, ['Rename']],
  ]
  for (const [path, names] of controls) {
    await page.goto(url(path))
    for (const name of names) {
      const button = page.getByRole('button', { name, exact: true })
      await button.waitFor()
      expect([name, await button.getAttribute('aria-disabled')]).toEqual([name, 'true'])
      const reason = page.locator(`[id="${await button.getAttribute('aria-describedby')}"]`)
      expect(await reason.textContent()).toMatch(/^This needs the role (operator|owner)/)
      await button.focus()
      expect((await page.evaluate<string>('document.activeElement.textContent')).trim()).toBe(name)
      await button.click({ force: true })
      expect(await page.getByRole('dialog').count()).toBe(1)
    }
  }
  await context.close()
})

test('D-017 D-023 a negative Your Balance is the first banner; two are unfolded, none closes before its cause ends', async () => {
  const { page, context } = await openPage(browser)
  await signIn(page, stage.node)
  const banners = page.getByRole('region', { name: 'What needs a look' })
  const shown = () =>
    banners.locator('[data-banner]').evaluateAll((all) => all.map((one) => one.getAttribute('data-banner')))
  await stage.node.call('node.pause', {})
  // Somebody else has the words of the wallet and spends its coins: the mint says so, and the loss is the owner's.
  const { log } = stage.node.node
  const wallet = await walletOf(stage.node)
  for (const { mintId } of await mintsOf())
    for (const coin of await log.coins(`${mintId}/sat`)) spendCoin(coin, stage.mint, wallet)
  // A log that knows less than the mint is behind, and every coin of it is looked at.
  await signBeyond({ log, mint: stage.mint, wallet }, 1, 1)
  await searchMint(stage.node, stage.mint)
  await banners.locator('[data-banner="insolvent"]').waitFor()
  const { banners: told, totals } = (await stage.node.call('overview.get')).result as {
    banners: readonly { readonly kind: string; readonly level: string }[]
    totals: { readonly mineMsat: number }
  }
  expect(totals.mineMsat).toBeLessThan(0)
  const ranks = told.map(({ level }) => ['bad', 'look', 'off'].indexOf(level))
  expect(ranks).toEqual([...ranks].sort())
  expect(told[0]?.kind).toBe('insolvent')
  expect(told.length).toBeGreaterThan(3)
  const amount = banners.locator('[data-banner="insolvent"] data')
  expect(await amount.getAttribute('value')).toBe(String(totals.mineMsat))
  expect(await amount.textContent()).toEndWith(' sat')
  await page.goto(`${stage.node.url}/admin/?unit=msat`)
  await amount.waitFor()
  expect(await amount.textContent()).toBe(`−${(-totals.mineMsat).toLocaleString('en-US')} msat`)
  await page.goto(`${stage.node.url}/admin/?unit=sat`)
  await amount.waitFor()
  expect(await shown()).toEqual(told.slice(0, 2).map(({ kind }) => kind))
  await banners.getByRole('button', { name: `and ${told.length - 2} more` }).click()
  expect(await shown()).toEqual(told.map(({ kind }) => kind))
  const buttons = await banners.getByRole('button').allInnerTexts()
  expect(buttons.filter((name) => /close|dismiss|hide|✕|^$/i.test(name.trim()))).toEqual([])
  const tile = page.locator('[data-wallet] h2', { hasText: 'Your Balance' }).locator('xpath=following-sibling::p[1]')
  expect(await tile.locator('data').getAttribute('value')).toBe(String(totals.mineMsat))
  expect(await tile.textContent()).toMatch(/^■−/)
  const isBad = await page.evaluate<boolean>(`
    (() => {
      const probe = document.body.appendChild(document.createElement('i'))
      probe.style.color = 'var(--bad)'
      const bad = getComputedStyle(probe).color
      probe.remove()
      const name = [...document.querySelectorAll('[data-wallet] h2')].find((one) => one.textContent === 'Your Balance')
      return getComputedStyle(name.nextElementSibling).color === bad
    })()`)
  expect(isBad).toBe(true)
  expect(await page.title()).toStartWith('(!) ')
  await banners.locator('[data-banner="paused"]').getByRole('button', { name: 'Resume selling' }).click()
  await banners.locator('[data-banner="paused"]').waitFor({ state: 'detached' })
  await context.close()
}, 60_000)

const mintsOf = async () => (await stage.node.node.adminNode.engine.state('node', 'node')).mints
