/** A slip is refused where it was made, and what the page says is what the node does (dashboard 4.2 to 4.6). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { fields } from '../../admin-web/src/text/setting-fields'
import { settings } from '../../core/settings'
import {
  openBrowser,
  openPage,
  password,
  type Stage,
  shownModels,
  signIn,
  startStage,
  type Watched,
} from '../kit/dashboard'

let stage: Stage
let browser: Browser
let watched: Watched
let page: Page
let key: string
const url = (path: string) => `${stage.node.url}/admin${path}`
const hashOf = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 12)
const result = async <T>(name: string, params = {}) => (await stage.node.call(name, params)).result as T
const dialog = () => page.getByRole('dialog').last()
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
const reasonOf = async (control: Locator): Promise<string | null> => {
  const ids = (await control.getAttribute('aria-describedby')) ?? ''
  return page.locator(`[id="${ids}"]`).textContent()
}

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  await stage.node.call('security.setPassword', { password })
  key = await stage.deposit(1000)
  watched = await openPage(browser)
  page = watched.page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

test('D-043 Create Alias stands at the head and in each row, and names a model', async () => {
  await page.goto(url('/models'))
  await page.getByRole('button', { name: 'Create Alias', exact: true }).click()
  await dialog().getByLabel('Model ID').selectOption({ label: 'gpt-4o' })
  await dialog().getByLabel('Alias', { exact: true }).fill('chat-best')
  await dialog().getByRole('button', { name: 'Create Alias' }).click()
  await page.getByText('The aliases of gpt-4o are in force.').waitFor()
  await page.getByRole('button', { name: 'Create Alias for gpt-4o-mini' }).click()
  await dialog().getByLabel('Alias', { exact: true }).fill('chat-best')
  await dialog().getByRole('button', { name: 'Create Alias' }).click()
  await dialog().getByText('The name chat-best is taken by another model.').waitFor()
  await page.keyboard.press('Escape')
  expect((await stage.chat(key, 'chat-best')).status).toBe(200)
})

test('D-039 D-038 an import refuses a jump of a known price and a taken id, and a jump is sold only after a yes', async () => {
  stage.upstream.setModels([
    ...shownModels.filter((one) => one.id !== 'claude-sonnet-5'),
    { id: 'claude-sonnet-5', context_length: 200_000, pricing: { prompt: '0.0003', completion: '0.0015' } },
    { id: 'chat-best', context_length: 1000, pricing: { prompt: '0.000001', completion: '0.000002' } },
  ])
  await page.goto(url('/models/import'))
  await button('Fetch the list').click()
  const refused = dialog().getByRole('group', { name: 'Refused' })
  await refused.getByText('outside the guard', { exact: false }).waitFor()
  await refused.getByText('id taken', { exact: false }).waitFor()
  const tick = refused.getByRole('checkbox')
  expect(await tick.count()).toBe(1)
  expect(await tick.isChecked()).toBe(false)
  await tick.check()
  await button('Apply 1 change').click()
  const question = dialog().getByRole('alertdialog')
  await question.waitFor()
  for (const price of ['claude-sonnet-5', '$3', '$300', '$15', '$1500'])
    expect(await question.textContent()).toContain(price)
  const sold = async () => (await result<{ rows: { model: string; upstreamInUsdPerM: string }[] }>('models.list')).rows
  expect((await sold()).find((row) => row.model === 'claude-sonnet-5')?.upstreamInUsdPerM).toBe('3')
  await question.getByRole('button', { name: 'Yes, do it' }).click()
  await page.getByText('Import applied: 0 new, 1 changed, 0 gone.').waitFor()
  expect((await sold()).find((row) => row.model === 'claude-sonnet-5')?.upstreamInUsdPerM).toBe('300')
  expect((await sold()).some((row) => row.model === 'chat-best')).toBe(false)
})

test('D-042 Edit Pricing asks about both of two wild prices at once', async () => {
  await page.goto(url('/models'))
  await page.getByRole('link', { name: 'Edit o5-mini' }).click()
  await dialog().getByRole('heading', { name: 'Edit Pricing' }).waitFor()
  await dialog().getByLabel('Prompt Price').fill('300')
  await dialog().getByLabel('Completion Price').fill('5000')
  await button('Save prices').click()
  const question = dialog().getByRole('alertdialog')
  await question.waitFor()
  for (const price of ['$300', '$1.1', '$5000', '$4.4']) expect(await question.textContent()).toContain(price)
  await question.getByRole('button', { name: 'No, go back' }).click()
  await page.keyboard.press('Escape')
})

test('dashboard 4.3 the head of the models counts each state by its own word', async () => {
  stage.upstream.setModels(shownModels.filter((one) => one.id !== 'llama-4-maverick'))
  await page.goto(url('/models/import'))
  await button('Fetch the list').click()
  await dialog().getByRole('checkbox', { name: 'llama-4-maverick' }).check()
  await button(/^Apply \d/).click()
  await page.getByText('Import applied:', { exact: false }).waitFor()
  await page.getByText('1 gone at upstream', { exact: false }).waitFor()
  expect(await page.locator('main').textContent()).not.toContain('1 waiting')
})

test('dashboard 4.4 every setting has a label and a help of its own', () => {
  const nameless = [...Object.keys(settings), 'security.password', 'nostr.nsec'].filter(
    (one) => (fields[one]?.label ?? '') === '' || (fields[one]?.help ?? '') === '',
  )
  expect(nameless).toEqual([])
})

test('D-048 the expiry of new keys takes a number of days, and empty is none', async () => {
  const days = async () =>
    (await result<{ value: unknown }[]>('settings.get', { keys: ['sessions.newKeyDays'] }))[0]?.value
  await page.goto(url('/settings/sessions'))
  for (const [typed, value] of [
    ['30', 30],
    ['', null],
  ] as const) {
    await page.getByLabel('Expiry of new keys', { exact: true }).fill(typed)
    await button('Review and save').click()
    await button('Save 1 change').click()
    await page.getByText('1 change is in force.').first().waitFor()
    expect(await days()).toBe(value)
    await page.reload()
  }
})

test('D-048 D-050 a change is signed with a name: how its author signed in, and never an id of a device', async () => {
  await page.goto(url('/settings/sessions'))
  const row = page.locator('[data-setting="sessions.newKeyDays"]')
  await row.getByText('by set-up link', { exact: false }).waitFor()
  await page.goto(url('/settings/history'))
  const first = page.locator('main tbody tr').first()
  await first.getByText('set-up link', { exact: false }).waitFor()
  const { rows } = await result<{ rows: { by: string; byName: string }[] }>('settings.history')
  expect(rows[0]?.byName).toStartWith('set-up link')
  expect(await first.textContent()).not.toContain(rows[0]?.by.slice(0, 8) ?? '')
})

test('D-047 only what will wait 24 hours says so before it is saved', async () => {
  const later = page.getByText('24 hours', { exact: false })
  await page.goto(url('/settings/identity'))
  await page.getByLabel('Public URL').fill('https://harbour.example')
  await button('Review and save').click()
  await button('Save 1 change').waitFor()
  expect(await later.count()).toBe(0)
  await stage.node.call('settings.apply', { changes: { 'security.dailyOutSat': 5000 } })
  await page.goto(url('/settings/security'))
  const field = page.getByLabel('Payouts per day', { exact: true })
  for (const [sat, waits] of [
    ['4000', 0],
    ['9000', 1],
  ] as const) {
    await field.fill(sat)
    await button('Review and save').click()
    await button('Save 1 change').waitFor()
    expect(await later.count()).toBe(waits)
    await button('No, go back').click()
  }
  await button('Discard').click()
})

test('D-046 a cap below what a sweep starts from is refused beside the field, by the node too', async () => {
  await page.goto(url('/settings/lightning'))
  await page.getByLabel('Sweep from').fill('100')
  await page.getByLabel('Cap').fill('50')
  await page.getByLabel('Cap').blur()
  const said = 'Cap is at least Sweep from: 100 sat.'
  await button('Review and save').click()
  await button('Save 2 changes').click()
  await page.getByLabel('Your current password').fill(password)
  await button('Save 2 changes').click()
  await dialog().getByText(said).waitFor()
  await button('No, go back').click()
  const cap = page.locator('[data-setting="sweep.capSat"]')
  expect(await cap.getByLabel('Cap').getAttribute('aria-invalid')).toBe('true')
  await cap.getByText(said).waitFor()
  await cap.getByLabel('Cap').fill('200')
  await cap.getByText(said).waitFor({ state: 'detached' })
  await button('Discard').click()
  const asked = await stage.node.call('settings.apply', { changes: { 'sweep.capSat': 9999 } })
  expect(asked.error?.data).toMatchObject({ code: 'not-ordered', path: 'changes.sweep.capSat' })
})

test('D-062 D-034 a debit and a credit say both balances after, and what is too much once, beside the field', async () => {
  await page.goto(url(`/sessions/${hashOf(key)}`))
  await button('Debit…').click()
  await dialog().getByLabel('Amount').fill('100')
  await dialog().getByText('Its balance after', { exact: false }).waitFor()
  const { balanceMsat } = await result<{ balanceMsat: number }>('sessions.get', { session: hashOf(key) })
  const after = dialog().locator(`dl data[value="${balanceMsat - 100_000}"]`)
  await after.waitFor()
  await dialog().getByText('Your Balance after', { exact: false }).waitFor()
  await dialog().getByLabel('Amount').fill('5000')
  const said = /Only [\d,.]+ sat are available on this key\./
  await dialog().getByText(said).waitFor()
  expect(await dialog().getByText(said).count()).toBe(1)
  expect(await dialog().getByLabel('Amount').getAttribute('aria-invalid')).toBe('true')
  expect(await dialog().getByRole('button', { name: 'Debit 5,000 sat' }).getAttribute('aria-disabled')).toBe('true')
  await page.keyboard.press('Escape')
  await button('Credit…').click()
  await dialog().getByLabel('Amount').fill('5000')
  await dialog()
    .getByText(/Only [\d,.]+ sat are yours and free\./)
    .waitFor()
  await page.keyboard.press('Escape')
})

test('D-021 the reason why nothing can be done with an ended key is said once, and belongs to each control', async () => {
  await stage.node.call('sessions.revoke', {
    sessions: [hashOf(key)],
    reason: 'it is over',
    balance: 'refundable',
    days: 30,
  })
  await page.goto(url(`/sessions/${hashOf(key)}`))
  const said = page.getByText('This key is revoked already. Nothing was changed.')
  await said.waitFor()
  expect(await said.count()).toBe(1)
  for (const name of ['Extend…', 'Credit…', 'Freeze…', 'Revoke…'])
    expect(await reasonOf(button(name))).toBe('This key is revoked already. Nothing was changed.')
})

test('dashboard 4.5 a token for oneself is never said to have left a key', async () => {
  await stage.chat(await stage.deposit(2000), 'gpt-4o', { prompt: 100_000, completion: 5000 })
  const { perMint } = await result<{ perMint: { mint: string; unit: string; safeSat: number }[] }>('withdraw.get')
  const purse = perMint.find(({ safeSat }) => safeSat >= 10)
  const made = await result<{ payout: string }>('payouts.toToken', { mint: purse?.mint, unit: purse?.unit, sat: 10 })
  const { steps } = await result<{ steps: { what: string; sentence: string }[] }>('payouts.get', {
    payout: made.payout,
  })
  expect(steps[0]).toMatchObject({ what: 'payout.requested', sentence: 'The money was set aside from Your Balance.' })
})

test('dashboard 4.4 a backup that was made is called verified only where the node says so', async () => {
  await page.goto(url('/settings/backup'))
  await button('Back up now').click()
  await page.getByRole('list', { name: 'Backup' }).locator('li').first().waitFor()
  const { rows } = await result<{ rows: { verifiedAt?: number }[] }>('backups.list')
  const said =
    rows[0]?.verifiedAt === undefined
      ? 'The backup is made. It is not verified yet.'
      : 'The backup is made and verified.'
  await page.getByText(said).waitFor()
})

test('D-067 Logs says Time Range and Filter by Level in sight', async () => {
  await page.goto(url('/logs'))
  for (const words of ['Time Range', 'Filter by Level']) {
    const seen = page.getByText(words, { exact: true })
    await seen.waitFor()
    expect((await seen.boundingBox())?.height ?? 0).toBeGreaterThan(8)
  }
})

test('D-041 the further prices of a model are set, kept at 0, and return to the upstream’s times fees when cleared', async () => {
  const { rows } = await result<{ rows: readonly { upstream: string; model: string }[] }>('models.list')
  const upstream = rows.find(({ model }) => model === 'gpt-4o')?.upstream ?? ''
  await page.goto(url(`/models/${upstream}/gpt-4o`))
  const drawer = page.getByRole('dialog')
  const price = async (field: string) =>
    (await result<{ prices: Record<string, object> }>('models.get', { upstream, model: 'gpt-4o' })).prices[field]
  const before = await price('inputCacheRead')
  await drawer.getByText('More fields').click()
  await drawer.getByLabel('Cached read').fill('x')
  await drawer.getByRole('button', { name: 'Save further prices' }).click()
  await drawer.getByText('A price from 0 to 10,000 in USD, or empty.').waitFor()
  const save = async (cachedRead: string, request: string) => {
    await drawer.getByLabel('Cached read').fill(cachedRead)
    await drawer.getByLabel('Request', { exact: true }).fill(request)
    await drawer.getByRole('button', { name: 'Save further prices' }).click()
    const toast = page.getByText('The further prices of gpt-4o are saved.').last()
    await toast.waitFor()
    await toast.waitFor({ state: 'detached' })
  }
  await save('0,5', '0')
  expect(await price('inputCacheRead')).toEqual({ usd: '0.0000005', source: 'custom' })
  expect(await price('request')).toEqual({ usd: '0', source: 'custom' })
  await page.reload()
  await drawer.getByText('More fields').click()
  expect(await drawer.getByLabel('Cached read').inputValue()).toBe('0.5')
  expect(await drawer.getByLabel('Request', { exact: true }).inputValue()).toBe('0')
  await save('', '')
  expect([await price('inputCacheRead'), await price('request')]).toEqual([before, undefined])
})

test('D-004 nothing was asked of a foreign host, and the browser never complained', () => {
  expect(watched.asked.filter((one) => !one.startsWith(stage.node.url))).toEqual([])
  expect(watched.complaints).toEqual([])
})
