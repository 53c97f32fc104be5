/** What the wallet holds, whose it is, and the owner's way out by token (remote-admin 9.6). */
import { z } from 'zod'
import { shownSat } from '../../../events'
import { json, problem } from '../answers'
import type { PathRoute } from './path-route'
import { snake } from './words'

const balances: PathRoute = {
  method: 'GET',
  path: '/balances',
  commands: ['overview.get'],
  summary: 'Per mint and unit, in that unit: what lies there, what is owed, what is the owner’s.',
  async run({ ask }) {
    const result = await ask('overview.get', {})
    if (result instanceof Response) return result
    return json(
      result.wallet.map(({ mint, unit, totalMsat, owedMsat, mineMsat, state, sentence }) => {
        const inUnit = (msat: number) => (unit === 'sat' ? shownSat(msat) : msat)
        return {
          mint_url: mint,
          unit,
          wallet_balance: inUnit(totalMsat),
          user_balance: inUnit(owedMsat),
          owner_balance: inUnit(mineMsat),
          ...(state === 'down' || state === 'suspended' ? { error: sentence } : {}),
        }
      }),
    )
  },
}

const temporaryBalances: PathRoute = {
  method: 'GET',
  path: '/temporary-balances',
  commands: ['sessions.list'],
  summary: 'Keys and what they hold, page by page: search, state, limit and cursor as sessions.list.',
  async run({ ask, query }) {
    const limit = query.get('limit')
    const asked = Object.fromEntries(
      ['search', 'state', 'cursor'].flatMap((name) => {
        const value = query.get(name)
        return value === null ? [] : [[name, value]]
      }),
    )
    const result = await ask('sessions.list', { ...asked, ...(limit === null ? {} : { limit: Number(limit) }) })
    if (result instanceof Response) return result
    const { rows, total, totals, next } = result
    return json({
      balances: rows.map(({ key12, ...row }) => ({ hashed_key: key12, ...(snake(row) as object) })),
      total,
      totals: snake(totals),
      ...(next === undefined ? {} : { next_cursor: next }),
    })
  },
}

const withdraw: PathRoute = {
  method: 'POST',
  path: '/withdraw',
  commands: ['payouts.toToken'],
  summary: 'A token of the owner’s money; needs a fresh proof (R-012), and a code above security.codeAboveSat.',
  body: z.object({
    /** Whole units of `unit`. */
    amount: z.int().min(1),
    mint_url: z.string().optional(),
    unit: z.enum(['sat', 'msat']),
  }),
  async run({ ask, body }) {
    const { amount: sat, mint_url: mint, unit } = body
    const result = await ask('payouts.toToken', { sat, unit, ...(mint === undefined ? {} : { mint }) } as never)
    if (result instanceof Response) return result
    const { token, mint: from, payout, sentence } = result
    return token === undefined
      ? problem(503, 'unavailable', sentence ?? 'The token is not made yet.', { 'retry-after': '2' }, { payout })
      : json({ token, mint_url: from })
  },
}

export const moneyPaths: readonly PathRoute[] = [balances, temporaryBalances, withdraw]
