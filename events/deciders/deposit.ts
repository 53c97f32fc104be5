/** The rules of one token redemption (wallet 5.1): planned before it is sent, closed once, by evidence. */

import type { DepositEvent, Evidence, WalletAttempt } from '../schema/deposit'
import { asMsat } from '../schema/money'
import type { Process } from './decider'
import {
  decideInvoice,
  evolveInvoice,
  type Invoice,
  type InvoiceCommand,
  type InvoiceRefusal,
  isForgotten,
  isInvoiceCommand,
  type SharedCommand,
} from './invoice'

type Started = Extract<DepositEvent, { type: 'deposit.started' }>['data']

export type Deposit =
  | { readonly is: 'unknown' }
  | { readonly is: 'open'; readonly plan: Started; readonly attempts: readonly WalletAttempt[] }
  | {
      readonly is: 'settled'
      readonly plan: Started
      readonly units: number
      readonly feeUnits: number
      readonly amountMsat: number
    }
  | {
      readonly is: 'rejected'
      readonly plan: Started
      readonly reason: RejectReason
      readonly attempts: readonly WalletAttempt[]
    }
  | { readonly is: 'invoice'; readonly invoice: Invoice }

export type RejectReason = 'spent-elsewhere' | 'refused' | 'not-sent'

export type DepositCommand =
  | InvoiceCommand
  | { readonly do: 'start'; readonly plan: Started; readonly isMintTrusted: boolean }
  | SharedCommand
  | { readonly do: 'reject'; readonly reason: RejectReason; readonly evidence: Evidence }

/** `deposit-renewed`: the token was presented again, for somebody else, while its caller looked at the mint. */
export type DepositRefusal = InvoiceRefusal | { readonly refused: 'token-spent' | 'deposit-renewed' }

/** What an open deposit owes the world: one swap at its mint, or a quote to be asked for, watched and issued. */
export type DepositWork = { readonly work: 'redeem' | 'ask-quote' | 'watch-quote' | 'issue' }

export const deposit: Process<Deposit, DepositCommand, DepositEvent, DepositRefusal, DepositWork> = {
  initial: { is: 'unknown' },

  decide(state, command) {
    if (isInvoiceCommand(command)) {
      if (state.is === 'unknown') return decideInvoice(undefined, command)
      return state.is === 'invoice' ? decideInvoice(state.invoice, command) : { refused: 'deposit-open' }
    }
    if (command.do === 'start') return start(state, command)
    if (state.is === 'invoice')
      return command.do === 'reject' ? { refused: 'deposit-open' } : decideInvoice(state.invoice, command)
    const isLate = state.is === 'rejected' && command.do === 'settle'
    if (state.is !== 'open' && !isLate) return { refused: 'deposit-closed' }
    // While it was open its mint could not be removed (wallet 9.5).
    if (isLate && command.isMintTrusted === false) return { refused: 'mint-unknown' }
    switch (command.do) {
      case 'replan':
        return [{ type: 'deposit.replanned', data: { attempt: command.attempt, why: command.why } }]
      case 'settle': {
        if (command.target !== undefined && command.target !== state.plan.target) return { refused: 'deposit-renewed' }
        // What was signed is what counts (W-14), never the face value of the token.
        const units = command.coins.reduce((sum, coin) => sum + coin.amount, 0)
        const amountMsat = asMsat(state.plan.unit === 'sat' ? units * 1000 : units)
        const feeUnits = state.plan.faceUnits - units
        const { attemptN, seedId, coins, instead } = command
        const { purse, via } = state.plan
        return [
          {
            type: 'deposit.settled',
            data: {
              attemptN,
              purse,
              seedId,
              coins: [...coins],
              units,
              feeUnits,
              amountMsat,
              ...(via === 'donate' ? { donated: true as const } : {}),
              ...(instead === undefined ? {} : { instead }),
            },
          },
        ]
      }
      case 'reject':
        return [{ type: 'deposit.rejected', data: { reason: command.reason, evidence: command.evidence } }]
      default:
        return command satisfies never
    }
  },

  evolve(state, event) {
    if (state.is === 'invoice' || event.type === 'deposit.requested') {
      const invoice = evolveInvoice(state.is === 'invoice' ? state.invoice : undefined, event)
      return invoice === undefined ? state : { is: 'invoice', invoice }
    }
    switch (event.type) {
      case 'deposit.started': {
        // A second start of the same proofs keeps the earlier attempts: any of them may still win (W-08).
        const earlier = state.is === 'rejected' ? state.attempts : []
        return { is: 'open', plan: event.data, attempts: [...earlier, event.data.attempt] }
      }
      case 'deposit.replanned':
        return state.is === 'open' ? { ...state, attempts: [...state.attempts, event.data.attempt] } : state
      case 'deposit.settled': {
        const { units, feeUnits, amountMsat, instead } = event.data
        // Rejected by the evidence of its time, and processed by its mint after all (wallet 9.8).
        if (state.is !== 'open' && state.is !== 'rejected') return state
        const plan = instead === undefined ? state.plan : { ...state.plan, target: instead.target }
        return { is: 'settled', plan, units, feeUnits, amountMsat }
      }
      case 'deposit.rejected':
        return state.is === 'open'
          ? { is: 'rejected', plan: state.plan, reason: event.data.reason, attempts: state.attempts }
          : state
      case 'deposit.quoted':
      case 'deposit.paid-seen':
      case 'deposit.planned':
      case 'deposit.lapsed':
      case 'deposit.reopened':
      case 'deposit.disputed':
      case 'deposit.dispute-closed':
        return state
      default:
        return event satisfies never
    }
  },

  todo(state) {
    if (state.is === 'open') return [{ work: 'redeem' }]
    if (state.is !== 'invoice') return []
    const work = isForgotten(state.invoice) ? 'watch-quote' : invoiceWork[state.invoice.is]
    return work === undefined ? [] : [{ work }]
  },
}

const invoiceWork: Readonly<Record<Invoice['is'], DepositWork['work'] | undefined>> = {
  requested: 'ask-quote',
  quoted: 'watch-quote',
  'paid-seen': 'issue',
  planned: 'issue',
  settled: undefined,
  disputed: undefined,
  lapsed: undefined,
  'never-quoted': undefined,
}

function start(
  state: Deposit,
  { plan, isMintTrusted }: Extract<DepositCommand, { do: 'start' }>,
): DepositEvent[] | DepositRefusal {
  switch (state.is) {
    case 'unknown':
      return isMintTrusted ? [{ type: 'deposit.started', data: plan }] : { refused: 'mint-unknown' }
    case 'open':
    case 'invoice':
      return { refused: 'deposit-open' }
    case 'settled':
      return { refused: 'token-spent' }
    case 'rejected':
      // Spent elsewhere is final; a refused or never sent token may be tried again (wallet 5.1, 6).
      if (state.reason === 'spent-elsewhere') return { refused: 'token-spent' }
      return !isMintTrusted
        ? { refused: 'mint-unknown' }
        : [{ type: 'deposit.started', data: { ...plan, attempt: { ...plan.attempt, n: state.attempts.length + 1 } } }]
    default:
      return state satisfies never
  }
}
