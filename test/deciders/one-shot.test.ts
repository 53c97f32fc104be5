/** The end of a one-shot payment (contract 7.1): charge, change and rounding leave nothing, and never more than there is. */
import { expect, test } from 'bun:test'
import { session } from '../../events/deciders/session'
import { unlimited } from '../../events/deciders/session/state'
import { postingsOf, summed } from '../../events/engine/sheet'
import { balancesAfter } from '../../events/projections/balance-sheet'
import { asMsat } from '../../events/schema/money'
import type { SessionEvent } from '../../events/schema/session'
import { given } from '../kit/given'

const purse = `${'a'.repeat(16)}/sat`
const opened: SessionEvent = { type: 'session.opened', data: { origin: 'x-cashu', limits: unlimited } }
const credited = (msat: number): SessionEvent => ({
  type: 'session.credited',
  data: {
    depositId: 'deposit-1',
    amountMsat: asMsat(msat),
    feeMsat: asMsat(0),
    purse,
    unit: 'sat',
    mint: 'https://mint.example',
  },
})
const debited = (msat: number): SessionEvent => ({
  type: 'session.debited',
  data: { payoutId: 'payout-1', amountMsat: asMsat(msat), shares: [{ purse, msat: asMsat(msat) }] },
})
const rounded = (msat: number): SessionEvent => ({
  type: 'session.rounded',
  data: { shares: [{ purse, msat: asMsat(msat) }] },
})

test('C-140 what is less than a unit stays with the node, and nothing is left', () => {
  const past = [opened, credited(96_789), debited(96_000)]
  given(session, past).when({ do: 'round', unitMsat: 1000 }).then(rounded(789))
  expect(given(session, [...past, rounded(789)]).state).toMatchObject({ balanceMsat: 0, shares: {} })
})

test('C-140 a whole unit is never rounded away, and nothing needs no event', () => {
  given(session, [opened, credited(1000)])
    .when({ do: 'round', unitMsat: 1000 })
    .refused({ refused: 'balance-moved' })
  given(session, [opened, credited(5)])
    .when({ do: 'round', unitMsat: 1 })
    .refused({ refused: 'balance-moved' })
  given(session, [opened, credited(1000), debited(1000)])
    .when({ do: 'round', unitMsat: 1000 })
    .then()
  given(session, []).when({ do: 'round', unitMsat: 1000 }).refused({ refused: 'session-unknown' })
})

test('wallet 16 rounding moves from the customers to the owner, in both books alike', () => {
  const postings = summed(postingsOf('session-1', rounded(789)))
  expect(postings).toEqual([
    { purse, account: 'customers', msat: 789 },
    { purse, account: 'owner:rounding', msat: -789 },
  ])
  const rows = balancesAfter([], [rounded(789)])
  expect(rows.map(({ account, msat }) => [account, Number(msat)])).toEqual(
    postings.map(({ account, msat }) => [account, msat]),
  )
})

test('P-26 what no key opens takes no money, no limit and no day from the operator, before its change and after', () => {
  const reason = 'as the test wants it'
  const money = { amountMsat: asMsat(1000), reason }
  const refused = { refused: 'is-one-shot' }
  for (const past of [
    [opened, credited(96_000)],
    [opened, credited(96_000), debited(96_000)],
  ]) {
    const one = given(session, past)
    one.when({ do: 'grant', ...money, purse, unit: 'sat', mint: 'https://mint.example' }).refused(refused)
    one.when({ do: 'correct', ...money, heldMsat: 0 }).refused(refused)
    one.when({ do: 'freeze', reason }).refused(refused)
    one.when({ do: 'revoke', at: 1_700_000_000, until: undefined, reason }).refused(refused)
    one.when({ do: 'extend', validUntil: 2_000_000_000, nowMs: 0, reason }).refused(refused)
    one.when({ do: 'set-limits', balanceLimitMsat: asMsat(1), reason }).refused(refused)
    one.when({ do: 'rename', label: 'Bob' }).then({ type: 'session.renamed', data: { label: 'Bob' } })
  }
})
