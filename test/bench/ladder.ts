/**
 * What the ladder of coins (wallet 9.6) is worth: `bun test/bench/ladder.ts [operations] [seed]`. The same random days
 * of deposits, one-shot payments and refunds, with and without it, by the node's own choice of coins; and what one more
 * output costs a redemption.
 */

import { limits } from '../../core/limits'
import { chooseCurve } from '../../core/money/curve'
import { pureCurve } from '../../core/money/mint-client'
import { chooseCoins, sum } from '../../core/processes/coin-choice'
import { amountsFor, rungsLacking } from '../../core/processes/ladder'
import type { CoinRow } from '../../events'
import { createTestMint } from '../kit/mint'
import { createChance } from './chance'
import { rounded } from './figures'

type Coin = CoinRow

const keys = Object.fromEntries(Array.from({ length: 32 }, (_, bit) => [String(2 ** bit), 'key']))
const consolidateAbove = 500
const consolidated = 64

const countedBy = (coins: readonly Coin[]): ReadonlyMap<number, number> =>
  new Map([...Map.groupBy(coins, ({ amount }) => amount)].map(([amount, all]) => [amount, all.length]))

/** One purse, and what its operations cost; the same `seed` makes the same days. */
async function days(operations: number, seed: number, feePpk: number, hasLadder: boolean) {
  const random = createChance(seed).next
  const keyset = { id: 'k', keys: { id: 'k', unit: 'sat', keys }, feePpk } as const
  const facts = { feePpk: () => feePpk, mayLeave: () => true }
  const counts = { exact: 0, swapped: 0, waited: 0, outputs: 0, redemptions: 0, tokenCoins: 0, feeUnits: 0, most: 0 }
  let coins: Coin[] = []
  let counter = 0
  const balances: number[] = []

  async function make(units: number, inputs: readonly Coin[], most?: number): Promise<number> {
    const lacking = hasLadder
      ? await rungsLacking('p', keyset, inputs, { log: { freeAmounts: async () => countedBy(coins) } })
      : undefined
    const amounts = amountsFor(units, keyset, lacking, most)
    coins = coins.filter((coin) => !inputs.includes(coin))
    for (const amount of amounts)
      coins.push({ seedId: 's', keysetId: 'k', counter: counter++, amount, c: '', purse: 'p', state: 'free' })
    return amounts.length
  }

  async function deposit(units: number): Promise<void> {
    counts.redemptions += 1
    counts.outputs += await make(units, [])
    while (coins.length > consolidateAbove) {
      const inputs = coins.toSorted((a, b) => a.amount - b.amount).slice(0, consolidated)
      const fee = Math.ceil((inputs.length * feePpk) / 1000)
      counts.feeUnits += fee
      await make(sum(inputs) - fee, inputs, consolidated / 2)
    }
  }

  async function payOut(units: number): Promise<void> {
    const lots = [...countedBy(coins)].map(([amount, count]) => ({ amount, keysetId: 'k', coins: count }))
    const choice = chooseCoins(lots, units, facts, limits.swapInputs)
    const chosen = choice.lots.flatMap((lot) => coins.filter(({ amount }) => amount === lot.amount).slice(0, lot.coins))
    if (choice.is === 'too-little') counts.waited += 1
    if (choice.is === 'exact') {
      counts.exact += 1
      counts.tokenCoins += chosen.length
      coins = coins.filter((coin) => !chosen.includes(coin))
    }
    if (choice.is === 'swap') {
      counts.swapped += 1
      counts.feeUnits += choice.feeUnits
      counts.tokenCoins += amountsFor(units, keyset).length
      await make(sum(chosen) - units - choice.feeUnits, chosen)
    }
  }

  for (let n = 0; n < operations; n += 1) {
    // From 16 to 16,000 units, small ones more often.
    const units = Math.floor(16 * 1000 ** random())
    const way = random()
    await deposit(units)
    // A one-shot payment gets its change back, a key is spent for a while and then refunded.
    if (way < 0.6) await payOut(Math.max(1, Math.floor(units * (0.05 + 0.94 * random()))))
    else balances.push(Math.floor(units * random()))
    if (way > 0.8 && balances.length > 0) {
      const [left = 0] = balances.splice(Math.floor(random() * balances.length), 1)
      if (left > 0) await payOut(left)
    }
    // The owner takes his part now and then, in large coins.
    if (n % 200 === 199) await payOut(Math.floor(sum(coins) / 4))
    counts.most = Math.max(counts.most, coins.length)
  }
  const payouts = counts.exact + counts.swapped
  return {
    feePpk,
    ladder: hasLadder ? 'yes' : 'no',
    payouts,
    'exact %': rounded((100 * counts.exact) / payouts),
    waited: counts.waited,
    'coins per token': rounded(counts.tokenCoins / payouts),
    'outputs per redemption': rounded(counts.outputs / counts.redemptions),
    'fees of ours': counts.feeUnits,
    'coins at the end': coins.length,
    'coins at most': counts.most,
  }
}

/** ms of derivation, unblinding and the check of its proof, for one output. */
async function costOfAnOutput(version: 'v1' | 'v2') {
  const { createVault } = await import('../../core/money/vault')
  const { createWallet } = await import('../../core/wallet')
  const { makeWords, walletSeed } = await import('../../core/keys')
  const mint = createTestMint({ keysetVersion: version })
  const [id = ''] = mint.keysetIds()
  const answer = (await (await fetch(`${mint.url}/v1/keys/${id}`)).json()) as {
    readonly keysets: readonly { readonly keys: Readonly<Record<string, string>> }[]
  }
  const keyset = {
    id,
    unit: 'sat',
    active: true,
    feePpk: 0,
    finalExpiry: undefined,
    keys: { id, unit: 'sat', keys: answer.keysets[0]?.keys ?? {} },
  }
  const rows: Record<string, string | number>[] = []
  for (const forcePure of [false, true]) {
    const chosen = await chooseCurve(pureCurve, { forcePure })
    const wallet = createWallet(
      walletSeed(makeWords()),
      chosen.curve,
      createVault(crypto.getRandomValues(new Uint8Array(32))),
    )
    const outputs = 40
    const signed = Array.from({ length: outputs }, (_, counter) => {
      const output = wallet.derive(id, counter, 1)
      return { output, signature: mint.sign({ id, amount: 1, B_: output.B_ }) }
    })
    // Both warm, so that neither pays for the compiler.
    for (let counter = 0; counter < outputs; counter += 1) wallet.derive(id, counter + 1000, 1)
    for (const { output, signature } of signed) wallet.unblind(output, signature as never, keyset)
    const derive = performance.now()
    for (let counter = 0; counter < outputs; counter += 1) wallet.derive(id, counter + outputs, 1)
    const unblind = performance.now()
    for (const { output, signature } of signed)
      if ('lie' in wallet.unblind(output, signature as never, keyset)) throw new Error('a true signature was refused')
    const end = performance.now()
    rows.push({
      ids: version,
      curve: chosen.name,
      'derive ms': rounded((unblind - derive) / outputs),
      'unblind and prove ms': rounded((end - unblind) / outputs),
    })
  }
  await mint.stop()
  return rows
}

const [operations = '5000', seed = '1'] = process.argv.slice(2)
const rows = []
for (const feePpk of [0, 100])
  for (const hasLadder of [false, true]) rows.push(await days(Number(operations), Number(seed), feePpk, hasLadder))
console.table(rows)
console.table([...(await costOfAnOutput('v1')), ...(await costOfAnOutput('v2'))])
