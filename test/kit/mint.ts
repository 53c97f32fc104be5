/**
 * The test mint (wallet 17): real blind signatures, its own books, faults on command. Runnable by itself:
 * `bun test/kit/mint.ts --port 3338`; `POST /__token {"amount":100,"unit":"sat"}` gives a token, `POST /__pay
 * {"invoice":"lnbcrt…"}` pays one of its invoices.
 */
import {
  type BankKeyset,
  createBank,
  type MintError,
  type Unit,
  type WireOutput,
  type WireProof,
  type WireSignature,
} from './mint/bank'
import { createFaults, type Fault, twisted } from './mint/faults'
import { createMelts, type Lightning, type MeltQuote } from './mint/melts'
import { afterWork, beforeWork, dropped } from './mint/misbehave'
import { createNews } from './mint/news'
import { createQuotes, type InvoiceTwist, type MintQuote, type QuoteOptions } from './mint/quotes'
import { createRates, type Rates } from './mint/rates'
import { createStrangers, type Strangers } from './mint/strangers'
import { describe, isError, nameOf, nutMap } from './mint/wire'

export type TestMint = Strangers & {
  readonly url: string
  readonly fault: (fault: Fault) => void
  readonly clearFaults: () => void
  /** Does now what was asked by requests whose line broke before the mint looked at them. */
  readonly wakeZombies: () => void
  /** Calls so far, of one path or of all. */
  readonly calls: (path?: string) => number
  readonly outstanding: (unit: Unit) => number
  /** A new active keyset; the ones before it become inactive. */
  readonly rotate: (
    unit: Unit,
    options?: { readonly feePpk?: number; readonly version?: 'v1' | 'v2'; readonly finalExpiry?: number },
  ) => BankKeyset
  /** Its coins are taken no more: 12003. `false`: they are again. */
  readonly expire: (keysetId: string, expired?: boolean) => void
  /** It is in no list any more, and its coins are refused with 12001. */
  readonly forget: (keysetId: string) => void
  readonly keysetIds: () => readonly string[]
  /** Of the keysets there are: their v1 ids do not tell it. */
  readonly raiseFees: (feePpk: number) => void
  /** Pays an invoice, named by itself or by its quote, also after its expiry. */
  readonly pay: (invoice: string) => MintQuote
  readonly quote: (invoice: string) => MintQuote
  readonly quotes: () => readonly MintQuote[]
  readonly forgetQuote: (invoice: string) => void
  /** The quote counts as issued, and nobody here has the coins. */
  readonly giveQuoteAway: (invoice: string) => void
  readonly twistInvoices: (twist: InvoiceTwist) => void
  readonly lightningInMsat: () => number
  readonly sign: (output: WireOutput) => WireSignature
  /** Of proofs by their Y, as its books say; no call. */
  readonly states: (ys: readonly string[]) => readonly { readonly Y: string; readonly state: string }[]
  /** What becomes of the next payments. */
  readonly setLightning: (lightning: Lightning) => void
  /** Ends a payment that is under way, named by its quote or invoice. */
  readonly endMelt: (one: string, how: 'paid' | 'failed') => void
  /** Of a payment whose change came late. */
  readonly signChange: (one: string) => void
  readonly melts: () => readonly MeltQuote[]
  readonly forgetMelt: (one: string) => void
  readonly lightningOutMsat: () => number
  /** Units of change that had no blank output. */
  readonly feesKept: () => number
  /** Its WebSocket, where it is told to announce NUT-17. */
  readonly news: Pick<ReturnType<typeof createNews>, 'setManners' | 'opened' | 'listening' | 'hangUp'>
  readonly setErrorStyle: (style: ErrorStyle) => void
  readonly rates: Pick<ReturnType<typeof createRates>, 'limited' | 'early' | 'refused' | 'mostInputs'>
  readonly stop: () => Promise<void>
  /** Listens again on the same port with the same books. */
  readonly restart: () => void
}
type ErrorStyle = 'code' | 'status' | 'zero'

export type TestMintOptions = QuoteOptions & {
  readonly rates?: Rates
  readonly port?: number
  readonly units?: readonly Unit[]
  readonly feePpk?: number
  readonly keysetVersion?: 'v1' | 'v2'
  /** NUT-19: the same request gets the same answer. */
  readonly cached?: boolean
  readonly nuts?: readonly number[]
  /** Shared by mints that pay each other's invoices. */
  readonly lightning?: SimulatedLightning
}
/** Nodes that each settle what is theirs, and answer its preimage. */
export type SimulatedLightning = Set<(invoice: string) => string | undefined>

