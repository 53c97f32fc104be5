/** The rules that hold the house together, each with its enforcer (architecture 1, 3.1, 6). */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { newestVersion } from '../events'
import { catalogue } from '../events/schema/catalogue'

const root = join(import.meta.dir, '..')
const files = (pattern: string) =>
  [...new Glob(pattern).scanSync({ cwd: root })].filter((file) => !file.includes('node_modules')).sort()
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const importsOf = (file: string) =>
  [...read(file).matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '')

/** Files still longer than the limit. This list may only shrink: split a file, take it out. */
const tooLong: Readonly<Record<string, number>> = {
  'core/node.ts': 620,
  'core/admin/dispatch.ts': 420,
  'core/processes/deposits.ts': 470,
  'core/processes/deposit-plan.ts': 290,
  'core/admin/app.ts': 420,
  'core/money/mint-client.ts': 320,
  'core/admin/queries/history.ts': 320,
  'core/admin/commands/models.ts': 300,
  'core/proxy/inference.ts': 360,
  'core/proxy/refusals.ts': 330,
  'core/settings.ts': 330,
  'core/admin/sign-in.ts': 260,
  'events/log/sql-log.ts': 330,
  'events/log/group-commit.ts': 260,
  'events/projections/runner.ts': 280,
  'events/deciders/node.ts': 260,
  'core/upstream/offers.ts': 260,
  'core/processes/mint-desk.ts': 260,
  'core/env.ts': 280,
  'core/admin/queries/node.ts': 280,
  'core/admin/node-port.ts': 260,
  'events/deciders/upstream.ts': 300,
  'events/deciders/price/prices.ts': 280,
}

test('architecture 6 no source file grows beyond 250 lines, save a list that may only shrink', () => {
  const long = [...files('{core,events,scripts,admin-web/src}/**/*.{ts,tsx}')]
    .map((file) => ({ file, lines: read(file).split('\n').length }))
    .filter(({ file, lines }) => lines > (tooLong[file] ?? 250) + 1)
  expect(long).toEqual([])
})

/** Promises and checks that come with later issues; the list may only shrink. */
const walls: readonly { readonly from: string; readonly never: RegExp }[] = [
  { from: 'events/schema/*.ts', never: /^(?!zod$|\.\/)/ },
  { from: 'events/deciders/**/*.ts', never: /\/(log|engine|projections)\/|^[^.]/ },
  { from: 'events/log/*.ts', never: /\/(deciders|engine|projections)\/|^[^.]/ },
  { from: 'events/engine/*.ts', never: /\/projections\/|^[^.]/ },
  { from: 'events/projections/*.ts', never: /\/(deciders|engine)\/|^[^.]/ },
  { from: 'core/money/*.ts', never: /\/(proxy|admin|upstream|nostr|processes)\/|elysia/ },
  { from: 'core/upstream/**/*.ts', never: /\/(proxy|admin|money|nostr|processes)\/|elysia/ },
  { from: 'core/processes/*.ts', never: /\/(proxy|admin|upstream)\/|elysia/ },
  { from: 'core/proxy/*.ts', never: /\/(admin|nostr)\/|cashu-ts/ },
  { from: 'core/admin/**/*.ts', never: /\/(proxy|nostr)\/|cashu-ts/ },
  // The dashboard (dashboard 8): looks know no node, forms no page, a page no door; a door knows no page.
  { from: 'admin-web/src/ui/*', never: /^\.\.\/(?!format$|text\/)|^(?!\.|solid-js)/ },
  { from: 'admin-web/src/forms/*', never: /\/pages\/|\/transport\/(?!transport$|extension$)|^@/ },
  { from: 'admin-web/src/pages/*', never: /\/transport\/(?!transport$)|core\/|^@tanstack/ },
  { from: 'admin-web/src/transport/*', never: /\/(pages|forms|ui)(\/|$)|\/client$/ },
]

test.each(walls)('architecture 3.1 $from keeps to its side of the wall', ({ from, never }) => {
  const broken = files(from).flatMap((file) =>
    importsOf(file)
      .filter((name) => never.test(name))
      .map((name) => `${file} imports ${name}`),
  )
  // A schema file may name its neighbours; a decider may use the schema and other deciders.
  expect(broken.filter((line) => !/imports (zod|node:)/.test(line))).toEqual([])
})

test('architecture 3.1 the dashboard takes nothing but types from the node', () => {
  const values = files('admin-web/src/**/*.{ts,tsx}').flatMap((file) =>
    [...read(file).matchAll(/^import (?!type ).*'[./]+\/(core|events)\/[^']*'/gm)].map((line) => `${file}: ${line[0]}`),
  )
  expect(values).toEqual([])
})

test('architecture 3.1 each outside library is touched in one place', () => {
  const places = (library: RegExp, allowed: RegExp) =>
    files('{core,events}/**/*.ts').filter(
      (file) => importsOf(file).some((name) => library.test(name)) && !allowed.test(file),
    )
  expect(places(/cashu-ts/, /^core\/money\/mint-client\.ts$/)).toEqual([])
  expect(
    places(/pglite(\/nodefs)?$/, /^core\/database\//).filter(
      (file) => !importsOf(file).some((name) => name.startsWith('.') && name.endsWith('/pglite')),
    ),
  ).toEqual([])
  expect(places(/^elysia$/, /^core\/(proxy\/app|admin\/app|serve)\.ts$/)).toEqual([])
  expect(places(/^nostr-tools$/, /^$/)).toEqual([])
})

test('architecture 4 deciders are pure: no clock and no chance', () => {
  const impure = files('events/deciders/**/*.ts').filter((file) =>
    /\bDate\.now|new Date\b|Math\.random/.test(read(file)),
  )
  expect(impure).toEqual([])
})

test('P-40 every version in package.json is exact', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >
  const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  )
  expect(loose).toEqual([])
})

test('events/README names every event there is', () => {
  const text = read('events/README.md')
  expect(Object.keys(catalogue).filter((type) => !text.includes(`\`${type}\``))).toEqual([])
  expect(newestVersion('session.charged')).toBe(1)
})

test('promises 1 a test that names a promise names one that exists', () => {
  const known = new Set(Array.from({ length: 40 }, (_, n) => `P-${String(n + 1).padStart(2, '0')}`))
  const named = files('test/**/*.test.ts').flatMap((file) =>
    [...read(file).matchAll(/\bP-\d{2}\b/g)].map((match) => match[0]),
  )
  expect(named.filter((id) => !known.has(id))).toEqual([])
})
