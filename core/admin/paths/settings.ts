/** Settings as one flat map, and the password (remote-admin 9.6). */
import { z } from 'zod'
import { json, problem } from '../answers'
import type { Part } from '../together'
import type { PathCall, PathRoute } from './path-route'
import { redacted } from './words'

const getSettings: PathRoute = {
  method: 'GET',
  path: '/settings',
  commands: ['settings.get', 'mints.list', 'node.status'],
  summary: 'Every setting by its name; a secret only says whether it is set.',
  run: flatMap,
}

/** A value that is wanted and not in force yet stands here: sent back, the map changes nothing. */
async function flatMap(call: PathCall): Promise<Response> {
  const settings = await call.ask('settings.get', {})
  if (settings instanceof Response) return settings
  const mints = await call.ask('mints.list', {})
  if (mints instanceof Response) return mints
  const status = await call.ask('node.status', {})
  if (status instanceof Response) return status
  const { password } = await call.deps.signIn.ways()
  return json({
    ...Object.fromEntries(settings.map(({ name, value, pending }) => [name, pending?.value ?? value])),
    cashu_mints: mints.rows.map(({ mint }) => mint),
    admin_password: password ? redacted : '',
    nsec: status.npub === '' ? '' : redacted,
  })
}

/** They have commands of their own; what a client read of them may come back, and changes nothing. */
const secrets = ['admin_password', 'nsec']

const patchSettings: PathRoute = {
  method: 'PATCH',
  path: '/settings',
  commands: ['settings.apply', 'mints.add', 'mints.remove'],
  summary: 'Changes settings; cashu_mints is the whole list, and its new mints are probed first. All or nothing.',
  body: z.record(z.string(), z.unknown()),
  async run(call) {
    const { cashu_mints: mints, ...given } = call.body
    const changes = Object.fromEntries(
      Object.entries(given).filter(([name, value]) => !secrets.includes(name) || !['', redacted].includes(`${value}`)),
    )
    const moved = mints === undefined ? [] : await mintParts(call, mints)
    if (moved instanceof Response) return moved
    const parts =
      Object.keys(changes).length === 0 ? moved : [...moved, call.part('settings.apply', { changes } as never)]
    const [first, ...more] = parts
    const refused = first === undefined ? undefined : await call.askTogether([first, ...more])
    return refused ?? flatMap(call)
  },
}

/** What turns the list as it is into the one that is wanted. */
async function mintParts(call: PathCall, wanted: unknown): Promise<Part[] | Response> {
  const list = z.array(z.string().min(1).max(500)).max(100).safeParse(wanted)
  if (!list.success) return problem(400, 'params', 'cashu_mints: a list of mint URLs')
  const known = await call.ask('mints.list', {})
  if (known instanceof Response) return known
  const { normalise } = call.deps.node.mints
  const urls = [...new Set(list.data.map((url) => normalise(url)?.url ?? url))]
  const have = known.rows.map(({ mint }) => mint)
  return [
    ...urls.filter((url) => !have.includes(url)).map((url) => call.part('mints.add', { url })),
    ...have.filter((mint) => !urls.includes(mint)).map((mint) => call.part('mints.remove', { mint })),
  ]
}

const setPassword: PathRoute = {
  method: 'POST',
  path: '/settings/password',
  commands: ['security.setPassword'],
  summary: 'Replaces the password; the right current one is the proof (R-012).',
  body: z.object({ current_password: z.string().max(200).optional(), new_password: z.string() }),
  async run(call) {
    const password = call.body.new_password
    if (typeof password !== 'string') return problem(400, 'params', 'new_password: a text is expected')
    const result = await call.ask('security.setPassword', { password })
    return result instanceof Response ? result : json({ ok: true, ended_devices: result.endedDevices })
  },
}

export const settingsPaths: readonly PathRoute[] = [getSettings, patchSettings, setPassword]
