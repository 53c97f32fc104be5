/** A made-up past of a node that sells: who paid in, who asked what, over 90 days, in the order of time. */
import { createHash } from 'node:crypto'
import { asMsat, type Charged, holdMsat, nothing, type SessionCharge, toDecimal } from '../../events'
import { powersOfTwo } from '../kit/mint/strangers'
import { chargeOf, chatUsage, defaultFees, fixture, fixtureLimits, noTokens, nothingMeasured } from '../kit/prices'
import { type Chance, createChance } from './chance'

export type Customer = { readonly stream: string; balanceMsat: number; deposits: number }
export type PaidIn = {
  readonly did: 'pay-in'
  readonly atMs: number
  readonly customer: Customer
  readonly deposit: string
  /** In sat, smallest first. */
  readonly faceParts: readonly number[]
  readonly netParts: readonly number[]
  readonly netMsat: number
  readonly requestId: string
}
export type Asked = {
  readonly did: 'ask'
  readonly atMs: number
  readonly customer: Customer
  readonly charge: SessionCharge
}

export const days = 90
const hourMs = 3_600_000
export const feePpk = 100
const usdPerBtc = '100000'

const models = [
  modelOf('small-chat', { prompt: '1.5e-7', completion: '6e-7' }),
  modelOf('gpt-x', { prompt: '1e-6', completion: '2e-6' }),
  modelOf('large-reasoning', { prompt: '3e-6', completion: '1.5e-5' }),
] as const

function modelOf(id: string, usd: { readonly prompt: string; readonly completion: string }) {
  const priced = fixture(usd, defaultFees, usdPerBtc)
  const shown = Object.entries(priced.client.usd).filter(([, price]) => price.num > 0n)
  return { id, priced, prices: Object.fromEntries(shown.map(([field, price]) => [field, toDecimal(price)])) }
}

/** The key of the n-th made-up customer: a run on a seeded directory may spend what lies on it. */
export const madeUpKey = (seed: number, n: number): string =>
  `sk-${createHash('sha256').update(`bench ${seed} ${n}`).digest('hex')}`

export type Wish = {
  readonly requests: number
  readonly sessions: number
  readonly seed: number
  /** Unix ms of the last event. */
  readonly endMs: number
}

/** Sessions come by and by; the early ones ask the most, as customers do. Nobody asks for more than he paid in. */
export function* history({ requests, sessions, seed, endMs }: Wish): Generator<PaidIn | Asked> {
  const chance = createChance(seed)
  const customers: Customer[] = []
  let asked = 0
  for (const atMs of times(requests, endMs, chance)) {
    asked += 1
    while (customers.length < Math.ceil((asked * sessions) / requests)) {
      const customer = newCustomer(seed, customers.length)
      customers.push(customer)
      yield payIn(customer, atMs, 0, chance)
    }
    const isNew = Math.ceil(((asked - 1) * sessions) / requests) < customers.length
    const chosen = isNew ? customers.length - 1 : Math.floor(customers.length * chance.next() ** 3)
    const customer = customers[chosen]
    if (customer === undefined) continue
    const charge = request(atMs, chance)
    if (customer.balanceMsat < charge.costMsat) yield payIn(customer, atMs, charge.costMsat, chance)
    customer.balanceMsat -= charge.costMsat
    yield { did: 'ask', atMs, customer, charge }
  }
}

const newCustomer = (seed: number, n: number): Customer => ({
  stream: `session-${createHash('sha256').update(madeUpKey(seed, n)).digest('hex')}`,
  balanceMsat: 0,
  deposits: 0,
})

