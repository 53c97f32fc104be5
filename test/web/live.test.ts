/** Live over HTTP in a browser: what others change appears by itself, and where it cannot the page says so (dashboard 3, 5). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { isStream, openBrowser, openPage, type Stage, signIn, startStage, streamPieces } from '../kit/dashboard'
import { atNight, isNightly } from '../kit/sizes'
import { startWire } from '../kit/wire'

let stage: Stage
let browser: Browser
let hash = ''
beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  hash = new Bun.CryptoHasher('sha256').update(await stage.deposit(640)).digest('hex')
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

const line = (page: Page, words: RegExp) => page.getByRole('button', { name: words })
const renamed = (label: string) => stage.node.call('sessions.rename', { session: hash, label })

/** What the page asks from now on: the method, and the position of the log that it knows of. */
function counted(page: Page): string[] {
  const asked: string[] = []
  page.on('request', (request) => {
    if (!request.url().endsWith('/rpc')) return
    const { method, notBefore } = request.postDataJSON() as { readonly method: string; readonly notBefore?: number }
    asked.push(`${method} ${notBefore}`)
  })
  return asked
}

/** The tab as the browser says it is, without another window to hide it. */
const seen = (page: Page, state: 'visible' | 'hidden') =>
  page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`)

async function openSessions(view: { readonly at?: string } = {}) {
  const watched = await openPage(browser)
  const { page } = watched
  const next = await streamPieces(page)
  return {
    ...watched,
    next,
    async show() {
      await signIn(page, stage.node)
      await page.goto(`${view.at ?? stage.node.url}/admin/sessions`)
      await page.locator('tbody tr', { hasText: hash.slice(0, 12) }).waitFor()
    },
  }
}
/** After its clock was put forward, the page finds that it differs from the node's. */
const liveAgain = /^(HTTP live|clock differs by)/
const row = (page: Page, label: string) => page.locator('tbody tr', { hasText: label })

test('R-074 what another operator changes appears by one stream, without a reload and without polling', async () => {
  const { page, context, complaints, asked, next, show } = await openSessions()
  await page.clock.install()
  await show()
  await line(page, /^HTTP live [\d,]+ ms$/).waitFor()
  const methods = counted(page)
  // The page's clock goes beyond each age at which something was asked again, by steps shorter than a silence.
  for (let passed = 0; passed < (isNightly ? 144 : 32); passed += 8) {
    await next()
    await page.clock.fastForward(8000)
  }
  await next()
  await renamed('by another')
  await row(page, 'by another').waitFor()
  // Nothing is asked twice while the log stands still, and what the stream brings whole is not asked at all.
  expect(methods.filter((method, index) => methods.indexOf(method) !== index)).toEqual([])
  expect(methods.filter((method) => method.startsWith('overview.'))).toEqual([])
  expect(asked.filter(isStream).at(-1)).toEndWith('?topics=overview,sessions')
  expect(complaints).toEqual([])
  await context.close()
}, 60_000)

test('D-018 a proxy that lets no stream through means polling, said so, until one comes through again', async () => {
  const { page, context, show } = await openSessions()
  await page.clock.install()
  await page.route('**/admin/api/watch**', (route) => route.fulfill({ status: 502, body: 'no streams here' }))
  await show()
  await line(page, /^polling every 15 s$/).waitFor()
  await renamed('seen by polling')
  await page.clock.fastForward(15_000)
  await row(page, 'seen by polling').waitFor()
  await page.unrouteAll()
  await page.clock.fastForward(60_000)
  await line(page, liveAgain).waitFor()
  await context.close()
})

test('D-018 a proxy that holds the stream back is found out after 15 s', async () => {
  const { page, context, show } = await openSessions()
  await page.clock.install()
  const held = Promise.withResolvers<void>()
  await page.route('**/admin/api/watch**', () => held.resolve())
  await show()
  await held.promise
  await page.clock.fastForward(15_000)
  await line(page, /^polling every 15 s$/).waitFor()
  await context.close()
})

atNight('D-018 15 s without a beat mean lost, though no connection broke; it comes back by itself', async () => {
  const wire = await startWire(stage.node.url)
  const { page, context, next, show } = await openSessions({ at: wire.url })
  await page.clock.install()
  await show()
  await line(page, /^HTTP live/).waitFor()
  await next()
  wire.goDead()
  await page.clock.fastForward(14_000)
  expect(await page.getByText(/^Not connected to the node since/).count()).toBe(0)
  await page.clock.fastForward(1_000)
  await page.getByText(/^Not connected to the node since/).waitFor()
  wire.comeBack()
  await renamed('while it was dead')
  await line(page, /^HTTP live/).waitFor({ timeout: 20_000 })
  await row(page, 'while it was dead').waitFor({ timeout: 20_000 })
  wire.stop()
  await context.close()
})

atNight(
  'R-073 a tab that was hidden for a minute closes its stream, and asks anew when it is seen again',
  async () => {
    const { page, context, next, show } = await openSessions()
    await page.clock.install()
    await show()
    await line(page, /^HTTP live/).waitFor()
    await next()
    let closed = false
    const gone = page
      .waitForEvent('requestfailed', { predicate: (request) => isStream(request.url()), timeout: 50_000 })
      .then(() => {
        closed = true
      })
    await seen(page, 'hidden')
    // Its clock goes on by steps shorter than the 15 s of a silence.
    for (let second = 0; second < 24; second += 8) {
      await next()
      await page.clock.fastForward(8000)
    }
    expect(closed).toBe(false)
    while (!closed) {
      await Promise.race([next(), gone])
      await page.clock.fastForward(8000)
    }
    expect(await page.getByText(/^Not connected to the node since/).count()).toBe(0)
    const methods = counted(page)
    await renamed('while nobody looked')
    await page.clock.fastForward(300_000)
    expect(await row(page, 'while nobody looked').count()).toBe(0)
    expect(methods).toEqual([])
    await seen(page, 'visible')
    await row(page, 'while nobody looked').waitFor()
    expect(methods.some((method) => method.startsWith('sessions.list'))).toBe(true)
    await line(page, liveAgain).waitFor()
    await context.close()
  },
  60_000,
)

test('D-018 a lost door keeps the data with its time, stops actions with the reason, and comes back by itself', async () => {
  const wire = await startWire(stage.node.url)
  const { page, context, next, show } = await openSessions({ at: wire.url })
  await show()
  await page.goto(`${wire.url}/admin/models`)
  await page.locator('tbody tr').first().waitFor()
  await next()
  wire.cut()
  await page.getByText(/^Not connected to the node since/).waitFor()
  expect(await page.locator('tbody tr').count()).toBeGreaterThan(3)
  expect(await page.getByRole('switch').first().getAttribute('title')).toBe('Not connected to the node.')
  wire.comeBack()
  await page.getByText(/^Not connected to the node since/).waitFor({ state: 'detached', timeout: 20_000 })
  await line(page, /^HTTP live/).waitFor()
  wire.stop()
  await context.close()
})

test('D-018 the panel of the connection keeps its last changes, newest first, at 360 px too', async () => {
  const wire = await startWire(stage.node.url)
  const { page, context } = await openPage(browser, { width: 360, height: 740, touch: true })
  await signIn(page, stage.node)
  await page.goto(`${wire.url}/admin/`)
  await page.locator('[data-wallet]').waitFor()
  wire.cut()
  await page.getByText(/^Not connected to the node since/).waitFor()
  wire.comeBack()
  await page.getByText(/^Not connected to the node since/).waitFor({ state: 'detached', timeout: 20_000 })
  await line(page, /^Connection: HTTP live/).click()
  const panel = page.getByRole('dialog', { name: 'Connection' })
  const states = (await panel.locator('ol li').allInnerTexts()).map(
    (text) => /live|not connected|Connecting/.exec(text)?.[0],
  )
  expect(states).toEqual(['live', 'not connected', 'live', 'Connecting'])
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  wire.stop()
  await context.close()
})
