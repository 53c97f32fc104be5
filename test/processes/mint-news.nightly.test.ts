/** News of a mint by WebSocket: they hurry what is polled anyway, and nothing rests on them (NUT-17, wallet 13). */
import { afterEach, expect, test } from 'bun:test'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { limits } from '../../core/limits'
import { createMintSocket } from '../../core/money/mint-socket'
import { createMelts } from '../../core/processes/melts'
import { createMintNews } from '../../core/processes/mint-news'
import { draftLightningWithdrawal } from '../../core/processes/withdrawals'
import { spends } from '../kit/charge'
import { openDeposits } from '../kit/deposits'
import { startEconomy } from '../kit/economy'
import { hurried, type InvoiceKit, type InvoiceKitOptions, openInvoices } from '../kit/invoices'
import type { TestLog } from '../kit/log'
import { createTestMint } from '../kit/mint'
import { encodeBolt11 } from '../kit/mint/bolt11'
import type { NewsManners } from '../kit/mint/news'
import { allNuts } from '../kit/mint/wire'
import { until } from '../kit/node'
import { fileLog } from '../kit/suite'

const { opened } = fileLog()

const open: InvoiceKit[] = []
function kit(options: InvoiceKitOptions = { news: true }): InvoiceKit {
  const made = openInvoices(opened(), { keysetVersion: 'v2', ...options })
  open.push(made)
  return made
}
afterEach(async () => {
  for (const one of open.splice(0)) {
    expect((await one.sheet()).reduce((sum, { msat }) => sum + msat, 0n)).toBe(0n)
    await one.close()
  }
})
const paidVia = async (deposit: string) =>
  (await opened().log.read(deposit, 0)).flatMap(({ type, data }) =>
    type === 'deposit.paid-seen' ? [(data as { readonly via: string }).via] : [],
  )
const minute = 60_000

test('wallet 13 NUT-17 a paid invoice is credited at once, though nobody polls, and its quote is let go of', async () => {
  const one = kit()
  const made = await one.made(7)
  await until('the mint is listened to', () => one.mint.news.listening().length === 1)
  expect(await one.free()).toBe(0)
  one.mint.pay(made.bolt11)
  await until('it is credited', async () => (await one.free()) === 7000)
  expect(await paidVia(made.deposit)).toEqual(['socket'])
  await until('nobody listens any more', () => one.mint.news.listening().length === 0)
})

test('wallet 13 without NUT-17 in its info, or at an address that may not be contacted, no socket is opened', async () => {
  const plain = kit({})
  const made = await plain.made(7)
  plain.mint.pay(made.bolt11)
  await plain.watch(minute, async () => (await plain.free()) === 7000)
  expect([await plain.free(), plain.mint.calls('ws')]).toEqual([7000, 0])
  expect(await paidVia(made.deposit)).toEqual(['poll'])
  const forbidden = kit()
  forbidden.forbidAddress()
  await forbidden.made(7)
  await Bun.sleep(150)
  expect(forbidden.mint.calls('ws')).toBe(0)
})

test.each([
  'refuses',
  'redirects',
  'hangs',
  'mute',
  'closes',
  'garbage',
  'huge',
  'floods',
  'lies',
] satisfies NewsManners[])(
  'wallet 13 a mint whose socket %s changes nothing: polling finds the payment',
  async (manners) => {
    const one = kit()
    one.mint.news.setManners(manners)
    const made = await one.made(9)
    await until('it was tried', () => one.mint.calls('ws') > 0)
    await Bun.sleep(700)
    // Asked once for what a socket said, however often, and knocked at slower and slower.
    expect(one.mint.calls('quote-state')).toBe(manners === 'lies' || manners === 'floods' ? 1 : 0)
    expect(one.mint.calls('ws')).toBeLessThanOrEqual(20)
    expect(await one.events(made.deposit)).toEqual(['deposit.requested', 'deposit.quoted'])
    one.mint.pay(made.bolt11)
    await one.watch(minute, async () => (await one.free()) === 9000)
    expect(await one.free()).toBe(9000)
    expect(await paidVia(made.deposit)).toHaveLength(1)
  },
)

test('wallet 13 a payment that a lost line hid is told by the next one', async () => {
  const one = kit()
  const made = await one.made(5)
  await until('the mint is listened to', () => one.mint.news.listening().length === 1)
  one.mint.news.setManners('refuses')
  one.mint.news.hangUp()
  await until('it is gone', () => one.mint.news.listening().length === 0)
  one.mint.pay(made.bolt11)
  await Bun.sleep(100)
  expect(await one.free()).toBe(0)
  one.mint.news.setManners('good')
  await until('it is credited', async () => (await one.free()) === 5000)
  expect(one.mint.news.opened()).toBe(2)
})

test('wallet 13 a start listens to what was open', async () => {
  const one = kit()
  const made = await one.made(5)
  await until('the mint is listened to', () => one.mint.news.listening().length === 1)
  const again = one.restart()
  open.push(again)
  open.splice(open.indexOf(one), 1)
  await until('the old line is gone', () => one.mint.news.listening().length === 0)
  expect(await again.invoices.resume()).toBeGreaterThan(0)
  await until('it listens again', () => one.mint.news.listening().length === 1)
  one.mint.pay(made.bolt11)
  await until('it is credited', async () => (await again.free()) === 5000)
})

