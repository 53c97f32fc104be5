/** QR codes as a camera sees them: decoded from their pictures, long tokens part by part (dashboard 6, D-088). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { UR, URDecoder, UREncoder } from '@gandlaf21/bc-ur/dist/lib/es6/index.js'
import jsQR from 'jsqr'
import type { Browser, Locator, Page } from 'playwright-core'
import { urParts } from '../../admin-web/src/ui/ur-parts'
import { openBrowser, openPage, password, type Stage, signIn, startStage } from '../kit/dashboard'
import { atNight } from '../kit/sizes'

let stage: Stage
let browser: Browser
/** A page of its own, in which pictures become pixels. */
let darkroom: Page
beforeAll(async () => {
  ;[stage, browser] = await Promise.all([startStage(), openBrowser()])
  darkroom = (await openPage(browser)).page
}, 60_000)
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

/** What a reader makes of a picture of this element. */
async function read(code: Locator): Promise<string | undefined> {
  const picture = `data:image/png;base64,${(await code.screenshot()).toString('base64')}`
  const { width, pixels } = await darkroom.evaluate<{ width: number; pixels: string }>(`
    (async () => {
      const image = new Image()
      image.src = ${JSON.stringify(picture)}
      await image.decode()
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
      const context = canvas.getContext('2d')
      context.drawImage(image, 0, 0)
      const { data } = context.getImageData(0, 0, image.width, image.height)
      let text = ''
      for (const byte of data) text += String.fromCharCode(byte)
      return { width: image.width, pixels: btoa(text) }
    })()`)
  const bytes = new Uint8ClampedArray(Buffer.from(pixels, 'base64'))
  return jsQR(bytes, width, bytes.length / 4 / width)?.data
}

/** Reads a code that is shown in parts, stepping by hand, until the whole text is there. */
async function readParts(page: Page, code: Locator): Promise<string> {
  const decoder = new URDecoder()
  const line = page.getByText(/^part \d+ of \d+$/)
  for (let seen = 0; seen < 40 && !decoder.isComplete(); seen += 1) {
    const part = await read(code)
    expect(part).toStartWith('ur:bytes/')
    decoder.receivePart(part ?? '')
    const before = (await line.textContent()) ?? ''
    await page.getByRole('button', { name: 'Next part' }).click()
    await page.getByText(before, { exact: true }).waitFor({ state: 'detached' })
  }
  return Buffer.from(decoder.resultUR().decodeCBOR()).toString()
}

test('D-088 the parts of a text are those of the reference encoder, letter by letter', () => {
  for (const length of [1, 20, 147, 148, 149, 600, 1000, 4096, 70_000]) {
    const text = Array.from({ length }, (_, index) => String.fromCharCode(33 + ((index * 7) % 90))).join('')
    const reference = new UREncoder(UR.fromBuffer(Buffer.from(text)), 150, 0)
    expect(urParts(text)).toEqual(Array.from({ length: reference.fragmentsLength }, () => reference.nextPart()))
  }
})

async function withdraw(page: Page, sat: number): Promise<string> {
  await page.goto(`${stage.node.url}/admin/withdraw`)
  const form = page.locator('form', { hasText: '1 Select Mint' })
  await form.getByLabel('2 Enter Amount').fill(String(sat))
  await form.getByRole('button', { name: '3 Generate Token' }).click()
  await page.getByLabel('Your current password').fill(password)
  await page.getByRole('button', { name: `Generate a token of ${sat} sat` }).click()
  await page.getByText('4 Redeem').waitFor()
  return ((await page.locator('main code', { hasText: 'cashuB' }).first().textContent()) ?? '').trim()
}

atNight('D-088 a withdrawn token on a dark page decodes to the text beside it, a long one part by part', async () => {
  const key = await stage.deposit(5000)
  for (let n = 0; n < 3; n += 1) await stage.chat(key, 'gpt-4o', { prompt: 1_000_000, completion: 500 })
  await stage.node.call('security.setPassword', { password })
  const { page, context } = await openPage(browser, { dark: true })
  await signIn(page, stage.node)
  const short = await withdraw(page, 1)
  expect(short.length).toBeLessThan(600)
  const code = page.getByRole('img', { name: 'The token as a QR code' })
  expect(await read(code)).toBe(short)
  const long = await withdraw(page, 255)
  expect(long.length).toBeGreaterThan(600)
  await page.getByText(/^part 1 of \d+$/).waitFor()
  expect(await readParts(page, code)).toBe(long)
  await context.close()
})

atNight(
  'D-088 the parts follow each other four times a second until they are paused, and by hand with reduced motion',
  async () => {
    const { page, context } = await openPage(browser)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    await page.clock.install()
    await signIn(page, stage.node)
    await withdraw(page, 127)
    const line = page.getByText(/^part \d+ of \d+$/)
    await line.waitFor()
    await page.clock.pauseAt(Date.now() + 3_600_000)
    const seen = new Set<string | null>()
    const all = Number(((await line.textContent()) ?? '').split(' ').at(-1))
    expect(all).toBeGreaterThan(2)
    for (let part = 0; part < all; part += 1) {
      seen.add(await line.textContent())
      await page.clock.runFor(250)
    }
    expect(seen.size).toBe(all)
    await page.getByRole('button', { name: 'Pause' }).click()
    const paused = await line.textContent()
    await page.clock.runFor(1000)
    expect(await line.textContent()).toBe(paused)
    await page.getByRole('button', { name: 'Previous part' }).click()
    expect(await line.textContent()).not.toBe(paused)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.clock.runFor(250)
    expect(await line.textContent()).toBe(paused)
    await context.close()
  },
)

atNight('D-088 the refund on the customer’s page decodes to its token, at 360 px', async () => {
  const key = await stage.deposit(1000)
  const { page, context } = await openPage(browser, { width: 360, height: 740, touch: true })
  await page.goto(`${stage.node.url}/key/`)
  await page.getByRole('textbox', { name: 'Your key' }).fill(key)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page
    .getByRole('button', { name: /^Refund/ })
    .first()
    .click()
  await page.getByRole('button', { name: /^Refund [\d,]+ sat/ }).click()
  const code = page.getByRole('img', { name: 'The refund as a QR code' })
  await code.waitFor()
  const token = ((await page.locator('code', { hasText: 'cashuB' }).first().textContent()) ?? '').trim()
  expect(token.length).toBeGreaterThan(600)
  expect(await readParts(page, code)).toBe(token)
  await context.close()
})
