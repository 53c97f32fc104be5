/** Contrast of every token of the theme on every ground it may stand on, as WCAG 2 defines it (dashboard 2, N9). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const theme = readFileSync(join(import.meta.dir, '../../admin-web/src/theme.css'), 'utf8')
export const tokens: ReadonlyMap<string, { readonly light: string; readonly dark: string }> = new Map(
  [...theme.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
)

/** Relative luminance. */
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

/** Each pair in each theme, with its ratio and the least it must be. */
export const contrasts = () =>
  pairs.flatMap(([name, on, least]) =>
    on.flatMap((ground) =>
      (['light', 'dark'] as const).map((side) => ({
        pair: `${name} on ${ground}, ${side}`,
        ratio: contrast(tokens.get(name)?.[side] ?? '#000000', tokens.get(ground)?.[side] ?? '#000000'),
        least,
      })),
    ),
  )