const givenPorts = new Set<number>()
/** An address names a purse: of one log, a mint that got another's would find its coins. */
function onFreshPort<Server extends { readonly port?: number; stop: (now: boolean) => unknown }>(
  listen: (port: number) => Server,
): Server {
  const used: Server[] = []
  let server = listen(0)
  for (; givenPorts.has(server.port ?? 0); server = listen(0)) used.push(server)
  for (const one of used) one.stop(true)
  givenPorts.add(server.port ?? 0)
  return server
}

export function createTestMint(options: TestMintOptions = {}): TestMint {
  const bank = createBank()
  const quotes = createQuotes(bank, options)
  /** Those who settle invoices among each other: all mints of a simulated Lightning, or this one alone. */
  const lightning = options.lightning ?? new Set()
  const melts = createMelts(bank, {
    now: options.now ?? Date.now,
    route: (invoice) => [...lightning].map((node) => node(invoice)).find((preimage) => preimage !== undefined),
  })
  lightning.add((invoice) => {
    const own = quotes.all().find(({ request }) => request === invoice)
    return own === undefined ? undefined : quotes.pay(own.quote).preimage
  })
  const faults = createFaults()
  const rates = createRates({ ...options.rates }, options.now ?? Date.now)
  const news = createNews((kind, quote) => {
    const shown = kind === 'bolt11_mint_quote' ? quotes.look(quote) : melts.look(quote)
    return isError(shown) ? undefined : shown
  })
  const counts = new Map<string, number>()
  const cache = new Map<string, Record<string, unknown>>()
  const zombies: (() => unknown)[] = []
  let errorStyle: ErrorStyle = 'code'
  for (const unit of options.units ?? ['sat'])
    bank.addKeyset(unit, { feePpk: options.feePpk ?? 0, version: options.keysetVersion ?? 'v1' })
  let server = options.port === undefined ? onFreshPort(listen) : listen(options.port)
  const port = server.port ?? 0
  const url = `http://127.0.0.1:${port}`
  const strangers = createStrangers(bank, url)

  function listen(onPort: number) {
    return Bun.serve<{ readonly topics: [] }, never>({
      port: onPort,
      hostname: '127.0.0.1',
      idleTimeout: 0,
      fetch(request, listening) {
        const isNews = new URL(request.url).pathname === '/v1/ws' && (options.nuts ?? []).includes(17)
        if (!isNews) return serve(request)
        counts.set('ws', (counts.get('ws') ?? 0) + 1)
        const refusal = news.refusal()
        if (refusal !== undefined) return refusal
        return listening.upgrade(request, { data: { topics: [] } }) ? undefined : new Response('no socket')
      },
      websocket: news.handler as never,
    })
  }

  async function serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const path = nameOf(pathname)
    counts.set(path, (counts.get(path) ?? 0) + 1)
    const limit = rates.refusal(path)
    if (limit !== undefined) return limit
    const fault = faults.next(path)
    const body = request.method === 'POST' ? ((await request.json().catch(() => ({}))) as Record<string, unknown>) : {}
    if (fault?.kind === 'zombie') {
      zombies.push(() => work(path, pathname, body))
      return dropped()
    }
    const before = await beforeWork(fault)
    if (before !== undefined) return before
    const key = `${pathname} ${JSON.stringify(body)}`
    const done = (options.cached === true && cache.get(key)) || work(path, pathname, body)
    if (options.cached === true && (path === 'swap' || path === 'mint') && !isError(done)) cache.set(key, done)
    news.changed()
    return (await afterWork(fault)) ?? answer(fault, done)
  }

  function work(path: string, pathname: string, body: Record<string, unknown>): Record<string, unknown> | MintError {
    switch (path) {
      case 'info':
        return { name: 'test mint', pubkey: '02'.padEnd(66, '1'), version: 'test/1', nuts: nutMap(options) }
      case 'keysets':
        return { keysets: bank.listed().map(describe) }
      case 'keys': {
        const id = pathname.split('/')[3]
        const wanted = bank.listed().filter((keyset) => (id === undefined ? keyset.active : keyset.id === id))
        return { keysets: wanted.map((keyset) => ({ ...describe(keyset), keys: keyset.publicKeys })) }
      }
      case 'checkstate':
        return { states: bank.states((body.Ys ?? []) as string[]) }
      case 'restore':
        return bank.restore((body.outputs ?? []) as WireOutput[])
      case 'swap': {
        const tooMany = rates.tooMany(body.inputs)
        if (tooMany !== undefined) return tooMany
        const signatures = bank.swap((body.inputs ?? []) as WireProof[], (body.outputs ?? []) as WireOutput[])
        return Array.isArray(signatures) ? { signatures } : signatures
      }
      case 'quote':
        return quotes.create(body)
      case 'quote-state':
        return quotes.look(pathname.split('/').at(-1) ?? '')
      case 'mint':
        return quotes.issue(body)
      case 'melt-quote':
        return melts.create(body)
      case 'melt-quote-state':
        return melts.look(pathname.split('/').at(-1) ?? '')
      case 'melt':
        return rates.tooMany(body.inputs) ?? melts.melt(body)
      case '__pay':
        return { state: quotes.pay(String(body.invoice)).state }
      case '__token':
        return { token: mint.token(Number(body.amount ?? 100), (body.unit ?? 'sat') as Unit) }
      default:
        return { code: 0, detail: 'not found' }
    }
  }

  function answer(fault: Fault | undefined, done: Record<string, unknown> | MintError): Response {
    if (isError(done)) return refused(done)
    const body = JSON.stringify(fault === undefined ? done : twisted(fault.kind, done))
    if (fault?.kind === 'truncated') return new Response(body.slice(0, body.length / 2))
    return new Response(body, { headers: { 'content-type': 'application/json' } })
  }

  function refused({ code, detail }: MintError): Response {
    const status = errorStyle === 'status' ? (code === 12001 ? 404 : 422) : 400
    return Response.json({ code: errorStyle === 'zero' ? 0 : code, detail }, { status })
  }

  const mint: TestMint = {
    url,
    fault: faults.arm,
    clearFaults: faults.clear,
    wakeZombies() {
      for (const late of zombies.splice(0)) late()
    },
    calls: (path) =>
      path === undefined ? [...counts.values()].reduce((sum, count) => sum + count, 0) : (counts.get(path) ?? 0),
    outstanding: bank.outstanding,
    rotate(unit, more = {}) {
      for (const keyset of bank.keysets.values()) if (keyset.unit === unit) keyset.active = false
      return bank.addKeyset(unit, {
        feePpk: more.feePpk ?? options.feePpk ?? 0,
        version: more.version ?? options.keysetVersion ?? 'v1',
        ...(more.finalExpiry === undefined ? {} : { finalExpiry: more.finalExpiry }),
      })
    },
    expire(keysetId, expired = true) {
      const keyset = bank.keysets.get(keysetId)
      if (keyset !== undefined) Object.assign(keyset, { active: false, expired })
    },
    forget(keysetId) {
      const keyset = bank.keysets.get(keysetId)
      if (keyset !== undefined) Object.assign(keyset, { active: false, forgotten: true })
    },
    keysetIds: () => [...bank.keysets.keys()],
    raiseFees(feePpk) {
      for (const [id, keyset] of bank.keysets) bank.keysets.set(id, { ...keyset, feePpk })
    },
    ...strangers,
    pay(invoice) {
      const quote = quotes.pay(invoice)
      news.changed()
      return quote
    },
    quote: quotes.find,
    quotes: quotes.all,
    forgetQuote: quotes.forget,
    giveQuoteAway: quotes.giveAway,
    twistInvoices: quotes.twist,
    lightningInMsat: quotes.lightningInMsat,
    setLightning: melts.set,
    sign: bank.sign,
    states: bank.states,
    endMelt(one, how) {
      melts.end(one, how)
      news.changed()
    },
    news,
    rates,
    signChange: melts.signChange,
    melts: melts.all,
    forgetMelt: melts.forget,
    lightningOutMsat: melts.lightningOutMsat,
    feesKept: melts.feesKept,
    setErrorStyle(style) {
      errorStyle = style
    },
    stop: async () => void (await server.stop(true)),
    restart() {
      server = listen(port)
    },
  }
  return mint
}

if (import.meta.main) {
  const at = process.argv.indexOf('--port')
  const mint = createTestMint({ port: at === -1 ? 3338 : Number(process.argv[at + 1]), units: ['sat', 'msat'] })
  process.stdout.write(`test mint at ${mint.url}\n`)
}
