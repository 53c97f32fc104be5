/**
 * Interop with a mint that nobody here wrote (wallet 18): installs Nutshell from PyPI, starts it with its fake wallet,
 * lets its own wallet make tokens, spends them at our node, and redeems what the node refunds. `bun test/interop/nutshell.ts`; never part of CI.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../kit/log'
import { earn } from './cdk-payments'
import { checkBooks, payInvoiceAt, payOnce, postAt, refundFrom, spendAt } from './customer'
import { type Fate, fated, payUnderFates, tokensOut } from './nutshell-payments'
import { type ClientWallet, createReport, freePort, openShop, type RealMint, startMintProcess } from './real-mint'

const root = join(import.meta.dir, '../..')
const home = join(root, '.nutshell')
const python = join(home, 'bin/python')
const version = '0.21.0'
const feePpk = 100

function run(command: readonly string[], env: Record<string, string> = {}): string {
  const done = Bun.spawnSync([...command], {
    env: { ...process.env, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 300_000,
  })
  if (done.exitCode !== 0)
    throw new Error(`${command[0]} ended with ${done.exitCode}: ${done.stderr.toString().slice(-800)}`)
  return done.stdout.toString()
}

/** Without its withdrawn dependency, as wallet 18 tells. */
function install(): void {
  if (existsSync(join(home, 'bin/mint')) && existsSync(join(home, 'deps.txt'))) return
  console.log(`installing Nutshell ${version} into .nutshell …`)
  run(['python3', '-m', 'venv', home])
  run([python, '-m', 'pip', 'install', '-q', '--no-deps', `cashu==${version}`])
  const list = `import importlib.metadata as m; [print('breez-sdk-spark>=0.18' if r.startswith('breez') else r) for r in m.requires('cashu')]; print('marshmallow<4\\nlimits<5')`
  writeFileSync(join(home, 'deps.txt'), run([python, '-c', list]))
  run([python, '-m', 'pip', 'install', '-q', '-r', join(home, 'deps.txt')])
}

function startMint(data: string, port: number, fate: Fate = { pay: 'SETTLED', look: 'SETTLED' }): Promise<RealMint> {
  return startMintProcess({
    command: [join(home, 'bin/mint')],
    directory: data,
    port,
    env: {
      TOR: 'FALSE',
      MINT_LISTEN_HOST: '127.0.0.1',
      MINT_LISTEN_PORT: String(port),
      MINT_PRIVATE_KEY: 'TEST_PRIVATE_KEY',
      MINT_DATABASE: join(data, 'mint'),
      MINT_BACKEND_BOLT11_SAT: 'FakeWallet',
      MINT_BACKEND_BOLT11_MSAT: 'FakeWallet',
      MINT_DERIVATION_PATH_LIST: `["m/0'/0'/0'","m/0'/1'/0'"]`,
      MINT_INPUT_FEE_PPK: String(feePpk),
      MINT_RATE_LIMIT: 'FALSE',
      MINT_QUOTE_BACKEND_CHECK_RATE_LIMIT: '0',
      ...fated(fate),
      FAKEWALLET_DELAY_OUTGOING_PAYMENT: '0',
      // Its own wallet waits for news of a payment, and for ever if that was made before it listened.
      FAKEWALLET_DELAY_INCOMING_PAYMENT: '1',
    },
  })
}

/** Nutshell's own wallet: its command line, its own directory. */
function ownWallet(mintUrl: string, data: string) {
  const env = { MINT_URL: mintUrl, CASHU_DIR: join(data, 'wallet'), TOR: 'FALSE' }
  mkdirSync(env.CASHU_DIR, { recursive: true })
  const cashu = (unit: string, ...words: readonly string[]) =>
    run([join(home, 'bin/cashu'), '-y', '--unit', unit, ...words], env)
  function send(unit: string, amount: number, ...more: readonly string[]): string {
    const token = /cashu[AB][A-Za-z0-9_=-]+/.exec(cashu(unit, 'send', String(amount), ...more))?.[0]
    if (token === undefined) throw new Error('the wallet printed no token')
    return token
  }
  return {
    fund: async (unit, amount) => void cashu(unit, 'invoice', String(amount)),
    send: async (unit, amount) => send(unit, amount),
    /** In the older encoding, which only this wallet still writes. */
    sendOld: (unit: string, amount: number) => send(unit, amount, '--legacy'),
    async receive(unit, token) {
      const text = cashu(unit, 'receive', token)
      if (!/received/i.test(text)) throw new Error('the wallet did not receive it')
      return text.trim().split('\n').at(-1) ?? ''
    },
  } satisfies ClientWallet & { readonly sendOld: unknown }
}

async function main(): Promise<number> {
  install()
  const { check, print } = createReport()
  const directory = temporaryDirectory()
  const port = await freePort()
  let mint = await startMint(directory.path, port)
  const restart = async (fate: Fate) => {
    await mint.stop()
    mint = await startMint(directory.path, port, fate)
  }
  const shop = await openShop(mint.url, join(directory.path, 'node'), { environment: { MINT_WAIT_S: '4' } })
  const node = shop.node()
  try {
    const wallet = ownWallet(mint.url, directory.path)
    await wallet.fund('sat', 9000)
    await wallet.fund('msat', 100_000)
    await spendAt(node, wallet, check)
    const old = wallet.sendOld('sat', 21)
    const taken = await postAt(node)('/v1/balance/create', { initial_balance_token: old })
    check(`an older token format (${old.slice(0, 6)}) is taken`, taken.status === 200, await taken.json())
    await payInvoiceAt(node, check)
    await checkBooks('the deposits', node, check)
    await payOnce(node, wallet, check)
    await refundFrom(node, wallet, check)
    await checkBooks('the refunds', node, check, true)
    await earn(shop, wallet)
    await tokensOut(node, wallet, check)
    await payUnderFates(node, restart, check)
  } finally {
    await shop.stop()
    await mint.stop()
    directory.remove()
  }
  return print(`Nutshell ${version}, input fee ${feePpk} ppk`)
}

process.exit(await main())
