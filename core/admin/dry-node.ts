/** The node as a simulated command sees it: everything to read, nobody outside to ask, nothing to change. */
import type { AdminNode } from './node-port'

/** How a command goes on depends on somebody who is not asked. */
export class AsksOutside extends Error {}

const outside = (): Promise<never> => Promise.reject(new AsksOutside('a simulation asks nobody outside'))
const never = (): Promise<never> => Promise.reject(new Error('a simulation appends nothing'))
const nothing = () => undefined
/** Never asked: any destination does, where only the floor is looked at. */
const anyAddress = 'any@address.invalid'

export function dryNode(node: AdminNode): AdminNode {
  return {
    ...node,
    engine: { ...node.engine, execute: never, alone: never },
    log: { ...node.log, append: never },
    mints: { ...node.mints, probe: outside },
    upstreams: { ...node.upstreams, probe: outside, learnKey: nothing, refresh: nothing },
    imports: { ...node.imports, preview: outside },
    money: dryMoney(node.money),
    wallet: { ...node.wallet, words: outside, restore: outside },
    backups: { ...node.backups, run: outside, verify: outside },
    books: outside,
    tellCode: nothing,
    // Costs half a second on purpose, and says nothing here.
    password: { ...node.password, hash: async () => 'simulated' },
    address: outside,
  }
}

function dryMoney(money: AdminNode['money']): AdminNode['money'] {
  return {
    ...money,
    warm: async () => undefined,
    /** Mint and floor are looked at as for any other spend; the coins and their fee are the mint's to say. */
    async draftToken(asked) {
      const byFloor = await money.draftLightning({ ...asked, to: anyAddress, maxFeeMsat: 0 })
      return 'payout' in byFloor ? outside() : byFloor
    },
    draftDrain: outside,
    draftReclaim: outside,
    draftLoss: outside,
    sweep: { ...money.sweep, draft: outside, tick: outside },
    follow: outside,
    followMelt: outside,
    followSwap: outside,
    askToken: outside,
    wakeMelt: nothing,
  }
}
