/** The look as numbers: contrast of every token, no colour outside the theme, and what a first load weighs. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../..')
const source = join(root, 'admin-web/src')
const theme = readFileSync(join(source, 'theme.css'), 'utf8')
const tokens = new Map(
  [...theme.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
)

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

const grounds = ['bg', 'surface', 'sunken', 'raised']
const softs = ['accent-soft', 'good-soft', 'warn-soft', 'bad-soft', 'info-soft']
/** Which token may stand on which ground, and how strong it must be there (dashboard 2, N9). */
const pairs: readonly (readonly [string, readonly string[], number])[] = [
  ['ink', [...grounds, ...softs], 4.5],
  ['ink-2', [...grounds, ...softs], 4.5],
  ['ink-3', [...grounds, ...softs], 4.5],
  ['accent', [...grounds, 'accent-soft'], 4.5],
  ['accent-hover', grounds, 4.5],
  ['on-accent', ['accent', 'accent-hover'], 4.5],
  ['on-bad', ['bad'], 4.5],
  ...['good', 'warn', 'bad', 'info'].map((name) => [name, [...grounds, `${name}-soft`], 4.5] as const),
  ['edge', grounds, 3],
  ...['c0', 'c1', 'c2', 'c3', 'c4', 'c5'].map((name) => [name, ['surface'], 3] as const),
  // Tooltips are the ground's colour on ink.
  ['bg', ['ink'], 4.5],
]

test('D-009 every token is strong enough on every ground it may stand on, in both themes', () => {
  expect(tokens.size).toBe(28)
  const weak = pairs.flatMap(([name, on, least]) =>
    on.flatMap((ground) =>
      (['light', 'dark'] as const).flatMap((side) => {
        const ratio = contrast(tokens.get(name)?.[side] ?? '#000000', tokens.get(ground)?.[side] ?? '#000000')
        return ratio < least ? [`${name} on ${ground}, ${side}: ${ratio.toFixed(2)}`] : []
      }),
    ),
  )
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
const weight = (file: string): number => gzipSync(readFileSync(join(root, 'dist/admin', file)), { level: 9 }).length

test('D-005 the first load and each later page stay within their budgets', () => {
  const index = readFileSync(join(root, 'dist/admin/index.html'), 'utf8')
  const first = [...index.matchAll(/(?:src|href)="\/admin\/(assets\/[^"]+)"/g)].map(([, file = '']) => file)
  const all = [...new Glob('assets/*').scanSync({ cwd: join(root, 'dist/admin') })]
  const fonts = all.filter((file) => file.endsWith('.woff2'))
  const code = first.reduce((sum, file) => sum + weight(file), 0)
  expect(first.length).toBeGreaterThan(1)
  expect(fonts).toHaveLength(1)
  expect(code).toBeLessThan(150 * kilobyte)
  expect(code + weight('index.html') + weight(fonts[0] ?? '')).toBeLessThan(200 * kilobyte)
  const later = all.filter((file) => /\.(js|css)$/.test(file) && !first.includes(file))
  expect(later.filter((file) => weight(file) > 28 * kilobyte)).toEqual([])
})

test('D-005 the whole customer’s page stays within its budget', () => {
  const all = [...new Glob('assets/*.{js,css}').scanSync({ cwd: join(root, 'dist/key') })]
  const bytes = all.map((file) => gzipSync(readFileSync(join(root, 'dist/key', file)), { level: 9 }).length)
  expect(all.length).toBeGreaterThan(1)
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(90 * kilobyte)
})
