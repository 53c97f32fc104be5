/** Withdrawals by Lightning in a deposit kit: an invoice of somebody else, the owner's command to pay it, and its end. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { draftLightningWithdrawal } from '../../core/processes/withdrawals'
import { spends } from './charge'
import type { DepositKit } from './deposits'
import { encodeBolt11 } from './mint/bolt11'
import { until } from './node'

const day = 86_400

/** Of a wallet that nobody here knows; `nowMs` in unix ms. */
export const lightningInvoice = (sat: number, nowMs: number, expiryS = day): string =>
  encodeBolt11({
    network: 'bcrt',
    msat: sat * 1000,
    paymentHash: bytesToHex(sha256(crypto.getRandomValues(new Uint8Array(32)))),
    timestamp: Math.floor(nowMs / 1000),
    expiryS,
    description: 'test',
    nodeKey: crypto.getRandomValues(new Uint8Array(32)),
  })

/** Committed as the command would; answers the payout. */
export async function withdrawByLightning(
  { opened, payoutDeps }: DepositKit,
  sat: number,
  to: string,
  maxFeeMsat = 20_000,
): Promise<string> {
  const asked = { command: crypto.randomUUID(), mint: undefined, unit: 'sat', units: sat, by: 'owner' } as const
  const draft = await draftLightningWithdrawal({ ...asked, door: 'console', to, maxFeeMsat }, payoutDeps)
  if (!('payout' in draft)) throw new Error(JSON.stringify(draft))
  await opened.engine.execute(draft.wishes, { ...draft.inline, meta: { actor: 'owner', door: 'console' } })
  return draft.payout
}

/** The owner has earned 400 sat beside what a customer still has. */
export async function earned(one: DepositKit): Promise<void> {
  const token = one.mint.token(500, 'sat', { amounts: [256, 64, 64, 32, 32, 16, 16, 8, 4, 4, 2, 1, 1] })
  await one.redeem(token)
  await spends(one, one.sessionOf(token), 400_000)
}

/** Of a payout by Lightning its step, of any other its state. */
export async function stageOf({ opened }: DepositKit, payout: string): Promise<string> {
  const state = await opened.engine.state('payout', payout)
  return state.is === 'lightning' ? state.lightning.is : state.is
}

/** The process is gone: whatever it still had in hand is not done. */
export function die(one: DepositKit): DepositKit {
  one.melts.stop()
  one.swaps.stop()
  return one.restart()
}

/** Drives all that is open, as a start does, until the payout has its end. */
export async function finish(one: DepositKit, payout: string): Promise<string> {
  one.swaps.start()
  await until('the payout has its end', async () => {
    // A fence ends a flight; whoever looks next takes it up again.
    if (['paid', 'rejected'].includes(await stageOf(one, payout))) return true
    await one.swaps.resume()
    await one.melts.resume()
    return false
  })
  return stageOf(one, payout)
}
