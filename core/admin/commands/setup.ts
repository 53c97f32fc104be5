/** setup.skip, hide and testKey: the wizard's state is the node's, whichever browser asks (dashboard 4.8). */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { asMsat, setupStep, unlimited, wish } from '../../../events'
import { limits } from '../../limits'
import { command, type RunContext } from '../command'
import { setupGet, stepsOf } from '../queries/setup'
import { placeFor } from './sessions-money'

export const setupSkip = command({
  name: 'setup.skip',
  role: 'operator',
  class: 'L',
  in: z.object({ step: setupStep }),
  out: setupGet.out,
  async run({ step }, context) {
    const outcome = await context.execute(wish('node', 'node', { do: 'skip-step', step }))
    return 'refused' in outcome ? outcome : { steps: await stepsOf(context, [step]) }
  },
})

export const setupHide = command({
  name: 'setup.hide',
  role: 'operator',
  class: 'L',
  /** Without a step all of them, those that are still open too. */
  in: z.object({ step: setupStep.optional() }),
  out: setupGet.out,
  async run({ step }, context) {
    const steps = step === undefined ? setupStep.options : [step]
    const outcome = await context.execute(wish('node', 'node', { do: 'hide-steps', steps }))
    return 'refused' in outcome ? outcome : { steps: await stepsOf(context, []) }
  },
})

/** A gift of the owner to himself: granted out of his part, and what it spends is no revenue. */
export const setupTestKey = command({
  name: 'setup.testKey',
  role: 'owner',
  class: 'L',
  lane: 'money',
  secretResults: ['apiKey', 'curl'],
  in: z.object({}),
  out: z.object({ apiKey: z.string(), sat: z.int(), curl: z.string() }),
  async run(_, context) {
    const sat = await affordableSat(context)
    const place = await placeFor(sat * 1000, undefined, context)
    if ('refused' in place) return place
    const apiKey = `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}`
    const session = `session-${createHash('sha256').update(apiKey).digest('hex')}`
    const open = { do: 'open', origin: 'operator', limits: unlimited, test: true } as const
    const grant = { do: 'grant', amountMsat: asMsat(sat * 1000), ...place, reason: 'to try the node with' } as const
    const note = { do: 'note-test-key', session, nowMs: context.now, most, withinMs } as const
    const outcome = await context.execute([
      wish('node', 'node', note),
      wish('session', session, open),
      wish('session', session, grant),
      wish('session', session, { do: 'rename', label: 'test key' }),
    ])
    return 'refused' in outcome ? outcome : { apiKey, sat, curl: curlFor(apiKey, context) }
  },
})

const { testKeys: most, testKeysWithinMs: withinMs } = limits

/** What one purse can give, up to the bound; at least 1 sat, which is refused where it is not there. */
async function affordableSat({ node }: Pick<RunContext, 'node'>): Promise<number> {
  const { mints } = await node.engine.state('node', 'node')
  const floors = await node.money.floors()
  const richest = Math.max(
    0,
    ...mints.flatMap(({ mintId, units }) => units.map((unit) => floors.get(`${mintId}/${unit}`)?.spendableMsat ?? 0)),
  )
  return Math.max(1, Math.min(limits.testKeySat, Math.floor(richest / 1000)))
}

/** One request for the shell, at the model whose dearest request costs least. */
function curlFor(apiKey: string, { node }: Pick<RunContext, 'node'>): string {
  const sold = node.upstreams.models().filter(({ state }) => state === 'sellable')
  const costOf = ({ maxCostMsat }: (typeof sold)[number]) => maxCostMsat ?? Number.MAX_SAFE_INTEGER
  const [cheapest] = sold.toSorted((a, b) => costOf(a) - costOf(b))
  const url = node.settings('identity.publicUrl') || node.localUrl
  const body = {
    model: cheapest?.model ?? '<model>',
    messages: [{ role: 'user', content: 'Say hello.' }],
    max_tokens: 20,
  }
  return [
    `curl ${quoted(`${url.replace(/\/+$/, '')}/v1/chat/completions`)}`,
    `-H ${quoted(`Authorization: Bearer ${apiKey}`)}`,
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ')
}

/** As one word of a shell: a model's name is the upstream's to choose. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
