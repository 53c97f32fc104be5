/** What the dashboard weighs, whom it asks, and how it looks to eyes, fingers and screen readers (N2-N4, N8-N11). */
import { contrasts } from '../kit/contrast'
import { customerPageWeight, dashboardWeight } from '../kit/page-weight'
import { findingsOn, openView, sidewaysPx, targetsOn } from '../kit/views'
import { rounded } from './figures'
import type { Figure } from './web'
import type { WebStage } from './web-stage'

type Weighed = { readonly file: string; readonly bytes: number }
const kb = (bytes: number) => `${rounded(bytes / 1000)} kB`
const sumOf = (files: readonly Weighed[]) => kb(files.reduce((sum, { bytes }) => sum + bytes, 0))

/** Of `dist/`, gzip. */
export function weights(): readonly Figure[] {
  const { codeBytes, firstBytes, later } = dashboardWeight()
  const part = (file: string) => /\/(chart-plot|chart|animated-qr|qr)[-.]/.exec(file)?.[1]
  const ofPart = (name: string) => later.filter(({ file }) => part(file)?.includes(name) === true)
  const pages = later.filter(({ file }) => part(file) === undefined)
  const heaviest = pages.reduce((one, other) => (other.bytes > one.bytes ? other : one))
  const chunk = { number: 'N3', what: 'later chunks, gzip' }
  return [
    { number: 'N2', what: 'first load: script and CSS, gzip', asked: '150 kB', seen: kb(codeBytes) },
    { number: 'N2', what: 'first load with HTML and font', asked: '200 kB', seen: kb(firstBytes) },
    {
      ...chunk,
      what: `heaviest page of ${pages.length} chunks, gzip`,
      asked: '30 kB',
      seen: `${kb(heaviest.bytes)} (${heaviest.file.split('/').at(-1)})`,
    },
    { ...chunk, what: 'charts', asked: '26 kB', seen: sumOf(ofPart('chart')) },
    { ...chunk, what: 'QR, animated too', asked: '45 kB', seen: sumOf(ofPart('qr')) },
    { ...chunk, what: "whole customer's page", asked: '90 kB', seen: sumOf(customerPageWeight()) },
  ]
}

/** Every view twice: by mouse in both themes, and by finger at 360 px. */
export async function looks(web: WebStage): Promise<readonly Figure[]> {
  const views = Object.entries(web.views)
  const [wide, narrow] = await Promise.all([byMouse(web, views), byFinger(web, views)])
  const weak = contrasts().filter(({ ratio, least }) => ratio < least)
  const leastText = Math.min(...contrasts().flatMap(({ ratio, least }) => (least === 4.5 ? [ratio] : [])))
  const leastMark = Math.min(...contrasts().flatMap(({ ratio, least }) => (least === 3 ? [ratio] : [])))
  const foreign = [...wide.foreign, ...narrow.foreign]
  const named = (all: readonly string[]) => (all.length === 0 ? '0' : `${all.length} (${all[0]?.slice(0, 60)})`)
  const of = `${views.length} views`
  return [
    { number: 'N4', what: `requests to other hosts, ${of} twice`, asked: '0', seen: named(foreign) },
    { number: 'N8', what: `findings of axe, ${of}, both themes`, asked: '0', seen: named(wide.findings) },
    {
      number: 'N9',
      what: `weakest contrast of text and of marks; ${weak.length} too weak`,
      asked: '4.5:1, 3:1',
      seen: `${leastText.toFixed(2)}, ${leastMark.toFixed(2)}`,
    },
    { number: 'N10', what: `sideways scroll at 360 px, ${of}`, asked: '0 px', seen: narrow.sideways },
    { number: 'N11', what: 'smallest target by finger', asked: '44 px', seen: narrow.smallest },
    { number: 'N11', what: 'smallest target by mouse', asked: '28 px', seen: wide.smallest },
  ]
}

type Views = readonly (readonly [string, string])[]
type Small = { readonly px: number; readonly markup: string; readonly view: string }

function smallestOf(all: readonly Small[]): string {
  const least = all.reduce((one, other) => (other.px < one.px ? other : one))
  return `${rounded(least.px)} px (${least.view}: ${least.markup.slice(0, 40)})`
}
const foreignOf = (asked: readonly string[], admin: string) =>
  asked.filter((one) => /^(https?|wss?):/.test(one) && new URL(one).host !== new URL(admin).host)

async function byMouse({ open, admin }: WebStage, views: Views) {
  const { page, context, asked } = await open({ bypassPolicy: true })
  const findings: string[] = []
  const targets: Small[] = []
  for (const [view, path] of views) {
    await openView(page, admin, path)
    findings.push(...(await findingsOn(page)).map((one) => `${view}: ${one}`))
    targets.push(...(await targetsOn(page)).slice(0, 1).map((one) => ({ ...one, view })))
  }
  await context.close()
  return { findings, smallest: smallestOf(targets), foreign: foreignOf(asked, admin) }
}

async function byFinger({ open, admin }: WebStage, views: Views) {
  const { page, context, asked } = await open({ width: 360, height: 740, touch: true })
  const targets: Small[] = []
  let most = { px: 0, view: '' }
  for (const [view, path] of views) {
    await openView(page, admin, path)
    const px = await sidewaysPx(page)
    if (px > most.px) most = { px, view }
    targets.push(...(await targetsOn(page)).slice(0, 1).map((one) => ({ ...one, view })))
  }
  await context.close()
  const sideways = most.px === 0 ? '0 px' : `${most.px} px (${most.view})`
  return { sideways, smallest: smallestOf(targets), foreign: foreignOf(asked, admin) }
}
