/** payouts.toLightning, payouts.ask, payouts.cancel: the owner's money leaves by Lightning (wallet 5.4). */
import { z } from 'zod'
import { wish } from '../../../events'
import { outRelease } from '../../processes/daily-out'
import { givenUp } from '../../processes/melt-close'
import { type CommandContext, command, type No, type RunContext } from '../command'
import { askedBy, beyondDay, codeFor, inMsat, mint, no, payoutId, sat, tokenStates, unit } from './payouts'

const out = z.object({ payout: z.string(), state: z.string(), numbers: z.record(z.string(), z.number()).optional() })

export const payoutsToLightning = command({
  name: 'payouts.toLightning',
  aliases: ['withdraw.lightning'],
  role: 'owner',
  stepUp: 'S',
  class: 'P',
  lane: 'money',
  in: z.object({
    mint: mint.optional(),
    unit,
    sat,
    to: z.string().min(1).max(2000),
    maxFeeSat: z.int().min(0).optional(),
  }),
  out,
  secondWay: async (params, context) => codeFor(inMsat(params), `to ${params.to.slice(0, 80)}`, context),
  async run(params, context) {
    const { node, execute } = context
    const beyond = await beyondDay(inMsat(params), context)
    if (beyond !== undefined) return beyond
    const { to, maxFeeSat } = params
    const maxFeeMsat = maxFeeSat === undefined ? undefined : maxFeeSat * 1000
    const draft = await node.money.draftLightning({ ...askedBy(params, context), to, maxFeeMsat })
    if (!('payout' in draft)) return no(draft)
    const outcome = await execute(draft.wishes, draft.inline)
    return 'refused' in outcome ? outcome : { payout: draft.payout.slice('payout-'.length), state: 'prepared' }
  },
  reveal: standing,
})

/** Waits as long as callers wait for a mint, then says how the payout stands. */
async function standing(result: z.output<typeof out>, { node }: RunContext): Promise<z.input<typeof out>> {
  await node.money.followMelt(`payout-${result.payout}`, node.settings('network.mintWaitS') * 1000)
  return stateOf(result.payout, node)
}

async function stateOf(payout: string, node: RunContext['node']): Promise<z.input<typeof out>> {
  const state = await node.engine.state('payout', `payout-${payout}`)
  if (state.is !== 'lightning') return { payout, state: tokenStates[state.is] }
  const { lightning } = state
  switch (lightning.is) {
    case 'paid':
      return { payout, state: 'paid' }
    case 'rejected': {
      const { reason, numbers } = lightning
      return { payout, state: `failed: ${reason}`, ...(numbers === undefined ? {} : { numbers }) }
    }
    case 'planned':
      return { payout, state: lightning.pendingSeen ? 'unclear' : 'sent' }
    default:
      return { payout, state: 'prepared' }
  }
}

export const payoutsAsk = command({
  name: 'payouts.ask',
  role: 'owner',
  class: 'P',
  in: z.object({ payout: payoutId }),
  out,
  async run({ payout }, { node }) {
    if ((await node.engine.state('payout', `payout-${payout}`)).is === 'unknown')
      return { notFound: `payout ${payout}` }
    return stateOf(payout, node)
  },
  async reveal(result, context) {
    const { money } = context.node
    money.wakeMelt(`payout-${result.payout}`)
    await money.askToken(`payout-${result.payout}`)
    return standing(result, context)
  },
})

export const payoutsCancel = command({
  name: 'payouts.cancel',
  role: 'owner',
  class: 'P',
  in: z.object({ payout: payoutId }),
  out,
  async run({ payout }, context) {
    const no = await cancelled(`payout-${payout}`, context)
    return no ?? stateOf(payout, context.node)
  },
  async reveal(result, context) {
    context.node.money.wakeMelt(`payout-${result.payout}`)
    return standing(result, context)
  },
})

/** What holds no coins ends at once; coins that were locked come back only when the mint proves the payment unpaid. */
async function cancelled(payout: string, { node, execute, principal }: CommandContext): Promise<No | undefined> {
  const state = await node.engine.state('payout', payout)
  if (state.is === 'unknown') return { notFound: payout }
  if (state.is === 'requested') {
    const { sessionId, shares } = state.wish
    const wishes = [
      wish('payout', payout, { do: 'reject', reason: 'cancelled', shares }),
      ...(sessionId === undefined ? [] : [wish('session', sessionId, { do: 'return', payoutId: payout, shares })]),
    ]
    const done = await execute(wishes, { releases: [{ kind: 'coinless', key: payout }, outRelease(payout)] })
    return 'refused' in done ? done : undefined
  }
  if (state.is !== 'lightning') return { refused: 'payout-moved-on' }
  const { lightning, wish: asked } = state
  const isDrains = asked.purpose === 'move'
  if (isDrains) {
    // Its drain ends with it: no further round takes its place (wallet 5.6).
    const stop = wish('drain', asked.requestId, { do: 'stop', why: 'cancelled', by: principal.name })
    const stopped = await execute(stop)
    if ('refused' in stopped) return stopped
  }
  if (lightning.is === 'paid' || lightning.is === 'rejected')
    return isDrains ? undefined : { refused: 'payout-moved-on' }
  if (lightning.is === 'planned') {
    const wanted = wish('payout', payout, { do: 'want-cancel', why: 'owner', by: principal.name })
    const done = await execute(wanted)
    return 'refused' in done ? done : undefined
  }
  const { wishes, inline } = givenUp(payout, { wish: asked, stage: lightning }, 'cancelled')
  const done = await execute(wishes, inline)
  return 'refused' in done ? done : undefined
}
