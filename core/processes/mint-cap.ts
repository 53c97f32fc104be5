/** How much a mint is trusted with (wallet 9.5, 9.7). */
import type { TrustedMint } from '../../events'
import type { PlanDeps, PlanRefusal } from './deposit-types'

/** Asked in the very step that decides: at a mint that was removed nothing begins (wallet 9.5). */
export const isTrusted = (url: string, { mints }: Pick<PlanDeps, 'mints'>): boolean =>
  mints().some((mint) => mint.url === url)

/** Nothing new from a mint whose deposits are off, or that holds as much as its owner trusts it with (wallet 9.5, 9.7). */
export async function tooMuchThere(
  { mint, unit }: { readonly mint: TrustedMint; readonly unit: string },
  { log, mints }: PlanDeps,
): Promise<PlanRefusal | undefined> {
  const { deposits = true, capSat = null } = mint
  if (deposits && capSat === null) return undefined
  const heldMsat = deposits ? await heldIn(`${mint.mintId}/${unit}`, log) : 0
  if (deposits && heldMsat < (capSat ?? 0) * 1000) return undefined
  const accepted = mints().filter((one) => one.mintId !== mint.mintId && one.deposits !== false)
  return { refused: 'token-foreign', mint: mint.url, accepted: accepted.map(({ url }) => url) }
}

const heldIn = async (purse: string, log: PlanDeps['log']): Promise<number> =>
  (await log.sheet())
    .filter((row) => row.purse === purse && ['free', 'locked', 'out'].includes(row.account))
    .reduce((msat, row) => msat + Number(row.msat), 0)
