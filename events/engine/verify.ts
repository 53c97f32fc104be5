/** Reads the whole log and says whether it is one: no gap, every event as its schema says, the sheet as its postings. */
import type { Log, SheetRow, StoredEvent } from '../log/log'
import { catalogue } from '../schema/catalogue'
import { postingsOf } from './sheet'

export type LogVerdict = {
  readonly ok: boolean
  readonly events: number
  readonly streams: number
  /** The first of them, each a sentence without any content of an event. */
  readonly problems: readonly string[]
}

const mostProblems = 20
const pageEvents = 2000

/** Reads page by page; what is committed meanwhile is not looked at. */
export async function verifyLog(log: Log): Promise<LogVerdict> {
  const { position: head, sheet } = await log.books()
  const versions = new Map<string, number>()
  const sums = new Map<string, bigint>()
  const problems: string[] = []
  let at = 0n
  let events = 0

  function look(event: StoredEvent): void {
    const name = `event ${event.position} (${event.type})`
    if (event.position !== at + 1n) problems.push(`position ${at + 1n} is missing before ${name}`)
    at = event.position
    const version = (versions.get(event.stream) ?? 0) + 1
    if (event.version !== version) problems.push(`${name} has version ${event.version} where ${version} was due`)
    versions.set(event.stream, event.version)
    if (catalogue[event.type]?.at(-1)?.safeParse(event.data).success !== true)
      problems.push(`${name} is not as its schema says`)
    for (const { purse, account, msat } of postingsOf(event.stream, event)) {
      const key = `${purse} ${account}`
      sums.set(key, (sums.get(key) ?? 0n) + BigInt(msat))
    }
    events += 1
  }

  while (at < head && problems.length < mostProblems) {
    const page = await log.after(at, pageEvents)
    if (page.length === 0) {
      problems.push(`nothing can be read after position ${at} of ${head}`)
      break
    }
    for (const event of page) if (event.position <= head) look(event)
  }
  if (problems.length === 0) problems.push(...differences(sums, sheet))
  return { ok: problems.length === 0, events, streams: versions.size, problems: problems.slice(0, mostProblems) }
}

function differences(sums: ReadonlyMap<string, bigint>, sheet: readonly SheetRow[]): string[] {
  const kept = new Map(sheet.map((row) => [`${row.purse} ${row.account}`, row.msat]))
  return [...new Set([...sums.keys(), ...kept.keys()])]
    .filter((key) => (sums.get(key) ?? 0n) !== (kept.get(key) ?? 0n))
    .map((key) => `the sheet says ${kept.get(key) ?? 0n} msat for ${key}, the events ${sums.get(key) ?? 0n}`)
}
