/** From a token's text to a committed plan: everything that can be refused is refused before anything is sent (wallet 5.1). */
import { type Deposit, type TrustedMint, type WalletAttempt, wish } from '../../events'
import { limits } from '../limits'
import type { Proof } from '../money/mint-answers'
import type { TokenHead } from '../money/mint-client'
import { depositId, depositOf } from './deposit-id'
import type { DepositWish, PlanDeps, Planned, PlanRefusal } from './deposit-types'
import { tokenCap } from './input-cap'
import { amountsFor, rungsLacking } from './ladder'
import { isTrusted, tooMuchThere } from './mint-cap'
import type { KnownKeyset, MintDesk, Unreachable } from './mint-desk'

type Read = {
  readonly mint: TrustedMint
  readonly desk: MintDesk
  readonly head: TokenHead
  readonly unit: 'sat' | 'msat'
}

/** Offline checks: nothing leaves the node for a mint that is not on the list (contract 3.3). */
export function readToken(text: string, { wallet, mints, desk }: PlanDeps): Read | PlanRefusal {
  if (text.length > limits.tokenBytes)
    return { refused: 'token-invalid', why: `longer than ${limits.tokenBytes} bytes` }
  const head = wallet.readTokenHead(text)
  if (head === undefined) return { refused: 'token-invalid', why: 'it cannot be decoded' }
  if (head.secrets.length === 0) return { refused: 'token-worthless' }
  if (head.secrets.length > limits.tokenProofs)
    return { refused: 'token-invalid', why: `more than ${limits.tokenProofs} proofs` }
  const url = wallet.normaliseMintUrl(head.mint)
  const mint = mints().find((one) => one.url === url)
  if (mint === undefined) return foreign(url ?? head.mint, mints())
  const { unit } = head
  if ((unit !== 'sat' && unit !== 'msat') || !mint.units.includes(unit))
    return { refused: 'token-rejected', why: `unit ${unit.slice(0, 20)} is not accepted` }
  if (head.units === 0) return { refused: 'token-worthless' }
  if (!Number.isSafeInteger(head.units * (unit === 'sat' ? 1000 : 1)))
    return { refused: 'token-invalid', why: 'its amount is not a sensible number' }
  return { mint, desk: desk(mint).as('redeem'), head, unit }
}

const foreign = (mint: string, accepted: readonly TrustedMint[]): PlanRefusal => ({
  refused: 'token-foreign',
  mint: mint.slice(0, 200),
  accepted: accepted.map(({ url }) => url),
})

/** Commits the plan, or names the deposit of the same proofs that is already there. */
export async function planDeposit(asked: DepositWish, deps: PlanDeps): Promise<Planned | PlanRefusal> {
  const read = readToken(asked.text, deps)
  if ('refused' in read) return read
  const { engine, wallet } = deps
  // What became of these proofs here is known without their mint.
  const known = depositOf(asked.text, wallet)
  if (known !== undefined && hasEnded(await engine.state('deposit', known))) return { deposit: known }
  const full = await tooMuchThere(read, deps)
  if (full !== undefined) return full
  const decoded = await decode(asked.text, read, deps)
  if ('refused' in decoded) return decoded
  const { proofs, feeUnits } = decoded
  const faceUnits = proofs.reduce((sum, proof) => sum + proof.amount, 0)
  const netUnits = faceUnits - feeUnits
  const msatPerUnit = read.unit === 'sat' ? 1000 : 1
  if (netUnits <= 0)
    return { refused: 'token-fees', feeUnits, amountMsat: faceUnits * msatPerUnit, feeMsat: feeUnits * msatPerUnit }
  if (netUnits * msatPerUnit < (asked.leastMsat ?? 0))
    return { refused: 'token-too-small', valueMsat: netUnits * msatPerUnit }
  const ys = proofs.map((proof) => wallet.yOf(proof.secret))
  if (new Set(ys).size !== ys.length) return { refused: 'token-invalid', why: 'the same proof stands in it twice' }
  const purse = `${read.mint.mintId}/${read.unit}`
  const deposit = depositId(purse, ys)
  const state = await engine.state('deposit', deposit)
  if (state.is === 'open' || hasEnded(state)) return { deposit }
  const cap = await tokenCap(read.mint.mintId, deps)
  if (cap !== undefined && proofs.length > cap)
    return { refused: 'token-rejected', why: `more than the ${cap} proofs that its mint may take at once` }
  const keyset = await read.desk.outputKeyset(read.unit)
  if ('unreachable' in keyset) return down(keyset)
  const inputs = proofs.map((proof, index) => ({ keysetId: proof.id, amount: proof.amount, y: ys[index] ?? '' }))
  return commitPlan({ asked, read, deposit, purse, faceUnits, netUnits, feeUnits, inputs, proofs, keyset }, deps)
}

/** A refused or never sent token may be tried again; this one not (wallet 5.1, 6). */
const hasEnded = (state: Deposit): boolean =>
  state.is === 'settled' || (state.is === 'rejected' && state.reason === 'spent-elsewhere')

type Plan = {
  readonly asked: DepositWish
  readonly read: Read
  readonly deposit: string
  readonly purse: string
  readonly faceUnits: number
  readonly netUnits: number
  readonly feeUnits: number
  readonly inputs: readonly { readonly keysetId: string; readonly amount: number; readonly y: string }[]
  readonly proofs: readonly Proof[]
  readonly keyset: KnownKeyset
}

/** Lost races for the counter are decided again; so many in a row do not happen. */
const mostRaces = 100

