/** Invoices as they are read, and quotes as they are signed: with vectors of the specification and another wallet. */
import { expect, test } from 'bun:test'
import { Mint, Wallet } from '@cashu/cashu-ts'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { readBolt11 } from '../../core/money/bolt11'
import { createQuoteKeys } from '../../core/money/quote-key'
import { createTestMint } from '../kit/mint'
import { encodeBolt11 } from '../kit/mint/bolt11'

/** BOLT 11, examples: 2500 uBTC for a cup of coffee within one minute. */
const coffee =
  'lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh'

test('wallet 14.4 an invoice is read as its specification says', () => {
  expect(readBolt11(coffee)).toEqual({
    network: 'bc',
    amountMsat: 250_000_000,
    paymentHash: '0001020304050607080900010203040506070809000102030405060708090102',
    expiresAt: 1_496_314_658 + 60,
  })
  expect(readBolt11(`  ${coffee.toUpperCase()} `)?.amountMsat).toBe(250_000_000)
})

test.each(['', 'lnbc1', 'hello', coffee.slice(0, -1), coffee.replace('2500u', '2400u'), `lnbc${'q'.repeat(100_000)}`])(
  'wallet 14.4 what is damaged or no invoice is not read: %#',
  (text) => {
    expect(readBolt11(text)).toBeUndefined()
  },
)

test.each([1, 10, 999, 1000, 21_000, 100_000, 250_000_000, 1_000_000_000])(
  'wallet 17 the invoices of the test mint say what they are for: %p msat',
  (msat) => {
    const paymentHash = 'ab'.repeat(32)
    const nodeKey = crypto.getRandomValues(new Uint8Array(32))
    const parts = { network: 'bcrt', msat, paymentHash, timestamp: 1_700_000_000, expiryS: 600, nodeKey }
    const read = readBolt11(encodeBolt11({ ...parts, description: 'a top-up' }))
    expect(read).toEqual({ network: 'bcrt', amountMsat: msat, paymentHash, expiresAt: 1_700_000_600 })
  },
)

test.each(['old', 'new'] as const)('NUT-20 a quote is issued to its key alone, with the %s message', async (nut20) => {
  const mint = createTestMint({ nut20 })
  const keys = createQuoteKeys(crypto.getRandomValues(new Uint8Array(64)))
  const quote = await post(`${mint.url}/v1/mint/quote/bolt11`, {
    amount: 5,
    unit: 'sat',
    pubkey: keys.publicKey('deposit-1'),
  })
  mint.pay(String(quote.quote))
  const [keyset] = ((await (await fetch(`${mint.url}/v1/keys`)).json()) as { keysets: { id: string }[] }).keysets
  const outputs = [1, 4].map((amount) => ({ amount, id: keyset?.id ?? '', B_: randomPoint() }))
  const mine = keys.sign('deposit-1', String(quote.quote), outputs)
  const other = keys.sign('deposit-2', String(quote.quote), outputs)
  const issue = (signature?: string) => post(`${mint.url}/v1/mint/bolt11`, { quote: quote.quote, outputs, signature })
  for (const signature of [undefined, other.signature, other.oldSignature])
    expect(await issue(signature)).toMatchObject({ code: 20008 })
  expect(await issue(nut20 === 'old' ? mine.signature : mine.oldSignature)).toMatchObject({ code: 20008 })
  expect((await issue(nut20 === 'old' ? mine.oldSignature : mine.signature)).signatures).toHaveLength(2)
  await mint.stop()
})

test.each(['old', 'new'] as const)(
  'wallet 17 the wallet of cashu-ts gets a locked quote issued, %s message',
  async (nut20) => {
    const mint = createTestMint({ nut20 })
    const wallet = new Wallet(new Mint(mint.url), { unit: 'sat' })
    await wallet.loadMint()
    const secret = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
    const pubkey = bytesToHex(secp256k1.getPublicKey(Buffer.from(secret, 'hex'), true))
    const quote = await wallet.createLockedMintQuote(21, pubkey)
    mint.pay(quote.quote)
    const proofs = await wallet.mintProofsBolt11(21, quote, { privkey: secret })
    expect(proofs.reduce((sum, proof) => sum + Number(String(proof.amount)), 0)).toBe(21)
    expect(mint.outstanding('sat')).toBe(21)
    await mint.stop()
  },
)

async function post(url: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return (await response.json()) as Record<string, unknown>
}

function randomPoint(): string {
  return createQuoteKeys(crypto.getRandomValues(new Uint8Array(64))).publicKey('point')
}
