/**
 * Interop with a mint that nobody here wrote (wallet 18): installs Nutshell from PyPI, starts it with its fake wallet,
 * lets its own wallet make tokens, spends them at our node, and redeems what the node refunds. `bun test/interop/nutshell.ts`; never part of CI.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryDirectory } from '../kit/log'
import { encodeBolt11 } from '../kit/mint/bolt11'
import { startNode, type TestNode, until } from '../kit/node'
import { createTestUpstream } from '../kit/upstream'

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
    timeout: 600_000,
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

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

type Mint = { readonly url: string; readonly port: number; readonly stop: () => Promise<unknown> }

/** Outcomes of payments are chosen per process, so that it is started anew on its data between groups. */
async function startMint(data: string, outcomes: Record<string, string> = {}, onPort?: number): Promise<Mint> {
  const port = onPort ?? (await freePort())
  const child = Bun.spawn([join(home, 'bin/mint')], {
    cwd: data,
    env: {
      ...process.env,
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
      FAKEWALLET_DELAY_OUTGOING_PAYMENT: '0',
      FAKEWALLET_DELAY_INCOMING_PAYMENT: '0',
      ...outcomes,
    },
    stdout: 'ignore',
    stderr: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  await until(
    'Nutshell answers',
    () =>
      fetch(`${url}/v1/info`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
  )
  return {
    url,
    port,
    stop() {
      child.kill()
      return child.exited
    },
  }
}

/** Nutshell's own wallet: its command line, its own directory. */
function ownWallet(mintUrl: string, data: string) {
  const env = { MINT_URL: mintUrl, CASHU_DIR: join(data, 'wallet'), TOR: 'FALSE' }
  mkdirSync(env.CASHU_DIR, { recursive: true })
  const cashu = (unit: string, ...words: readonly string[]) =>
    run([join(home, 'bin/cashu'), '-y', '--unit', unit, ...words], env)
  return {
    /** The fake wallet pays the invoice by itself; the quote is asked for in a second call, which waits for no socket. */
    fund(unit: string, amount: number): void {
      const made = cashu(unit, 'invoice', String(amount), '--no-check')
      const id = /--id ([\w-]+)/.exec(made)?.[1]
      if (id === undefined) throw new Error('the wallet printed no quote')
      cashu(unit, 'invoice', String(amount), '--id', id)
    },
    send(unit: string, amount: number, ...more: readonly string[]): string {
      const token = /cashu[AB][A-Za-z0-9_=-]+/.exec(cashu(unit, 'send', String(amount), ...more))?.[0]
      if (token === undefined) throw new Error('the wallet printed no token')
      return token
    },
    receive: (unit: string, token: string) => cashu(unit, 'receive', token),
  }
}

const rows: (readonly [string, boolean, string])[] = []
function check(what: string, good: boolean, seen: unknown): void {
  const text = typeof seen === 'string' ? seen : JSON.stringify(seen)
  rows.push([what, good, text.replace(/sk-[0-9a-f]{56}/g, 'sk-…')])
}

type Made = {
  readonly api_key: string
  readonly credited_msats: number
  readonly fee_msats: number
  readonly unit: string
}

async function spendAt(node: TestNode, wallet: ReturnType<typeof ownWallet>): Promise<void> {
  const post = (path: string, body: unknown, bearer?: string) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
    })
  const body = { model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 }
  const errorOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code

  for (const [unit, amount, perUnit] of [
    ['sat', 500, 1000],
    ['msat', 70_001, 1],
  ] as const) {
    const token = wallet.send(unit, amount)
    const made = (await (await post('/v1/balance/create', { initial_balance_token: token })).json()) as Made
    const face = made.credited_msats + made.fee_msats
    check(`create with a ${unit} token: credit + fee = face`, face === amount * perUnit && made.unit === unit, made)
    const again = (await (await post('/v1/balance/create', { initial_balance_token: token })).json()) as Made
    check(`the same ${unit} token again: the same key`, again.api_key === made.api_key, again.api_key?.slice(0, 9))
  }
  const bearer = wallet.send('sat', 200)
  const answer = await post('/v1/chat/completions', body, bearer)
  const { cost } = (await answer.json()) as { cost?: { total_msats: number } }
  check('a token as bearer buys an answer', answer.status === 200 && (cost?.total_msats ?? 0) > 0, cost)
  const streamed = await (await post('/v1/chat/completions', { ...body, stream: true }, bearer)).text()
  check('and a stream', streamed.endsWith('data: [DONE]\n\n'), `${streamed.length} bytes`)
  const topUp = wallet.send('sat', 64)
  const topped = await post('/v1/balance/topup', { cashu_token: topUp }, bearer)
  check('a top-up is credited', topped.status === 200, await topped.json())
  const twice = await post('/v1/balance/topup', { cashu_token: topUp }, bearer)
  check('the second top-up with it is refused', twice.status === 400, await errorOf(twice))
  const spent = wallet.send('sat', 40)
  wallet.receive('sat', spent)
  const refused = await post('/v1/balance/create', { initial_balance_token: spent })
  check('a token that was spent at the mint is refused', refused.status === 400, await errorOf(refused))
  const old = wallet.send('sat', 21, '--legacy')
  const v3 = await post('/v1/balance/create', { initial_balance_token: old })
  check(`an older token format (${old.slice(0, 6)}) is taken`, v3.status === 200, await v3.json())
  const parallel = wallet.send('sat', 100)
  const all = await Promise.all(
    Array.from({ length: 20 }, () => post('/v1/balance/create', { initial_balance_token: parallel })),
  )
  const keys = new Set(await Promise.all(all.map(async (one) => JSON.stringify(await one.json()))))
  check('twenty parallel first uses: one answer', keys.size === 1, `${keys.size} different`)
}

/** The fake wallet pays every invoice by itself; nobody asks for its status before it is credited. */
async function payInvoiceAt(node: TestNode): Promise<void> {
  const response = await fetch(`${node.url}/v1/lightning/invoice`, {
    method: 'POST',
    body: JSON.stringify({ amount_sats: 210 }),
  })
  const made = (await response.json()) as { invoice_id: string; bolt11: string }
  check('an invoice is made', response.status === 200, made)
  const credits = async () =>
    ((await node.call('events.list', { type: 'deposit.settled' })).result as { rows: { data: unknown }[] }).rows
  const before = (await credits()).length
  await until('the watcher credits it', async () => (await credits()).length > before, 30_000)
  const status = await (await fetch(`${node.url}/v1/lightning/invoice/${made.invoice_id}/status`)).json()
  const { api_key } = status as { api_key: string }
  const info = await fetch(`${node.url}/v1/balance/info`, { headers: { authorization: `Bearer ${api_key}` } })
  const { balance } = (await info.json()) as { balance: number }
  check('and credited to a new key, which its status shows', balance === 210_000, status)
  const quoted = (await node.call('events.list', { type: 'deposit.quoted' })).result
  check('its quote is locked to our key (NUT-20)', JSON.stringify(quoted).includes('"locked":true'), 'locked')
}

/** A customer who leaves much of what he brought. */
async function earn(node: TestNode, wallet: ReturnType<typeof ownWallet>): Promise<void> {
  const response = await fetch(`${node.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${wallet.send('sat', 600)}` },
    body: JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 }),
  })
  check(
    'the owner earns',
    response.status === 200,
    ((await response.json()) as { cost?: unknown }).cost ?? response.status,
  )
}

