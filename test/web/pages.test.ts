/** Overview, Sessions and Models on a node that has customers: what they show is what the node holds. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import {
  hostileModel,
  openBrowser,
  openPage,
  type Stage,
  shownModels,
  signIn,
  startStage,
  type Watched,
} from '../kit/dashboard'
import { until } from '../kit/node'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
let key = ''
let hash = ''
let upstream = ''
const url = (path: string) => `${stage.node.url}/admin${path}`
const result = async (name: string, params = {}) => (await stage.node.call(name, params)).result as never
const hashOf = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest('hex')
const valuesIn = async (selector: string) =>
  (await page.locator(`${selector} data`).evaluateAll((found) => found.map((one) => one.getAttribute('value')))).map(
    Number,
  )

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([
    startStage({
      models: [...shownModels, { id: hostileModel, pricing: { prompt: '0.000001', completion: '0.000002' } }],
    }),
    openBrowser(),
  ])
  key = await stage.deposit(5000)
  hash = hashOf(key)
  await stage.deposit(64)
  expect((await stage.chat(key, 'gpt-4o', { prompt: 812, completion: 190 })).status).toBe(200)
  upstream = ((await result('upstreams.list')) as { rows: { id: string }[] }).rows[0]?.id ?? ''
  watched = await openPage(browser)
  page = watched.page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

test('D-022 the three balances are those of the node to the msat, and the third is the first less the second', async () => {
  await page.goto(url('/'))
  await page.locator('[data-wallet]').waitFor()
  const { totals } = (await result('overview.get')) as { totals: Record<string, number> }
  const shown = await valuesIn('[data-wallet] h2 + p')
  expect(shown).toEqual([
    totals.totalMsat,
    totals.owedMsat,
    totals.mineMsat,
    totals.availableMsat,
    totals.inFlightMsat,
  ] as number[])
  expect((shown[0] ?? 0) - (shown[1] ?? 0)).toBe(shown[2] ?? -1)
  expect(await page.evaluate<number>('performance.getEntriesByName("wallet-shown").length')).toBe(1)
})

test('D-011 D-012 the unit changes every amount at once, survives a reload, and a hover shows integer msat', async () => {
  await page.goto(url('/'))
  const users = page.locator('[data-wallet] h2 + p data').nth(1)
  await users.waitFor()
  const msat = Number(await users.getAttribute('value'))
  const grouped = (value: number) => value.toLocaleString('en-US')
  expect(await users.textContent()).toBe(
    `${grouped(Math.trunc(msat / 1000))}.${String(msat % 1000).padStart(3, '0')} sat`,
  )
  await users.hover()
  expect(await page.getByRole('tooltip').textContent()).toBe(`${grouped(msat)} msat`)
  await page.getByRole('button', { name: 'msat', exact: true }).click()
  expect(await users.textContent()).toBe(`${grouped(msat)} msat`)
  await page.reload()
  await users.waitFor()
  expect(await users.textContent()).toBe(`${grouped(msat)} msat`)
  await page.keyboard.press('u')
  expect(await users.textContent()).toStartWith('≈ $')
  await page.keyboard.press('u')
  expect(await users.textContent()).toEndWith(' sat')
})

test('D-024 each mint shows its connection, balance and unit, and Test says what it found', async () => {
  await page.goto(url('/'))
  const row = page.getByRole('row', { name: /127\.0\.0\.1.*Connected.* sat / }).first()
  await row.waitFor()
  await row.getByRole('button', { name: /^Test the connection/ }).click()
  await page.getByText(/Connected in \d+ ms; units sat, msat\./).waitFor()
})

test('D-024 a mint that stops answering keeps its last balance with its age', async () => {
  await stage.mint.stop()
  await page.goto(url('/'))
  await page.locator('[data-wallet] h2 + p').first().waitFor()
  const before = await valuesIn('[data-wallet] h2 + p')
  await page
    .getByRole('button', { name: /^Test the connection/ })
    .first()
    .click()
  await page
    .getByText(/127\.0\.0\.1:\d+: .*(not answer|answer|reach)/i)
    .first()
    .waitFor()
  expect(await valuesIn('[data-wallet] h2 + p')).toEqual(before)
  stage.mint.restart()
})

test('D-028 the session list has the columns of the owner, the sums of the node, and never a key', async () => {
  await page.goto(url('/sessions'))
  await page.getByRole('row', { name: new RegExp(hash.slice(0, 12)) }).waitFor()
  const heads = (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.replace(/ sat$/, '').trim())
  for (const head of ['Hashed Key', 'Balance', 'Spent', 'Requests', 'Created', 'Expires']) expect(heads).toContain(head)
  const { totals, rows } = (await result('sessions.list')) as {
    totals: { balanceMsat: number }
    rows: { balanceMsat: number }[]
  }
  expect(rows.reduce((sum, row) => sum + row.balanceMsat, 0)).toBe(totals.balanceMsat)
  expect(await valuesIn('tfoot')).toContain(totals.balanceMsat)
  expect(await page.content()).not.toContain(key)
})

test('D-016 a pasted key is hashed in the browser: neither request, address nor storage ever holds it', async () => {
  const sent: string[] = []
  page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`))
  await page.goto(url('/sessions'))
  await page.locator('tbody tr').first().waitFor()
  await page.keyboard.press('/')
  await page.keyboard.insertText(key)
  await page.waitForURL(url(`/sessions?q=${hash.slice(0, 12)}`), { waitUntil: 'commit' })
  await page.getByText('1–1 of 1').waitFor()
  const kept = await page.evaluate<string>(
    'JSON.stringify({ ...localStorage, ...sessionStorage }) + document.body.innerHTML',
  )
  expect([...sent, kept].filter((text) => text.includes(key.slice(3)))).toEqual([])
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.waitForURL(url('/sessions'))
})

test('D-002 D-029 the drawer has an address, adds up to the balance, survives reload, and Back closes it', async () => {
  await page.goto(url('/sessions?sort=-balanceMsat'))
  await page.getByRole('link', { name: `View details of session ${hash.slice(0, 12)}` }).click()
  await page.waitForURL(url(`/sessions/${hash.slice(0, 12)}?sort=-balanceMsat`))
  await page.getByRole('button', { name: 'About' }).click()
  await page.getByText(hash, { exact: true }).waitFor()
  const { why } = (await result('sessions.get', { session: hash })) as { why: Record<string, number> }
  expect((why.depositedMsat ?? 0) - (why.chargedMsat ?? 0) - (why.refundedMsat ?? 0)).toBe(why.balanceMsat ?? -1)
  expect(await valuesIn('dialog')).toContain(why.balanceMsat ?? -1)
  await page.reload()
  await page.getByText(hash, { exact: true }).waitFor()
  await page.getByRole('dialog').getByLabel('Label').fill('ci-bot <b>x</b>')
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByText('The session is now called ci-bot <b>x</b>.').waitFor()
  await page.goBack()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  // The list is asked again when the drawer says that it is renamed: the row comes with that answer.
  await page.getByRole('row', { name: /ci-bot <b>x<\/b>/ }).waitFor()
})

test('D-037 $30 with fees 1.005 and 1.10 reads $33.17, exactly $33.165 on hover', async () => {
  await page.goto(url('/models'))
  const row = page.getByRole('row', { name: /gpt-4-32k/ })
  const price = row.getByText('$33.17', { exact: true })
  await price.waitFor()
  await price.hover()
  expect(await page.getByRole('tooltip').textContent()).toBe('exactly $33.165')
  const heads = (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.trim())
  for (const head of ['Model ID', 'Enabled', 'Input Price', 'Output Price', 'Custom']) expect(heads).toContain(head)
})

test('D-040 a model without price says so, and its switch stays in place with its reason', async () => {
  await page.goto(url('/models?state=unpriced'))
  const row = page.getByRole('row', { name: /new-thing-preview/ })
  await row.waitFor()
  expect(await row.textContent()).toContain('no price')
  const toggle = row.getByRole('switch')
  expect(await toggle.getAttribute('aria-disabled')).toBe('true')
  await toggle.click({ force: true })
  expect(((await result('models.get', { upstream, model: 'new-thing-preview' })) as { state: string }).state).toBe(
    'unpriced',
  )
})

test('D-041 D-042 a price that is set is what the next customer pays, a far one asks again, a cleared one returns', async () => {
  await page.goto(url(`/models/${upstream}/gpt-4o`))
  await page.getByLabel('Prompt Price').fill('900')
  await page.getByLabel('Completion Price').fill('100')
  await page.getByRole('button', { name: 'Save prices' }).click()
  const question = page.getByRole('alertdialog')
  await question.waitFor()
  expect(await question.textContent()).toContain('$900')
  expect(await question.textContent()).toContain('$2.5')
  await question.getByRole('button', { name: 'Yes, do it' }).click()
  await page.getByText('The price of gpt-4o is in force.').waitFor()
  const paid = async () =>
    (
      (await (await stage.chat(key, 'gpt-4o', { prompt: 10, completion: 10 })).json()) as {
        cost: { total_msats: number }
      }
    ).cost.total_msats
  // 10 x $900 and 10 x $100 per 1M tokens are one cent, which is 10 sat at $100,000.
  expect(await paid()).toBe(10_000)
  await page.getByRole('button', { name: 'Reset to upstream' }).click()
  await page.getByText('gpt-4o follows its upstream’s price again.').waitFor()
  // 10 x $2.5 and 10 x $10, times both fees: 138.1875 msat, upwards.
  expect(await paid()).toBe(139)
})

test('D-043 a taken alias is refused at the field, a new one stands in the list', async () => {
  await page.goto(url(`/models/${upstream}/gpt-4o-mini`))
  const field = page.getByLabel('Alias', { exact: true })
  await field.fill('gpt-4o')
  await page.keyboard.press('Enter')
  await page.getByText('The name gpt-4o is taken by another model.').waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  await field.fill('small')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove the alias small' }).waitFor()
  expect((await stage.chat(key, 'small')).status).toBe(200)
})

test('D-038 an import shows new and changed models and saves nothing before Apply', async () => {
  stage.upstream.setModels([
    ...shownModels.filter((one) => one.id !== 'o5-mini'),
    { id: 'gpt-6', pricing: { prompt: '0.000005', completion: '0.00002' } },
  ])
  await page.goto(url('/models'))
  await page.getByRole('button', { name: 'Import Models' }).click()
  await page.getByRole('button', { name: 'Fetch the list' }).click()
  await page.getByText('New 1').waitFor()
  expect((await stage.node.call('models.get', { upstream, model: 'gpt-6' })).error?.data.reason).toBe('NOT_FOUND')
  await page.getByRole('button', { name: 'Apply 1 change' }).click()
  await page.getByText('Import applied: 1 new, 0 changed, 0 gone.').waitFor()
  expect(((await result('models.get', { upstream, model: 'gpt-6' })) as { state: string }).state).toBe('sellable')
})

test('D-041 the switch of a model takes it out of the public list at once, and Undo brings it back', async () => {
  await page.goto(url('/models?q=llama'))
  const listed = async () => (await (await fetch(`${stage.node.url}/v1/models`)).text()).includes('llama-4-maverick')
  await page.getByRole('switch', { name: 'Enable llama-4-maverick' }).click()
  await page.getByText('llama-4-maverick is disabled. Customers no longer see it.').waitFor()
  expect(await listed()).toBe(false)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('llama-4-maverick is enabled.').waitFor()
  await until('it is listed again', listed)
})

test('D-040 D-039 a model is given away only when its id is typed, its price is locked, and one is added by hand', async () => {
  await page.goto(url(`/models/${upstream}/new-thing-preview`))
  const drawer = page.getByRole('dialog')
  await drawer.getByText('More fields').click()
  await drawer.getByLabel('Model id', { exact: true }).fill('another')
  await drawer.getByRole('button', { name: 'Sell for free' }).click()
  const shown = async (id: string) =>
    (await result('models.get', { upstream, model: id })) as { free: boolean; locked: boolean; state: string }
  expect((await shown('new-thing-preview')).free).toBe(false)
  await drawer.getByLabel('Model id', { exact: true }).fill('new-thing-preview')
  await drawer.getByRole('button', { name: 'Sell for free' }).click()
  await page.getByText('new-thing-preview is free now.').waitFor()
  await drawer.getByRole('switch', { name: 'Lock price' }).click()
  await page.getByText('The price of new-thing-preview is locked.').waitFor()
  expect(await shown('new-thing-preview')).toMatchObject({ free: true, locked: true, state: 'sellable' })
  await page.goto(url('/models'))
  await page.getByRole('button', { name: 'Add by hand' }).click()
  await page.getByRole('dialog').getByLabel('Model ID').fill('my-deployment')
  await page.getByRole('dialog').getByLabel('Prompt Price').fill('3')
  await page.getByRole('dialog').getByLabel('Completion Price').fill('9')
  await page.getByRole('button', { name: 'Add this model' }).click()
  await page.getByText('my-deployment is added.').waitFor()
  expect(await shown('my-deployment')).toMatchObject({ state: 'sellable' })
})

test('D-044 a model is tried from its drawer: time, tokens and what a customer would pay', async () => {
  await page.goto(url(`/models/${upstream}/gpt-4o`))
  await page.getByRole('button', { name: 'Test this model' }).click()
  await page.getByText(/^openai-main answered in \d+ ms\.$/).waitFor()
  await page.getByText('a customer would pay', { exact: false }).waitFor()
})

test('R-069 names from upstreams are text, never markup', async () => {
  await page.goto(url('/models?q=onerror'))
  await page.getByRole('link', { name: `Edit ${hostileModel}` }).waitFor()
  expect(await page.locator('main img').count()).toBe(0)
})

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((address) => !address.startsWith(`${stage.node.url}/`))).toEqual([])
  expect(watched.complaints).toEqual([])
})
