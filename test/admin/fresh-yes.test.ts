/** Money and power need a fresh yes: who only holds a device or a token gets nothing of it, whatever his role (P-38). */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generateSecretKey, getPublicKey } from 'nostr-tools/pure'
import { createTable } from '../../core/admin/table'
import { type Ask, byHeaders, byKey, byToken, signIn } from '../kit/browser'
import { type Envelope, startNode, type TestNode } from '../kit/node'

type Row = Record<string, unknown>
let node: TestNode
let device: Ask
let token: Ask
let operator: Ask
let now = Date.now()
beforeAll(async () => {
  node = await startNode({ now: () => now })
  await node.call('security.setPassword', { password: 'canary-password-of-yes' })
  device = (await signIn(node, 'canary-password-of-yes')).ask
  const made = await node.call('tokens.create', { name: 'stolen', role: 'owner' })
  const bearer = byToken(node, String(made.result?.token))
  token = async (method, params) => (await (await bearer(method, params)).json()) as Envelope
  const secret = generateSecretKey()
  await node.call('admins.add', { npub: getPublicKey(secret), role: 'operator', label: 'an operator' })
  operator = byKey(node, secret, () => now)
}, 60_000)
afterAll(() => node.stop())

const payout = '0'.repeat(32)
const reason = 'a reason of the tests'
/** Parameters that the schema of each row takes: what refuses is the missing proof alone. */
const rows: Readonly<Record<string, Row>> = {
  'sessions.credit': { session: 'a'.repeat(12), msat: 1, reason },
  'sessions.debit': { session: 'a'.repeat(12), msat: 1, reason },
  'upstreams.add': { name: 'stolen', kind: 'generic', baseUrl: 'https://a.example/v1' },
  'upstreams.replaceKey': { upstream: 'first', apiKeys: { add: ['a-key-of-mine'] } },
  'security.setPassword': { password: 'a password of mine' },
  'security.clearPassword': {},
  'mints.add': { url: 'https://mint.example' },
  'mints.drain': { mint: 'https://mint.example', to: 'me@wallet.example', maxFeeSat: 1 },
  'mints.resume': { mint: 'https://mint.example', reason },
  'payouts.toToken': { sat: 1 },
  'payouts.toLightning': { sat: 1, to: 'me@wallet.example' },
  'payouts.showToken': { payout },
  'payouts.takeBack': { payout },
  'sweep.run': {},
  'deposits.closeDispute': { deposit: payout, decision: 'credit', reason },
  'refunds.take': { refund: payout, reason },
  'wallet.showWords': {},
  'wallet.restore': {},
  'wallet.releaseUnattributed': { mint: 'https://mint.example', msat: 1 },
  'wallet.confirmLoss': { mint: 'https://mint.example', keyset: '00d0e5f9a1b2c3d4', msat: 1 },
  'backups.download': { backup: 'any' },
  'config.import': { document: { format: 1, settings: { 'sweep.address': 'me@wallet.example' } }, apply: true },
  'admins.add': { npub: 'a'.repeat(64), role: 'owner' },
  'admins.setRole': { npub: 'a'.repeat(64), role: 'owner' },
  'admins.remove': { npub: 'a'.repeat(64) },
  'tokens.create': { name: 'another', role: 'owner' },
}
/** Rows that ask for it only where the parameters move money or power. */
const dangerous: readonly (readonly [string, Row])[] = [
  ['settings.apply', { changes: { 'sweep.address': 'me@wallet.example' } }],
  ['settings.apply', { changes: { 'sweep.enabled': true } }],
  ['settings.apply', { changes: { 'security.dailyOutSat': 2_000_000_000 } }],
  ['settings.apply', { changes: { 'identity.name': 'harmless', 'admin.hosts': ['evil.example'] } }],
  ['mints.change', { mint: 'https://mint.example', deposits: true }],
]
const all = [...Object.entries(rows), ...dangerous]

test('P-38 R-013 every row that needs a fresh proof is in this list', () => {
  const always = createTable().rows.filter(({ stepUp }) => stepUp === 'S')
  expect(Object.keys(rows).sort()).toEqual(always.map(({ name }) => name).sort())
  expect(always.map(({ role }) => role)).toEqual(always.map(() => 'owner'))
})

test.each(all)(
  'P-38 R-013 R-120 %s: no device, no token and no role below owner may do it: %j',
  async (method, params) => {
    now += 10_000
    const head = node.node.log.head()
    expect((await device(method, params)).error?.data.reason).toBe('STEP_UP_REQUIRED')
    expect((await token(method, params)).error?.data.reason).toBe('STEP_UP_REQUIRED')
    expect((await operator(method, params)).error?.data.reason).toBe('FORBIDDEN')
    expect(node.node.log.head()).toBe(head)
  },
)

test('P-38 R-112 a proof is for one request: sent again with another body it is nobody’s', async () => {
  const secret = generateSecretKey()
  await node.call('admins.add', { npub: getPublicKey(secret), role: 'owner', label: 'an owner' })
  const sent: string[] = []
  const owner = byKey(node, secret, () => now, sent)
  const mine = await owner('tokens.create', { name: 'mine', role: 'viewer' })
  expect(mine.error).toBeUndefined()
  const replayed = byHeaders(node, { authorization: sent[0] ?? '' })
  await expect(replayed('tokens.create', { name: 'mine', role: 'owner' })).rejects.toThrow('401')
})

test('P-38 two clicks on one dialog are one command', async () => {
  const id = crypto.randomUUID()
  const params = { name: 'clicked twice', role: 'viewer' }
  const answers = await Promise.all([1, 2].map(() => node.call('tokens.create', params, { id })))
  expect(answers.map(({ error }) => error)).toEqual([undefined, undefined])
  const { rows: tokens } = (await node.call('tokens.list')).result as { rows: Row[] }
  expect(tokens.filter(({ name }) => name === 'clicked twice')).toHaveLength(1)
})
