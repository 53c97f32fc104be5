/** What the built pages weigh on the wire, gzip (dashboard N2, N3). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Glob } from 'bun'

const dist = join(import.meta.dir, '../../dist')
const weigh = (file: string) => ({ file, bytes: gzipSync(readFileSync(join(dist, file)), { level: 9 }).length })
const bytesOf = (files: readonly { readonly bytes: number }[]) => files.reduce((sum, { bytes }) => sum + bytes, 0)
const assetsOf = (page: string, pattern: string) => [
  ...new Glob(`assets/${pattern}`).scanSync({ cwd: join(dist, page) }),
]

/** Files that the first load brings, those that come later, and their sums. */
export function dashboardWeight() {
  const index = readFileSync(join(dist, 'admin/index.html'), 'utf8')
  const named = [...index.matchAll(/(?:src|href)="\/admin\/(assets\/[^"]+)"/g)].map(([, file = '']) => file)
  const first = named.map((file) => weigh(`admin/${file}`))
  const fonts = assetsOf('admin', '*.woff2').map((file) => weigh(`admin/${file}`))
  const later = assetsOf('admin', '*.{js,css}')
    .filter((file) => !named.includes(file))
    .map((file) => weigh(`admin/${file}`))
  const codeBytes = bytesOf(first)
  return { first, fonts, later, codeBytes, firstBytes: codeBytes + weigh('admin/index.html').bytes + bytesOf(fonts) }
}

export const customerPageWeight = () => assetsOf('key', '*.{js,css}').map((file) => weigh(`key/${file}`))
