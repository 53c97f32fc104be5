/** What must hold before a request is forwarded, in the order of contract 6.3; ends with the hold. */
import {
  type Hold,
  holdMsat,
  limitLeftMsat,
  type Measure,
  type MsatPrices,
  periodEnd,
  type Session,
  spentInPeriodMsat,
} from '../../events'
import { limits } from '../limits'
import { findOffers, needsRate, type Offer, pricedFor } from '../upstream/offers'
import { parseObject, readBody } from './body'
import { type Fields, readFields } from './body-fields'
import type { OneShot } from './change'
import { measureBody } from './measure-body'
import type { PublicNode, PublicRequest } from './node-port'
import { closedError, encryptedError, findPayer, notSelling, openPayer, type Paying } from './pay'
import { type PublicError, publicError } from './refusals'

/** What a request asks for, and at which prices: known before anybody pays. */
export type Asked = {
  readonly body: Readonly<Record<string, unknown>>
  readonly fields: Fields
  readonly measure: Measure
  readonly offers: readonly Offer[]
  readonly first: Offer
  /** Decimal text; null where no price depends on it. */
  readonly usdPerBtc: string | undefined
}

export type Admitted = Omit<Asked, 'first'> & {
  readonly model: string
  readonly hold: Hold
  /** A token that pays for this request alone; undefined: a key pays. */
  readonly oneShot?: OneShot
}

/** A key and, of a child, its parent, as they are in memory now. */
type Keys = { readonly session: string; readonly state: Session; readonly parent?: Paying | undefined }

export async function admit(
  node: PublicNode,
  call: PublicRequest,
  dialect: 'chat' | 'completions',
): Promise<Admitted | PublicError> {
  const encrypted = encryptedError(call.request.headers)
  if (encrypted !== undefined) return encrypted
  const raw = await readBody(call.request, node.maxBodyBytes)
  if ('error' in raw) return raw
  call.keepOpen()
  const payer = await findPayer(node, call)
  if ('error' in payer) return payer
  const asked = readAsked(node, raw.bytes, dialect)
  if (isPublicError(asked)) return asked
  const opened = await openPayer(node, call, payer, { via: 'bearer' })
  if ('error' in opened) return opened
  return holdFor(node, call.id, opened.credential.session, asked)
}

/** Steps 4 to 6 of contract 6.3, and whether anything is sold now. */
export function readAsked(node: PublicNode, bytes: Uint8Array, dialect: 'chat' | 'completions'): Asked | PublicError {
  const body = parseObject(bytes)
  if (isPublicError(body)) return body
  const fields = readFields(body)
  if (isPublicError(fields)) return fields
  const offers = findOffers(node.book(), fields.model)?.filter((offer) => speaks(offer, dialect))
  if (offers === undefined) return publicError('model_not_found', { model: shown(fields.model) })
  const [first] = offers
  if (first === undefined) return publicError('endpoint_not_supported', { model: shown(fields.model) })
  const { measure, features } = measureBody(body, node.settings('pricing.searchHoldCalls'))
  const unpriced = unpricedFeature(first, features)
  if (unpriced !== undefined) return publicError('feature_not_priced', { model: first.model, feature: unpriced })
  const refused = notSelling(node)
  if (refused !== undefined) return refused
  const usdPerBtc = node.rate()?.usdPerBtc
  if (usdPerBtc === undefined && needsRate(first)) return publicError('price_unavailable')
  // What the body refers to lies at one upstream: no other can serve it (contract 6.2).
  return { body, fields, measure, offers: features.references ? [first] : offers, first, usdPerBtc }
}

/** A name that only the client knows, told back at a readable length. */
const shown = (model: string) => (model.length <= 200 ? model : `${model.slice(0, 200)}…`)

/** Steps 8 to 11: nothing awaits between them, and nothing is written. */
function holdFor(node: PublicNode, requestId: string, session: string, asked: Asked): Admitted | PublicError {
  const { body, fields, measure, offers, first, usdPerBtc } = asked
  const keys = keysInMemory(node, session)
  if (keys === undefined) return publicError('node_busy')
  const nowMs = node.now()
  const closed = closedError(keys, nowMs)
  if (closed !== undefined) return closed
  if (node.holds.totals().requests >= limits.requestsPerNode) return publicError('node_busy')
  const needMsat = worstCase(node, first, node.pricesOf(first, usdPerBtc), measure, fields)
  const of = { requestId, model: first.model, upstream: first.upstream, since: nowMs }
  const hold = node.holds.take({ ...wishFor(node, keys, needMsat, nowMs), of })
  if ('refused' in hold) return holdError(hold, keys, needMsat, first.model, nowMs)
  return { body, fields, measure, offers, model: first.model, usdPerBtc, hold }
}

