/** `bun run shots`: pictures of every view, at 1440 and 360 px, light and dark, from a node with believable data. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { buildDashboard } from './build-dashboard'
import { install, root } from './install'
import {
  askDownload,
  changeFee,
  farPrice,
  freezeTwo,
  generateToken,
  moreFields,
  openRevoke,
  openTrace,
  pressed,
  reviewFee,
  settled,
  toLimits,
} from './shot-acts'

await install()
await buildDashboard()
// Imported only now: on a fresh clone their packages were not there before.
const { openBrowser, openPage, password, signIn, startStage } = await import('../test/kit/dashboard')
const { until } = await import('../test/kit/node')
const folder = join(root, 'test/web/shots')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const wanted = process.argv.slice(2)
const full = await startStage()
const empty = await startStage({ models: [] })
await seed()
await full.node.call('security.setPassword', { password })
const browser = await openBrowser()
type View = {
  readonly name: string
  readonly path: string
  readonly ready?: string
  readonly act?: (page: Page) => Promise<void>
}
const [[firstKey = ''], [limitedKey = ''], upstreamId] = await Promise.all([
  keysOf('-spentMsat'),
  keysOf('-heldMsat'),
  firstUpstream(),
])
const views: readonly View[] = [
  { name: 'overview', path: '/admin/' },
  { name: 'overview-wallet', path: '/admin/?view=wallet&part=total', ready: 'dialog [data-total]' },
  { name: 'overview-running', path: '/admin/?view=wallet&part=running', ready: 'dialog [data-total]' },
  { name: 'sessions', path: '/admin/sessions' },
  { name: 'session', path: `/admin/sessions/${firstKey}`, ready: 'dialog ul' },
  { name: 'session-limits', path: `/admin/sessions/${limitedKey}`, ready: 'dialog ul', act: toLimits },
  { name: 'session-revoke', path: `/admin/sessions/${firstKey}`, ready: 'dialog ul', act: openRevoke },
  { name: 'session-several', path: '/admin/sessions', act: freezeTwo },
  { name: 'session-columns', path: '/admin/sessions', act: pressed('Columns') },
  { name: 'sessions-no-match', path: '/admin/sessions?q=nothing-like-it' },
  { name: 'models', path: '/admin/models' },
  { name: 'model', path: `/admin/models/${upstreamId}/gpt-4o`, ready: 'dialog form' },
  { name: 'model-question', path: `/admin/models/${upstreamId}/gpt-4o`, ready: 'dialog form', act: farPrice },
  { name: 'model-more', path: `/admin/models/${upstreamId}/gpt-4o`, ready: 'dialog form', act: moreFields },
  { name: 'import', path: '/admin/models/import', ready: 'dialog form', act: fetchList },
  { name: 'settings', path: '/admin/settings' },
  { name: 'settings-pricing', path: '/admin/settings/pricing', act: changeFee },
  { name: 'settings-review', path: '/admin/settings/pricing', act: reviewFee },
  { name: 'settings-mints', path: '/admin/settings/mints' },
  { name: 'settings-mint-tested', path: '/admin/settings/mints', act: pressed('Test Connection', 'dl') },
  { name: 'settings-security', path: '/admin/settings/security' },
  { name: 'settings-backup', path: '/admin/settings/backup' },
  { name: 'settings-backup-download', path: '/admin/settings/backup', act: askDownload },
  { name: 'settings-display', path: '/admin/settings/display' },
  { name: 'settings-history', path: '/admin/settings/history' },
  { name: 'settings-add-upstream', path: '/admin/settings/upstream', act: pressed('Add upstream') },
  { name: 'withdraw', path: '/admin/withdraw' },
  { name: 'withdraw-token', path: '/admin/withdraw', act: generateToken(password) },
  { name: 'logs', path: '/admin/logs' },
  { name: 'requests', path: '/admin/logs/requests' },
  { name: 'requests-filtered', path: '/admin/logs/requests?status=200&from=2026-01-01&to=2026-12-31' },
  { name: 'trace', path: '/admin/logs/requests', act: openTrace },
  { name: 'money', path: '/admin/logs/money' },
  { name: 'money-usd', path: '/admin/logs/money?unit=usd' },
  { name: 'key', path: '/key/', act: openKey },
  { name: 'key-fund', path: '/key/?tab=fund' },
  { name: 'not-found', path: '/admin/sesions' },
  { name: 'keys', path: '/admin/', act: async (page) => page.keyboard.press('?') },
  { name: 'menu', path: '/admin/', act: pressed(/^(Menu of|More)/) },
  { name: 'menu-connection', path: '/admin/', act: pressed(/HTTP live/, 'dialog') },
]

for (const width of [1440, 360])
  for (const dark of [false, true]) {
    const ending = `${width}-${dark ? 'dark' : 'light'}.png`
    const { page, context } = await openPage(browser, {
      width,
      height: width === 360 ? 740 : 900,
      dark,
      touch: width === 360,
    })
    const shoot = async (name: string) => {
      // A fixed bar would stand in the middle of a picture of the whole page.
      const bar = page.locator('nav').last()
      if (width === 360 && (await bar.count()) > 0 && /^(overview|sessions|models|settings|not)/.test(name))
        await bar.evaluate((one) => {
          ;(one as unknown as { style: { position: string } }).style.position = 'static'
        })
      await page.screenshot({
        path: join(folder, `${name}-${ending}`),
        fullPage:
          !/^(session|model|import|keys|menu|overview-[rw]|settings-backup-d)/.test(name) ||
          name === 'sessions' ||
          name === 'models',
      })
    }
    await page.goto(`${full.node.url}/admin/sign-in`)
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    await shoot('sign-in')
    await signIn(page, full.node)
    for (const view of views) {
      if (wanted.length > 0 && !wanted.some((name) => view.name.startsWith(name))) continue
      await page.goto(`${full.node.url}${view.path}`)
      await page
        .locator(view.ready ?? 'main :is(section, table, ul):visible')
        .first()
        .waitFor()
      await view.act?.(page)
      await settled(page)
      await shoot(view.name)
    }
    await page.goto(`${empty.node.url}/admin/setup#${empty.node.served.signIn.makeLinkCode()}`)
    await page.getByRole('button', { name: 'Set the password' }).waitFor()
    await shoot('setup')
    await page.goto(`${empty.node.url}/admin/`)
    await page.locator('main section').first().waitFor()
    await settled(page)
    await shoot('overview-empty')
    for (const name of ['sessions', 'models']) {
      await page.goto(`${empty.node.url}/admin/${name}`)
      await page.locator('main section').first().waitFor()
      await settled(page)
      await shoot(`${name}-empty`)
    }
    await context.close()
  }
await browser.close()
await full.stop()
await empty.stop()
process.stdout.write(`pictures in ${folder}\n`)
process.exit(0)

/** Customers of several sizes, with labels, prices of their own and aliases. */
async function seed(): Promise<void> {
  const sizes = [48_000, 12_500, 5000, 2100, 990, 640, 300, 120, 64]
  const labels = ['ci-bot', 'Maya', '', 'translation desk', '', '', 'load test', '', '']
  for (const [index, size] of sizes.entries()) {
    const key = await full.deposit(size)
    const hash = new Bun.CryptoHasher('sha256').update(key).digest('hex')
    if (labels[index] !== '') await full.node.call('sessions.rename', { session: hash, label: labels[index] })
    for (let request = 0; request < (index * 5) % 7; request += 1)
      await full.chat(key, request % 2 === 0 ? 'gpt-4o' : 'gpt-4o-mini', {
        prompt: 9120 + 997 * request,
        completion: 2190 + 31 * index,
      })
  }
  const id = await firstUpstream()
  await full.node.call('models.setPrice', { upstream: id, model: 'o5-mini', inUsdPerM: '0.90', outUsdPerM: '3.60' })
  await full.node.call('models.setAliases', { upstream: id, model: 'gpt-4o', aliases: ['chat-best', 'fast'] })
  await full.node.call('models.disable', { models: [{ upstream: id, model: 'mistral-small-3.2' }] })
  await full.node.call('backups.run')
  await leaveRunning()
  await until('the read models follow', async () => {
    const list = (await full.node.call('requests.list', { limit: 1 })).result as { totals: { requests: number } }
    return list.totals.requests > 20
  })
}

