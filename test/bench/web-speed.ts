/** How soon the dashboard shows something, answers a click, and paints a key press (dashboard N1, N5, N6). */
import type { Page } from 'playwright-core'
import { median, quantile, rounded } from './figures'
import type { Figure } from './web'
import type { WebStage } from './web-stage'

const firstPaints = 3
const tourRounds = 2
const overviewAsks = 20
/** CPU slow-down and wire of N1. */
const slowDown = 4
const wire = { offline: false, latency: 10, downloadThroughput: 20e6 / 8, uploadThroughput: 20e6 / 8 }
/** Nobody waits longer for a page; a figure of this size says that it never came. */
const deadlineMs = 20_000

/** From the start of the navigation to the mark that the Wallet Summary leaves, in fresh profiles. */
export async function firstPaint({ open, inspect, admin }: WebStage): Promise<readonly Figure[]> {
  const taken: number[] = []
  for (let round = 0; round < firstPaints; round += 1) {
    const watched = await open()
    const session = await inspect(watched)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', wire)
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowDown })
    await watched.page.goto(`${admin}/`)
    await watched.page.waitForFunction(() => performance.getEntriesByName('wallet-shown').length > 0, undefined, {
      timeout: deadlineMs,
    })
    taken.push(await watched.page.evaluate<number>("performance.getEntriesByName('wallet-shown')[0].startTime"))
    await watched.context.close()
  }
  return [
    {
      number: 'N1',
      what: `first useful paint, median of ${firstPaints} at ${slowDown}x slow-down, 20 Mbit/s, 10 ms`,
      asked: '1,000 ms',
      seen: `${rounded(median(taken))} ms, worst ${rounded(Math.max(...taken))}`,
    },
  ]
}

/** Where each tab leads, and what stands there once its data has come. */
const tabs = {
  Sessions: ['/admin/sessions', 'main tbody tr'],
  Models: ['/admin/models', 'main tbody tr'],
  Settings: ['/admin/settings', 'main input'],
  Withdraw: ['/admin/withdraw', 'main section'],
  Logs: ['/admin/logs', 'main section'],
  Overview: ['/admin/', '[data-wallet]'],
} as const

/** Clicks each tab in a fresh profile, so that nothing of it is known yet. */
async function tabTimes({ open, admin }: WebStage): Promise<Readonly<Record<string, number[]>>> {
  const times: Record<string, number[]> = {}
  for (let round = 0; round < tourRounds; round += 1) {
    const { page, context } = await open()
    await page.goto(`${admin}/`)
    await page.locator('[data-wallet]').waitFor()
    for (const [tab, [path, mark]] of Object.entries(tabs)) {
      const ms = await page.evaluate<number>(`(async () => {
        const from = performance.now()
        document.querySelector('nav a[title="${tab}"]').click()
        const stands = () => location.pathname.startsWith('${path}') &&
          document.querySelector('${mark}')?.checkVisibility() && document.querySelector('main [aria-busy]') === null
        const frame = () => new Promise(requestAnimationFrame)
        await frame()
        while (!stands() && performance.now() - from < ${deadlineMs}) await frame()
        return performance.now() - from
      })()`)
      times[tab] = [...(times[tab] ?? []), ms]
    }
    await context.close()
  }
  return times
}

type Asked = Readonly<Record<string, unknown>>
type Step = {
  readonly name: string
  readonly method: string
  readonly isIt: (params: Asked) => boolean
  readonly act: (page: Page) => Promise<void>
}

const steps: Readonly<Record<string, readonly Step[]>> = {
  '/sessions': [
    {
      name: 'Sessions, filter',
      method: 'sessions.list',
      isIt: ({ state }) => state === 'open',
      act: async (page) => void (await page.getByLabel('State').selectOption('open')),
    },
    {
      name: 'Sessions, sort',
      method: 'sessions.list',
      isIt: ({ sort }) => sort === '-spentMsat',
      act: (page) => page.getByRole('columnheader', { name: 'Spent' }).getByRole('button').click(),
    },
    {
      name: 'Sessions, next page',
      method: 'sessions.list',
      isIt: ({ cursor }) => cursor !== undefined,
      act: (page) => page.getByRole('button', { name: 'Next', exact: true }).click(),
    },
  ],
  '/logs/requests?range=7d': [
    {
      name: 'Requests, filter',
      method: 'requests.list',
      isIt: ({ outcome }) => outcome === 'answered',
      act: async (page) => void (await page.getByLabel('Outcome').selectOption('answered')),
    },
    {
      name: 'Requests, next page',
      method: 'requests.list',
      isIt: ({ cursor }) => cursor !== undefined,
      act: (page) => page.getByRole('button', { name: 'Older', exact: true }).click(),
    },
  ],
}

