/** The look as numbers: contrast of every token, no colour outside the theme, and what a first load weighs. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { contrasts, tokens } from '../kit/contrast'
import { customerPageWeight, dashboardWeight } from '../kit/page-weight'

const root = join(import.meta.dir, '../..')
const source = join(root, 'admin-web/src')
const theme = readFileSync(join(source, 'theme.css'), 'utf8')

test('D-009 every token is strong enough on every ground it may stand on, in both themes', () => {
  expect(tokens.size).toBe(28)
  const weak = contrasts().filter(({ ratio, least }) => ratio < least)
  expect(weak).toEqual([])
})

test('D-010 no file but theme.css holds a colour literal or a size of text in pixels', () => {
  const found = [...new Glob('**/*.{css,ts,tsx}').scanSync({ cwd: source })]
    .filter((file) => file !== 'theme.css')
    .flatMap((file) => {
      const text = readFileSync(join(source, file), 'utf8')
      const hits = text.match(/#[0-9a-f]{3,8}\b(?=[;'",) ])|\brgba?\(|\bhsla?\(|oklch\(|font(-size)?:[^;]*\dpx/gi)
      return (hits ?? []).map((hit) => `${file}: ${hit}`)
    })
  expect(found).toEqual([])
})

test('D-010 every token that a style asks for is one of the theme', () => {
  const known = new Set([...theme.matchAll(/^\s+(--[a-z0-9-]+):/gm)].map(([, name]) => name))
  const asked = [...new Glob('**/*.css').scanSync({ cwd: source })].flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(/var\((--[a-z0-9-]+)/g)].map(([, name]) => ({ file, name })),
  )
  expect(asked.length).toBeGreaterThan(100)
  expect(asked.filter(({ name }) => !known.has(name))).toEqual([])
})

test('R-068 R-069 the page has no inline script, no inline style and no HTML made from data', () => {
  const found = [...new Glob('**/*.{ts,tsx}').scanSync({ cwd: source })].filter((file) =>
    /innerHTML|insertAdjacentHTML|\bstyle=|document\.write|\beval\(/.test(readFileSync(join(source, file), 'utf8')),
  )
  expect(found).toEqual([])
  const index = readFileSync(join(root, 'dist/admin/index.html'), 'utf8')
  expect(index).not.toMatch(/<style|<script(?![^>]*\bsrc=)|style=/)
})

const kilobyte = 1000

test('D-005 the first load and each later page stay within their budgets', () => {
  const { first, fonts, later, codeBytes, firstBytes } = dashboardWeight()
  expect(first.length).toBeGreaterThan(1)
  expect(fonts).toHaveLength(1)
  expect(codeBytes).toBeLessThan(150 * kilobyte)
  expect(firstBytes).toBeLessThan(200 * kilobyte)
  expect(later.filter(({ bytes }) => bytes > 28 * kilobyte)).toEqual([])
})

test('D-005 the whole customer’s page stays within its budget', () => {
  const files = customerPageWeight()
  expect(files.length).toBeGreaterThan(1)
  expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(90 * kilobyte)
})