/** A key whose limits were moved twice, and a request of it that is under way. */
async function leaveRunning(): Promise<void> {
  const key = await full.deposit(2400)
  const session = new Bun.CryptoHasher('sha256').update(key).digest('hex')
  const limits = { limitMsat: 500_000, maxParallel: 4, period: 'weekly', reason: 'asked by its holder' }
  await full.node.call('sessions.setLimits', { session, ...limits })
  await full.node.call('sessions.setLimits', { session, limitMsat: 1_250_500, maxParallel: 8, reason: 'a larger job' })
  await full.node.call('sessions.extend', { sessions: [session], until: 1_900_000_000, reason: 'a larger job' })
  await full.chat(key, 'claude-sonnet-5', { prompt: 4100, completion: 380 })
  // What refused customers left of it would be played first.
  full.upstream.reset()
  for (const model of ['gpt-4o', 'claude-sonnet-5']) {
    full.upstream.next({ fault: 'hang-before-headers' })
    full.chat(key, model).catch(() => undefined)
  }
}

async function firstUpstream(): Promise<string> {
  const list = (await full.node.call('upstreams.list')).result as { rows: { id: string }[] }
  return list.rows[0]?.id ?? ''
}

async function keysOf(sort: string): Promise<readonly string[]> {
  const list = (await full.node.call('sessions.list', { sort })).result as { rows: { key12: string }[] }
  return list.rows.map((row) => row.key12)
}

async function fetchList(page: Page): Promise<void> {
  full.upstream.setModels([
    { id: 'gpt-4o', name: 'gpt-4o', context_length: 128_000, pricing: { prompt: '0.0000024', completion: '0.00001' } },
    { id: 'gpt-6', name: 'gpt-6', context_length: 400_000, pricing: { prompt: '0.000005', completion: '0.00002' } },
    { id: 'gpt-6-nano', name: 'gpt-6-nano', context_length: 400_000 },
    {
      id: 'o5-mini',
      name: 'o5-mini',
      context_length: 200_000,
      pricing: { prompt: '0.000001', completion: '0.000004' },
    },
  ])
  await page.getByRole('button', { name: 'Fetch the list' }).click()
  await page.locator('dialog legend').first().waitFor()
}

async function openKey(page: Page): Promise<void> {
  const made = await full.deposit(5000)
  await full.chat(made, 'gpt-4o', { prompt: 812, completion: 190 })
  await page.getByRole('textbox', { name: 'Your key' }).fill(made)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.locator('tbody tr, main li').first().waitFor()
}