/** What the node hands out is money for a wallet that nobody here wrote. */
async function refundFrom(node: TestNode, wallet: ReturnType<typeof ownWallet>): Promise<void> {
  const post = (path: string, body: unknown, bearer: string) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify(body),
    })
  for (const [unit, amount] of [
    ['sat', 300],
    ['msat', 9001],
  ] as const) {
    const bearer = wallet.send(unit, amount)
    await post(
      '/v1/chat/completions',
      { model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 },
      bearer,
    )
    const refund = async () =>
      (await (await post('/v1/balance/refund', {}, bearer)).json()) as Readonly<Record<string, string | number>>
    const first = await refund()
    const face = Number(first.sats ?? Number(first.msats) / 1000)
    check(`a ${unit} key is refunded in whole sats`, face > 0, { ...first, token: String(first.token).slice(0, 6) })
    const text = wallet.receive(unit, String(first.token))
    check(`its token is received by Nutshell's own wallet`, /received/i.test(text), text.trim().split('\n').at(-1))
    check('and told again on the same call', (await refund()).token === first.token, 'the same text')
  }
}

const foreignInvoice = (sat: number): string =>
  encodeBolt11({
    network: 'bcrt',
    msat: sat * 1000,
    paymentHash: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex'),
    timestamp: Math.floor(Date.now() / 1000),
    expiryS: 3600,
    description: 'interop',
    nodeKey: crypto.getRandomValues(new Uint8Array(32)),
  })

