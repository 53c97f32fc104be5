/** cdk-mintd with its fake wallet, a client's wallet on cashu-ts, and invoices that say what becomes of them (wallet 18). */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { getEncodedToken, type Proof, Wallet } from '@cashu/cashu-ts'
import { bytesToHex } from '@noble/hashes/utils.js'
import { encodeBolt11 } from '../kit/mint/bolt11'
import { until } from '../kit/node'
import { type ClientWallet, type RealMint, startMintProcess } from './real-mint'

export const version = '0.17.5'
export const feePpk = 100

/** undefined: it is not there, and how to get it was printed. */
export function findBinary(): string | undefined {
  const path = process.env.CDK_MINTD ?? ''
  if (path !== '' && existsSync(path)) return path
  console.log(`Name the program of cdk-mintd ${version} in CDK_MINTD. It is built so, outside of this folder, in some minutes:
  apt-get install -y --no-install-recommends protobuf-compiler
  CARGO_PROFILE_DEV_DEBUG=0 cargo install cdk-mintd --version ${version} --locked --debug --root ../cdk \\
    --no-default-features --features fakewallet,sqlite
  CDK_MINTD=../cdk/bin/cdk-mintd bun test/interop/cdk.ts`)
  return undefined
}

export type Rotation = {
  readonly unit: 'sat' | 'msat'
  readonly version: 'v1' | 'v2'
  readonly input_fee_ppk: number
  readonly expired: boolean
}

export function startCdk(
  binary: string,
  directory: string,
  port: number,
  options: { readonly rotations?: readonly Rotation[]; readonly keysets?: 'v1' | 'v2' } = {},
): Promise<RealMint> {
  const data = join(directory, 'cdk')
  mkdirSync(data, { recursive: true })
  const settings = {
    WORK_DIR: data,
    URL: `http://127.0.0.1:${port}`,
    LISTEN_HOST: '127.0.0.1',
    LISTEN_PORT: String(port),
    DATABASE: 'sqlite',
    LN_BACKEND: 'fakewallet',
    INPUT_FEE_PPK: String(feePpk),
    USE_KEYSET_V2: String((options.keysets ?? 'v2') === 'v2'),
    FAKE_WALLET_SUPPORTED_UNITS: 'sat,msat',
    FAKE_WALLET_FEE_PERCENT: '0.02',
    FAKE_WALLET_RESERVE_FEE_MIN: '1',
    FAKE_WALLET_MIN_DELAY: '0',
    FAKE_WALLET_MAX_DELAY: '0',
    CACHE_SECONDS: '60',
    MNEMONIC: `${'abandon '.repeat(11)}about`,
    ...(options.rotations === undefined ? {} : { FAKE_WALLET_KEYSET_ROTATIONS: JSON.stringify(options.rotations) }),
  }
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`CDK_MINTD_${name}`, value]))
  return startMintProcess({ command: [binary], directory: data, port, env })
}

/** A client's wallet: the library's own `Wallet`, which the node does not use. */
export async function libraryWallet(mintUrl: string): Promise<ClientWallet> {
  const purses = new Map<string, { readonly wallet: Wallet; proofs: Proof[] }>()
  for (const unit of ['sat', 'msat']) {
    const wallet = new Wallet(mintUrl, { unit })
    await wallet.loadMint()
    purses.set(unit, { wallet, proofs: [] })
  }
  const purseOf = (unit: string) => {
    const purse = purses.get(unit)
    if (purse === undefined) throw new Error(`no purse for ${unit}`)
    return purse
  }
  return {
    async fund(unit, amount) {
      const purse = purseOf(unit)
      const { quote } = await purse.wallet.createMintQuoteBolt11(amount)
      await until(
        'the fake wallet pays',
        async () => {
          await Bun.sleep(300)
          return String((await purse.wallet.checkMintQuoteBolt11(quote)).state) === 'PAID'
        },
        40_000,
      )
      purse.proofs.push(...(await purse.wallet.mintProofsBolt11(amount, quote)))
    },
    async send(unit, amount) {
      const purse = purseOf(unit)
      const { keep, send } = await purse.wallet.send(amount, purse.proofs)
      purse.proofs = keep
      return getEncodedToken({ mint: mintUrl, unit, proofs: send }, { removeDleq: true })
    },
    async receive(unit, token) {
      const purse = purseOf(unit)
      const got = await purse.wallet.receive(token)
      purse.proofs.push(...got)
      return `${got.reduce((units, { amount }) => units + Number(amount), 0)} ${unit} in ${got.length} coins`
    },
  }
}

/** What the fake wallet does with an invoice, and says of it when asked. */
export type Fate = {
  readonly pay: 'PAID' | 'UNPAID' | 'PENDING' | 'UNKNOWN' | 'FAILED'
  readonly check: Fate['pay']
  readonly payErr?: true
  readonly checkErr?: true
}

const nodeKey = crypto.getRandomValues(new Uint8Array(32))

export function fatedInvoice(sat: number, { pay, check, payErr, checkErr }: Fate): string {
  return encodeBolt11({
    network: 'bcrt',
    msat: sat * 1000,
    paymentHash: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
    timestamp: Math.floor(Date.now() / 1000),
    expiryS: 3600,
    description: JSON.stringify({
      pay_invoice_state: pay,
      check_payment_state: check,
      pay_err: payErr === true,
      check_err: checkErr === true,
    }),
    nodeKey,
  })
}
