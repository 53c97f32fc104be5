/** Builds the dashboard into `dist/admin/` and the customer's page into `dist/key/` when its sources changed since the last time. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { bun, root, run } from './install'

/** Rejects with the build's exit code as the process's own when it fails. */
export async function buildDashboard(options: { readonly always?: boolean } = {}): Promise<void> {
  const stamp = join(root, 'dist/admin/.built')
  const wanted = await fingerprint()
  if (options.always !== true && existsSync(stamp) && (await Bun.file(stamp).text()) === wanted) return
  for (const config of ['admin-web/vite.config.ts', 'admin-web/vite.key.config.ts']) {
    const command = ['node_modules/vite/bin/vite.js', 'build', '--config', config, '--logLevel', 'warn']
    // Said here, for `bun test` sets another one for all that it starts, and the library then warns at every page.
    const code = await run([bun, ...command], { NODE_ENV: 'production' })
    if (code !== 0) process.exit(code)
  }
  await Bun.write(stamp, wanted)
}

/** Hash over every file that goes into the build. */
async function fingerprint(): Promise<string> {
  const hash = new Bun.CryptoHasher('sha256')
  const files = [
    // The picture of the README is no source of the build.
    ...[...new Glob('admin-web/**/*').scanSync({ cwd: root, onlyFiles: true })].filter(
      (file) => !file.endsWith('.png'),
    ),
    'scripts/build-dashboard.ts',
    'package.json',
    'bun.lock',
  ].sort()
  for (const file of files) hash.update(file).update(await Bun.file(join(root, file)).bytes())
  return hash.digest('hex')
}
