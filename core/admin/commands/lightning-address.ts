/** lightning.testAddress: whether a Lightning address can be paid, and between which amounts; nothing is paid (wallet 14). */
import { z } from 'zod'
import { satText, wholePartsUp, wholeSats } from '../../../events'
import { readDestination } from '../../money/pay-request'
import { command } from '../command'
import { includes } from '../principal'

export const lightningTestAddress = command({
  name: 'lightning.testAddress',
  role: 'operator',
  class: 'O',
  in: z.object({ address: z.string().trim().min(1).max(2000) }),
  out: z.object({
    ok: z.boolean(),
    /** 0 where it is not ok. */
    minSat: z.int(),
    maxSat: z.int(),
    sentence: z.string(),
  }),
  async run({ address }, { node, principal }) {
    const destination = readDestination(address)
    if (destination?.is !== 'pay-request') return no('This is no Lightning address and no LNURL.')
    const asked = await node.money.askReceiver(destination, includes(principal.role, 'owner'))
    if ('refused' in asked) return no(`It cannot be paid: ${asked.refused}.`)
    const minSat = wholePartsUp(asked.minMsat, 1000)
    const maxSat = wholeSats(asked.maxMsat)
    if (maxSat < Math.max(1, minSat)) return no('It cannot be paid: it takes no whole number of sat.')
    const where = asked.isPrivate === true ? ' It is at a private address.' : ''
    const range = `${satText(minSat * 1000)} to ${satText(maxSat * 1000)}`
    return { ok: true, minSat, maxSat, sentence: `${destination.domain} takes ${range}.${where}` }
  },
})

const no = (sentence: string) => ({ ok: false, minSat: 0, maxSat: 0, sentence })
