/** Withdrawals by Lightning in a deposit kit: an invoice of somebody else, and the owner's command to pay it. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { draftLightningWithdrawal } from '../../core/processes/withdrawals'
import type { DepositKit } from './deposits'
import { encodeBolt11 } from './mint/bolt11'

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
