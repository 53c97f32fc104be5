/** A cost above its hold: what is taken, what stays promised to others, what is booked as the owner's loss (contract 6.6). */
import { expect, test } from 'bun:test'
import { asMsat, type SessionCharge, session } from '../../events'
import { given } from '../kit/given'

const purse = '0123456789abcdef/sat'
const credited = (amount: number) =>
  ({
    type: 'session.credited',
    data: {
      depositId: 'd1',
      amountMsat: asMsat(amount),
      feeMsat: asMsat(0),
      purse,
      unit: 'sat',
      mint: 'https://mint.example',
    },
  }) as const
const opened = (balanceLimitMsat: number | null = null) =>
  ({
    type: 'session.opened',
    data: {
      origin: 'token',
      limits: {
        balanceLimitMsat: balanceLimitMsat === null ? null : asMsat(balanceLimitMsat),
        balanceLimitReset: null,
        validUntil: null,
      },
    },
  }) as const

const charge = (holdMsat: number, costMsat: number, outputMsat = costMsat): SessionCharge => ({
  requestId: '11111111-1111-4111-8111-111111111111',
  at: 1_800_000_000_000,
  path: '/v1/chat/completions',
  model: 'gpt-x',
  upstream: 'up',
  upstreamKind: 'generic',
  outcome: 'answered',
  status: 200,
  stream: false,
  holdMsat: asMsat(holdMsat),
  costMsat: asMsat(costMsat),
  split: {
    inputMsat: asMsat(costMsat - outputMsat),
    outputMsat: asMsat(outputMsat),
    baseMsat: asMsat(0),
    cacheReadMsat: asMsat(0),
    cacheCreationMsat: asMsat(0),
  },
  usage: {
    input: 1,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWrite1h: 0,
    output: 1,
    searches: 0,
    estimated: false,
    mismatch: false,
  },
  prices: {},
  priceSource: 'upstream',
  billing: 'list',
  fees: { exchange: '1', upstream: '1' },
  usdPerBtc: '100000',
  attempts: [],
  ms: 1,
})

function bill(balance: number, wish: SessionCharge, othersHeldMsat: number, limitMsat: number | null = null) {
  const before = given(session, [opened(limitMsat), credited(balance)])
  const { decided } = before.when({ do: 'charge', charge: wish, othersHeldMsat })
  const [event] = 'refused' in decided ? [] : decided
  if (event?.type !== 'session.charged') throw new Error('nothing was charged')
  return { ...event.data, balanceMsat: session.evolve(before.state, event).balanceMsat }
}

test.each([
  // balance, hold, held by others, cost -> charge, shortfall, balance
  [10_000, 300, 2000, 50_000, 8000, 42_000, 2000],
  [10_000, 300, 9700, 900, 300, 600, 9700],
  [10_000, 4000, 2000, 3000, 3000, 0, 7000],
  [10_000, 4000, 2000, 8000, 8000, 0, 2000],
] as const)(
  'C-099 balance %d, hold %d, others %d, cost %d: %d is charged and %d is the owner’s loss',
  (balance, hold, others, cost, taken, shortfall, left) => {
    const billed = bill(balance, charge(hold, cost), others)
    expect([billed.costMsat, billed.shortfallMsat, billed.balanceMsat]).toEqual([
      asMsat(taken),
      asMsat(shortfall),
      left,
    ])
    expect(billed.balanceMsat - others).toBeGreaterThanOrEqual(0)
  },
)

test('C-099 the output part shrinks first, and the parts still sum to what was charged', () => {
  const some = bill(10_000, charge(300, 9000, 6000), 2000)
  expect([some.split.inputMsat, some.split.outputMsat] as number[]).toEqual([3000, 5000])
  const much = bill(10_000, charge(300, 9000, 500), 9000)
  expect([much.split.inputMsat, much.split.outputMsat] as number[]).toEqual([1000, 0])
})

test('C-099 a cost above the hold takes no more than the key’s own limit leaves', () => {
  const billed = bill(10_000, charge(300, 5000), 0, 1000)
  expect([billed.costMsat, billed.shortfallMsat] as number[]).toEqual([1000, 4000])
})
