/** What holds while the dashboard stands open: nothing shifts, a lost door comes back, a tail does not grow (N7, N12, N14). */
import type { CDPSession, Page } from 'playwright-core'
import { streamPieces } from '../kit/dashboard'
import { openView } from '../kit/views'
import { startWire } from '../kit/wire'
import { rounded } from './figures'
import type { Figure } from './web'
import type { WebStage } from './web-stage'

const watchShifts = `
  window.shifted = 0
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifted += value
  }).observe({ type: 'layout-shift', buffered: true })`

const watchedViews = [
  'overview',
  'sessions',
  'timeline',
  'models',
  'settings, pricing',
  'withdraw',
  'node log',
  'requests',
  'money',
] as const
/** The node opens so many streams for one that is signed in. */
const pagesAtOnce = 3
/** Live data comes every 2 s: two refreshes and a little. */
const refreshesMs = 5000
const settleMs = 1500

type Shift = { readonly view: string; readonly first: number; readonly refresh: number }

async function shiftsOf(view: (typeof watchedViews)[number], { open, admin, views }: WebStage): Promise<Shift> {
  const { page, context } = await open()
  await page.addInitScript(watchShifts)
  await openView(page, admin, views[view])
  await Bun.sleep(settleMs)
  const first = await page.evaluate<number>('shifted')
  await Bun.sleep(refreshesMs)
  const refresh = (await page.evaluate<number>('shifted')) - first
  await context.close()
  return { view, first, refresh }
}

/** Every shift of a page counts, not only the worst window of them; money moves meanwhile. */
export async function shifts(web: WebStage): Promise<readonly Figure[]> {
  const stopTrade = web.trade(2)
  const seen: Shift[] = []
  for (let from = 0; from < watchedViews.length; from += pagesAtOnce)
    seen.push(...(await Promise.all(watchedViews.slice(from, from + pagesAtOnce).map((view) => shiftsOf(view, web)))))
  await stopTrade()
  const most = (of: 'first' | 'refresh') => {
    const worst = seen.filter((one) => one[of] > 0).toSorted((a, b) => b[of] - a[of])
    return worst.length === 0
      ? '0'
      : worst
          .slice(0, 3)
          .map((one) => `${rounded(one[of])} (${one.view})`)
          .join(', ')
  }
  return [
    { number: 'N7', what: `layout shift of ${seen.length} pages at first load`, asked: '0.05', seen: most('first') },
    { number: 'N7', what: 'and over two refreshes of what is live', asked: '0', seen: most('refresh') },
  ]
}

const lostMs = 300_000
/** Beyond this it counts as never. */
const backWithinMs = 60_000

/** Five minutes pass on the page's clock only; what comes after passes as it does. */
export async function lostDoor({ open, stage, views }: WebStage): Promise<readonly Figure[]> {
  const wire = await startWire(stage.nodeUrl)
  const { page, context } = await open()
  try {
    await page.clock.install()
    await openView(page, `${wire.url}/admin`, views.sessions)
    const live = page.getByRole('button', { name: /^(HTTP live|clock differs by)/ })
    const lost = page.getByText(/^Not connected to the node since/)
    await live.waitFor()
    const rowsBefore = await page.locator('main tbody tr').count()
    await page.evaluate('window.isSamePage = true')
    wire.cut()
    await lost.waitFor()
    await page.clock.fastForward(lostMs)
    const rowsKept = await page.locator('main tbody tr').count()
    const from = performance.now()
    wire.comeBack()
    await lost.waitFor({ state: 'detached', timeout: backWithinMs })
    await live.waitFor({ timeout: backWithinMs })
    const seconds = (performance.now() - from) / 1000
    const isReloaded = !(await page.evaluate<boolean>('window.isSamePage === true'))
    return [
      {
        number: 'N12',
        what: `door lost for 5 minutes: ${rowsKept} of ${rowsBefore} rows kept`,
        asked: '15 s, no reload',
        seen: `live after ${rounded(seconds)} s, ${isReloaded ? 'reloaded' : 'no reload'}`,
      },
    ]
  } finally {
    await context.close()
    wire.stop()
  }
}

type Sample = { readonly atS: number; readonly mb: number; readonly rows: number }
const sampleMs = 3000
const tellingMinutes = 5

/** Begins the live tail at 20 rows a second; call the answer for its figures when `minutes` are over. */
export async function liveTail(web: WebStage, minutes: number): Promise<readonly Figure[]> {
  const perSecond = 20
  const watched = await web.open()
  const { page, context } = watched
  const session = await web.inspect(watched)
  const next = await streamPieces(page)
  await openView(page, web.admin, web.views.requests)
  await next()
  await session.send('HeapProfiler.enable')
  const samples: Sample[] = []
  const from = performance.now()
  const stopTrade = web.trade(perSecond)
  while (performance.now() - from < minutes * 60_000) {
    await Bun.sleep(sampleMs)
    samples.push(await sampled(page, session, from))
  }
  const paid = await stopTrade()
  const last = samples.at(-1)
  await context.close()
  const perMinute = slope(samples)
  // In a few minutes a heap says nothing of eight hours: it breathes by more than it grows.
  const in8Hours = minutes < tellingMinutes ? '' : ` (by 8 h ${Math.round((last?.mb ?? 0) + perMinute * 480)} MB)`
  const grows = `${rounded(perMinute * 1000)} kB/min${in8Hours}`
  const rate = rounded(paid / ((performance.now() - from) / 1000))
  return [
    {
      number: 'N14',
      what: `heap of a live tail at ${rate} rows/s (asked: ${perSecond}) for ${minutes} min`,
      asked: '150 MB after 8 h',
      seen: `${rounded(last?.mb ?? Number.NaN)} MB, ${grows}`,
    },
    {
      number: 'N14',
      what: 'rows kept on the page, at most',
      asked: '2,000',
      seen: String(Math.max(...samples.map(({ rows }) => rows))),
    },
  ]
}

/** What lives after the rubbish is gone. */
async function sampled(page: Page, session: CDPSession, from: number): Promise<Sample> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const rows = await page.locator('main tbody tr').count()
  return { atS: (performance.now() - from) / 1000, mb: usedSize / 1e6, rows }
}

/** MB a minute by least squares, over the later half: the first rows of a page fill it. */
function slope(samples: readonly Sample[]): number {
  const later = samples.slice(Math.floor(samples.length / 2))
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
  const at = mean(later.map(({ atS }) => atS))
  const mb = mean(later.map((one) => one.mb))
  const across = later.reduce((sum, one) => sum + (one.atS - at) * (one.mb - mb), 0)
  const along = later.reduce((sum, one) => sum + (one.atS - at) ** 2, 0)
  return along === 0 ? Number.NaN : (60 * across) / along
}
