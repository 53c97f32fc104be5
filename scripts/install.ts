/** Installs what is missing, from the frozen lockfile: a fresh clone needs nothing but this Bun. Imports nothing that is not there yet. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dir, '..')

/** Runs a command with this terminal and answers its exit code. */
export async function run(command: readonly string[], environment: Record<string, string> = {}): Promise<number> {
  const child = Bun.spawn([...command], {
    cwd: root,
    stdin: 'inherit',
    stdout: 'inherit',
    stderr: 'inherit',
    env: { ...process.env, ...environment },
  })
  return child.exited
}

/** The Bun that runs this script, whatever it is called and wherever it lies. */
export const bun = process.execPath

export async function install(): Promise<void> {
  const stamp = join(root, 'node_modules/.cache/lockfile')
  const lockfile = await Bun.file(join(root, 'bun.lock')).text()
  if (existsSync(stamp) && (await Bun.file(stamp).text()) === lockfile) return
  const code = await run([bun, 'install', '--frozen-lockfile'])
  if (code !== 0) process.exit(code)
  await Bun.write(stamp, lockfile)
}
