/** The invoice process alone, on a real log and against the real test mint, with a clock that pauses turn. */
import { createHash } from 'node:crypto'
import { makeWords, walletSeed } from '../../core/keys'
import { limits } from '../../core/limits'
import { createMintClient, isTrueKeyset } from '../../core/money/mint-client'
import { normaliseMintUrl } from '../../core/money/mint-url'
import { createQuoteKeys } from '../../core/money/quote-key'
import { createVault } from '../../core/money/vault'
import type { InvoiceMade, InvoiceRefused, InvoiceWish } from '../../core/processes/invoice-types'
import { createInvoices, type Invoices } from '../../core/processes/invoices'
import { createMintDesk, type MintDesk } from '../../core/processes/mint-desk'
import { createMintNews } from '../../core/processes/mint-news'
import { createTrace } from '../../core/trace'
import { createWallet } from '../../core/wallet'
import { type SheetRow, type TrustedMint, unlimited } from '../../events'
import { kitCurve } from './curve'
import type { TestLog } from './log'
import { createTestMint, type TestMint, type TestMintOptions } from './mint'
import { allNuts } from './mint/wire'

export type InvoiceKit = {
  readonly mint: TestMint
  readonly desk: () => MintDesk
  readonly invoices: Invoices
  /** Makes an invoice for a session of its own unless told otherwise. */
  readonly ask: (sats: number, more?: Partial<InvoiceWish>) => Promise<InvoiceMade | InvoiceRefused>
  /** The same, where nothing stands in the way. */
  readonly made: (sats: number, more?: Partial<InvoiceWish>) => Promise<InvoiceMade>
  /** Turns the clock, as fast as the watcher looks, for so long or until nothing is left to do. */
  readonly watch: (ms: number, until?: () => Promise<boolean>) => Promise<void>
  /** A new process on the same log: nothing in memory is left. */
  readonly restart: (stopHere?: (place: string) => Promise<void>) => InvoiceKit
  readonly turn: (ms: number) => void
  /** The mint's address is not one that may be contacted any more. */
  readonly forbidAddress: () => void
  /** Unix ms. */
  readonly now: () => number
  readonly sheet: () => Promise<readonly SheetRow[]>
  readonly free: () => Promise<number>
  readonly events: (deposit: string) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

export type InvoiceKitOptions = TestMintOptions & {
  readonly privateAddress?: boolean
  readonly stopHere?: (place: string) => Promise<void>
  /** The mint announces NUT-17, and is listened to. */
  readonly news?: true
}

/** News come in real time, whatever the clock says. */
export const hurried = { backOffMs: [20, 20, 60], connectMs: 300, answerMs: 300 }

/** Several may share one log: each has a mint and a seed of its own. */
export function openInvoices(opened: TestLog, options: InvoiceKitOptions = {}): InvoiceKit {
  let clock = 1_700_000_000_000
  let isAllowed = true
  const mint = createTestMint({
    now: () => clock,
    ...(options.news === undefined ? {} : { nuts: [...allNuts, 17] }),
    ...options,
  })
  const seed = walletSeed(makeWords())
  const url = normaliseMintUrl(mint.url) ?? ''
  const mintId = createHash('sha256').update(url).digest('hex').slice(0, 16)
  const { privateAddress = true } = options
  const trusted: TrustedMint = { url, mintId, units: ['sat', 'msat'], privateAddress, warnings: [], source: 'operator' }
  const wallet = createWallet(seed, kitCurve, createVault(crypto.getRandomValues(new Uint8Array(32))))
  const quoteKeys = createQuoteKeys(seed.seed)

  function pause(ms: number): Promise<void> {
    // Whoever asks for a status stays until the look has ended.
    if (ms === limits.invoiceStatusWaitMs) return new Promise(() => undefined)
    clock += Math.ceil(ms)
    return Bun.sleep(0)
  }

  function processes(stopHere: (place: string) => Promise<void>): InvoiceKit {
    const trace = createTrace({ level: 'error', format: 'json', now: () => clock, write: () => undefined })
    const { engine, log } = opened
    const now = () => clock
    const desk = createMintDesk({
      mint: trusted,
      client: createMintClient(url),
      isTrueKeyset,
      engine,
      now,
      pause,
      trace,
    })
    const mints = () => [trusted]
    const news = createMintNews({
      mints,
      desk: () => desk,
      log,
      isAllowed: async () => isAllowed,
      now,
      waits: hurried,
    })
    const invoices = createInvoices({
      news,
      engine,
      log,
      wallet,
      mints,
      desk: () => desk,
      now,
      pause,
      stopHere,
      trace,
      quoteKeys,
    })
    const ask: InvoiceKit['ask'] = (sats, more = {}) => {
      const key = `sk-${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}`
      const target = `session-${createHash('sha256').update(key).digest('hex')}`
      return invoices.create({ purpose: 'create', target, key, limits: unlimited, sats, requestId: 'r', ...more })
    }
    const sheet = async () => (await log.sheet()).filter((row) => row.purse.startsWith(mintId))
    return {
      mint,
      desk: () => desk,
      invoices,
      ask,
      async made(sats, more) {
        const made = await ask(sats, more)
        if ('refused' in made) throw new Error(`no invoice: ${made.refused}`)
        return made
      },
      async watch(ms, until = async () => false) {
        const end = clock + ms
        while (clock < end && !(await until())) {
          await invoices.round()
          clock += limits.invoiceTickMs
        }
      },
      restart(again = async () => undefined) {
        invoices.stop()
        news.stop()
        return processes(again)
      },
      forbidAddress() {
        isAllowed = false
      },
      turn(ms) {
        clock += ms
      },
      now,
      sheet,
      free: async () => Number((await sheet()).find((row) => row.account === 'free')?.msat ?? 0n),
      events: async (deposit) => (await log.read(deposit, 0)).map((event) => event.type),
      async close() {
        invoices.stop()
        news.stop()
        await mint.stop()
      },
    }
  }
  return processes(options.stopHere ?? (async () => undefined))
}
