/** Keys of dashboard 3. Never inside a field, never money; `g` waits a moment for its second letter. */
import { onCleanup } from 'solid-js'
import type { Tab } from './paths'

export type Shortcuts = {
  readonly areOn: () => boolean
  readonly go: (tab: Tab) => void
  readonly nextUnit: () => void
  readonly nextTheme: () => void
  readonly showKeys: () => void
  readonly find: () => void
}

const goMs = 1500
const letters = { o: 'overview', s: 'sessions', m: 'models', e: 'settings', w: 'withdraw', l: 'logs' } as const
/** What the nav shows beside each tab. */
export const tabKeys = Object.fromEntries(
  Object.entries(letters).map(([letter, tab]) => [tab, `g ${letter}`]),
) as Record<Tab, string>

type Ranges<Name> = {
  readonly names: readonly Name[]
  readonly now: () => Name
  readonly choose: (name: Name) => void
}
let moveRange: ((step: 1 | -1) => void) | undefined

/** `[` and `]` choose the range before and after, for as long as the page with these ranges stands. */
export function useRangeKeys<Name>({ names, now, choose }: Ranges<Name>): void {
  const move = (step: 1 | -1) => {
    const next = names[names.indexOf(now()) + step]
    if (next !== undefined) choose(next)
  }
  moveRange = move
  onCleanup(() => {
    if (moveRange === move) moveRange = undefined
  })
}

/** Starts listening; answers how to stop. */
export function startShortcuts(shortcuts: Shortcuts): () => void {
  let goUntil = 0
  const acts: Readonly<Record<string, () => boolean>> = {
    '/': () => focusOn(document.querySelector<HTMLElement>('[data-search]')),
    u: () => done(shortcuts.nextUnit),
    t: () => done(shortcuts.nextTheme),
    '?': () => done(shortcuts.showKeys),
    '[': () => rangeMoved(-1),
    ']': () => rangeMoved(1),
    j: () => moveRow(1, true),
    k: () => moveRow(-1, true),
    ArrowDown: () => moveRow(1, false),
    ArrowUp: () => moveRow(-1, false),
    x: () => clicked(document.activeElement?.closest('tr, li')?.querySelector<HTMLElement>('[data-choose]')),
    c: () => copyFirst(document.activeElement?.closest<HTMLElement>('[data-row], li, section')),
  }

  function key(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      if (document.querySelector('dialog[open]') === null) shortcuts.find()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (isField(event.target) || !shortcuts.areOn()) return
    const isWaiting = performance.now() < goUntil
    goUntil = event.key === 'g' ? performance.now() + goMs : 0
    // An open dialog is the page; only its own copy key works in it.
    const dialog = document.querySelector<HTMLElement>('dialog[open]')
    const tab = isWaiting && isTabKey(event.key) ? letters[event.key] : undefined
    if (dialog !== null) {
      if (event.key === 'c') copyFirst(dialog)
    } else if (tab !== undefined) {
      event.preventDefault()
      shortcuts.go(tab)
    } else if (acts[event.key]?.() === true) event.preventDefault()
  }

  document.addEventListener('keydown', key)
  return () => document.removeEventListener('keydown', key)
}

const isTabKey = (key: string): key is keyof typeof letters => Object.hasOwn(letters, key)

function done(act: () => void): true {
  act()
  return true
}

function rangeMoved(step: 1 | -1): boolean {
  moveRange?.(step)
  return moveRange !== undefined
}

function focusOn(place: HTMLElement | null | undefined): boolean {
  place?.focus()
  return place !== null && place !== undefined
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input:not([type=checkbox]), select, textarea, [contenteditable]') !== null

/** The link of each row is its handle: focus moves over them, Enter is the browser's own. Arrows never start it. */
function moveRow(step: 1 | -1, mayStart: boolean): boolean {
  const handles = [...document.querySelectorAll<HTMLElement>('main [data-handle]')]
  const now = document.activeElement instanceof HTMLElement ? handles.indexOf(document.activeElement) : -1
  if (now === -1 && !mayStart) return false
  return focusOn(handles[now === -1 ? 0 : Math.min(Math.max(now + step, 0), handles.length - 1)])
}

const copyFirst = (place: HTMLElement | null | undefined): boolean =>
  clicked(place?.querySelector<HTMLElement>('[data-copy]'))

function clicked(button: HTMLElement | null | undefined): boolean {
  button?.click()
  return button !== null && button !== undefined
}
