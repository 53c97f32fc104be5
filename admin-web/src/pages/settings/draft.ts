/** What was typed and not saved: by key, with the state of the settings that it was typed over. */
import { createMemo } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import type { Answer } from '../../client'
import { decimalOf, typedDecimal } from '../../format'

export type SettingRow = Answer<'settings.get'>[number]
export type Value = SettingRow['value']
/** `value` undefined: the text is none that this setting could have, and nothing is saved beside it. */
type Typed = { readonly value: Value | undefined; readonly text: string; readonly seenRev: number }

export function createDraft(rows: () => readonly SettingRow[]) {
  const [typed, setTyped] = createStore<Record<string, Typed | undefined>>({})
  /** No answer is older than the newest change in it. */
  const newest = createMemo(() => rows().reduce((most, row) => Math.max(most, row.rev), 0))
  const rowOf = (key: string) => rows().find((row) => row.key === key)
  const changed = createMemo(() =>
    Object.entries(typed).flatMap(([key, one]) => {
      const row = rowOf(key)
      if (one === undefined || row === undefined || one.value === undefined || same(one.value, row.value)) return []
      return [{ row, value: one.value, text: one.text, seenRev: one.seenRev }]
    }),
  )
  const wrong = createMemo(() =>
    Object.entries(typed).filter(([, one]) => one !== undefined && one.value === undefined),
  )
  return {
    changed,
    /** Fields whose text is no value. */
    wrong: (): number => wrong().length,
    text: (row: SettingRow): string => typed[row.key]?.text ?? textOf(row.value),
    value: (row: SettingRow): Value => {
      const one = typed[row.key]
      return one?.value === undefined ? row.value : one.value
    },
    type(row: SettingRow, value: Value | undefined, text = value === undefined ? '' : textOf(value)): void {
      setTyped(row.key, { value, text, seenRev: typed[row.key]?.seenRev ?? newest() })
    },
    /** Somebody changed it after one began to type. */
    clashes: (row: SettingRow): boolean => {
      const one = typed[row.key]
      return one?.value !== undefined && row.rev > one.seenRev && !same(one.value, row.value)
    },
    keepMine(row: SettingRow): void {
      const one = typed[row.key]
      if (one !== undefined) setTyped(row.key, { ...one, seenRev: row.rev })
    },
    drop: (row: SettingRow): void => setTyped(row.key, undefined),
    clear: (): void => setTyped(reconcile({})),
    /** What the save must not be older than. */
    ifRev: (): number => changed().reduce((least, { seenRev }) => Math.min(least, seenRev), Number.MAX_SAFE_INTEGER),
  }
}
export type Draft = ReturnType<typeof createDraft>

/** As it stands in a field; a list is one entry per line. */
export const textOf = (value: Value): string =>
  Array.isArray(value)
    ? value.join('\n')
    : value === null
      ? ''
      : typeof value === 'number'
        ? typedDecimal(String(value))
        : String(value)

/** What a typed text means for this setting; undefined: nothing that it could be. No number by default: empty is none. */
export function valueIn(text: string, { value: like, default: usual }: SettingRow): Value | undefined {
  if (usual === null && text.trim() === '') return null
  if (Array.isArray(like))
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  if (typeof like !== 'number' && usual !== null) return text
  const plain = Number(decimalOf(text))
  return Number.isNaN(plain) ? undefined : plain
}

const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b)
