/**
 * Runs tests against a copy of the product in which some text was replaced: a suite that stays green then proves nothing
 * (wallet 19.6). The product itself has no switch for it.
 */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryDirectory } from './log'

/** `find` stands exactly once in the file: a policy that moved must be looked for again, not passed over. */
export type Edit = { readonly file: string; readonly find: string; readonly put: string }

const root = join(import.meta.dir, '../..')
const copied = ['core', 'events', 'test/kit', 'package.json', 'bunfig.toml', 'tsconfig.base.json']

/** One test of one file, in a process of its own; what it printed and whether it passed. */
export async function runMutant(
  edits: readonly Edit[],
  { file, title }: { readonly file: string; readonly title: string },
): Promise<{ readonly passed: boolean; readonly output: string }> {
  const copy = temporaryDirectory()
  try {
    for (const path of [...copied, file]) {
      mkdirSync(dirname(join(copy.path, path)), { recursive: true })
      cpSync(join(root, path), join(copy.path, path), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(copy.path, 'node_modules'))
    for (const edit of edits) apply(copy.path, edit)
    const how = ['test', '--preload', './test/kit/deny-network.ts', '--timeout', '20000', `./${file}`, '-t', title]
    const child = Bun.spawn([process.execPath, ...how], { cwd: copy.path, stdout: 'pipe', stderr: 'pipe' })
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    const output = `${out}\n${err}`
    const run = new Set([...output.matchAll(/^\((?:pass|fail)\) (?!\(unnamed\))(.*) \[/gm)].map(([, name]) => name))
    // A title that names no test must not look like one that failed.
    if (run.size !== 1) throw new Error(`not one test was run: ${output}`)
    return { passed: (await child.exited) === 0, output }
  } finally {
    copy.remove()
  }
}

function apply(copy: string, { file, find, put }: Edit): void {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`)
  writeFileSync(
    path,
    text.replace(find, () => put),
  )
}
