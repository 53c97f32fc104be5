/**
 * Interop with cdk-mintd, a mint that nobody here wrote (wallet 18): a client's wallet on cashu-ts pays at our node,
 * and the node pays by Lightning. `CDK_MINTD=<program> bun test/interop/cdk.ts`; never part of CI.
 */
import { join } from 'node:path'
import { temporaryDirectory } from '../kit/log'
import type { TestNode } from '../kit/node'
import { createReceiver } from '../kit/receiver'
import { instantOfPaying } from './cdk-instant'
import { expiredKeysets } from './cdk-keysets'
import { feePpk, findBinary, libraryWallet, startCdk, version } from './cdk-mint'
import { payOut, refundByLightning, stayOpen } from './cdk-payments'
import { checkBooks, payInvoiceAt, payOnce, refundFrom, spendAt } from './customer'
import { createReport, freePort, type Ground, openShop } from './real-mint'

const waits = { MINT_WAIT_S: '4' }

/** Coins, keys and payments, with input fees and the given kind of keyset ids. */
async function day(ground: Ground, keysets: 'v1' | 'v2'): Promise<void> {
  const { check, binary, directory, port } = ground
  let mint = await startCdk(binary, directory, port, { keysets })
  const receiver = createReceiver()
  const shop = await openShop(mint.url, join(directory, 'node'), { environment: waits, foreign: receiver.foreign })
  try {
    const wallet = await libraryWallet(mint.url)
    await wallet.fund('sat', 12_000)
    await wallet.fund('msat', 200_000)
    await spendAt(shop.node(), wallet, check)
    const ids = await keysetKinds(shop.node())
    check(`the coins are of ${keysets} keysets`, ids.join() === (keysets === 'v2' ? '01' : '00'), ids)
    await payInvoiceAt(shop.node(), check)
    await checkBooks('the deposits', shop.node(), check)
    const open = await payOut(shop, wallet, mint.url, check)
    await stayOpen(shop.node(), open, 'asked and cancelled', check)
    await shop.restart()
    await stayOpen(shop.node(), open, 'the node started again', check)
    await mint.stop()
    mint = await startCdk(binary, directory, port, { keysets })
    await stayOpen(shop.node(), open, 'the mint started again', check)
    await refundByLightning(shop.node(), wallet, receiver, check)
    await payOnce(shop.node(), wallet, check)
    await refundFrom(shop.node(), wallet, check)
    await checkBooks('the refunds', shop.node(), check, true)
  } finally {
    await shop.stop()
    await mint.stop()
    await receiver.stop()
  }
}

/** First digits of the ids of the keysets that our coins are of. */
async function keysetKinds({ node }: TestNode): Promise<string[]> {
  const purses = new Set((await node.log.sheet()).map(({ purse }) => purse))
  const coins = await Promise.all([...purses].map((purse) => node.log.coins(purse)))
  return [...new Set(coins.flat().map(({ keysetId }) => keysetId.slice(0, 2)))]
}

async function main(): Promise<number> {
  const binary = findBinary()
  if (binary === undefined) return 2
  const { check, print } = createReport()
  for (const [name, run] of runs.filter(([one]) => one.includes(only))) {
    const directory = temporaryDirectory()
    const port = await freePort()
    try {
      await run({ binary, directory: directory.path, port, check })
    } catch (error) {
      check(`the run with ${name} came to its end`, false, String(error))
    } finally {
      directory.remove()
    }
  }
  return print(`cdk-mintd ${version}, input fee ${feePpk} ppk`)
}

/** A word of its name runs one of them. */
const only = process.argv[2] ?? ''
const runs: readonly (readonly [string, (ground: Ground) => Promise<void>])[] = [
  ['v2 keyset ids', (ground) => day(ground, 'v2')],
  ['v1 keyset ids', (ground) => day(ground, 'v1')],
  ['an expired keyset', expiredKeysets],
  ['the instant of paying', instantOfPaying],
]

process.exit(await main())
