/** `GET /v1/balance/history` (contract 4.5): what moved on a key, page by page, and never a token. */
import {
  findRequest,
  findTransfer,
  listCharges,
  listMovements,
  type MovementFilter,
  type RequestRow,
  type TransferRow,
  wholeParts,
} from '../../events'
import { limits } from '../limits'
import { isPublicError } from './admission'
import { errorAnswer, jsonAnswer } from './answer'
import { logged } from './log-refusal'
import type { PublicNode, PublicRequest } from './node-port'
import { findPayer, openPayer, type Payer, payingOf } from './pay'
import { type PublicError, publicError } from './refusals'

type Wish = { readonly type: 'in' | 'out' | 'charge' | undefined; readonly limit: number; readonly before: string }
type Page = { readonly rows: readonly Readonly<Record<string, unknown>>[]; readonly isLast: boolean }

export async function keyHistory(node: PublicNode, call: PublicRequest): Promise<Response> {
  const no = (problem: PublicError) => errorAnswer(logged(node, call, problem), call.id, call.headers)
  const wish = readWish(call.query)
  if (isPublicError(wish)) return no(wish)
  const found = await findPayer(node, call)
  if (isPublicError(found)) return no(found)
  const payer = await openPayer(node, call, found, { via: 'bearer' })
  if (isPublicError(payer)) return no(payer)
  // Tables that are being built again would tell half of it.
  if (!node.views.isHealthy()) return no(publicError('node_busy'))
  await node.views.caughtUp(node.log.head(), limits.viewsFreshMs)
  const page = wish.type === 'charge' ? await charges(node, payer, wish) : await movements(node, payer, wish)
  if (page === undefined) return no(invalid('before', 'is not a cursor of this list'))
  const { rows, isLast } = page
  return jsonAnswer({ transactions: rows, next: isLast ? null : (rows.at(-1)?.id ?? null) }, call.headers)
}

const invalid = (param: string, why: string): PublicError => publicError('invalid_field', { param, why })

function readWish(query: URLSearchParams): Wish | PublicError {
  const type = query.get('type') ?? undefined
  if (type !== undefined && type !== 'in' && type !== 'out' && type !== 'charge')
    return invalid('type', 'must be in, out or charge')
  const asked = query.get('limit') ?? String(limits.historyRows)
  const limit = /^\d{1,3}$/.test(asked) ? Number(asked) : 0
  if (limit < 1 || limit > limits.historyRowsMost)
    return invalid('limit', `must be a whole number from 1 to ${limits.historyRowsMost}`)
  return { type, limit, before: query.get('before') ?? '' }
}

/** The cursor is the id of the last row seen: it says nothing about the node, and is looked up among the key's own. */
async function movements(node: PublicNode, payer: Payer, { type, limit, before }: Wish): Promise<Page | undefined> {
  // A child key has no money of its own: it sees its charges only.
  if (payer.parent !== undefined) return before === '' ? { rows: [], isLast: true } : undefined
  const { session } = payer.credential
  const last = before === '' ? undefined : await transferOf(node, session, before)
  if (before !== '' && last === undefined) return undefined
  const filter: MovementFilter = { session, type: type === 'charge' ? undefined : type, before: last, limit: limit + 1 }
  const rows = await listMovements(node.views.sql, filter)
  return { rows: rows.slice(0, limit).map(shownMovement), isLast: rows.length <= limit }
}

async function charges(node: PublicNode, payer: Payer, { limit, before }: Wish): Promise<Page | undefined> {
  const { session } = payingOf(payer)
  const child = payer.parent === undefined ? undefined : payer.credential.session
  const last = before === '' ? undefined : await findRequest(node.views.sql, before)
  const isOwn = last?.payer === session && (child === undefined || last.child === child)
  if (before !== '' && !isOwn) return undefined
  const rows = await listCharges(node.views.sql, { payer: session, child, before: last?.position, limit: limit + 1 })
  return { rows: rows.slice(0, limit).map(shownCharge), isLast: rows.length <= limit }
}

/** An id as it was shown; one of another key is none. */
async function transferOf(node: PublicNode, session: string, id: string): Promise<TransferRow | undefined> {
  const version = /^operator-(\d{1,15})$/.exec(id)?.[1]
  if (version === undefined && !/^[0-9a-f]{32}$/.test(id)) return undefined
  const ids = version === undefined ? [`deposit-${id}`, `payout-${id}`] : [`${session}/${version}`]
  for (const one of ids) {
    const row = await findTransfer(node.views.sql, one)
    if (row?.session === session) return row
  }
  return undefined
}

const sources = { deposit: 'cashu', payout: 'refund', operator: 'operator' } as const
const states: Readonly<Partial<Record<TransferRow['state'], string>>> = {
  open: 'pending',
  planned: 'pending',
  settled: 'credited',
  unclear: 'pending',
  claimed: 'collected',
  paid: 'collected',
  'taken-back': 'reversed',
  rejected: 'reversed',
}

/** `amount` is in whole units of `unit`: what reached the key, or left it and did not come back, fees out of it included. */
function shownMovement(row: TransferRow): Readonly<Record<string, unknown>> {
  const isIn = row.kind === 'deposit' || row.via === 'credit'
  const unit = row.kind === 'payout' && row.unit === '' ? 'sat' : row.unit
  const perUnit = unit === 'sat' ? 1000 : 1
  const movedMsat = Number(row.kind === 'payout' ? row.debitedMsat : row.amountMsat)
  const units = row.kind === 'deposit' ? Number(row.faceUnits - row.feeUnits) : wholeParts(movedMsat, perUnit)
  return {
    id: row.kind === 'operator' ? row.id.replace(/^.*\//, 'operator-') : row.id.replace(/^(deposit|payout)-/, ''),
    type: isIn ? 'in' : 'out',
    source: row.via.startsWith('invoice') ? 'lightning' : sources[row.kind],
    amount: units,
    unit,
    mint_url: row.mint === '' ? null : row.mint,
    created_at: Math.floor(Number(row.startedAt) / 1000),
    status: row.kind === 'operator' ? 'done' : (states[row.state] ?? row.state),
    collected: ['settled', 'claimed', 'paid'].includes(row.state),
    swept: row.state === 'swept',
    fee_msats: feeMsatOf(row, perUnit),
  }
}

/** What its mint took of a token on the way in; of a refund by Lightning both fees, by token the node bears it. */
function feeMsatOf({ kind, state, feeUnits, debitedMsat, amountMsat }: TransferRow, perUnit: number): number {
  if (kind === 'deposit') return Number(feeUnits) * perUnit
  return state === 'paid' ? Math.max(0, Number(debitedMsat - amountMsat)) : 0
}

const shownCharge = (row: RequestRow): Readonly<Record<string, unknown>> => ({
  id: row.requestId,
  type: 'charge',
  model: row.model,
  created_at: Math.floor(Number(row.at) / 1000),
  cost_msats: Number(row.costMsat),
  input_tokens: Number(row.inputTokens),
  output_tokens: Number(row.outputTokens),
  estimated: row.estimated,
})
