/** tokens.list, create and end: bearers for programs, shown once and stored as a hash (remote-admin 9.4). */
import { z } from 'zod'
import { wish } from '../../../events'
import { limits } from '../../limits'
import { allowed } from '../allowed'
import { command, longAgeS, type No, query } from '../command'
import { can, secondsOf } from '../rows'
import { hashOfToken, makeToken } from '../token'

const role = z.enum(['viewer', 'operator', 'owner'])

export const tokensList = query({
  name: 'tokens.list',
  role: 'owner',
  in: z.object({}),
  out: z.object({
    rows: z.array(
      z.object({
        token: z.string(),
        name: z.string(),
        role,
        commands: z.array(z.string()).optional(),
        /** Who made it. */
        admin: z.string(),
        last4: z.string(),
        createdAt: z.int(),
        lastUsedAt: z.int().optional(),
        expires: z.int(),
        can,
      }),
    ),
  }),
  async run(_, { node, now, principal }) {
    const { tokens } = await node.engine.state('node', 'node')
    return {
      rows: tokens
        .filter(({ expiresAt }) => expiresAt * 1000 > now)
        .map(({ tokenHash: _hash, expiresAt, commands, ...token }) => {
          const lastUsedAt = secondsOf(node.lastSeen.at(token.token) ?? null)
          return {
            ...token,
            ...(commands === undefined ? {} : { commands: [...commands] }),
            ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
            expires: expiresAt,
            can: allowed(principal, { end: { role: 'owner' } }),
          }
        }),
    }
  },
})

export const tokensCreate = command({
  name: 'tokens.create',
  role: 'owner',
  stepUp: 'S',
  class: 'L',
  doors: 'H',
  secretResults: ['token'],
  in: z.object({
    name: z.string().trim().min(1).max(60),
    role,
    /** Absent: all that the role may. */
    commands: z.array(z.string().max(100)).min(1).max(limits.tokenCommands).optional(),
    days: z.int().min(1).max(limits.tokenDaysMost).default(limits.tokenDays),
  }),
  out: z.object({ token: z.string(), expires: z.int() }),
  async run({ name, role: wanted, commands, days }, { execute, principal, now, commandName }) {
    const unknown = commands?.find((one) => commandName(one) === undefined)
    if (unknown !== undefined) return { notFound: `command ${unknown}` }
    const nowS = Math.floor(now / 1000)
    const bearer = makeToken()
    const expiresAt = nowS + days * 24 * 3600
    const token = {
      token: crypto.randomUUID(),
      name,
      role: wanted,
      ...(commands === undefined ? {} : { commands: commands.map((one) => commandName(one) ?? one) }),
      admin: principal.admin,
      tokenHash: hashOfToken(bearer),
      last4: bearer.slice(-4),
      createdAt: nowS,
      expiresAt,
    }
    const outcome = await execute(wish('node', 'node', { do: 'create-token', token, nowS, most: limits.tokens }))
    return 'refused' in outcome ? outcome : { token: bearer, expires: expiresAt }
  },
})

export const tokensEnd = command({
  name: 'tokens.end',
  role: 'owner',
  class: 'L',
  maxAgeS: longAgeS,
  /** As tokens.list names it. */
  in: z.object({ token: z.string().min(1).max(100) }),
  out: z.object({}),
  async run({ token }, { node, execute }): Promise<Record<string, never> | No> {
    const { tokens } = await node.engine.state('node', 'node')
    if (!tokens.some((one) => one.token === token)) return { notFound: `token ${token}` }
    const outcome = await execute(wish('node', 'node', { do: 'end-token', token }))
    return 'refused' in outcome ? outcome : {}
  },
})
