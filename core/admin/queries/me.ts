/** Who am I here, and what may I call (remote-admin 5). */
import { z } from 'zod'
import { query, type Row } from '../command'
import { includes, mayCall } from '../principal'
import type { Table } from '../table'
import { topicNames } from '../topics'

export const meGet = query({
  name: 'me.get',
  in: z.object({}),
  out: z.object({
    admin: z.string(),
    principal: z.string(),
    role: z.string(),
    door: z.string(),
    device: z.string().optional(),
    expires: z.int().optional(),
    stepUpWays: z.array(z.string()),
    /** Whether the node has an admin password. */
    passwordSet: z.boolean(),
  }),
  async run(_, { node, principal, door }) {
    const state = await node.engine.state('node', 'node')
    const hasOwnerKey = state.admins.some((admin) => admin.role === 'owner')
    const stepUpWays = hasOwnerKey
      ? ['nostr', 'nip98', 'console']
      : state.password === undefined
        ? ['console']
        : ['password', 'console']
    return {
      admin: principal.admin,
      principal: principal.name,
      role: principal.role,
      door,
      ...(principal.device === undefined ? {} : { device: principal.device }),
      ...(principal.expiresAt === undefined ? {} : { expires: principal.expiresAt }),
      stepUpWays,
      passwordSet: state.password !== undefined,
    }
  },
})

/** `rpc.describe`: for an owner it equals the table, less what his door lacks. */
export const rpcDescribe = (table: () => Table): Row =>
  query({
    name: 'rpc.describe',
    aliases: ['supportedmethods', 'node.describe'],
    in: z.object({}),
    out: z.object({
      versions: z.array(z.int()),
      methods: z.array(
        z.object({
          name: z.string(),
          role: z.string(),
          /** Of every row; null: it needs none. */
          stepUp: z.enum(['S', 'S?']).nullable(),
          class: z.string(),
          maxAge: z.int(),
          timeoutS: z.int(),
          doors: z.array(z.string()),
        }),
      ),
      topics: z.array(z.string()),
      limits: z.record(z.string(), z.int()),
      transports: z.array(z.string()),
      rev: z.int(),
      now: z.int(),
    }),
    async run(_, { node, principal, door, now }) {
      const callable = table().rows.filter(
        (row) =>
          row.role !== 'none' &&
          includes(principal.role, row.role) &&
          mayCall(principal, row.name) &&
          (door !== 'nostr' || row.doors !== 'H'),
      )
      return {
        versions: [1],
        methods: callable.map((row) => ({
          name: row.name,
          role: row.role,
          stepUp: row.stepUp ?? null,
          class: row.class,
          maxAge: row.maxAgeS,
          timeoutS: row.class === 'O' ? 60 : 10,
          doors: row.doors === 'H' ? ['http', 'console'] : ['http', 'nostr', 'console'],
        })),
        topics: door === 'nostr' ? [] : [...topicNames(table())],
        limits: { contentCharacters: 24_000, rumorBytes: 28_672, pageBytes: 16_384 },
        transports: ['wrap'],
        rev: Number(node.revisions.rev()),
        now: Math.floor(now / 1000),
      }
    },
  }) as unknown as Row
