/** Loaded before every test: nothing may reach a host beyond this machine, and whoever tried is named (P-40). */
import { afterAll, expect } from 'bun:test'

const denied: string[] = []
const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]|0\.0\.0\.0)$/

function guard(address: string): void {
  const host = URL.parse(address)?.hostname ?? ''
  // A name under .invalid never resolves (RFC 2606): tests of exactly that may ask for it.
  if (host === '' || loopback.test(host) || host.endsWith('.invalid')) return
  denied.push(host)
  throw Object.assign(new Error('no test may reach beyond this machine'), { code: 'ENOTFOUND' })
}

const reach = globalThis.fetch
globalThis.fetch = Object.assign(
  async (input: string | URL | Request, init?: RequestInit) => {
    guard(input instanceof Request ? input.url : String(input))
    return reach(input, init)
  },
  { preconnect: reach.preconnect },
)

const Socket = globalThis.WebSocket
globalThis.WebSocket = new Proxy(Socket, {
  construct(target, words: [string | URL, { readonly proxy?: string }?]) {
    // Through a proxy the name is the proxy's to look up: the proxy must be one of this machine.
    guard(words[1]?.proxy ?? String(words[0]))
    return new target(...(words as [string | URL, never]))
  },
})

afterAll(() => {
  expect(denied).toEqual([])
})
