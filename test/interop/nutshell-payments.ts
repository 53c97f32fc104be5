/**
 * Money out at Nutshell: tokens of the owner, and payments whose fate its fake wallet is started with (wallet 5.4, 6.4,
 * 6.5, 18). Each payment is begun under one fate and ends under the next, the mint started again on its data between.
 */
import { type TestNode, until } from '../kit/node'
import { fatedInvoice } from './cdk-mint'
import { stateOf } from './cdk-payments'
import { checkBooks } from './customer'
import type { Check, ClientWallet } from './real-mint'

type State = 'SETTLED' | 'PENDING' | 'FAILED' | 'UNKNOWN'
export type Fate = {
  /** What paying an invoice says, and what a look at the payment says. */
  readonly pay: State
  readonly look: State
  readonly payFails?: true
  readonly lookFails?: true
}
export const fated = ({ pay, look, payFails, lookFails }: Fate): Readonly<Record<string, string>> => ({
  FAKEWALLET_PAY_INVOICE_STATE: pay,
  FAKEWALLET_PAYMENT_STATE: look,
  FAKEWALLET_PAY_INVOICE_STATE_EXCEPTION: payFails === true ? 'TRUE' : 'FALSE',
  FAKEWALLET_PAYMENT_STATE_EXCEPTION: lookFails === true ? 'TRUE' : 'FALSE',
})

type Case = {
  readonly what: string
  readonly sat: number
  readonly first: Fate
  /** Absent: it ends under the first. */
  readonly then?: Fate
  readonly ends: 'paid' | 'failed'
}

const pending = { pay: 'PENDING', look: 'PENDING' } as const
const unknown = { pay: 'UNKNOWN', look: 'UNKNOWN' } as const
const settled = { pay: 'SETTLED', look: 'SETTLED' } as const
const failed = { pay: 'FAILED', look: 'FAILED' } as const
const silent = { pay: 'PENDING', look: 'PENDING', lookFails: true } as const
const broken = { pay: 'SETTLED', look: 'PENDING', payFails: true, lookFails: true } as const

const cases: readonly Case[] = [
  { what: 'paid', sat: 100, first: settled, ends: 'paid' },
  { what: 'failed', sat: 101, first: failed, ends: 'failed' },
  { what: 'pending, then paid', sat: 102, first: pending, then: settled, ends: 'paid' },
  { what: 'pending, then failed', sat: 103, first: pending, then: failed, ends: 'failed' },
  { what: 'unknown, then paid', sat: 104, first: unknown, then: settled, ends: 'paid' },
  { what: 'unknown, then failed', sat: 105, first: unknown, then: failed, ends: 'failed' },
  { what: 'pending and no look answers, then paid', sat: 106, first: silent, then: settled, ends: 'paid' },
  { what: 'an error and no look answers, then failed', sat: 107, first: broken, then: failed, ends: 'failed' },
]

/** `restart` starts the mint again on its data, with this fate. */
export async function payUnderFates(
  node: TestNode,
  restart: (fate: Fate) => Promise<void>,
  check: Check,
): Promise<void> {
  for (const { what, sat, first, then, ends } of cases) {
    await restart(first)
    const answer = await node.call('payouts.toLightning', { sat, to: fatedInvoice(sat, fateless), maxFeeSat: 12 })
    const { payout = '' } = (answer.result ?? {}) as { payout?: string }
    if (payout === '') {
      check(`a payment: ${what}`, false, answer)
      continue
    }
    if (then !== undefined) {
      await until('it was sent', async () => begun.includes(await stateOf(node, payout)), 30_000)
      await node.call('payouts.cancel', { payout })
      await node.call('payouts.ask', { payout })
      const state = await stateOf(node, payout)
      check(`${what}: open, asked and cancelled`, begun.includes(state), state)
      await checkBooks(`${what}, while it is open`, node, check, true)
      await restart(then)
      await node.call('payouts.ask', { payout })
    }
    await until(`${what}: ${ends}`, async () => (await stateOf(node, payout)) === ends, 90_000).catch(() => undefined)
    const events = (await node.node.log.read(`payout-${payout}`, 0)).map(({ type }) => type.replace('payout.', ''))
    const state = await stateOf(node, payout)
    check(`a payment: ${what}`, state === ends, { state, events: events.join(' ') })
    // Tokens of customers and of the owner were collected before.
    await checkBooks(what, node, check, true)
  }
  await restart(settled)
}

const begun = ['sent', 'unclear']
/** Nutshell's fake wallet does not read the invoice: its own settings say what becomes of it. */
const fateless = { pay: 'PAID', check: 'PAID' } as const

/** A token of the owner is received by a wallet that nobody here wrote; another one is taken back. */
export async function tokensOut(node: TestNode, wallet: ClientWallet, check: Check): Promise<void> {
  const made = async (sat: number) =>
    (await node.call('payouts.toToken', { sat })).result as { payout: string; token?: string }
  const shown = async (payout: string) =>
    ((await node.call('payouts.showToken', { payout })).result as { token?: string }).token ?? ''
  const first = await made(40)
  const token = await shown(first.payout)
  check('the owner’s token is received by the wallet', token !== '', await wallet.receive('sat', token))
  await node.call('payouts.ask', { payout: first.payout })
  const collected = async () => (await stateOf(node, first.payout)) === 'collected'
  await until('the node sees it', collected, 30_000).catch(() => undefined)
  check('and seen as collected', await collected(), await stateOf(node, first.payout))
  const second = await made(25)
  const held = await shown(second.payout)
  await node.call('payouts.takeBack', { payout: second.payout })
  const taken = async () => (await stateOf(node, second.payout)) === 'takenBack'
  await until('it is taken back', taken, 30_000).catch(() => undefined)
  check('another one is taken back', await taken(), await stateOf(node, second.payout))
  const refused = await wallet.receive('sat', held).catch(() => undefined)
  check('and worth nothing to whoever kept its text', refused === undefined, refused ?? 'refused by the mint')
  await checkBooks('the owner’s tokens', node, check, true)
}
