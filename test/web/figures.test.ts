/** Every figure of the Overview opens the list that it is the sum of: in a browser, on a node that sold and failed. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, type Stage, signIn, startStage, type Watched } from '../kit/dashboard'
import { until } from '../kit/node'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
let key = ''
let poorKey = ''
const url = (path: string) => `${stage.node.url}/admin${path}`
const result = async <Result>(name: string, params = {}) => (await stage.node.call(name, params)).result as Result

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  key = await stage.deposit(5000)
  poorKey = await stage.deposit(64)
  for (const model of ['gpt-4o', 'gpt-4o-mini', 'gpt-4o'])
    expect((await stage.chat(key, model, { prompt: 90_000, completion: 400 })).status).toBe(200)
  stage.upstream.next({ fault: { status: 500, body: 'no' } })
  expect((await stage.chat(key, 'gpt-4o')).status).not.toBe(200)
  stage.upstream.next({ answer: 'empty' })
  await stage.chat(key, 'gpt-4o')
  await stage.node.call('payouts.toToken', { sat: 5 })
  await until('the requests are listed', async () => {
    const { totals } = await result<{ totals: { requests: number } }>('requests.list')
    return totals.requests === 5
  })
  watched = await openPage(browser)
  page = watched.page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

const msatOf = async (selector: string) => Number(await page.locator(`${selector} data`).first().getAttribute('value'))
const rowsOf = (selector: string) =>
  page.locator(`${selector} data`).evaluateAll((all) => all.map((one) => Number(one.getAttribute('value'))))

test('D-025 each figure of the Wallet Summary opens the list that adds up to it, at an address of its own', async () => {
  await page.goto(url('/?range=30d'))
  for (const part of ['total', 'users', 'yours', 'available']) {
    const figure = page.locator(`[data-opens=${part}]`)
    await figure.waitFor()
    const shown = await msatOf(`[data-opens=${part}]`)
    await figure.click()
    await page.locator('dialog [data-total] data').waitFor()
    expect(new URL(page.url()).search).toBe(`?range=30d&view=wallet&part=${part}`)
    const rows = await rowsOf('dialog li:not([data-total])')
    expect([part, await msatOf('dialog [data-total]'), rows.reduce((sum, msat) => sum + msat, 0)]).toEqual([
      part,
      shown,
      shown,
    ])
    await page.reload()
    await page.locator('dialog [data-total] data').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).toBe('?range=30d')
  }
})

test('D-025 each figure of a range opens its requests, of exactly its bounds, whose totals are the figure', async () => {
  await page.goto(url('/?range=30d'))
  type Tiles = { readonly from: number; readonly to: number; readonly tiles: readonly Tile[] }
  type Tile = { readonly name: string; readonly value: number | null }
  const { from, to, tiles } = await result<Tiles>('overview.numbers', { range: '30d' })
  const told = Object.fromEntries(tiles.map(({ name, value }) => [name, value]))
  const list = page.locator('p', { has: page.locator('[data-charged]') })
  const behind = async (name: string) => {
    await page.goto(url('/?range=30d'))
    await page.locator(`[data-opens=${name}]`).click()
    await list.waitFor()
    const asked = new URL(page.url()).searchParams
    expect([asked.get('from'), asked.get('to'), asked.get('live')]).toEqual([`${from}`, `${to}`, '0'])
    return await list.locator('[data-requests]').textContent()
  }
  expect(await behind('revenue')).toBe('5 requests')
  expect(await msatOf('[data-charged]')).toBe(told.revenue ?? -1)
  expect(await behind('requests')).toBe(`${told.requests} requests`)
  expect([await behind('margin'), told.margin]).toEqual(['5 requests', null])
  expect(await page.locator('[data-margin]').textContent()).toStartWith('unknown')
  await page.getByText('cost unknown of 4 requests').waitFor()
  expect([await behind('errorRate'), told.errorRate]).toEqual(['2 requests', 0.4])
  expect(await page.getByLabel('Error').inputValue()).toBe('any')
})

test('D-025 of More numbers each sum opens its list, and what is a share or an average opens none', async () => {
  type Tiles = { readonly tiles: readonly { readonly name: string; readonly value: number | null }[] }
  const { tiles } = await result<Tiles>('overview.numbers', { range: '24h' })
  const told = Object.fromEntries(tiles.map(({ name, value }) => [name, value]))
  const behind = async (name: string, sum: string) => {
    await page.goto(url('/?range=24h'))
    await page.getByText('More numbers', { exact: true }).click()
    await page.locator(`[data-opens=${name}]`).click()
    const total = page.locator(sum)
    await total.waitFor()
    return (await total.textContent()) ?? ''
  }
  for (const name of ['answered', 'empty', 'upstreamFailed', 'clientLeft', 'errors'].filter((name) => told[name] !== 0))
    expect([name, Number.parseInt(await behind(name, '[data-requests]'), 10)]).toEqual([name, told[name] ?? -1])
  for (const name of ['paymentsIn', 'paymentsOut']) {
    await behind(name, '[data-moved]')
    expect([name, await msatOf('[data-moved]')]).toEqual([name, told[name] ?? -1])
  }
  await page.goto(url('/?range=24h'))
  await page.getByText('More numbers', { exact: true }).click()
  for (const name of ['successRate', 'tokensPerAnswer', 'refundRate'])
    expect([name, await page.locator(`[data-opens=${name}]`).count()]).toEqual([name, 0])
})

/** A chart of the last 24 hours, all of whose points are there, and what the newest bucket of each series holds. */
async function chart(metric: 'errors' | 'payments' | 'requests') {
  type Drawn = { readonly at: number[]; readonly to: number; readonly series: readonly Part[] }
  type Part = { readonly name: string; readonly points: readonly (number | null)[] }
  const { at, to, series } = await result<Drawn>('overview.series', { range: '24h', metric })
  const index = at.findLastIndex((_, n) => series.some(({ points }) => (points[n] ?? 0) > 0))
  await page.goto(url(`/?range=24h&chart=${metric}`))
  const sheet = page.locator('section', { has: page.getByRole('slider') }).last()
  await sheet.getByRole('slider').waitFor()
  const parts = series.map(({ name, points }) => ({ name, value: points[index] ?? 0 }))
  const sum = parts.reduce((all, { value }) => all + value, 0)
  /** The number of a part at that point, in the chart's table. */
  const cell = async (part: number) => {
    await sheet.getByRole('button', { name: 'as table' }).click()
    const name = `${metric.charAt(0).toUpperCase()}${metric.slice(1)}`
    const table = page.getByRole('region', { name, exact: true }).locator('tbody tr')
    return table.nth(index).getByRole('button').nth(part)
  }
  return { sheet, cell, index, parts, sum, bounds: [`${at[index]}`, `${at[index + 1] ?? to}`] }
}
const asked = (...names: string[]) => names.map((name) => new URL(page.url()).searchParams.get(name))

