/**
 * Asks the host of a Lightning address that the operator typed (wallet 14.1): it may be private or loopback, by plain
 * http too. What its server names elsewhere is foreign (14.2), and so is an address of which one part is not private.
 */
import { isIP } from 'node:net'
import { isPrivateHost } from './address'
import { type AskForeign, createAskForeign, type Foreign, type ForeignAnswer, readAnswer } from './foreign'
import { limits } from './limits'

export type Asking = {
  readonly askForeign: AskForeign
  /** For the address whose first URL this is. */
  readonly askTyped: (entry: string) => AskForeign
}

export function createAsking(foreign: Foreign): Asking {
  const askForeign = createAskForeign(foreign)
  const askTyped = (entry: string): AskForeign => {
    const typed = URL.parse(entry)
    return async (text) => {
      const url = URL.parse(text)
      const isTyped = url !== null && url.host === typed?.host && url.username === '' && url.hash === ''
      const address = isTyped ? await privateAddress(url, foreign) : undefined
      return url === null || address === undefined ? askForeign(text) : askPrivate(url, address)
    }
  }
  return { askForeign, askTyped }
}

/** The address that is dialled, where every one of the name is private. */
async function privateAddress(url: URL, { resolve }: Foreign): Promise<string | undefined> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host]
  return isPrivateHost(host, addresses) ? addresses[0] : undefined
}

/** A Lightning address names no scheme: a server at home often speaks http alone. */
async function askPrivate(url: URL, address: string): Promise<ForeignAnswer> {
  const signal = AbortSignal.timeout(limits.foreignMs)
  try {
    const first = dial(url, url.protocol, address, signal)
    const answer = await readAnswer(
      await (url.protocol === 'http:' ? first : first.catch(() => dial(url, 'http:', address, signal))),
    )
    return 'json' in answer ? { ...answer, isPrivate: true } : answer
  } catch {
    return { refused: 'its server does not answer', later: true }
  }
}

const dial = (url: URL, protocol: string, address: string, signal: AbortSignal): Promise<Response> => {
  const host = isIP(address) === 6 ? `[${address}]` : address
  const port = url.port === '' ? '' : `:${url.port}`
  return fetch(`${protocol}//${host}${port}${url.pathname}${url.search}`, {
    headers: { host: url.host, accept: 'application/json' },
    redirect: 'error',
    tls: { serverName: url.hostname },
    signal,
  })
}
