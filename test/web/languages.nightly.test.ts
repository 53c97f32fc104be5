/** Every view in a language of longer words: nothing is cut, and every word stands in a text file (dashboard 7). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, type Stage, signIn, startStage } from '../kit/dashboard'
import { buildPseudo, cutTexts, loadPseudo, serveFrom, shownTexts, wordsIn, wordsOfNode } from '../kit/languages'
import { temporaryDirectory } from '../kit/log'
import { until } from '../kit/node'

let stage: Stage
let browser: Browser
let said: (words: string) => string
const folder = temporaryDirectory()
let hash = ''
let upstream = ''
let requestId = ''
let payout = ''

beforeAll(async () => {
  ;[stage, browser, said] = await Promise.all([startStage(), openBrowser(), loadPseudo(), buildPseudo(folder.path)])
  const key = await stage.deposit(5000)
  hash = new Bun.CryptoHasher('sha256').update(key).digest('hex').slice(0, 12)
  await stage.chat(key, 'gpt-4o', { prompt: 100_000, completion: 4000 })
  const rowsOf = async (method: string) =>
    ((await stage.node.call(method)).result as { rows: readonly Record<string, string>[] }).rows
  upstream = (await rowsOf('upstreams.list'))[0]?.id ?? ''
  await until('the request is listed', async () => (await rowsOf('requests.list')).length > 0)
  requestId = (await rowsOf('requests.list'))[0]?.requestId ?? ''
  await stage.node.call('payouts.toToken', { sat: 20 })
  payout = (await rowsOf('payouts.list'))[0]?.payout ?? ''
  await stage.node.call('settings.apply', { changes: { 'identity.description': 'AI for sats' } })
}, 90_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
  folder.remove()
})

const press = (page: Page, name: string) =>
  page
    .getByRole('button', { name: said(name), exact: true })
    .first()
    .click()
const sections = 'upstream identity pricing mints lightning security sessions backup logs display network history'
const steps = 'you words upstream mints margin payout nostr request'
const tabs = 'key fund children models recover'
type View = { readonly path: string; readonly opens?: string }
const each = (names: string, path: (name: string) => string): readonly View[] =>
  names.split(' ').map((name) => ({ path: path(name) }))
const opened = (path: string, ...names: readonly string[]): readonly View[] => names.map((opens) => ({ path, opens }))
/** Where each view lies, and what is opened on it. */
const views = (): readonly View[] => [
  { path: '/admin/' },
  { path: '/admin/sessions' },
  { path: '/admin/sessions?q=zz' },
  ...each('timeline requests limits children about', (view) => `/admin/sessions/${hash}?view=${view}`),
  ...opened(`/admin/sessions/${hash}`, 'Revoke…', 'Freeze…', 'Extend…', 'Credit…', 'Debit…'),
  { path: '/admin/models' },
  { path: `/admin/models/${upstream}/gpt-4o` },
  { path: `/admin/models/${upstream}/gpt-4o?panel=test` },
  { path: '/admin/models/import' },
  ...each(sections, (section) => `/admin/settings/${section}`),
  { path: '/admin/settings?q=a' },
  ...opened('/admin/settings/upstream', 'Add upstream', 'Remove'),
  ...opened('/admin/settings/mints', 'Add Mint', 'Remove Mint'),
  ...opened('/admin/settings/security', 'Set a password', 'Add operator', 'Make a token'),
  ...opened('/admin/settings/logs', 'Drain…', 'Import configuration…'),
  { path: '/admin/withdraw' },
  { path: `/admin/withdraw/${payout}` },
  { path: '/admin/logs' },
  { path: '/admin/logs/requests' },
  { path: `/admin/logs/requests/${requestId}` },
  { path: '/admin/logs/money' },
  ...each(steps, (step) => `/admin/setup?step=${step}`),
  { path: '/admin/sign-in' },
  { path: '/admin/no-such-page' },
  ...each(tabs, (tab) => `/key/?tab=${tab}`),
]
/** What is no word: units, how tokens begin, and what the browser itself says of months and zones. */
const months = Array.from({ length: 12 }, (_, n) => new Date(2026, n).toLocaleString('en-US', { month: 'short' }))
const units = ['sat', 'msat', 'USD', 'BTC', 'min', 'GMT', 'Europe', 'Berlin', 'npub', 'cashuB', 'lnbc', ...months]

type Found = Readonly<Record<string, readonly string[]>>

async function tour(page: Page, wanted: readonly View[]): Promise<Found> {
  const known = wordsOfNode(page)
  const found: Record<string, readonly string[]> = {}
  for (const { path, opens } of wanted) {
    await page.goto(`${stage.node.url}${path}`)
    await page.locator('main :is(section, table, ul, form, h2, p):visible').first().waitFor()
    if (opens !== undefined) await press(page, opens)
    const problems = await problemsOn(page, known)
    if (problems.length > 0) found[opens === undefined ? path : `${path}, ${opens}`] = problems
  }
  return found
}

async function problemsOn(page: Page, known: ReadonlySet<string>): Promise<readonly string[]> {
  await page.locator('[aria-busy]').first().waitFor({ state: 'detached' })
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))',
  )
  const foreign = (await shownTexts(page)).flatMap((text) =>
    wordsIn(text)
      .filter((word) => !known.has(word) && !units.includes(word))
      .map((word) => `${word}, in: ${text.slice(0, 80)}`),
  )
  return [...new Set([...foreign, ...(await cutTexts(page))])]
}

for (const width of [360, 1440])
  test(`D-087 at ${width} px the pseudo-language tour finds no cut text and no word that stands in no text file`, async () => {
    const { page, context } = await openPage(browser, {
      width,
      height: width === 360 ? 740 : 900,
      touch: width === 360,
    })
    await serveFrom(context, folder.path)
    await signIn(page, stage.node)
    expect(await tour(page, views())).toEqual({})
    await context.close()
  }, 180_000)

test('D-087 the tour would find a word that a page says by itself, and one that its box cuts', async () => {
  const { page, context } = await openPage(browser)
  const known = wordsOfNode(page)
  await serveFrom(context, folder.path)
  await signIn(page, stage.node, '/admin/withdraw')
  await page.locator('main section').first().waitFor()
  expect(await problemsOn(page, known)).toEqual([])
  await page.evaluate(`document.querySelector('main section').insertAdjacentHTML('beforeend',
    '<p id="own">Unspoken</p><p id="cut">ŵídé ŵídé ŵídé ŵídé</p>');
    Object.assign(document.getElementById('cut').style, { width: '40px', overflow: 'hidden', whiteSpace: 'nowrap' })`)
  const [own = '', cut = ''] = await problemsOn(page, known)
  expect(own).toBe('Unspoken, in: Unspoken')
  expect(cut).toStartWith('p.: ŵídé')
  await context.close()
})
