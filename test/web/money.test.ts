/** Withdraw and Logs in a browser: what may go, where it went, and every request explained (dashboard 4.5, 4.6). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, password, type Stage, signIn, startStage, type Watched } from '../kit/dashboard'
import { until } from '../kit/node'
import { setRate } from '../kit/rate'
import { sidewaysPx } from '../kit/views'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
let key = ''
const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const key12Of = (text: string) => hash(text).slice(0, 12)
const url = (path: string) => `${stage.node.url}/admin${path}`
const result = async <T>(name: string, params = {}) => (await stage.node.call(name, params)).result as T
const rows = async (method: string, params = {}) =>
  (await result<{ rows: readonly Record<string, unknown>[] }>(method, params)).rows

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  key = await stage.deposit(5000)
  for (let n = 0; n < 3; n += 1)
    expect((await stage.chat(key, 'gpt-4o', { prompt: 20_000, completion: 500 })).status).toBe(200)
  await until('the requests are listed', async () => (await rows('requests.list')).length === 3)
  await stage.node.call('security.setPassword', { password })
  watched = await openPage(browser)
  page = watched.page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

const units = (name: string) => page.getByRole('button', { name, exact: true })
const tokenForm = () => page.locator('form', { hasText: '1 Select Mint' })

test('D-061 one sat above what is safe is not possible, and the parts of the floor say why', async () => {
  const { perMint } = await result<{ perMint: { safeSat: number; mineSat: number }[] }>('withdraw.get')
  const safe = Math.floor(perMint[0]?.safeSat ?? 0)
  expect(safe).toBeGreaterThan(100)
  await page.goto(url('/withdraw'))
  await tokenForm()
    .getByLabel('2 Enter Amount')
    .fill(String(safe + 1))
  await page.getByText(`Only ${safe} sat are yours and free here.`).first().waitFor()
  expect(await tokenForm().getByRole('button', { name: '3 Generate Token' }).getAttribute('aria-disabled')).toBe('true')
  await page.getByText('Why not all?').click()
  const parts = await page
    .locator('main details data')
    .evaluateAll((all) => all.map((one) => one.getAttribute('value')))
  const sums = parts.map(Number)
  expect(sums.slice(0, -1).reduce((sum, msat) => sum + msat, 0)).toBe(sums.at(-1) ?? Number.NaN)
  const forged = await stage.node.call('payouts.toToken', { sat: safe + 1 })
  expect(forged.error?.data).toMatchObject({ reason: 'REFUSED', code: 'below-floor' })
})

test('D-060 D-062 D-063 D-088 four steps make one token, once, which stays reachable until it is collected', async () => {
  await page.goto(url('/withdraw'))
  await tokenForm().getByLabel('2 Enter Amount').fill('21')
  const after = tokenForm().locator('dl > *', { has: page.locator('dt', { hasText: 'Your Balance after' }) })
  await after.waitFor()
  const quote = await result<{ feeMaxSat: number; mineAfterMsat: number }>('payouts.quote', { sat: 21 })
  expect(Number(await after.locator('data').getAttribute('value'))).toBe(quote.mineAfterMsat)
  const { totals } = await result<{ totals: { mineMsat: number } }>('overview.get')
  expect(quote.mineAfterMsat).toBe(totals.mineMsat - 21_000 - quote.feeMaxSat * 1000)
  await tokenForm().getByRole('button', { name: '3 Generate Token' }).click()
  await page.getByLabel('Your current password').fill(password)
  // What is confirmed stands beside the proof.
  expect(await tokenForm().locator('dl').textContent()).toMatch(/21[\s\S]*Cashu token[\s\S]*Fee at most/)
  await page.getByRole('button', { name: 'Generate a token of 21 sat' }).dblclick()
  await page.getByText('4 Redeem').waitFor()
  const token = (await page.locator('main code').filter({ hasText: 'cashuB' }).first().textContent()) ?? ''
  await page.getByRole('img', { name: 'The token as a QR code' }).waitFor()
  expect(await rows('payouts.list')).toHaveLength(1)
  await page.reload()
  await page.locator('tbody tr', { hasText: 'Cashu token' }).locator('a').click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('button', { name: 'Show the token' }).click()
  await drawer.getByLabel('Your current password').fill(password)
  await drawer.getByRole('button', { name: 'Show the token' }).click()
  await drawer.getByText(token.trim().slice(0, 60), { exact: false }).waitFor()
  expect(await rows('payouts.list')).toHaveLength(1)
})

test('D-067 D-068 the node log opens first, its level, search and range stand in the address, and entries have meanings', async () => {
  const poor = await stage.deposit(2)
  expect((await stage.chat(poor, 'gpt-4o')).status).toBe(402)
  await page.goto(url('/logs'))
  await page.getByText('Insufficient balance').first().waitFor()
  await page.getByText('What is this?').first().click()
  await page.getByText('Client ran out of funds mid-request, or had too little to start.').waitFor()
  // It became no request: nothing to open, and the way leads to the key that had too little.
  const refused = page.locator('main li', { hasText: 'Insufficient balance' })
  expect(await refused.locator('a[href*="/logs/requests/"]').count()).toBe(0)
  await refused.getByRole('button', { name: 'Copy: Request id' }).waitFor()
  const its = refused.getByRole('link', { name: `Session ${key12Of(poor)}` })
  expect(await its.getAttribute('href')).toBe(`/admin/sessions/${key12Of(poor)}`)
  const [line] = await rows('logs.list', { text: 'Insufficient balance' })
  expect([line?.traced, line?.fields]).toEqual([false, expect.objectContaining({ session: key12Of(poor) })])
  expect(JSON.stringify(line)).not.toContain(poor.slice(3, 20))
  await page.getByRole('button', { name: /^(.*)Warning/ }).click()
  await page.waitForURL(/level=warn/)
  await page.getByLabel('Time Range').selectOption('1h')
  await page.waitForURL(/range=1h/)
  await page.getByLabel('Text, request id, hash').fill('nothing like it')
  await page.getByText('Nothing in this range.').waitFor()
  await page.reload()
  await page.getByText('Nothing in this range.').waitFor()
})

test('D-069 a trace tells tries, prices and the way from hold to charge, and its numbers multiply to the charge', async () => {
  const [row] = await rows('requests.list', { model: 'gpt-4o', minMsat: 1 })
  await page.goto(url(`/logs/requests/${String(row?.requestId)}`))
  const drawer = page.getByRole('dialog')
  await drawer.getByText('Try 1').waitFor()
  await drawer.getByText('× 1.005 × 1.1').waitFor()
  expect(await drawer.locator('li', { hasText: 'Charge' }).locator('data').getAttribute('value')).toBe(
    String(row?.costMsat),
  )
  const lines = await drawer.locator('li', { hasText: '/ 1M tokens' }).allInnerTexts()
  const usd = lines.reduce((sum, line) => {
    const [, tokens = '', price = ''] = /([\d,]+)[\s\S]*\$([\d.]+)/.exec(line) ?? []
    return sum + Number(tokens.replaceAll(',', '')) * Number(price)
  }, 0)
  expect(Math.ceil(usd)).toBe(Number(row?.costMsat))
})

test('D-070 a new request is counted where the reader has scrolled, and shown on request', async () => {
  await page.goto(url('/logs/requests'))
  const list = page.locator('tbody tr')
  await list.first().waitFor()
  // What comes before the stream is open is in the list already.
  await page
    .locator('button:visible')
    .and(page.getByRole('button', { name: /HTTP live/ }))
    .first()
    .waitFor()
  const before = await list.count()
  await list.first().hover()
  expect((await stage.chat(key, 'gpt-4o-mini', { prompt: 100, completion: 10 })).status).toBe(200)
  const chip = page.getByRole('button', { name: '1 new row, show', exact: false })
  await chip.waitFor()
  expect(await list.count()).toBe(before)
  await chip.click()
  await list.nth(before).waitFor()
  expect(await list.count()).toBe(before + 1)
})

test('D-025 Money shows what came and went, with its sum over the whole filter', async () => {
  await page.goto(url('/logs/money'))
  await page.locator('tbody tr', { hasText: 'withdrawal' }).waitFor()
  await page.getByLabel('Kind', { exact: true }).selectOption('deposit')
  await page.waitForURL(/kind=deposit/)
  await page.getByText('2 rows').waitFor()
  const { totals } = await result<{ totals: { sat: number } }>('money.list', { kind: 'deposit' })
  const sum = await page.locator('main p data').first().getAttribute('value')
  expect(Number(sum)).toBe(totals.sat * 1000)
})

/** What an amount reads in USD: of `msat`, at a price. */
const dollars = (msat: unknown, usdPerBtc: number) => `$${((Number(msat) * usdPerBtc) / 1e11).toFixed(2)}`
const sum = () => page.locator('main p data').first()

