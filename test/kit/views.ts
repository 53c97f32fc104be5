/** Every view of the dashboard by its name, and what is measured of whichever stands open: axe, width, targets. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What a node needs before each view has something to show. */
export type Shown = {
  readonly hash: string
  readonly upstream: string
  readonly model: string
  readonly requestId: string
}

/** Names of the views, and where they lie under `/admin`. */
export const viewPaths = ({ hash, upstream, model, requestId }: Shown) =>
  ({
    overview: '/',
    sessions: '/sessions',
    session: `/sessions/${hash}?view=about`,
    timeline: `/sessions/${hash}`,
    'no match': '/sessions?q=zz',
    models: '/models',
    model: `/models/${upstream}/${model}`,
    import: '/models/import',
    'settings, upstream': '/settings/upstream',
    'settings, pricing': '/settings/pricing',
    'settings, mints': '/settings/mints',
    'settings, security': '/settings/security',
    'settings, backup': '/settings/backup',
    'settings, history': '/settings/history',
    'settings, found': '/settings?q=fee',
    withdraw: '/withdraw',
    'node log': '/logs',
    requests: '/logs/requests',
    trace: `/logs/requests/${requestId}`,
    money: '/logs/money',
    'not found': '/no-such-page',
  }) as const

/** What stands in a drawer once its data has come. */
const drawers: readonly (readonly [RegExp, string])[] = [
  [/view=about$|^\/models\//, 'dialog form'],
  [/^\/sessions\//, 'dialog select'],
  [/requests\//, 'dialog dl'],
]

/** `admin`: the address of the dashboard, without a slash at its end. */
export async function openView(page: Page, admin: string, path: string): Promise<void> {
  await page.goto(`${admin}${path}`)
  await page
    .locator(drawers.find(([of]) => of.test(path))?.[1] ?? 'main :is(section, ul):visible')
    .first()
    .waitFor()
}

/** What axe finds on the page as it stands, in both themes: between them nothing differs but colour. */
export async function findingsOn(page: Page): Promise<readonly string[]> {
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

/** CSS pixels by which the page is wider than its window. */
export const sidewaysPx = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')

/** What can be pressed and is seen, smallest first: its markup and its lesser side in CSS pixels. */
export const targetsOn = (page: Page) =>
  page.evaluate<readonly { readonly markup: string; readonly px: number }[]>(`
    [...(document.querySelector('dialog[open]') ?? document).querySelectorAll('a, button, select, input, summary')]
      .filter((one) => one.checkVisibility() && one.type !== 'checkbox' && !one.matches('[href="#page"]'))
      .map((one) => ({ one, box: (one.matches('input') ? one.closest('span, input') : one).getBoundingClientRect() }))
      .map(({ one, box }) => ({ markup: one.outerHTML.slice(0, 120), px: Math.min(box.width, box.height) }))
      .sort((a, b) => a.px - b.px)`)
