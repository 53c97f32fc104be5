/**
 * Free coins are handed out only once their mint called them unspent to this process (wallet 12.4): an exact match takes
 * no counter, so a log from an old backup would pay with coins that it has paid with before.
 */
import type { TrustedMint } from '../../events'
import { limits } from '../limits'
import { auditPurse } from './coin-audit'
import type { MintDesk, Unreachable } from './mint-desk'
import type { RecoverDeps } from './recover-types'

/** undefined: they may go. What was spent is booked as lost first, and suspends the mint for anything new, unless the log was put back. */
export type SoundCoins = (mint: TrustedMint, unit: string) => Promise<Unreachable | undefined>

export function createSoundCoins(deps: RecoverDeps): SoundCoins {
  const sound = new Set<string>()
  const asking = new Map<string, ReturnType<SoundCoins>>()

  async function ask(purse: string, desk: MintDesk): ReturnType<SoundCoins> {
    const seen: Parameters<typeof auditPurse>[2] = { lostMsat: 0, pending: 0 }
    for (let tries = 0; !(await auditPurse(purse, desk, seen, deps)); tries += 1) {
      if (tries === limits.auditTries) return unreachable(desk)
      seen.pending = 0
    }
    if (seen.strange === true) await desk.suspend('own-coin-spent', 'probe')
    // A payment that this log has forgotten holds them: asked again until it is over.
    if (seen.pending > 0) return unreachable(desk)
    sound.add(purse)
    return undefined
  }

  return async (mint, unit) => {
    const purse = `${mint.mintId}/${unit}`
    if (sound.has(purse)) return undefined
    const underway = asking.get(purse)
    if (underway !== undefined) return underway
    const asked = ask(purse, deps.desk(mint)).finally(() => asking.delete(purse))
    asking.set(purse, asked)
    return asked
  }
}

/** As the desk has it: limited by its mint, or without an answer. */
export const unreachable = (desk: MintDesk): Unreachable => ({
  unreachable: desk.health().state === 'limited' ? 'limited' : 'down',
})