test('D-025 a point of the errors opens the requests of its bucket, and a part of it those of one kind', async () => {
  const { sheet, index, parts, sum, bounds } = await chart('errors')
  expect([sum, parts.length]).toEqual([2, 2])
  await sheet.getByRole('slider').focus()
  for (let back = 0; back < 24; back += 1) await page.keyboard.press('ArrowLeft')
  const at = async () => Number(await sheet.getByRole('slider').getAttribute('aria-valuenow'))
  while ((await at()) < index) await page.keyboard.press('ArrowRight')
  while ((await at()) > index) await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await page.locator('[data-requests]').waitFor()
  expect(asked('from', 'to', 'error')).toEqual([...bounds, 'any'])
  expect(await page.locator('[data-requests]').textContent()).toBe('2 requests')
  for (const [nth, { name, value }] of parts.entries()) {
    const again = await chart('errors')
    await (await again.cell(nth)).click()
    await page.locator('[data-requests]').waitFor()
    expect(asked('from', 'to', 'error')).toEqual([...bounds, name])
    expect(await page.locator('[data-requests]').textContent()).toBe(`${value} request`)
  }
})

test('D-025 a point of the payments opens the money that it is the sum of, a part of it one kind', async () => {
  const { sheet, index, parts, sum, bounds } = await chart('payments')
  expect(parts.filter(({ value }) => value > 0).map(({ name }) => name)).toEqual(['deposit', 'withdrawal'])
  await sheet.getByRole('slider').focus()
  const at = async () => Number(await sheet.getByRole('slider').getAttribute('aria-valuenow'))
  await page.keyboard.press('ArrowLeft')
  while ((await at()) > index) await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await page.locator('[data-moved] data').waitFor()
  expect(asked('from', 'to', 'kind')).toEqual([...bounds, 'payments'])
  expect(await msatOf('[data-moved]')).toBe(sum)
  const again = await chart('payments')
  const withdrawals = parts.findIndex(({ name }) => name === 'withdrawal')
  await (await again.cell(withdrawals)).click()
  await page.locator('[data-moved] data').waitFor()
  expect(await msatOf('[data-moved]')).toBe(parts[withdrawals]?.value ?? -1)
})

