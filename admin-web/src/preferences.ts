/** What this browser remembers: theme, unit, density, keys, columns. Never anything of the node (dashboard 5). */
import { createSignal } from 'solid-js'
import type { Unit } from './format'

export type Theme = 'system' | 'light' | 'dark'
/** By the number 1,234.56: `point` writes it so, `comma` 1.234,56. */
export type NumberStyle = 'browser' | 'point' | 'comma' | 'space' | 'apostrophe'
export type WeekDay = 'monday' | 'sunday' | 'saturday'
export type Density = 'comfortable' | 'compact'

function remembered<Choice extends string>(name: string, choices: readonly Choice[], first: Choice) {
  const key = `routstr.${name}`
  const known = choices.find((choice) => choice === read(key)) ?? first
  const [value, setValue] = createSignal<Choice>(known)
  return {
    value,
    choose(choice: Choice) {
      setValue(() => choice)
      write(key, choice)
    },
    next() {
      const following = choices[(choices.indexOf(value()) + 1) % choices.length] ?? first
      this.choose(following)
      return following
    },
  }
}

/** Storage may be forbidden; then a choice lives as long as the page. */
function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}
function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // The choice still stands on this page.
  }
}

export const theme = remembered<Theme>('theme', ['system', 'light', 'dark'], 'system')
export const unit = remembered<Unit>('unit', ['sat', 'msat', 'usd'], 'sat')
export const density = remembered<Density>('density', ['comfortable', 'compact'], 'comfortable')
export const numberStyle = remembered<NumberStyle>(
  'numbers',
  ['browser', 'point', 'comma', 'space', 'apostrophe'],
  'browser',
)
/** With which day the weeks of charts begin. */
export const weekFrom = remembered<WeekDay>('week', ['monday', 'sunday', 'saturday'], 'monday')
export const keys = remembered<'on' | 'off'>('keys', ['on', 'off'], 'on')

/** Columns of a list that the reader wants otherwise than they first stand: seen if they were not, or the reverse. */
export function otherColumns(list: string) {
  const key = `routstr.columns.${list}`
  const [others, setOthers] = createSignal<readonly string[]>((read(key) ?? '').split(',').filter((one) => one !== ''))
  return {
    has: (column: string): boolean => others().includes(column),
    toggle(column: string): void {
      setOthers(others().includes(column) ? others().filter((one) => one !== column) : [...others(), column])
      write(key, others().join(','))
    },
  }
}

/** Puts the choices on the page; a unit in the address wins over the remembered one. */
export function applyPreferences(search: string): void {
  const asked = new URLSearchParams(search).get('unit')
  if (asked === 'sat' || asked === 'msat' || asked === 'usd') unit.choose(asked)
  const page = document.documentElement
  if (theme.value() === 'system') page.removeAttribute('data-theme')
  else page.setAttribute('data-theme', theme.value())
  page.setAttribute('data-density', density.value())
}
