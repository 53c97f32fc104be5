/** What only the console of this machine may ask of a running node, each by a route of its own. */
import { z } from 'zod'
import { limits } from '../limits'
import { json, problem } from './answers'
import type { AdminNode } from './node-port'
import { mintsNamed } from './queries/mints'
import type { SignIn } from './sign-in'

export type ConsoleDeps = {
  readonly node: AdminNode
  readonly signIn: SignIn
  readonly console: { readonly verifyLog: () => Promise<unknown> }
}

const restoreWish = z.object({
  /** Only looks at the search that runs. */
  look: z.boolean().default(false),
  mints: z.array(z.string().min(1).max(500)).min(1).max(100).optional(),
  gap: z.int().min(1).max(limits.scanGapMost).default(limits.scanGap),
})

const routes: Readonly<Record<string, (deps: ConsoleDeps, body: unknown) => Promise<Response>>> = {
  '/console/link': async ({ signIn }) => json({ code: signIn.makeLinkCode(), minutes: limits.setupLinkMs / 60_000 }),
  '/console/log-verify': async ({ console }) => json(await console.verifyLog()),
  /** The console reads the file where it lies: both are of this machine. */
  async '/console/backup'({ node }) {
    const { backup } = await node.backups.run()
    return json({ path: node.backups.pathOf(backup) })
  },
  async '/console/wallet-restore'({ node }, body) {
    const wish = restoreWish.safeParse(body)
    if (!wish.success) return problem(400, 'invalid_request', `gap: a whole number from 1 to ${limits.scanGapMost}`)
    if (wish.data.look) return json(node.wallet.restoreState())
    const mints = await mintsNamed(wish.data.mints, node)
    if ('notFound' in mints) return problem(404, 'not_found', `${mints.notFound} is not accepted here`)
    return json(await node.wallet.restore(mints, wish.data.gap, limits.commandPendingMs))
  },
}

/** undefined: there is no such route. */
export const consoleRoute = (path: string) => (Object.hasOwn(routes, path) ? routes[path] : undefined)
