/** A key as the operator names it: the log's own state knows a whole hash, the read models what is shorter. */
import { findSessions, foldedSession, keyStateOf, keyStates, type ListedSession } from '../../../events'
import { limits } from '../../limits'
import type { NotFound, RunContext, Trouble } from '../command'

const notFound = (hash: string): NotFound => ({ notFound: `session ${hash}` })

/**
 * The streams of many hashes, each once; or the first hash that is none. What a decision needs is never read from the
 * tables (architecture 4): a whole hash is asked of its own stream, so that a key has a name as soon as it was opened.
 */
export async function streamsNamed(
  hashes: readonly string[],
  context: RunContext,
): Promise<readonly string[] | NotFound> {
  const rowOf = createSearch(context)
  const streams = new Set<string>()
  for (const hash of hashes) {
    const stream = isWhole(hash) ? await opened(hash, context) : (await rowOf(hash))?.stream
    if (stream === undefined) return notFound(hash)
    streams.add(stream)
  }
  return [...streams]
}

/** The row of the one session whose hash begins so; none, or more than one, is not found. */
export async function rowNamed(hash: string, context: RunContext): Promise<ListedSession | NotFound | Trouble> {
  const stream = isWhole(hash) ? await opened(hash, context) : undefined
  if (isWhole(hash) && stream === undefined) return notFound(hash)
  const row = await createSearch(context)(hash)
  return row ?? (stream === undefined ? notFound(hash) : rowOfEvents(stream, context))
}

const isWhole = (hash: string): boolean => hash.length === 64

async function opened(hash: string, { node }: RunContext): Promise<string | undefined> {
  const stream = `session-${hash}`
  return (await node.engine.state('session', stream)).is === 'unknown' ? undefined : stream
}

/** Looks into the tables; what is not there is looked for once more when they have followed, however many are asked for. */
function createSearch({ node, now }: RunContext) {
  const find = (hash: string) => findSessions(node.views.sql, hash, Math.floor(now / 1000))
  let following: Promise<boolean> | undefined
  return async (hash: string): Promise<ListedSession | undefined> => {
    const found = await find(hash)
    if (found.length > 0) return found.length === 1 ? found[0] : undefined
    following ??= node.views.caughtUp(node.log.head(), limits.viewsNamedMs)
    await following
    const later = await find(hash)
    return later.length === 1 ? later[0] : undefined
  }
}

/** While the tables are being rebuilt: what they will say of a key whose stream is short enough to read at once. */
async function rowOfEvents(stream: string, { node, now }: RunContext): Promise<ListedSession | Trouble> {
  const events = await node.log.read(stream, 0, limits.sessionEventsFolded + 1)
  const row = foldedSession(events)
  if (row === undefined || events.length > limits.sessionEventsFolded)
    return { trouble: 'later', sentence: 'The tables are being rebuilt, and this key is in none of them yet.' }
  const own = await node.engine.state('session', stream)
  const parent = own.parent === undefined ? own : await node.engine.state('session', own.parent)
  // A child is at best as well as its parent (contract 3.8).
  const worst = Math.max(...[own, parent].map((state) => keyStates.indexOf(keyStateOf(state, now))))
  return { ...row, state: keyStates[worst] ?? 'ended' }
}
