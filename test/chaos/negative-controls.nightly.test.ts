/**
 * Wrong policies, each of which the suite must notice (wallet 19.6): the scenarios of `late-mints.nightly.test.ts` hold as the
 * product stands and break the named invariant once one policy is replaced.
 */
import { expect, test } from 'bun:test'
import { type Edit, runMutant } from '../kit/mutant'
import { spread } from '../kit/sizes'

type Control = {
  readonly policy: string
  readonly edits: readonly Edit[]
  /** Part of the title of the one scenario that must break. */
  readonly scenario: string
  readonly breaks: readonly string[]
}

const lightning = 'events/deciders/lightning.ts'
const meltClose = 'core/processes/melt-close.ts'
const drive = 'core/processes/drive.ts'
const steps = 'events/log/steps.ts'

const controls: readonly Control[] = [
  {
    policy: 'release on UNPAID',
    edits: [
      {
        file: 'core/processes/melt-drive.ts',
        find: '    if (stage.cancelWanted !== undefined) return fence(one, memory)\n',
        put: "    if (stage.cancelWanted !== undefined) return closing.giveUp(one, 'cancelled')\n",
      },
      {
        file: meltClose,
        find: 'await engine.execute(wishes, { ...inline, meta: metaOf(one) })',
        put: `await engine.execute(wishes, {
      ...inline,
      meta: metaOf(one),
      moves: (one as Planned).stage.plan.inputs.map(({ keysetId, counter }) => ({ keysetId, counter, from: 'locked', to: 'free' })),
    })`,
      },
      {
        file: lightning,
        find: "      if (state.is !== 'requested' && state.is !== 'resolved' && state.is !== 'quoted') return movedOn\n",
        put: '',
      },
      {
        file: lightning,
        find: 'const data = { reason, whose: whoseMoney(wish.purpose), shares: [...wish.shares] }',
        put: `const { purse, inputs } = (state as Extract<Lightning, { is: 'planned' }>).plan
      const coins = { purse, units: sum(inputs), fate: 'freed' as const }
      const data = { reason, whose: whoseMoney(wish.purpose), shares: [...wish.shares], coins }`,
      },
    ],
    scenario: 'a payment that looks unpaid for a while',
    breaks: ['I1', 'I2', 'I5'],
  },
  {
    policy: '4xx is final',
    edits: [
      {
        file: drive,
        find: '    // Exactly one send, tried in this process, that never left it (W-07).\n',
        put: "    if (answer?.is === 'rejected') return closing.reject(round, 'refused', 'a 4xx')\n",
      },
    ],
    scenario: 'lost its answer and then says 400',
    breaks: ['I1'],
  },
  {
    policy: 'release on UNSPENT',
    edits: [
      {
        file: drive,
        find: '    return byCode(one)\n',
        put: "    return unspent > 0 ? closing.reject(one, 'not-sent', 'unspent') : byCode(one)\n",
      },
    ],
    scenario: 'works on late look unspent',
    breaks: ['I2'],
  },
  {
    policy: 'await between check and claim, of counters',
    // The turns alone hide it, and the guard alone would.
    edits: [
      { file: steps, find: ' where c.next = $3::bigint', put: '' },
      { file: 'events/log/sql-log.ts', find: 'await turns.take({ seedId, keysetId })', put: '' },
    ],
    scenario: 'eight deposits at once',
    breaks: ['I6'],
  },
  {
    policy: 'await between check and claim, of coins',
    edits: [{ file: steps, find: ' and coin.state = m.before', put: '' }],
    scenario: 'eight withdrawals of the same coins',
    breaks: ['A1'],
  },
]

const file = 'test/chaos/late-mints.nightly.test.ts'
const brokenIn = (output: string) => [...new Set([...output.matchAll(/^\+ +"([AI]\d) /gm)].map(([, name]) => name))]

// Each takes seconds: a check sees two of them noticed, the night all.
test.each(spread(controls, 3).map((control) => [control.policy, control] as const))(
  'wallet 19.6 "%s" is noticed, by the invariant it breaks',
  async (_, { edits, scenario, breaks }) => {
    const { passed, output } = await runMutant(edits, { file, title: scenario })
    expect({ passed, broken: brokenIn(output).sort() }).toEqual({ passed: false, broken: [...breaks] })
  },
  40_000,
)

test('wallet 19.6 the copy itself breaks nothing, and a policy that is not where it was is not passed over', async () => {
  const right = await runMutant([], { file, title: 'works on late look unspent' })
  expect({ passed: right.passed, broken: brokenIn(right.output) }).toEqual({ passed: true, broken: [] })
  const gone = { file: drive, find: 'no such text', put: '' }
  const refused = await runMutant([gone], { file, title: 'eight' }).catch((error: unknown) => error)
  expect(String(refused)).toContain('does not hold once')
}, 40_000)