test('D-011 in USD two movements at two prices show two worths, one without a price its sats, and a sum says today’s', async () => {
  await setRate(stage.node, '110000')
  const later = await stage.deposit(5000)
  await setRate(stage.node, '120000')
  // Nothing of it moved yet.
  expect((await stage.invoice(700)).status).toBe(200)
  await until('all of it is listed', async () => (await rows('money.list')).length === 5)
  const [first, second] = await Promise.all(
    [key, later].map(async (one) => {
      const [row] = await rows('money.list', { text: key12Of(one) })
      return { name: key12Of(one), msat: Number(row?.sat) * 1000 }
    }),
  )
  const shown = async (list: string) => {
    await page.locator(list, { hasText: first?.name ?? '' }).waitFor()
    const amounts = [first?.name, second?.name, 'rate unknown'].map((text) =>
      page
        .locator(list, { hasText: text ?? '' })
        .locator('data')
        .first()
        .textContent(),
    )
    return Promise.all(amounts)
  }
  const told = [
    `≈ +${dollars(first?.msat, 100_000)}`,
    `≈ +${dollars(second?.msat, 110_000)}`,
    '+700 sat (rate unknown)',
  ]
  expect(told[0]).not.toBe(told[1] ?? '')
  await page.goto(url('/logs/money'))
  await units('USD').click()
  await page.getByRole('columnheader', { name: 'Amount USD at that time' }).waitFor()
  expect(await shown('tbody tr')).toEqual(told)
  // Its row takes the first place, and the others move on, each with its own price.
  const newest = key12Of(await stage.deposit(5000))
  await page.locator('tbody tr', { hasText: newest }).waitFor()
  const its = await page.locator('tbody tr', { hasText: newest }).locator('data').first().textContent()
  expect(its).toBe(`≈ +${dollars(second?.msat, 120_000)}`)
  expect(await shown('tbody tr')).toEqual(told)
  const { totals } = await result<{ totals: { sat: number } }>('money.list')
  expect(await sum().textContent()).toBe(`≈ ${dollars(totals.sat * 1000, 120_000)} at today’s price`)
  await page.setViewportSize({ width: 360, height: 800 })
  expect(await shown('main li')).toEqual(told)
  expect(await sidewaysPx(page)).toBe(0)
  await page.goto(url(`/sessions/${hash(later)}`))
  const moved = page.getByRole('list', { name: 'Timeline' }).locator('li', { hasText: 'deposit' }).locator('data')
  await moved.first().waitFor()
  const worth = dollars(second?.msat, 110_000)
  expect(await moved.allTextContents()).toEqual([`≈ +${worth}`, `≈ ${worth}`])
  expect(await sidewaysPx(page)).toBe(0)
  await page.setViewportSize({ width: 1440, height: 900 })
})

