/** Drawers and dialogs that only stand open once something was done: what axe, 360 px and the keyboard say of each. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, signIn, startStage } from '../kit/dashboard'
import { until } from '../kit/node'
import { findingsOn, sidewaysPx, targetsOn } from '../kit/views'

let stage: Stage
let browser: Browser
let session = ''
const stopped = new AbortController()
const result = async <Result>(name: string, params = {}) => (await stage.node.call(name, params)).result as Result

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  const key = await stage.deposit(2400)
  session = new Bun.CryptoHasher('sha256').update(key).digest('hex')
  await until('the key is listed', async () => (await stage.node.call('sessions.get', { session })).error === undefined)
  for (const [limitMsat, maxParallel] of [
    [500_000, 4],
    [1_250_500, 8],
  ])
    await stage.node.call('sessions.setLimits', { session, limitMsat, maxParallel, reason: 'a larger job' })
  await stage.node.call('sessions.extend', { sessions: [session], until: 1_900_000_000, reason: 'a larger job' })
  await stage.node.call('backups.run')
  await stage.node.call('security.setPassword', { password })
  stage.upstream.next({ fault: 'hang-before-headers' })
  fetch(`${stage.node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-4o', max_tokens: 500, messages: [{ role: 'user', content: 'wait' }] }),
    signal: stopped.signal,
  }).catch(() => undefined)
  await until('it runs', async () => {
    const { totals } = await result<{ totals: { requests: number } }>('requests.running')
    return totals.requests === 1
  })
}, 60_000)
afterAll(async () => {
  stopped.abort()
  await browser.close()
  await stage.stop()
})

type Opened = { readonly path: string; readonly open: (page: Page) => Promise<void> }
const views: Readonly<Record<string, () => Opened>> = {
  'In flight': () => ({
    path: '/?view=wallet&part=running',
    open: (page) => page.locator('dialog [data-total] data').waitFor(),
  }),
  'limits that were moved': () => ({
    path: `/sessions/${session}`,
    open: (page) => page.getByRole('dialog').getByText('1,250.500').first().waitFor(),
  }),
  'download a backup': () => ({
    path: '/settings/backup',
    async open(page) {
      await page.getByRole('button', { name: 'Download sealed file' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Download sealed file' }).click()
      await page.getByLabel('Your current password').and(page.locator(':focus')).waitFor()
    },
  }),
  'Settings, Display': () => ({
    path: '/settings/display',
    open: (page) => page.getByRole('group', { name: 'Numbers' }).waitFor(),
  }),
}

for (const [name, view] of Object.entries(views)) {
  test(`D-008 axe finds nothing on ${name}, in either theme`, async () => {
    const { page, context } = await openPage(browser, { bypassPolicy: true })
    const { path, open } = view()
    await signIn(page, stage.node, `/admin${path}`)
    await open(page)
    expect(await findingsOn(page)).toEqual([])
    await context.close()
  })

  test(`D-007 at 360 px ${name} scrolls not sideways and its targets measure at least 44 px`, async () => {
    const { page, context } = await openPage(browser, { width: 360, height: 740, touch: true, bypassPolicy: true })
    const { path, open } = view()
    await signIn(page, stage.node, `/admin${path}`)
    await open(page)
    expect(await sidewaysPx(page)).toBe(0)
    expect((await targetsOn(page)).filter(({ px }) => px < 43.5)).toEqual([])
    expect(await findingsOn(page)).toEqual([])
    await context.close()
  })
}

test('D-030 D-035 a hold stands on one line, and limits that were moved at once on a line each', async () => {
  const { page, context } = await openPage(browser)
  await signIn(page, stage.node, `/admin/sessions/${session}`)
  const rows = page.getByRole('list', { name: 'Timeline' }).locator('li')
  const tall = async (row: ReturnType<Page['locator']>) => (await row.boundingBox())?.height ?? 0
  const held = rows.filter({ hasText: 'held' })
  await held.waitFor()
  expect(await tall(held.locator('> span').last())).toBeLessThan(24)
  const moved = rows.filter({ hasText: 'limits set' }).first()
  const tops = await Promise.all(
    ['spending limit', 'requests at once'].map(async (name) => (await moved.getByText(name).boundingBox())?.y ?? 0),
  )
  expect((tops[1] ?? 0) - (tops[0] ?? 0)).toBeGreaterThan(10)
  await context.close()
})
