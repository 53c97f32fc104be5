/** Messages longer than one Nostr event may be: cut into numbered parts, gathered within bounds (remote-admin 2.4). */
import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { limits } from '../limits'

export const chunkSchema = z.object({
  v: z.literal(1).optional(),
  id: z.string().min(8).max(64),
  try: z.int().min(1).optional(),
  chunk: z.object({
    i: z.int().min(0),
    n: z.int().min(1).max(limits.chunks),
    enc: z.enum(['gzip', 'none']),
    len: z.int().min(0).max(limits.chunkedBytes),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    d: z.string().max(limits.chunkChars),
  }),
})
export type Chunk = z.infer<typeof chunkSchema>

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

/** `text` as one message, or as its chunks, compressed where that helps. For results that hold no secret. */
export function messagesOf(id: string, text: string): readonly string[] {
  // Quotes and what is not ASCII grow inside the rumor: its text is measured as it will stand there.
  if (text.length <= limits.messageChars && Buffer.byteLength(JSON.stringify(text)) <= limits.messageBytes)
    return [text]
  const packed = gzipSync(text)
  const useful = packed.length <= text.length * 0.7
  const data = (useful ? packed : Buffer.from(text, 'utf8')).toString('base64url')
  const parts = Math.ceil(data.length / limits.chunkChars)
  return Array.from({ length: parts }, (_, i) => {
    const d = data.slice(i * limits.chunkChars, (i + 1) * limits.chunkChars)
    const chunk = { i, n: parts, enc: useful ? 'gzip' : 'none', len: text.length, sha256: sha256(text), d }
    return JSON.stringify({ v: 1, id, try: 1, chunk })
  })
}

export type Gathered =
  | { readonly is: 'waiting' }
  /** A fault in a part or in the whole; the assembly is discarded. */
  | { readonly is: 'broken' }
  /** The inner text; as old as its oldest part. */
  | { readonly is: 'whole'; readonly text: string; readonly createdAtS: number }

type Assembly = {
  readonly head: Omit<Chunk['chunk'], 'i' | 'd'>
  readonly parts: Map<number, string>
  oldestS: number
  touchedMs: number
}

/** Gathers parts by sender and id; in any order, each twice if need be. */
export function createAssemblies(now: () => number) {
  const bySender = new Map<string, Map<string, Assembly>>()

  function take(sender: string, { id, chunk }: Chunk, createdAtS: number): Gathered {
    forget()
    const mine = bySender.get(sender) ?? new Map<string, Assembly>()
    bySender.set(sender, mine)
    const { i, d, ...head } = chunk
    const open = mine.get(id) ?? { head, parts: new Map(), oldestS: createdAtS, touchedMs: now() }
    const fits = i < head.n && JSON.stringify(open.head) === JSON.stringify(head)
    if (!fits || (open.parts.has(i) && open.parts.get(i) !== d)) return broken(mine, id)
    open.parts.set(i, d)
    open.oldestS = Math.min(open.oldestS, createdAtS)
    open.touchedMs = now()
    mine.delete(id)
    mine.set(id, open)
    for (const oldest of mine.keys()) {
      if (mine.size <= limits.assemblies) break
      mine.delete(oldest)
    }
    if (open.parts.size < head.n) return { is: 'waiting' }
    mine.delete(id)
    const text = inflated(open)
    return text === undefined ? { is: 'broken' } : { is: 'whole', text, createdAtS: open.oldestS }
  }

  function broken(mine: Map<string, Assembly>, id: string): Gathered {
    mine.delete(id)
    return { is: 'broken' }
  }

  function forget(): void {
    for (const [sender, mine] of bySender) {
      for (const [id, { touchedMs }] of mine) if (now() - touchedMs > limits.assemblyIdleMs) mine.delete(id)
      if (mine.size === 0) bySender.delete(sender)
    }
  }

  return { take }
}

/** Bounded while inflating: 64 MiB of zeros fit into few bytes. */
function inflated({ head, parts }: Assembly): string | undefined {
  const data = Array.from({ length: head.n }, (_, i) => parts.get(i) ?? '').join('')
  try {
    const raw = Buffer.from(data, 'base64url')
    const bytes = head.enc === 'gzip' ? gunzipSync(raw, { maxOutputLength: limits.chunkedBytes }) : raw
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.length === head.len && sha256(text) === head.sha256 ? text : undefined
  } catch {
    return undefined
  }
}