/** Busier by day than by night, at the end than at the start, on working days than on others. */
function* times(requests: number, endMs: number, chance: Chance): Generator<number> {
  const startMs = endMs - days * 24 * hourMs
  const weights = Array.from({ length: days * 24 }, (_, hour) => {
    const growth = 0.4 + hour / (days * 24)
    const daylight = 1 + 0.7 * Math.sin((((hour % 24) - 8) / 24) * 2 * Math.PI)
    return growth * daylight * (Math.floor(hour / 24) % 7 < 5 ? 1 : 0.6)
  })
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  let given = 0
  for (const [hour, weight] of weights.entries()) {
    sum += weight
    const due = Math.round((requests * sum) / whole) - given
    for (let n = 0; n < due; n += 1)
      yield Math.floor(startMs + hour * hourMs + ((n + chance.next()) / due) * (hourMs - 1))
    given += due
  }
}

/** The more somebody came back, the more he brings; at least what is missing, and some more. */
function payIn(customer: Customer, atMs: number, needMsat: number, chance: Chance): PaidIn {
  const usual = chance.whole(100, 2000) * 2 ** Math.min(customer.deposits, 6)
  const faceSat = Math.max(usual, Math.ceil(needMsat / 1000) + 100)
  const faceParts = powersOfTwo(faceSat)
  const netSat = faceSat - Math.ceil((faceParts.length * feePpk) / 1000)
  customer.balanceMsat += netSat * 1000
  customer.deposits += 1
  return {
    did: 'pay-in',
    atMs,
    customer,
    deposit: `deposit-${chance.hex(32)}`,
    faceParts,
    netParts: powersOfTwo(netSat),
    netMsat: netSat * 1000,
    requestId: chance.uuid(),
  }
}

function outcomeOf(chance: Chance): Charged['outcome'] {
  const draw = chance.next()
  if (draw < 0.95) return 'answered'
  if (draw < 0.97) return 'upstream-failed'
  return draw < 0.985 ? 'client-left' : 'empty'
}

/** One request with the price that this node's own rules give it. */
function request(atMs: number, chance: Chance): SessionCharge {
  const model = chance.pick(models)
  const outcome = outcomeOf(chance)
  const isServed = outcome === 'answered' || outcome === 'client-left'
  const input = Math.floor(100 * 60 ** chance.next())
  const output = Math.floor(10 * 100 ** chance.next())
  const usage = isServed ? chatUsage(input, output) : undefined
  const price = usage === undefined ? nothing : chargeOf(model.priced, usage)
  const ms = 200 + Math.floor(8 * output * chance.next())
  const status = outcome === 'upstream-failed' ? 502 : 200
  const { inputMsat, outputMsat, baseMsat, cacheReadMsat, cacheCreationMsat } = price.split
  return {
    requestId: chance.uuid(),
    at: atMs,
    path: '/chat/completions',
    model: model.id,
    upstream: 'made-up-upstream',
    upstreamKind: 'generic',
    outcome,
    status,
    stream: outcome === 'client-left' || chance.next() < 0.6,
    holdMsat: asMsat(holdOf(model, input, output)),
    costMsat: asMsat(price.costMsat),
    split: {
      inputMsat: asMsat(inputMsat),
      outputMsat: asMsat(outputMsat),
      baseMsat: asMsat(baseMsat),
      cacheReadMsat: asMsat(cacheReadMsat),
      cacheCreationMsat: asMsat(cacheCreationMsat),
    },
    usage: isServed ? { ...noTokens, input, output, estimated: false } : { ...noTokens, estimated: false },
    prices: model.prices,
    priceSource: 'upstream',
    billing: 'list',
    fees: defaultFees,
    usdPerBtc,
    attempts: [{ upstream: 'made-up-upstream', model: model.id, status, ms }],
    firstByteMs: Math.floor(ms / 3),
    ms,
  }
}

/** What the node would have promised: about three bytes of prompt a token, and twice the output as its cap. */
const holdOf = ({ priced }: (typeof models)[number], input: number, output: number): number =>
  holdMsat({
    measure: { ...nothingMeasured, textBytes: input * 3 },
    limits: fixtureLimits,
    cap: output * 2,
    copies: 1,
    prices: priced.msat,
    minimumMsat: 1,
    fixedMsat: undefined,
    free: false,
  })