test('D-025 a press on one part of a bar opens that part, and a model opens its requests of the range', async () => {
  const { sheet, index, parts } = await chart('requests')
  const over = sheet.locator('.u-over')
  await over.waitFor()
  const slider = sheet.getByRole('slider')
  const { width, height } = (await over.boundingBox()) ?? { width: 0, height: 0 }
  // Along the foot of the bars, from the right.
  for (let x = width - 1; x > 0; x -= 4) {
    await over.hover({ position: { x, y: height - 2 } })
    if (Number(await slider.getAttribute('aria-valuenow')) === index) break
  }
  await page.mouse.down()
  await page.mouse.up()
  await page.locator('[data-requests]').waitFor()
  expect(asked('outcome')).toEqual(['answered'])
  expect(await page.locator('[data-requests]').textContent()).toBe(`${parts[0]?.value} requests`)
  await page.goto(url('/?range=24h'))
  await page.getByRole('link', { name: /^gpt-4o(?!-)/ }).click()
  await page.locator('[data-charged] data').waitFor()
  type Models = { readonly rows: readonly { readonly model: string; readonly revenueMsat: number }[] }
  const { rows } = await result<Models>('overview.models', { range: '24h' })
  expect(await msatOf('[data-charged]')).toBe(rows.find(({ model }) => model === 'gpt-4o')?.revenueMsat ?? -1)
})

test('D-025 D-085 by keyboard alone, up and down choose a part of a bar, which is said, and Enter opens it', async () => {
  const { sheet, index, parts, bounds } = await chart('requests')
  const slider = sheet.getByRole('slider')
  const said = async () => (await slider.getAttribute('aria-valuetext')) ?? ''
  expect(await said()).toContain('up and down a part of it, Enter opens it')
  await slider.focus()
  const at = async () => Number(await slider.getAttribute('aria-valuenow'))
  await page.keyboard.press('ArrowLeft')
  while ((await at()) > index) await page.keyboard.press('ArrowLeft')
  const whole = await said()
  const there = parts.filter(({ value }) => value > 0)
  expect(there.map(({ name }) => name)).toEqual(['answered', 'empty', 'upstream-failed'])
  const heard: string[] = []
  for (const _ of there) {
    await page.keyboard.press('ArrowUp')
    heard.push(await said())
  }
  expect(heard.map((text) => text.split(', ').slice(-2).join(', '))).toEqual(
    ['answered', 'empty', 'upstream failed'].map((name, n) => `${name} ${there[n]?.value}, part ${n + 1} of 3`),
  )
  // Past the end the whole bar is meant again; down from it comes the uppermost part.
  await page.keyboard.press('ArrowUp')
  expect(await said()).toBe(whole)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  expect(await said()).toEndWith(`empty ${there[1]?.value}, part 2 of 3`)
  await page.keyboard.press('Enter')
  await page.locator('[data-requests]').waitFor()
  expect(asked('from', 'to', 'outcome')).toEqual([...bounds, 'empty'])
  expect(await page.locator('[data-requests]').textContent()).toBe(`${there[1]?.value} request`)
})