test('D-011 a payout and a charge are worth what they were, in the list and where it opens', async () => {
  const [payout] = await rows('payouts.list')
  await page.goto(url('/withdraw'))
  await page.getByRole('columnheader', { name: 'Amount USD at that time' }).waitFor()
  const paid = `≈ −${dollars(Number(payout?.sat) * 1000, 100_000)}`
  expect(paid).not.toBe(`≈ −${dollars(Number(payout?.sat) * 1000, 120_000)}`)
  expect(await page.locator('tbody tr', { hasText: 'Cashu token' }).locator('data').first().textContent()).toBe(paid)
  await page.goto(url(`/withdraw/${String(payout?.payout)}`))
  const drawer = page.getByRole('dialog')
  await drawer.locator('strong data').waitFor()
  expect(await drawer.locator('strong data').textContent()).toBe(paid)

  const [row] = await rows('requests.list', { model: 'gpt-4o', minMsat: 1 })
  const charged = `≈ ${dollars(row?.costMsat, 100_000)}`
  expect(charged).not.toBe(`≈ ${dollars(row?.costMsat, 120_000)}`)
  await page.goto(url(`/logs/requests/${String(row?.requestId)}`))
  const charge = drawer.locator('dl > *', { has: page.locator('dt', { hasText: 'Charge' }) }).locator('data')
  await charge.waitFor()
  expect(await charge.textContent()).toBe(charged)
  await page.keyboard.press('Escape')
  await page.getByRole('columnheader', { name: 'Charge USD at that time' }).waitFor()
  const listed = page.locator('tbody tr', { has: page.locator(`a[href*="${String(row?.requestId)}"]`) })
  expect(await listed.locator('data').first().textContent()).toBe(charged)
  await units('sat').click()
})

