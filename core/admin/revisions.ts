/** Which configuration event came last, by stream and by setting: what `rev` and `ifRev` speak of. */
import type { Log } from '../../events'

export type Revisions = {
  /** Position of the newest configuration event. */
  readonly rev: () => bigint
  readonly ofStream: (stream: string) => bigint
  readonly ofSetting: (key: string) => bigint
  readonly stop: () => void
}

const isConfiguration = (stream: string): boolean => stream === 'node' || stream.startsWith('upstream-')

export async function createRevisions(log: Log): Promise<Revisions> {
  const streams = new Map<string, bigint>()
  const settings = new Map<string, bigint>()
  for (const event of await log.read('node', 0)) note(event)
  for (const stream of await log.streams('upstream-')) streams.set(stream, await log.newest(stream))
  const stop = log.onCommit((events) => {
    for (const event of events) if (isConfiguration(event.stream)) note(event)
  })

  function note(event: {
    readonly stream: string
    readonly type: string
    readonly data: unknown
    readonly position: bigint
  }): void {
    streams.set(event.stream, event.position)
    if (event.type !== 'node.settings-changed') return
    for (const { key } of (event.data as { changes: readonly { key: string }[] }).changes)
      settings.set(key, event.position)
  }

  return {
    rev: () => [...streams.values()].reduce((newest, position) => (position > newest ? position : newest), 0n),
    ofStream: (stream) => streams.get(stream) ?? 0n,
    ofSetting: (key) => settings.get(key) ?? 0n,
    stop,
  }
}
