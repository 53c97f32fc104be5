/** Which configuration event came last, by stream and by setting: what `rev` and `ifRev` speak of. */
import type { Log, SettingValue } from '../../events'

export type Revisions = {
  /** Position of the newest configuration event. */
  readonly rev: () => bigint
  readonly ofStream: (stream: string) => bigint
  readonly ofSetting: (key: string) => bigint
  /** What the change at this position moved: each setting with what it was before. */
  readonly changeAt: (position: bigint) => readonly { readonly key: string; readonly old: SettingValue }[] | undefined
  readonly stop: () => void
}

const isConfiguration = (stream: string): boolean => stream === 'node' || stream.startsWith('upstream-')

export async function createRevisions(log: Log): Promise<Revisions> {
  const streams = new Map<string, bigint>()
  const settings = new Map<string, bigint>()
  const changes = new Map<bigint, readonly { readonly key: string; readonly old: SettingValue }[]>()
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
    const moved = (event.data as { changes: readonly { key: string; old: SettingValue }[] }).changes
    changes.set(event.position, moved)
    for (const { key } of moved) settings.set(key, event.position)
  }

  return {
    rev: () => [...streams.values()].reduce((newest, position) => (position > newest ? position : newest), 0n),
    ofStream: (stream) => streams.get(stream) ?? 0n,
    ofSetting: (key) => settings.get(key) ?? 0n,
    changeAt: (position) => changes.get(position),
    stop,
  }
}