test('D-069 a price of the operator’s own is shown as it was charged, with no fee on it', async () => {
  const { rows: models } = await result<{ rows: readonly { model: string; upstream: string }[] }>('models.list')
  const { upstream, model } = models.find((one) => one.model === 'gpt-4o-mini') ?? { upstream: '', model: '' }
  await stage.node.call('models.setPrice', { upstream, model, inUsdPerM: '0.25', outUsdPerM: '1.5' })
  expect((await stage.chat(key, model, { prompt: 20_000, completion: 500 })).status).toBe(200)
  const newest = async () => (await rows('requests.list', { model }))[0]
  await until(
    'the request is listed',
    async () => (await newest())?.costMsat === Math.ceil(((20_000 * 0.25 + 500 * 1.5) * 1e5) / 120_000),
  )
  await page.goto(url(`/logs/requests/${String((await newest())?.requestId)}`))
  const drawer = page.getByRole('dialog')
  await drawer.getByText('your own for this model; no fee is added to them').waitFor()
  const lines = await drawer.locator('li', { hasText: '/ 1M tokens' }).allInnerTexts()
  expect(lines.map((line) => line.replaceAll(/\s+/g, ' '))).toEqual([
    'input 20,000 × $0.25 / 1M tokens',
    'output 500 × $1.5 / 1M tokens',
  ])
  expect(await drawer.getByText('× 1.005 × 1.1').count()).toBe(0)
})

test('D-069 what a key could not pay stands between its tokens and its charge', async () => {
  const poor = await stage.deposit(10)
  await stage.chat(poor, 'gpt-4o', { prompt: 20_000, completion: 500 })
  const row = async () => (await rows('requests.list', { session: key12Of(poor) }))[0]
  await until('the request is listed', async () => (await row()) !== undefined)
  await page.goto(url(`/logs/requests/${String((await row())?.requestId)}`))
  const line = (name: string) => page.getByRole('dialog').locator('li', { hasText: name }).locator('data')
  const msat = async (name: string) => Number(await line(name).getAttribute('value'))
  expect(await msat('Charge')).toBe(Number((await row())?.costMsat))
  expect((await msat('Charge')) - (await msat('Shortfall'))).toBe(Math.ceil((20_000 * 2.76375 + 500 * 11.055) / 1.2))
})

