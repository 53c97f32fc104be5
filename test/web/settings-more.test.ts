/** Settings beside the fields: operators and their roles, the test of an address, the state of the node. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { wish } from '../../events'
import { openBrowser, openPage, password, type Stage, signIn, startStage } from '../kit/dashboard'

let stage: Stage
let browser: Browser
let page: Page
const url = (path: string) => `${stage.node.url}/admin${path}`
const result = async <T>(name: string, params = {}) => (await stage.node.call(name, params)).result as T
const operator = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'

beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  await stage.node.call('security.setPassword', { password })
  page = (await openPage(browser)).page
  await signIn(page, stage.node)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

/** Presses a button of the dialog, and gives the proof that it asks for. */
async function prove(verb: string): Promise<void> {
  const button = page.getByRole('dialog').getByRole('button', { name: verb, exact: true })
  await button.click()
  await page.getByLabel('Your current password').fill(password)
  await button.click()
}

test('D-021 R-092 an operator’s role and name are changed after a proof, and the operator is removed', async () => {
  await stage.node.call('admins.add', { npub: operator, role: 'viewer', label: 'reader' })
  await page.goto(url('/settings/security'))
  const row = page.getByRole('list', { name: 'Operators' }).locator('li')
  await row.getByText('viewer').waitFor()
  await row.getByRole('button', { name: 'Change reader' }).click()
  await page.getByRole('dialog').getByLabel('Role').selectOption('operator')
  await page.getByText('May run the node: models, prices', { exact: false }).waitFor()
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('night shift')
  await prove('Save operator')
  await row.getByText('night shift').waitFor()
  await row.getByText('operator', { exact: true }).waitFor()
  const { rows } = await result<{ rows: { role: string; label: string }[] }>('admins.list')
  expect(rows).toMatchObject([{ role: 'operator', label: 'night shift' }])
  await row.getByRole('button', { name: 'Remove night shift' }).click()
  await prove('Remove this operator')
  await page.getByText('No operator key yet.').waitFor()
  expect(await result<{ rows: unknown[] }>('admins.list')).toMatchObject({ rows: [] })
})

test('R-092 D-021 the last owner stays: both actions say why, and are not possible', async () => {
  await stage.node.call('admins.add', { npub: operator, role: 'owner', label: 'me' })
  await page.goto(url('/settings/security'))
  const row = page.getByRole('list', { name: 'Operators' }).locator('li')
  for (const name of ['Change me', 'Remove me']) {
    const button = row.getByRole('button', { name })
    await button.waitFor()
    expect(await button.getAttribute('aria-disabled')).toBe('true')
  }
  await row.getByText('The last owner cannot leave. Nothing was changed.').first().waitFor()
  await stage.node.call('admins.remove', { npub: operator })
})

test('D-046 a Lightning address is tried where it is typed, and what was said of one is not said of another', async () => {
  await page.goto(url('/settings/lightning'))
  const tries = page.locator('main').getByRole('button', { name: 'Test', exact: true })
  await page.getByLabel('Lightning Address').fill('')
  expect(await tries.getAttribute('aria-disabled')).toBe('true')
  await page.getByLabel('Lightning Address').fill('no address at all')
  await tries.click()
  await page.getByText('This is no Lightning address and no LNURL.').waitFor()
  await page.getByLabel('Lightning Address').fill('someone@wallet.example')
  await page.getByText('This is no Lightning address and no LNURL.').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Discard' }).click()
})

