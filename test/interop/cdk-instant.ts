/** What cdk-mintd says of a payment in the instant of paying, asked by many at once, without our node (NUT-05, NUT-08, NUT-19). */
import { getDecodedToken, OutputData } from '@cashu/cashu-ts'
import { fatedInvoice, libraryWallet, startCdk } from './cdk-mint'
import type { Ground } from './real-mint'

const payments = 30
const askers = 8

type Quote = { readonly quote: string; readonly state?: string; readonly code?: number; readonly change?: unknown[] }

export async function instantOfPaying({ binary, directory, port, check }: Ground): Promise<void> {
  const mint = await startCdk(binary, directory, port)
  try {
    const wallet = await libraryWallet(mint.url)
    await wallet.fund('sat', 30 * 250)
    const trails: string[][] = []
    const answers: Quote[] = []
    for (let n = 0; n < payments; n += 1) {
      const body = await payment(mint.url, await wallet.send('sat', 200))
      answers.push(await ask(`${mint.url}/v1/melt/bolt11`, body))
      trails.push(await watched(`${mint.url}/v1/melt/quote/bolt11/${body.quote}`))
      if (n > 0) continue
      const cached = await ask(`${mint.url}/v1/melt/bolt11`, body)
      check('the same payment again, once it is paid: the cached answer', cached.state === 'PENDING', cached.state)
      const other = await ask(`${mint.url}/v1/melt/bolt11`, { ...body, outputs: body.outputs.slice(1) })
      check('with other blanks', other.code === 11001, other.code)
    }
    check(
      'every payment is answered before it is paid',
      answers.every(({ state }) => state === 'PENDING'),
      payments,
    )
    check(
      'and paid with change in the end',
      trails.every((trail) => trail.at(-1) === 'PAID+change'),
      trails[0],
    )
    const count = (word: string) => trails.filter((trail) => trail.includes(word)).length
    const seen = { 'PAID without change': count('PAID'), 'PENDING with change': count('PENDING+change') }
    check('what was said in between', true, { ...seen, 'code 20006': count('20006'), of: payments })
    const unknown = await ask(`${mint.url}/v1/melt/quote/bolt11/019abcde-0000-7000-8000-000000000000`)
    check('a quote that it does not know', unknown.code === 50_000, unknown.code)
  } finally {
    await mint.stop()
  }
}

async function ask(url: string, body?: unknown): Promise<Quote> {
  const headers = { 'content-type': 'application/json', prefer: 'respond-async' }
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) })
  return (await response.json()) as Quote
}

async function payment(mintUrl: string, token: string) {
  const { keysets } = (await (await fetch(`${mintUrl}/v1/keysets`)).json()) as { keysets: { id: string }[] }
  const { proofs } = getDecodedToken(
    token,
    keysets.map(({ id }) => id),
  )
  const id = proofs[0]?.id ?? ''
  const request = fatedInvoice(120, { pay: 'PAID', check: 'PAID' })
  const { quote } = await ask(`${mintUrl}/v1/melt/quote/bolt11`, { request, unit: 'sat' })
  const blanks = Array.from({ length: 7 }, () => OutputData.createSingleRandomData(1, id).blindedMessage.B_)
  return {
    quote,
    inputs: proofs.map((proof) => ({ id, amount: Number(proof.amount), secret: proof.secret, C: proof.C })),
    outputs: blanks.map((B_) => ({ id, amount: 0, B_ })),
    prefer_async: true,
  }
}

/** Every word that was heard until one asker saw it paid with its change, repeats left out. */
async function watched(url: string): Promise<string[]> {
  const trail: string[] = []
  await Promise.all(
    Array.from({ length: askers }, async (_, place) => {
      await Bun.sleep(place * 2)
      for (let look = 0; look < 400 && !trail.includes('PAID+change'); look += 1) {
        const { state, code, change } = await ask(url)
        const word = `${state ?? code}${change === undefined ? '' : '+change'}`
        if (trail.at(-1) !== word && !trail.includes('PAID+change')) trail.push(word)
      }
    }),
  )
  return trail
}
