/** NIP-98: a signed event over method, URL and body proves who sends this very request. One header, one request. */
import { createHash } from 'node:crypto'
import { verifyEvent } from 'nostr-tools/pure'
import { z } from 'zod'

const httpAuth = 27_235
const skewS = 60
const replayMs = 120_000
const longestHeader = 8192

const schema = z.object({
  id: z.string(),
  pubkey: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: z.int(),
  kind: z.literal(httpAuth),
  tags: z.array(z.array(z.string())),
  content: z.string(),
  sig: z.string(),
})

export type Nip98 = {
  /** The author of a header that fits this request exactly; undefined for every kind of misfit. */
  readonly author: (
    header: string,
    request: {
      readonly method: string
      readonly host: string
      readonly pathAndQuery: string
      readonly body: Uint8Array
    },
  ) => string | undefined
}

export function createNip98(now: () => number): Nip98 {
  const seen = new Map<string, number>()

  return {
    author(header, request) {
      const event = readEvent(header)
      if (event === undefined || Math.abs(now() / 1000 - event.created_at) > skewS) return undefined
      const tag = (name: string) => event.tags.find((one) => one[0] === name)?.[1]
      const payload = createHash('sha256').update(request.body).digest('hex')
      const fits =
        [`http://${request.host}${request.pathAndQuery}`, `https://${request.host}${request.pathAndQuery}`].includes(
          tag('u') ?? '',
        ) &&
        tag('method') === request.method &&
        tag('payload') === payload
      // Freshly parsed here: no verdict of a copy is believed.
      if (!fits || seen.has(event.id) || !verifyEvent({ ...event })) return undefined
      for (const [id, at] of seen) if (now() - at > replayMs) seen.delete(id)
      seen.set(event.id, now())
      return event.pubkey
    },
  }
}

function readEvent(header: string): z.infer<typeof schema> | undefined {
  const match = /^Nostr\s+([A-Za-z0-9+/=_-]+)$/i.exec(header.trim())
  if (match?.[1] === undefined || header.length > longestHeader) return undefined
  try {
    return schema.parse(JSON.parse(Buffer.from(match[1], 'base64').toString('utf8')))
  } catch {
    return undefined
  }
}
