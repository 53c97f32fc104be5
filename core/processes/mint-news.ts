/** Who is woken by news of which mint (wallet 13, NUT-17): one socket for each, and only where the mint announces it. */
import type { Log, TrustedMint } from '../../events'
import { createMintSocket, type MintSocket, type SocketWaits, type Topic } from '../money/mint-socket'
import type { MintDesk } from './mint-desk'

export type MintNews = {
  /** Wakes when the mint says that the quote has changed; never, where it does not tell. Again: nothing changes. */
  readonly follow: (mintUrl: string, unit: string, topic: Topic, wake: () => void) => void
  readonly unfollow: (mintUrl: string, quoteId: string) => void
  readonly stop: () => void
}

export function createMintNews(deps: {
  readonly mints: () => readonly TrustedMint[]
  readonly desk: (mint: TrustedMint) => MintDesk
  readonly log: Pick<Log, 'onCommit'>
  /** Whether the address of a URL may be contacted now (wallet 14.1). */
  readonly isAllowed: (url: string) => Promise<boolean>
  readonly now: () => number
  readonly waits?: SocketWaits
}): MintNews {
  const sockets = new Map<string, MintSocket>()
  /** Quotes that somebody still wants to hear of while the mint is asked what it tells. */
  const wanted = new Set<string>()
  const asking = new Map<string, Promise<unknown>>()
  let isStopped = false

  const trusted = (url: string) => deps.mints().find((mint) => mint.url === url)

  async function follow(mintUrl: string, unit: string, topic: Topic, wake: () => void): Promise<void> {
    const mint = trusted(mintUrl)
    const key = `${mintUrl} ${topic.quoteId}`
    if (mint === undefined || wanted.has(key)) return
    wanted.add(key)
    const desk = deps.desk(mint)
    if (desk.tells(unit) === undefined) await asked(mintUrl, desk)
    // It could not be asked: whoever follows again finds out.
    if (desk.tells(unit) === undefined) wanted.delete(key)
    if (isStopped || !wanted.has(key) || desk.tells(unit)?.includes(topic.kind) !== true) return
    socketOf(mintUrl).follow(topic, wake)
  }

  /** However many want to know. */
  function asked(url: string, desk: MintDesk): Promise<unknown> {
    const underway = asking.get(url)
    if (underway !== undefined) return underway
    const ask = desk.learnInfo().finally(() => asking.delete(url))
    asking.set(url, ask)
    return ask
  }

  function socketOf(url: string): MintSocket {
    const open = sockets.get(url)
    if (open !== undefined) return open
    const made = createMintSocket({
      ...deps,
      url,
      mayConnect: async () => trusted(url) !== undefined && (await deps.isAllowed(url)),
    })
    sockets.set(url, made)
    return made
  }

  const end = deps.log.onCommit((events) => {
    if (!events.some(({ type }) => type === 'mint.distrusted')) return
    for (const [url, socket] of sockets)
      if (trusted(url) === undefined) {
        socket.close()
        sockets.delete(url)
      }
  })

  return {
    follow(mintUrl, unit, topic, wake) {
      // What cannot be asked tells nothing: it is polled all the same.
      void follow(mintUrl, unit, topic, wake).catch(() => undefined)
    },
    unfollow(mintUrl, quoteId) {
      wanted.delete(`${mintUrl} ${quoteId}`)
      sockets.get(mintUrl)?.unfollow(quoteId)
    },
    stop() {
      isStopped = true
      end()
      for (const socket of sockets.values()) socket.close()
    },
  }
}