/** From the act until the frame after the answer: what the person waits, without the search's own pause. */
async function stepMs(page: Page, { method, isIt, act }: Step): Promise<number> {
  const answered = page.waitForResponse((response) => {
    const sent = (response.request().postDataJSON() ?? {}) as { readonly method?: string; readonly params?: Asked }
    return sent.method === method && isIt(sent.params ?? {})
  })
  const from = performance.now()
  await act(page)
  await (await answered).finished()
  await page.evaluate('new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))')
  return performance.now() - from
}

/** The dearest of some, with its name. */
function worst(times: Readonly<Record<string, readonly number[]>>): string {
  const [name, ms] = Object.entries(times)
    .map(([one, all]) => [one, median(all)] as const)
    .reduce((most, one) => (one[1] > most[1] ? one : most))
  return `${rounded(ms)} ms at worst (${name})`
}

export async function interactive(web: WebStage): Promise<readonly Figure[]> {
  const byTab = await tabTimes(web)
  const byStep: Record<string, number[]> = {}
  for (let round = 0; round < tourRounds; round += 1) {
    const { page, context } = await web.open()
    for (const [path, acts] of Object.entries(steps)) {
      await page.goto(`${web.admin}${path}`)
      await page.locator('main tbody tr').first().waitFor()
      for (const step of acts) byStep[step.name] = [...(byStep[step.name] ?? []), await stepMs(page, step)]
    }
    await context.close()
  }
  const overview: number[] = []
  for (let ask = 0; ask < overviewAsks; ask += 1) {
    const from = performance.now()
    await web.stage.call('overview.get')
    overview.push(performance.now() - from)
  }
  const past = (await web.stage.call('sessions.list', { limit: 1 })).total
  const rows = ((await web.stage.call('requests.list', { limit: 1, from: 0 })).totals ?? {}) as { requests?: number }
  const of = `${rows.requests ?? 'unknown'} requests, ${String(past)} sessions`
  return [
    { number: 'N5', what: `each tab until its data stands, ${of}`, asked: '1,000 ms', seen: worst(byTab) },
    { number: 'N5', what: 'a filter, a sort, the next page', asked: '500 ms', seen: worst(byStep) },
    {
      number: 'N5',
      what: `overview.get, ${overviewAsks} times`,
      asked: '300 ms',
      seen: `${rounded(median(overview))} ms, worst ${rounded(Math.max(...overview))}`,
    },
  ]
}

/** Event Timing tells of what took at least this long, in steps of 8 ms. */
const leastToldMs = 16
const watchKeys = `
  window.pressed = new Map()
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId > 0) pressed.set(interactionId, Math.max(pressed.get(interactionId) ?? 0, duration))
  }).observe({ type: 'event', durationThreshold: ${leastToldMs}, buffered: true })`

export async function keyPresses({ open, admin }: WebStage): Promise<readonly Figure[]> {
  const told: number[] = []
  let presses = 0
  for (const path of ['/sessions', '/logs/requests?range=7d', '/models']) {
    const { page, context } = await open()
    await page.addInitScript(watchKeys)
    await page.goto(`${admin}${path}`)
    await page.locator('main tbody tr').first().waitFor()
    const typed = 'a1b2c3gpt'
    await page.locator('[data-search]').first().focus()
    await page.keyboard.type(typed, { delay: 90 })
    for (let left = 0; left < typed.length; left += 1) await page.keyboard.press('Backspace', { delay: 40 })
    await page.evaluate('document.activeElement.blur()')
    await page.locator('main tbody tr').first().waitFor()
    const moves = [...'jjjjjjjjkkkkkkkk', 'ArrowDown', 'ArrowDown', 'ArrowUp']
    for (const key of moves) await page.keyboard.press(key, { delay: 40 })
    presses += 2 * typed.length + moves.length
    await page.evaluate('new Promise((told) => setTimeout(told, 300))')
    told.push(...(await page.evaluate<readonly number[]>('[...pressed.values()]')))
    await context.close()
  }
  const all = [...told, ...Array.from({ length: Math.max(0, presses - told.length) }, () => leastToldMs)]
  return [
    {
      number: 'N6',
      what: `key press to paint, p95 of ${presses} (${leastToldMs} ms stands for less too)`,
      asked: '100 ms',
      seen: `${rounded(quantile(all, 0.95))} ms, worst ${rounded(Math.max(...all))}`,
    },
  ]
}
