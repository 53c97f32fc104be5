/** Keys of dashboard 3. Never inside a field, never money; `g` waits a moment for its second letter. */

export type Shortcuts = {
  readonly areOn: () => boolean
  readonly go: (tab: 'overview' | 'sessions' | 'models') => void
  readonly nextUnit: () => void
  readonly nextTheme: () => void
  readonly showKeys: () => void
}

const goMs = 1500
const tabs = { o: 'overview', s: 'sessions', m: 'models' } as const

/** Starts listening; answers how to stop. */
export function startShortcuts(shortcuts: Shortcuts): () => void {
  let goUntil = 0

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (isField(event.target) || !shortcuts.areOn()) return
    const isWaiting = performance.now() < goUntil
    goUntil = 0
    // An open dialog is the page; only its own copy key works in it.
    const dialog = document.querySelector<HTMLElement>('dialog[open]')
    if (dialog !== null) {
      if (event.key === 'c') copyFirst(dialog)
      return
    }
    if (isWaiting && isTabKey(event.key)) return take(event, () => shortcuts.go(tabs[event.key as keyof typeof tabs]))
    switch (event.key) {
      case 'g':
        goUntil = performance.now() + goMs
        return
      case '/':
        return take(event, () => document.querySelector<HTMLElement>('[data-search]')?.focus())
      case 'u':
        return take(event, shortcuts.nextUnit)
      case 't':
        return take(event, shortcuts.nextTheme)
      case '?':
        return take(event, shortcuts.showKeys)
      case 'j':
      case 'ArrowDown':
        return moveRow(event, 1)
      case 'k':
      case 'ArrowUp':
        return moveRow(event, -1)
      case 'c':
        return copyFirst(document.activeElement?.closest<HTMLElement>('[data-row], li, section') ?? undefined)
    }
  }

  document.addEventListener('keydown', key)
  return () => document.removeEventListener('keydown', key)
}

const isTabKey = (key: string): key is keyof typeof tabs => Object.hasOwn(tabs, key)

function take(event: KeyboardEvent, act: () => void): void {
  event.preventDefault()
  act()
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable]') !== null

/** The link of each row is its handle: focus moves over them, Enter is the browser's own. */
function moveRow(event: KeyboardEvent, step: 1 | -1): void {
  const handles = [...document.querySelectorAll<HTMLElement>('main [data-handle]')]
  const now = handles.findIndex((handle) => handle === document.activeElement)
  if (handles.length === 0 || (now === -1 && event.key.startsWith('Arrow'))) return
  const next = handles[now === -1 ? 0 : Math.min(Math.max(now + step, 0), handles.length - 1)]
  take(event, () => next?.focus())
}

function copyFirst(place: HTMLElement | undefined): void {
  place?.querySelector<HTMLElement>('[data-copy]')?.click()
}