test('wallet 13 at most a hundred quotes of a mint are listened for, the newest ones', async () => {
  const mint = createTestMint({ nuts: [...allNuts, 17] })
  const quotes: string[] = []
  for (let n = 0; n < limits.socketTopics + 5; n += 1) {
    const body = JSON.stringify({ amount: 1, unit: 'sat' })
    const made = await fetch(`${mint.url}/v1/mint/quote/bolt11`, { method: 'POST', body })
    quotes.push(((await made.json()) as { readonly quote: string }).quote)
  }
  const socket = createMintSocket({ url: mint.url, mayConnect: async () => true, now: Date.now, waits: hurried })
  for (const quoteId of quotes) socket.follow({ kind: 'bolt11_mint_quote', quoteId }, () => undefined)
  await until('it listens', () => mint.news.listening().length === limits.socketTopics)
  expect(mint.news.listening().map(({ quote }) => quote)).toEqual(quotes.slice(5))
  const [, , , , , sixth = ''] = quotes
  socket.unfollow(sixth)
  await until('one is let go of', () => mint.news.listening().length === limits.socketTopics - 1)
  expect([mint.news.opened(), socket.isOpen()]).toEqual([1, true])
  socket.close()
  await until('all are', () => mint.news.listening().length === 0)
  await mint.stop()
})

test('wallet 9.5 a mint that is trusted no longer is hung up on, and not called again', async () => {
  const mint = createTestMint({ nuts: [...allNuts, 17] })
  const made = await fetch(`${mint.url}/v1/mint/quote/bolt11`, {
    method: 'POST',
    body: JSON.stringify({ amount: 1, unit: 'sat' }),
  })
  const { quote: quoteId } = (await made.json()) as { readonly quote: string }
  let tell: Parameters<TestLog['log']['onCommit']>[0] = () => undefined
  let mints: readonly { readonly url: string }[] = [{ url: mint.url }]
  const news = createMintNews({
    mints: () => mints as never,
    desk: () => ({ tells: () => ['bolt11_mint_quote'] }) as never,
    log: {
      onCommit(listener) {
        tell = listener
        return () => undefined
      },
    },
    isAllowed: async () => true,
    now: Date.now,
    waits: hurried,
  })
  news.follow(mint.url, 'sat', { kind: 'bolt11_mint_quote', quoteId }, () => undefined)
  await until('the mint is listened to', () => mint.news.listening().length === 1)
  mints = []
  tell([{ type: 'mint.distrusted' }] as never)
  await until('nobody listens any more', () => mint.news.listening().length === 0)
  await Bun.sleep(150)
  expect(mint.calls('ws')).toBe(1)
  news.stop()
  await mint.stop()
})

test('wallet 6.4 NUT-17 a payment that its mint still makes ends when the mint tells of it', async () => {
  const one = openDeposits(opened(), { nuts: [...allNuts, 17], keysetVersion: 'v2' })
  const token = one.mint.token(500)
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 400_000)
  one.mint.setLightning({ outcome: 'pending' })
  const preimage = crypto.getRandomValues(new Uint8Array(32))
  const to = encodeBolt11({
    network: 'bcrt',
    msat: 50_000,
    paymentHash: bytesToHex(sha256(preimage)),
    timestamp: Math.floor(one.now() / 1000),
    expiryS: 86_400,
    description: 'test',
    nodeKey: preimage,
  })
  const asked = { command: crypto.randomUUID(), mint: undefined, unit: 'sat', units: 50, by: 'owner', door: 'console' }
  const draft = await draftLightningWithdrawal({ ...asked, to, maxFeeMsat: 20_000 } as never, one.payoutDeps)
  if (!('payout' in draft)) throw new Error(JSON.stringify(draft))
  const { payout } = draft
  await opened().engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'owner', door: 'console' } })
  // It would rest for ever between two looks.
  const rests = { ...one.payoutDeps, pause: () => new Promise<void>(() => undefined) }
  const news = createMintNews({ ...rests, isAllowed: async () => true, waits: hurried })
  const melts = createMelts({
    ...rests,
    news,
    moveInvoice: async () => ({ refused: 'no-invoice' }),
    askForeign: async () => ({ refused: 'nobody' }),
    askTyped: () => async () => ({ refused: 'nobody' }),
  })
  melts.wake(payout)
  await until('the mint is listened to', () =>
    one.mint.news.listening().some(({ kind }) => kind === 'bolt11_melt_quote'),
  )
  const stage = async () => {
    const state = await opened().engine.state('payout', payout)
    return state.is === 'lightning' ? state.lightning.is : state.is
  }
  expect(await stage()).toBe('planned')
  one.mint.endMelt(to, 'paid')
  await until('it is paid', async () => (await stage()) === 'paid')
  await until('nobody listens any more', () => one.mint.news.listening().length === 0)
  expect((await one.sheet()).reduce((sum, { msat }) => sum + msat, 0n)).toBe(0n)
  melts.stop()
  news.stop()
  await one.close()
}, 20_000)

test('wallet 13 a whole node listens to a mint that announces it', async () => {
  const economy = await startEconomy({ mint: { nuts: [...allNuts, 17] } })
  const made = (await (
    await economy.post('/v1/lightning/invoice', { amount_sats: 21, purpose: 'create' })
  ).json()) as Record<string, string>
  await until('the mint is listened to', () => economy.mint.news.listening().length === 1)
  economy.mint.pay(made.bolt11 ?? made.payment_request ?? '')
  await until('the payment was told', async () => {
    const { rows } = (await economy.node.call('events.list', { type: 'deposit.paid-seen' })).result as {
      readonly rows: readonly unknown[]
    }
    return JSON.stringify(rows).includes('socket')
  })
  await economy.stop()
}, 30_000)