test('D-025 In flight opens the running requests, whose ages go on and whose holds add up to it', async () => {
  stage.upstream.next({ fault: 'hang-before-headers' })
  const stopped = new AbortController()
  const asked = fetch(`${stage.node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-4o', max_tokens: 500, messages: [{ role: 'user', content: 'wait' }] }),
    signal: stopped.signal,
  }).catch(() => undefined)
  await until('it runs', async () => {
    const { totals } = await result<{ totals: { running: number } }>('overview.get')
    return totals.running === 1
  })
  await page.goto(url('/'))
  const held = await result<{ totals: { heldMsat: number } }>('requests.running')
  expect(await msatOf('[data-opens=running]')).toBe(held.totals.heldMsat)
  await page.locator('section [data-opens=running]').click()
  const row = page.locator('dialog li').first()
  await row.getByText('gpt-4o').waitFor()
  expect([await msatOf('dialog [data-total]'), await msatOf('dialog li')]).toEqual([
    held.totals.heldMsat,
    held.totals.heldMsat,
  ])
  const before = await row.textContent()
  await until('its age goes on', async () => (await row.textContent()) !== before)
  stopped.abort()
  await asked
})

test('D-025 tokens, upstream cost, shortfall, estimated charges, sessions and running requests open lists that add up to them', async () => {
  stage.upstream.next(
    { tokens: { prompt: 900, completion: 20 }, usage: 'none' },
    {
      tokens: { prompt: 1000, completion: 30 },
      usageMore: { cost: 0.002, prompt_tokens_details: { cached_tokens: 600 } },
    },
    { tokens: { prompt: 90_000, completion: 400 } },
  )
  for (const paying of [key, key, poorKey]) expect((await stage.chat(paying, 'gpt-4o')).status).toBe(200)
  type Marked = { totals: { requests: number } }
  for (const mark of ['estimated', 'shortfall'])
    await until(
      `${mark} is listed`,
      async () => (await result<Marked>('requests.list', { mark })).totals.requests === 1,
    )
  type Tiles = { readonly from: number; readonly to: number; readonly tiles: readonly Tile[] }
  type Tile = { readonly name: string; readonly value: number | null }
  const { from, to, tiles } = await result<Tiles>('overview.numbers', { range: '24h' })
  const told = (name: string) => tiles.find((tile) => tile.name === name)?.value ?? -1
  const behind = async (name: string, list: string) => {
    await page.goto(url('/?range=24h'))
    await page.getByText('More numbers', { exact: true }).click()
    await page.locator(`dl [data-opens=${name}]`).click()
    await page.locator(list).waitFor()
    if (name !== 'running') expect([name, ...boundsAsked()]).toEqual([name, `${from}`, `${to}`])
  }
  const boundsAsked = () => asked('from', 'to').map(String)
  const numberIn = async (selector: string) =>
    Number(/[\d,]+/.exec((await page.locator(selector).textContent()) ?? '')?.[0].replaceAll(',', ''))
  const parts = {
    tokens: '[data-tokens]',
    tokensIn: '[data-tokens-of=input]',
    tokensCached: '[data-tokens-of=cached]',
    tokensOut: '[data-tokens-of=output]',
  }
  for (const [name, sum] of Object.entries(parts)) {
    await behind(name, sum)
    expect(told(name)).toBeGreaterThan(0)
    expect([name, await numberIn(sum)]).toEqual([name, told(name)])
  }
  for (const [name, sum] of [
    ['upstreamCost', '[data-cost]'],
    ['shortfall', '[data-shortfall]'],
  ] as const) {
    await behind(name, sum)
    expect(told(name)).toBeGreaterThan(0)
    expect([name, await msatOf(sum)]).toEqual([name, told(name)])
  }
  expect(asked('mark')).toEqual(['shortfall'])
  expect(await page.locator('tbody tr').count()).toBe(1)
  await behind('estimated', '[data-requests]')
  expect([asked('mark'), await numberIn('[data-requests]'), told('estimated')]).toEqual([['estimated'], 1, 1])
  await behind('sessions', '[data-sessions]')
  expect([await numberIn('[data-sessions]'), await page.locator('tbody tr').count()]).toEqual([
    told('sessions'),
    told('sessions'),
  ])
  await page.getByText(/^Opened from /).waitFor()
  await behind('running', 'dialog [data-total]')
  // The one whose client left before runs on to its end.
  expect([told('running'), await numberIn('dialog [data-total]')]).toEqual([1, 1])
})