test('D-069 a request with sound, billed by what the upstream reports, tells its tokens and the cost that multiplies to the charge', async () => {
  const { rows: upstreams } = await result<{ rows: readonly { id: string }[] }>('upstreams.list')
  const upstream = upstreams[0]?.id
  await stage.node.call('upstreams.change', { upstream, billing: 'reported' })
  stage.upstream.next({
    tokens: { prompt: 1200, completion: 640 },
    usageMore: {
      cost: 0.00771,
      prompt_tokens_details: { audio_tokens: 1150 },
      completion_tokens_details: { audio_tokens: 600 },
    },
  })
  const sound = { type: 'input_audio', input_audio: { data: Buffer.alloc(20_000).toString('base64'), format: 'wav' } }
  const response = await fetch(`${stage.node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: 'gpt-4-32k',
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'wav' },
      messages: [{ role: 'user', content: [sound] }],
      max_tokens: 700,
    }),
  })
  expect(response.status).toBe(200)
  const requestId = response.headers.get('x-routstr-request-id') ?? ''
  await until('it is listed', async () => (await rows('requests.list', { text: requestId })).length === 1)
  const [row] = await rows('requests.list', { text: requestId })
  const fees = 1.005 * 1.1
  expect(row).toMatchObject({
    tokens: { input: 1200, output: 640 },
    costMsat: Math.ceil((0.00771 * fees * 1e11) / Number(row?.usdPerBtc)),
    upstreamCostMsat: Math.ceil((0.00771 * 1e11) / Number(row?.usdPerBtc)),
  })
  await page.goto(url(`/logs/requests/${requestId}`))
  const drawer = page.getByRole('dialog')
  await drawer.getByText('what the upstream reported that it took; no list price counts').waitFor()
  await drawer.getByText(/for 1,200 input and 640 output tokens/).waitFor()
  const lines = await drawer.locator('ul', { hasText: 'Charge' }).last().locator('li').allInnerTexts()
  expect(lines.map((line) => line.replaceAll(/\s+/g, ' ').trim())).toEqual([
    'input 1,200',
    'output 640',
    'reported cost $0.00771 × 1.005 × 1.1',
    `Charge ${(Number(row?.costMsat) / 1000).toFixed(3)} sat`,
  ])
  await stage.node.call('upstreams.change', { upstream, billing: 'list' })
})

test('D-069 images and what the minimum charge adds are lines of the trace, and all of them multiply to the charge', async () => {
  const { rows: models } = await result<{ rows: readonly { model: string; upstream: string }[] }>('models.list')
  const { upstream, model } = models.find((one) => one.model === 'llama-4-maverick') ?? { upstream: '', model: '' }
  await stage.node.call('models.setPrice', { upstream, model, inUsdPerM: '1', outUsdPerM: '2', imageUsd: '0.004' })
  const asked = async (content: unknown): Promise<readonly string[]> => {
    stage.upstream.next({ tokens: { prompt: 1000, completion: 500 } })
    const response = await fetch(`${stage.node.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens: 500 }),
    })
    expect(response.status).toBe(200)
    const requestId = response.headers.get('x-routstr-request-id') ?? ''
    await until('the request is listed', async () => (await rows('requests.list', { text: requestId })).length === 1)
    await page.goto(url(`/logs/requests/${requestId}`))
    const list = page.getByRole('dialog').locator('ul', { hasText: 'Charge' }).last()
    await list.waitFor()
    const lines = await list.locator('li').allInnerTexts()
    return lines.map((line) => line.replaceAll(/\s+/g, ' ').trim())
  }
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
  const charge = Math.ceil(((1000 * 1 + 500 * 2) / 1e6 + 2 * 0.004) * (1e11 / 120_000))
  expect(await asked([image, image])).toEqual([
    'input 1,000 × $1 / 1M tokens',
    'output 500 × $2 / 1M tokens',
    'images 2 × $0.004',
    expect.stringContaining(`Charge ${String(charge).replace(/(\d+)(\d{3})$/, '$1.$2')}`),
  ])
  await stage.node.call('settings.apply', { changes: { 'pricing.minRequestMsat': 9000 } })
  const used = Math.ceil(((1000 * 1 + 500 * 2) / 1e6) * (1e11 / 120_000))
  expect(await asked('canary prompt text')).toEqual([
    'input 1,000 × $1 / 1M tokens',
    'output 500 × $2 / 1M tokens',
    `minimum charge adds +${((9000 - used) / 1000).toFixed(3)} sat`,
    'Charge 9 sat',
  ])
})

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((one) => !one.startsWith(stage.node.url) && !one.startsWith('blob:'))).toEqual([])
  expect(watched.complaints).toEqual([])
})
