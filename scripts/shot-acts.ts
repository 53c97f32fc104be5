/** What is pressed and typed on a page before its picture is taken. Nothing here knows the node. */
import type { Page } from 'playwright-core'

/** Nothing is loading any more, and the last picture of it is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.locator('[aria-busy]').first().waitFor({ state: 'detached' })
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))',
  )
}

/** Presses a button, and waits for what comes of it. */
export function pressed(name: string | RegExp, then = '[aria-expanded=true], dialog') {
  return async (page: Page): Promise<void> => {
    await page.locator('button:visible').and(page.getByRole('button', { name })).first().click()
    await page.locator(`:is(${then}):visible`).first().waitFor()
  }
}

export async function freezeTwo(page: Page): Promise<void> {
  for (const nth of [1, 2])
    await page
      .getByRole('checkbox', { name: /^Choose [0-9a-f]/ })
      .nth(nth)
      .check()
  await page.getByRole('button', { name: 'Freeze…', exact: true }).click()
  await page.getByRole('dialog').waitFor()
}

export async function farPrice(page: Page): Promise<void> {
  await page.getByLabel('Prompt Price').fill('900')
  await page.getByLabel('Completion Price').fill('11')
  await page.getByRole('button', { name: 'Save prices' }).click()
  await page.getByRole('alertdialog').waitFor()
}

export async function changeFee(page: Page): Promise<void> {
  await page.getByLabel('Upstream Fee').fill('1.12')
}

export async function reviewFee(page: Page): Promise<void> {
  await changeFee(page)
  await page.getByRole('switch', { name: 'Fixed Pricing' }).click()
  await page.getByRole('button', { name: 'Review and save' }).click()
}

export const generateToken =
  (password: string) =>
  async (page: Page): Promise<void> => {
    const narrow = page.getByRole('button', { name: 'As Cashu token' })
    if ((await narrow.count()) > 0) await narrow.click()
    const form = page.locator('form', { hasText: 'Generate Token' })
    await form.getByLabel('2 Enter Amount').fill('21')
    await form.getByRole('button', { name: '3 Generate Token' }).click()
    await page.getByLabel('Your current password').fill(password)
    await page.getByRole('button', { name: 'Generate a token of 21 sat' }).click()
    await page.getByText('4 Redeem').waitFor()
  }

export async function askDownload(page: Page): Promise<void> {
  await pressed('Download sealed file', 'dialog form')(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Download sealed file' }).click()
  await page.getByLabel('Your current password').waitFor()
}

export function toLimits(page: Page): Promise<void> {
  return page.getByRole('dialog').getByText('limits set').last().scrollIntoViewIfNeeded()
}

export function moreFields(page: Page): Promise<void> {
  return page.getByText('More fields').click()
}

export async function openTrace(page: Page): Promise<void> {
  await page.locator('main [data-handle]').first().click()
  await page.locator('dialog ul').first().waitFor()
}

export async function openRevoke(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Revoke…' }).click()
  await page.getByText('Revoke this key?').waitFor()
}
