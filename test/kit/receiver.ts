/** A server of Lightning addresses (LUD-06, LUD-16) over a real socket, reached by the node's own checks (wallet 14). */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Foreign } from '../../core/foreign'
import { encodeBolt11 } from './mint/bolt11'

export type ReceiverTwist = {
  /** Answered instead of the pay request, or of the invoice. */
  readonly offer?: Readonly<Record<string, unknown>> | (() => Response)
  readonly invoice?: Readonly<Record<string, unknown>> | (() => Response)
  /** Of the next invoices. */
  readonly msat?: number
  readonly network?: string
  readonly expiryS?: number
  readonly paymentHash?: string
}

export type TestReceiver = {
  readonly address: string
  /** The same receiver where it really is: at a loopback address, by plain http. */
  readonly privateAddress: string
  readonly foreign: Foreign
  readonly invoices: () => readonly string[]
  /** Requests so far, as `host path`. */
  readonly asked: () => readonly string[]
  readonly twist: (twist: ReceiverTwist) => void
  /** What names resolve to from now on. */
  readonly setAddresses: (addresses: readonly string[]) => void
  readonly stop: () => Promise<void>
}

export function createReceiver(now: () => number = Date.now): TestReceiver {
  const nodeKey = crypto.getRandomValues(new Uint8Array(32))
  const invoices: string[] = []
  const asked: string[] = []
  let twist: ReceiverTwist = {}
  let addresses: readonly string[] = ['93.184.216.34']

  function serve(request: Request): Response {
    const url = new URL(request.url)
    asked.push(`${request.headers.get('host')} ${url.pathname}${url.search}`)
    if (!url.searchParams.has('amount')) return offer(request.headers.get('host') ?? '')
    if (typeof twist.invoice === 'function') return twist.invoice()
    if (twist.invoice !== undefined) return Response.json(twist.invoice)
    const msat = twist.msat ?? Number(url.searchParams.get('amount'))
    return Response.json({ pr: invoice(msat), routes: [] })
  }

  function offer(host: string): Response {
    if (typeof twist.offer === 'function') return twist.offer()
    const metadata = JSON.stringify([['text/plain', 'a test']])
    const plain = {
      tag: 'payRequest',
      callback: `https://${host}/pay?user=a`,
      minSendable: 1000,
      maxSendable: 1e9,
      metadata,
    }
    return Response.json({ ...plain, ...twist.offer })
  }

  function invoice(msat: number): string {
    const preimage = crypto.getRandomValues(new Uint8Array(32))
    const { network = 'bcrt', expiryS = 3600, paymentHash = bytesToHex(sha256(preimage)) } = twist
    const timestamp = Math.floor(now() / 1000)
    const made = encodeBolt11({ network, msat, paymentHash, timestamp, expiryS, description: 'test', nodeKey })
    invoices.push(made)
    return made
  }

  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: serve })
  return {
    address: 'owner@wallet.example',
    privateAddress: `owner@127.0.0.1:${server.port}`,
    foreign: {
      resolve: async () => addresses,
      dial: ({ host, path }, signal) =>
        fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { host }, redirect: 'error', signal }),
      tunnel: () => '',
    },
    invoices: () => invoices,
    asked: () => asked,
    twist(next) {
      twist = next
    },
    setAddresses(next) {
      addresses = next
    },
    stop: () => server.stop(true),
  }
}
