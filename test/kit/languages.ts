/** The dashboard in the pseudo-language: built beside the other one, and put in its place in a browser (D-087). */
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'

const root = join(import.meta.dir, '../..')

/** The dashboard and the customer's page, each in a folder of its own below this one. */
export const buildPseudo = async (folder: string): Promise<void> => {
  await Promise.all([build(join(folder, 'admin'), 'production'), build(join(folder, 'key'), 'key')])
}

async function build(folder: string, mode: 'production' | 'key'): Promise<void> {
  const how = ['--config', 'admin-web/vite.pseudo.config.ts', '--mode', mode, '--outDir', folder, '--logLevel', 'warn']
  const child = Bun.spawn([process.execPath, 'node_modules/vite/bin/vite.js', 'build', ...how], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production' },
    stderr: 'pipe',
  })
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text())
}

/** As the text files are spoken in it. */
export async function loadPseudo(): Promise<(words: string) => string> {
  const file = join(root, 'admin-web/src/text/pseudo.ts')
  const { pseudo } = (await import(file)) as { readonly pseudo: (words: string) => string }
  return pseudo
}

/** Its pages come from the folder; what they ask the node goes on to the node. */
export async function serveFrom(context: BrowserContext, folder: string): Promise<void> {
  await context.route(/^[^?#]*\/(admin|key)\/(?!api\/)/, async (route) => {
    const [, page = '', rest = ''] = /^\/(admin|key)\/(.*)$/.exec(new URL(route.request().url()).pathname) ?? []
    const isFile = rest !== '' && (await Bun.file(join(folder, page, rest)).exists())
    await route.fulfill({ path: join(folder, page, isFile ? rest : 'index.html') })
  })
}

/** Every word that the node said in its answers: it may stand on a page as it is. */
export function wordsOfNode(page: Page): ReadonlySet<string> {
  const words = new Set<string>()
  page.on('response', async (response) => {
    if (!/\/admin\/api\/|\/v1\//.test(response.url())) return
    const body = await response.json().catch(() => undefined)
    for (const word of textsOf(body).flatMap(wordsIn)) words.add(word)
  })
  return words
}

/** Names of fields are the page's to word; those of a line of the log are what the line says. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === 'fields' ? Object.keys(inner as object) : []),
    ...textsOf(inner),
  ])
}

/** Three letters and more that no letter of the pseudo-language touches. */
export const wordsIn = (text: string): readonly string[] => text.match(/(?<![\p{L}\d])[A-Za-z]{3,}(?!\p{L})/gu) ?? []

/** Texts that are seen, with what names and explains them. */
export const shownTexts = (page: Page): Promise<readonly string[]> =>
  page.evaluate(`(() => {
    const layer = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body
    const all = [layer, ...layer.querySelectorAll('*')].filter((one) => one.checkVisibility() && !one.closest('code, kbd'))
    return all.flatMap((one) => [
      ...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data),
      ...['aria-label', 'title', 'placeholder', 'alt'].map((name) => one.getAttribute(name) ?? ''),
    ]).filter((text) => text.trim() !== '')
  })()`)

/** Texts that their box cuts or that leave it, without a title that has the whole of them. */
export const cutTexts = (page: Page): Promise<readonly string[]> =>
  page.evaluate(`(() => {
    const layer = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body
    const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowX)
    const isScrolled = (one) => one !== null && (scrolls(one) || isScrolled(one.parentElement))
    const texts = [...layer.querySelectorAll('*')].filter((one) =>
      one.checkVisibility({ visibilityProperty: true }) && one.clientWidth > 1 && !one.closest('svg, canvas, select, textarea, .sr-only')
      && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
    const named = (one) => one.closest('[title]') !== null
    const cut = texts.filter((one) => one.scrollWidth > one.clientWidth + 1 && !scrolls(one) && !named(one))
    const outside = texts.filter((one) => {
      const box = one.getBoundingClientRect()
      return box.right > innerWidth + 1 && box.left < innerWidth && !isScrolled(one.parentElement)
    })
    return [...new Set([...cut, ...outside])].map((one) => one.tagName.toLowerCase() + '.' + one.className + ': '
      + one.textContent.trim().slice(0, 60) + ' (' + one.scrollWidth + ' of ' + one.clientWidth + ')')
  })()`)
