/** `GET /admin/api/backups/<id>`: the sealed file itself, once the command that records its leaving said yes. */
import { guarded } from '../page-files'
import { problem } from './answers'
import type { Dispatch } from './dispatch'
import { type AdminError, errorRows } from './envelope'
import type { AdminNode } from './node-port'
import type { Principal } from './principal'

/** The backup that a path names; undefined: it names none. */
export const backupIn = (path: string): string | undefined => /^\/backups\/([0-9A-Za-z-]{1,100})$/.exec(path)?.[1]

export async function backupFile(
  deps: { readonly node: AdminNode; readonly dispatch: Dispatch; readonly now: () => number },
  principal: Principal,
  backup: string,
): Promise<Response> {
  const answer = await deps.dispatch.dispatch(
    { id: crypto.randomUUID(), method: 'backups.download', params: { backup } },
    {
      principal,
      door: principal.name === 'console' ? 'console' : 'http',
      createdAtS: Math.floor(deps.now() / 1000),
    },
  )
  const { error } = answer as { readonly error?: AdminError }
  if (error !== undefined) {
    const { reason } = error.data
    return problem(errorRows[reason][1], reason.toLowerCase(), error.message, {}, error.data)
  }
  return new Response(Bun.file(deps.node.backups.pathOf(backup)), {
    headers: {
      ...guarded,
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${backup}.backup"`,
      'cache-control': 'no-store',
    },
  })
}