async function commitPlan(plan: Plan, deps: PlanDeps): Promise<Planned | PlanRefusal> {
  const { asked, read, deposit } = plan
  const { wallet, engine } = deps
  const { mint, unit } = read
  const proofsRef = `proofs/${crypto.randomUUID()}`
  const sealed = wallet.seal(proofsRef, JSON.stringify(plan.proofs))
  for (let race = 0; race < mostRaces; race += 1) {
    const made = await makeAttempt({ n: 1, ...plan, units: plan.netUnits }, deps)
    const outcome = await engine.execute(
      wish('deposit', deposit, () => ({
        do: 'start',
        isMintTrusted: isTrusted(mint.url, deps),
        plan: {
          sessionId: asked.sessionId,
          via: asked.via,
          ...(asked.ref === undefined ? {} : { ref: asked.ref }),
          ...(asked.payout === undefined ? {} : { payout: asked.payout }),
          target: asked.target,
          limits: asked.limits,
          mint: mint.url,
          purse: plan.purse,
          unit,
          faceUnits: plan.faceUnits,
          inputs: [...plan.inputs],
          proofs: proofsRef,
          attempt: made.attempt,
          requestId: asked.requestId,
        },
      })),
      {
        meta: { actor: asked.target || 'donor', door: 'public', cause: asked.requestId },
        claims: [
          ...plan.inputs.map(({ y }) => ({ kind: 'y', key: `${mint.mintId}:${y}`, owner: deposit })),
          { kind: 'open', key: deposit, owner: 'deposit' },
        ],
        cursors: [made.cursor],
        seal: [sealed],
      },
    )
    if ('position' in outcome) return { deposit }
    if (outcome.refused === 'deposit-open') return { deposit }
    if (outcome.refused === 'mint-unknown') return foreign(mint.url, deps.mints())
    // The same proofs finished meanwhile: what became of them is the answer of this call too.
    if (outcome.refused === 'token-spent') return { deposit }
    if (outcome.guard === 'claim') return await claimed(plan, deps)
  }
  throw new Error('a deposit could not get a counter range')
}

/** Some proof is taken: by this very deposit (join it), or by another token that overlaps (refuse). */
async function claimed(plan: Plan, { engine }: PlanDeps): Promise<Planned | PlanRefusal> {
  const state = await engine.state('deposit', plan.deposit)
  if (state.is === 'open' || state.is === 'settled') return { deposit: plan.deposit }
  return { refused: 'token-spent' }
}

async function decode(
  text: string,
  read: Read,
  deps: PlanDeps,
): Promise<{ readonly proofs: readonly Proof[]; readonly feeUnits: number } | PlanRefusal> {
  const { wallet } = deps
  for (const again of [false, true]) {
    const keysets = await read.desk.keysets(again)
    if ('unreachable' in keysets) return down(keysets)
    const proofs = wallet.decodeToken(
      text,
      keysets.map((keyset) => keyset.id),
    )
    // An unknown id may be a rotation: one refresh, then refuse (T9).
    if (proofs === undefined) continue
    const byId = new Map(keysets.map((keyset) => [keyset.id, keyset]))
    if (proofs.some((proof) => byId.get(proof.id)?.unit !== read.unit))
      return { refused: 'token-invalid', why: 'a keyset of another unit' }
    if (proofs.some((proof) => proof.amount <= 0)) return { refused: 'token-invalid', why: 'a proof without value' }
    if (proofs.some(wallet.isLockedWithoutWitness))
      return { refused: 'token-rejected', why: 'it is locked and carries no witness' }
    const ppk = proofs.reduce((sum, proof) => sum + (byId.get(proof.id)?.feePpk ?? 0), 0)
    return { proofs, feeUnits: Math.ceil(ppk / 1000) }
  }
  return { refused: 'token-invalid', why: 'a keyset id that its mint does not know, or more than one' }
}

/**
 * Outputs for `units`, with the next free counters of the keyset; the append fails if they are taken meanwhile (W-03).
 * `skip` counters are passed over and never used.
 */
export async function makeAttempt(
  wanted: {
    readonly n: number
    readonly units: number
    readonly feeUnits: number
    readonly purse: string
    readonly keyset: KnownKeyset
    readonly skip?: number
  },
  deps: Pick<PlanDeps, 'log' | 'wallet' | 'ladder'>,
) {
  const { wallet } = deps
  const { n, units, feeUnits, purse, keyset, skip = 0 } = wanted
  const lacking = await rungsLacking(purse, keyset, [], deps)
  const parts = amountsFor(units, keyset, lacking).map((amount) => ({ amount, part: 'keep' as const }))
  const { from, outputs, cursor } = await newOutputs({ parts, keyset, skip }, deps)
  const attempt: WalletAttempt = { n, seedId: wallet.seedId, keysetId: keyset.id, from, outputs, feeUnits }
  return { attempt, cursor }
}

type Part = WalletAttempt['outputs'][number]['part']

/** Blinded outputs in the order given, ascending, with the next counters of the keyset. */
export async function newOutputs(
  wanted: {
    readonly parts: readonly { readonly amount: number; readonly part: Part }[]
    readonly keyset: KnownKeyset
    readonly skip: number
  },
  { log, wallet }: Pick<PlanDeps, 'log' | 'wallet'>,
) {
  const { parts, keyset, skip } = wanted
  const next = await log.takeCounter(wallet.seedId, keyset.id)
  const from = next + skip
  const outputs = parts.map(({ amount, part }, index) => ({
    counter: from + index,
    amount,
    b: wallet.derive(keyset.id, from + index, amount).B_,
    part,
  }))
  const cursor = { seedId: wallet.seedId, keysetId: keyset.id, from: next, count: skip + outputs.length }
  return { from, outputs, cursor }
}

export const down = ({ unreachable }: Unreachable): PlanRefusal => ({
  refused: unreachable === 'limited' ? 'mint-limited' : 'mint-down',
})