test('D-046 at the foot of a section the node is paused, resumed and drained, its name typed by hand', async () => {
  const stateOf = async () => (await result<{ state: string }>('node.status')).state
  await page.goto(url('/settings/logs'))
  await page.getByText('Selling', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Pause selling' }).click()
  await page.getByText('Paused: nothing is sold').waitFor()
  expect(await stateOf()).toBe('paused')
  await page.locator('main').getByRole('button', { name: 'Resume selling' }).last().click()
  await page.getByText('Selling', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Drain…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Type the name of the node: Blue Harbour').fill('Red Harbour')
  await dialog.getByRole('button', { name: 'Drain this node' }).click()
  await dialog.getByText('This is not the name of the node.').waitFor()
  expect(await stateOf()).toBe('running')
  await dialog.getByLabel('Type the name of the node: Blue Harbour').fill('Blue Harbour')
  await dialog.getByRole('button', { name: 'Drain this node' }).click()
  await page.getByText('Draining: no deposits', { exact: false }).first().waitFor()
  expect(await stateOf()).toBe('draining')
  await page.getByRole('button', { name: 'Take deposits again' }).click()
  await page.getByText('Selling', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Check the books' }).click()
  await page
    .getByText(/books|balance|add up/i)
    .last()
    .waitFor()
})

test('D-052 the configuration is exported as a file without a secret', async () => {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export configuration' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('Blue Harbour-configuration.json')
  const text = await Bun.file((await file.path()) ?? '').text()
  expect(JSON.parse(text)).toMatchObject({ format: 1, upstreams: [{ name: 'openai-main' }] })
  expect(text).not.toContain('canary-upstream-key')
})

test('R-124 an exported file is imported again: differences first, what it cannot bring is named, then one apply', async () => {
  const { document } = await result<{ document: Record<string, unknown> }>('config.export')
  const wanted = {
    ...document,
    settings: { 'pricing.upstreamFee': 1.3, 'identity.description': 'as the file says', 'no.such': 1 },
    mints: [{ url: 'https://mint.elsewhere.example', units: ['sat'] }],
  }
  await page.goto(url('/settings/logs'))
  await page.getByRole('button', { name: 'Import configuration…' }).click()
  const dialog = page.getByRole('dialog')
  const file = (text: string) => ({ name: 'node.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  await dialog.getByLabel('File').setInputFiles(file('no JSON'))
  await dialog.getByText('This file is no exported configuration.').waitFor()
  await dialog.getByLabel('File').setInputFiles(file(JSON.stringify(wanted)))
  await prove('Show the differences')
  const changes = dialog.getByRole('list', { name: 'What changes' }).locator('li')
  await changes.getByText('as the file says').waitFor()
  expect((await changes.locator('ins').allTextContents()).toSorted()).toEqual(['1.3', 'as the file says'])
  const left = dialog.getByRole('list', { name: 'Left to be done by hand' })
  await left.getByText('This node has nothing of that name.').waitFor()
  await left.getByText('https://mint.elsewhere.example').waitFor()
  const fee = () => result<{ value: unknown }[]>('settings.get', { keys: ['pricing.upstreamFee'] })
  expect((await fee())[0]?.value).toBe(1.1)
  await prove('Apply 2 changes')
  await page.getByText('2 changes are in force.').waitFor()
  expect((await fee())[0]?.value).toBe(1.3)
  await page.goto(url('/settings/history'))
  await page.locator('tbody tr', { hasText: 'as the file says' }).waitFor()
})

test('D-055 wallet 8.1 coins that a mint calls expired are given up in Settings, by their amount and after a proof', async () => {
  await stage.deposit(100)
  const [keyset = ''] = stage.mint.keysetIds()
  const mintId = stage.node.node.adminNode.mints.normalise(stage.mint.url)?.mintId
  const learnt = wish('mint', `mint-${mintId}`, { do: 'learn-expired', keysetId: keyset, operation: 'swap-0' })
  await stage.node.node.adminNode.engine.execute(learnt, { meta: { actor: 'test', door: 'node' } })
  await page.goto(url('/settings/mints'))
  const row = page.locator(`[data-mint="${stage.mint.url}"]`)
  await row.getByText(/^It calls [\d,.]+ sat of the node’s coins expired/).waitFor()
  await row.getByRole('button', { name: 'Confirm the loss…' }).click()
  const [verb = ''] = await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Give up / })
    .allInnerTexts()
  await prove(verb)
  await row.getByRole('button', { name: 'Confirm the loss…' }).waitFor({ state: 'detached' })
  const losses = (await stage.node.node.log.sheet()).filter(({ account }) => account === 'owner:losses')
  expect(losses.map(({ msat }) => `Give up ${(msat / 1000n).toLocaleString('en')} sat`)).toEqual([verb])
})

test('D-046 what this browser shows is chosen under Display, at once, and stays after a reload', async () => {
  await page.goto(url('/settings/display'))
  await page.getByRole('textbox', { name: 'Time zone' }).waitFor()
  const choice = (group: string, name: string) =>
    page.getByRole('main').getByRole('group', { name: group }).getByRole('button', { name, exact: true })
  await choice('Theme', 'Dark').click()
  await choice('Unit of amounts', 'msat').click()
  await choice('Rows', 'Compact').click()
  await choice('Single-letter keys', 'Off').click()
  await page.reload()
  await choice('Theme', 'Dark').and(page.locator('[aria-pressed=true]')).waitFor()
  await choice('Single-letter keys', 'Off').and(page.locator('[aria-pressed=true]')).waitFor()
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
  expect(await page.locator('html').getAttribute('data-density')).toBe('compact')
  await choice('Theme', 'System').click()
  await choice('Unit of amounts', 'sat').click()
})

test('R-115 D-052 a backup is made, verified and downloaded after a proof; the file is sealed and the key is not in it', async () => {
  await page.goto(url('/settings/backup'))
  await page.getByText(/^Next at 03:00/).waitFor()
  await page.getByRole('button', { name: 'Back up now' }).click()
  const row = page.getByRole('list', { name: 'Backup' }).locator('li')
  await row.getByRole('button', { name: 'Verify' }).click()
  await row.getByText('Verified', { exact: false }).waitFor()
  await page.getByText(/^Last verified/).waitFor()
  await row.getByRole('button', { name: 'Download sealed file' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), prove('Download sealed file')])
  const { rows } = await result<{ rows: { backup: string; sha256: string; bytes: number }[] }>('backups.list')
  expect(file.suggestedFilename()).toBe(`${rows[0]?.backup}.backup`)
  const bytes = await Bun.file((await file.path()) ?? '').bytes()
  expect(new Bun.CryptoHasher('sha256').update(bytes).digest('hex')).toBe(rows[0]?.sha256 ?? '')
  const text = new TextDecoder('latin1').decode(bytes)
  expect(['canary-upstream-key', 'openai-main', 'session.'].filter((secret) => text.includes(secret))).toEqual([])
})