export function worstCase(
  node: PublicNode,
  offer: Offer,
  prices: MsatPrices,
  measure: Measure,
  fields: Fields,
): number {
  return holdMsat({
    measure,
    limits: offer.limits,
    cap: fields.cap,
    copies: fields.copies,
    prices,
    minimumMsat: node.settings('pricing.minRequestMsat'),
    fixedMsat: offer.prices.fixedMsat,
    free: offer.prices.source === 'free',
  })
}

/** undefined: the key, or its parent, was put out of memory this very moment. */
function keysInMemory(node: PublicNode, session: string): Keys | undefined {
  const state = node.engine.peek('session', session)
  if (state?.parent === undefined) return state === undefined ? undefined : { session, state }
  const parent = node.engine.peek('session', state.parent)
  return parent === undefined ? undefined : { session, state, parent: { session: state.parent, state: parent } }
}

const boundsOf = (node: PublicNode, { session, state }: Paying, nowMs: number) => ({
  session,
  limitLeftMsat: limitLeftMsat(state, nowMs),
  most: Math.min(state.maxParallel ?? Number.POSITIVE_INFINITY, node.settings('sessions.maxParallel')),
})

const wishFor = (node: PublicNode, keys: Keys, needMsat: number, nowMs: number) => ({
  ...boundsOf(node, keys, nowMs),
  needMsat,
  balanceMsat: (keys.parent ?? keys).state.balanceMsat,
  ...(keys.parent === undefined ? {} : { parent: boundsOf(node, keys.parent, nowMs) }),
})

/** A dearer offer needs a larger promise, raised as one synchronous step (contract 8.3). */
export function changeHold(node: PublicNode, hold: Hold, needMsat: number) {
  const keys = keysInMemory(node, hold.session)
  if (keys === undefined) return hold
  return node.holds.change(hold, wishFor(node, keys, needMsat, node.now()))
}

type HoldProblem = Exclude<ReturnType<PublicNode['holds']['take']>, Hold>

function holdError(problem: HoldProblem, keys: Keys, needMsat: number, model: string, nowMs: number): PublicError {
  switch (problem.refused) {
    case 'too-many-in-flight':
      return publicError('too_many_requests', { seconds: 1 }, { retryAfterS: 1 })
    case 'limit-reached': {
      const { state } = problem.ofParent === true ? (keys.parent ?? keys) : keys
      const limit = state.limits.balanceLimitMsat ?? 0
      const spent = spentInPeriodMsat(state, nowMs)
      return publicError(
        'balance_limit_exceeded',
        { limit, spent, reserved: problem.heldMsat, required: needMsat },
        {
          details: {
            limit_msat: limit,
            spent_msat: spent,
            reserved_msat: problem.heldMsat,
            required_msat: needMsat,
            resets_at: resetsAt(state, nowMs),
          },
        },
      )
    }
    case 'balance-too-low':
      return publicError(
        'insufficient_balance',
        { required: needMsat, available: problem.availableMsat, reserved: problem.heldMsat },
        {
          details: {
            required_msat: needMsat,
            available_msat: problem.availableMsat,
            reserved_msat: problem.heldMsat,
            balance_msat: (keys.parent ?? keys).state.balanceMsat,
            model,
          },
        },
      )
    default:
      return problem satisfies never
  }
}

function resetsAt(state: Session, nowMs: number): number | null {
  const { balanceLimitReset } = state.limits
  return balanceLimitReset === null ? null : Math.floor(periodEnd(balanceLimitReset, nowMs) / 1000)
}

/** Of stage 1 all three kinds speak chat; completions is the next room to be opened. */
const speaks = (_offer: Offer, dialect: string): boolean => dialect === 'chat'

function unpricedFeature(offer: Offer, features: ReturnType<typeof measureBody>['features']): string | undefined {
  if (features.webSearch && !pricedFor(offer, 'webSearch') && offer.billing !== 'reported') return 'web search'
  if (features.hostedTool !== undefined && offer.billing !== 'reported' && !offer.hostedTools)
    return `the hosted tool ${features.hostedTool.slice(0, 60)}`
  if (offer.billing === 'reported') return undefined
  if (features.audio) return 'audio'
  return features.imageOutput ? 'image output' : undefined
}

export const isPublicError = (value: object): value is PublicError =>
  'status' in value && 'error' in value && typeof value.error === 'object'
