/** What the owner decides about his wallet: seeds, what a scan found, purses that are merged (wallet 5.6, 12). */
import type { NodeEvent } from '../schema/node'
import type { Node, NodeCommand } from './node'

/** The seed of new outputs: the newest active one (wallet 12.2). */
export const activeSeed = (state: Pick<Node, 'seeds'>): Node['seeds'][number] | undefined =>
  state.seeds.findLast((seed) => seed.active)

type WalletCommand = Extract<
  NodeCommand,
  { do: 'add-seed' | 'confirm-words' | 'release-unattributed' | 'merge-purses' }
>

export function walletEvents(state: Node, command: WalletCommand): NodeEvent[] {
  if (command.do === 'merge-purses') {
    const { do: _, ...data } = command
    return [{ type: 'wallet.purse-merged', data }]
  }
  if (command.do === 'release-unattributed') {
    const { purse, msat } = command
    return [{ type: 'wallet.unattributed-released', data: { purse, msat } }]
  }
  const { seedId } = command
  if (command.do === 'confirm-words')
    return state.confirmedSeed === seedId ? [] : [{ type: 'wallet.words-confirmed', data: { seedId } }]
  return activeSeed(state)?.seedId === seedId
    ? []
    : [{ type: 'wallet.seed-added', data: { seedId, active: true, words: command.words } }]
}