/** The owner's money leaves by Lightning: paid, failed, and pending until the mint knows better (wallet 18). */
async function payOutOf(node: TestNode, mint: Mint, data: string): Promise<Mint> {
  const pay = async (sat: number) =>
    (await node.call('payouts.toLightning', { sat, to: foreignInvoice(sat), maxFeeSat: 20 })).result as {
      payout: string
      state: string
    }
  const stateOf = async (payout: string) =>
    ((await node.call('payouts.get', { payout })).result as { state: string; feeSat?: number }).state
  const paid = await pay(30)
  check('the owner pays an invoice', paid.state === 'paid', (await node.call('payouts.get', paid)).result ?? paid)
  await mint.stop()
  const failing = await startMint(
    data,
    { FAKEWALLET_PAY_INVOICE_STATE: 'FAILED', FAKEWALLET_PAYMENT_STATE: 'FAILED' },
    mint.port,
  )
  const failed = await pay(20)
  await until(
    'it is given back',
    async () => {
      await node.call('payouts.ask', { payout: failed.payout })
      return (await stateOf(failed.payout)) === 'failed'
    },
    60_000,
  )
  check('a payment that fails is taken back by a fence', (await stateOf(failed.payout)) === 'failed', failed)
  await failing.stop()
  const hanging = await startMint(
    data,
    { FAKEWALLET_PAY_INVOICE_STATE: 'PENDING', FAKEWALLET_PAYMENT_STATE: 'PENDING' },
    mint.port,
  )
  const unclear = await pay(25)
  check('a pending payment is unclear, its coins stay locked', unclear.state === 'unclear', unclear)
  await node.call('payouts.cancel', { payout: unclear.payout })
  check(
    'and no wish takes it back',
    ['unclear', 'sent'].includes(await stateOf(unclear.payout)),
    await stateOf(unclear.payout),
  )
  await hanging.stop()
  const settling = await startMint(data, {}, mint.port)
  await until(
    'the mint knows its end',
    async () => {
      await node.call('payouts.ask', { payout: unclear.payout })
      return ['paid', 'failed'].includes(await stateOf(unclear.payout))
    },
    60_000,
  )
  check('until the mint knows its end', (await stateOf(unclear.payout)) === 'paid', await stateOf(unclear.payout))
  return settling
}

/** The owner's own token is taken back before anybody redeems it, and another is received by Nutshell's wallet. */
async function tokensOut(node: TestNode, wallet: ReturnType<typeof ownWallet>): Promise<void> {
  type Out = { readonly payout: string; readonly token: string }
  const first = (await node.call('payouts.toToken', { sat: 11 })).result as Out
  const back = (await node.call('payouts.takeBack', { payout: first.payout })).result
  check('a token of the owner is taken back', JSON.stringify(back).includes('takenBack'), back)
  const second = (await node.call('payouts.toToken', { sat: 12 })).result as Out
  const text = wallet.receive('sat', second.token)
  check(
    `the owner's token is received by Nutshell's own wallet`,
    /received/i.test(text),
    text.trim().split('\n').at(-1),
  )
}

async function main(): Promise<number> {
  install()
  const directory = temporaryDirectory()
  let mint = await startMint(directory.path)
  const upstream = createTestUpstream()
  const node = await startNode({
    environment: { CASHU_MINTS: mint.url, UPSTREAM_BASE_URL: upstream.url, UPSTREAM_API_KEY: 'interop-key' },
  })
  try {
    await until(
      'the model is sold',
      async () => ((await (await fetch(`${node.url}/v1/models`)).json()) as { data: unknown[] }).data.length > 0,
    )
    const wallet = ownWallet(mint.url, directory.path)
    wallet.fund('sat', 2000)
    wallet.fund('msat', 100_000)
    await spendAt(node, wallet)
    await payInvoiceAt(node)
    const books = (await node.call('books.check')).result as {
      balanced: boolean
      perMint: { coinsMsat: number; unspentMsat: number; spentMsat: number }[]
    }
    const proven = books.perMint.every((row) => row.unspentMsat === row.coinsMsat && row.spentMsat === 0)
    check('the books balance, and the mint calls every coin of ours unspent', books.balanced && proven, books.perMint)
    await refundFrom(node, wallet)
    upstream.next({ tokens: { prompt: 200_000, completion: 500 } })
    await earn(node, wallet)
    await tokensOut(node, wallet)
    mint = await payOutOf(node, mint, directory.path)
    const after = (await node.call('books.check')).result as { balanced: boolean }
    check('the books balance after all of it', after.balanced, after.balanced)
  } catch (error) {
    // What was seen until then is worth as much.
    check('the run came to its end', false, String(error))
    for (const line of node.lines.slice(-20)) console.log(line.trim())
  } finally {
    await node.stop()
    await upstream.stop()
    await mint.stop()
    directory.remove()
  }
  console.log(`\nNutshell ${version}, input fee ${feePpk} ppk`)
  for (const [what, good, seen] of rows) console.log(`${good ? 'ok  ' : 'FAIL'} ${what}\n       ${seen.slice(0, 220)}`)
  return rows.every(([, good]) => good) ? 0 : 1
}

process.exit(await main())
