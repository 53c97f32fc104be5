/** A node made anew of the newest backup of another one, which is stopped first (wallet 12). */
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runConsole } from './console'
import type { Economy } from './economy'
import { startNode, type TestNode } from './node'

/** `aside`: a directory that the copy's data goes into. */
export async function copyOf(
  { node, mint }: Economy,
  aside: string,
  wishes: Parameters<typeof startNode>[0] = {},
): Promise<TestNode> {
  const data = join(aside, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  cpSync(join(node.directory, 'secret.key'), join(data, 'secret.key'))
  const [file = ''] = readdirSync(join(node.directory, 'backups')).filter((name) => name.endsWith('.backup'))
  const restored = await runConsole(['restore', join(node.directory, 'backups', file)], { ROUTSTR_DATA_DIR: data })
  if (restored.code !== 0) throw new Error(`a backup was not restored: ${restored.said}`)
  await node.stop({ keep: true })
  return startNode({ ...wishes, directory: data, environment: { CASHU_MINTS: mint.url, MINT_WAIT_S: '3' } })
}
