/** What was given up and would be a customer's if it was processed after all: a search for coins leaves it his (wallet 9.8, 12.3). */
import type { Engine, Log } from '../../events'
import { changeBack } from './late-change'
import { lateNext } from './late-look'
import { lostRemake } from './reclaim-late'

/** Tokens that may still be credited, refunds to be made again, and payments whose change may come. */
export async function lateOwed(deps: {
  readonly engine: Engine
  readonly log: Pick<Log, 'claims'>
}): Promise<readonly string[]> {
  const owed: string[] = []
  for (const operation of await lateNext(deps.log))
    if (
      operation.startsWith('deposit-') ||
      (await lostRemake(operation, deps)) !== undefined ||
      (operation.startsWith('payout-') && (await changeBack(operation, deps)) !== undefined)
    )
      owed.push(operation)
  return owed
}
