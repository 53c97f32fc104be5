/** The command palette: pages and settings at once, the node's own rows a moment later; money only opens its form. */
import { useNavigate } from '@solidjs/router'
import { createEffect, createMemo, createSignal, For, onCleanup, Show } from 'solid-js'
import { type Answer, ask, send } from '../client'
import { paths, tabs } from '../paths'
import { searchTerm } from '../search-term'
import { text } from '../text/en'
import { logsText } from '../text/logs'
import { paletteText as words } from '../text/palette'
import { fields, sectionOf, sections } from '../text/setting-fields'
import { settingsText } from '../text/settings'
import { Dialog } from '../ui'
import styles from './palette.module.css'

type Found = Answer<'search.find'>['rows'][number]
type Entry = {
  readonly kind: keyof typeof words.kinds
  readonly label: string
  readonly run: () => void
}
/** After the last letter: the node is asked once one stops typing. */
const askMs = 150
const most = 12

export default function Palette(props: { readonly onClose: () => void; readonly onPassword: () => void }) {
  const navigate = useNavigate()
  const [typed, setTyped] = createSignal('')
  const [found, setFound] = createSignal<readonly Found[]>([])
  const [chosen, setChosen] = createSignal(0)
  const go = (path: string) => () => {
    props.onClose()
    navigate(path)
  }
  const local: readonly Entry[] = [
    ...tabs.map((tab): Entry => ({ kind: 'page', label: text.tabs[tab], run: go(paths[tab]) })),
    ...(['requests', 'money'] as const).map(
      (tab): Entry => ({ kind: 'page', label: logsText.tabs[tab], run: go(paths[tab]) }),
    ),
    ...sections.map(
      (section): Entry => ({
        kind: 'page',
        label: `${text.tabs.settings}, ${settingsText.sections[section]}`,
        run: go(paths.section(section)),
      }),
    ),
    ...Object.entries(fields).map(
      ([key, { label }]): Entry => ({ kind: 'setting', label, run: go(paths.section(sectionOf(key))) }),
    ),
    ...actionsOf(go, props),
  ]
  createEffect(() => {
    // A pasted key is hashed here; only its first hex digits leave the browser (D-016).
    const term = searchTerm(typed())
    setChosen(0)
    if (term.length < 2) return setFound([])
    const timer = setTimeout(() => {
      ask('search.find', { text: term })
        .then(({ rows }) => setFound(rows))
        .catch(() => setFound([]))
    }, askMs)
    onCleanup(() => clearTimeout(timer))
  })
  const entries = createMemo((): readonly Entry[] => {
    const term = typed().trim().toLowerCase()
    const near = local.filter(({ label }) => label.toLowerCase().includes(term))
    const rows = found().map((row): Entry => ({ kind: row.kind, label: labelOf(row), run: go(pathOf(row)) }))
    return [...rows, ...near].slice(0, most)
  })
  const move = (by: number) => setChosen(Math.min(Math.max(chosen() + by, 0), Math.max(0, entries().length - 1)))
  return (
    <Dialog title={words.title} onClose={props.onClose}>
      <input
        class={styles.input}
        role="combobox"
        aria-label={words.title}
        aria-expanded="true"
        aria-controls="palette"
        aria-activedescendant={entries().length > 0 ? `palette-${chosen()}` : undefined}
        placeholder={words.hint}
        autocomplete="off"
        spellcheck={false}
        autofocus
        value={typed()}
        onInput={(event) => {
          const { value } = event.currentTarget
          const term = searchTerm(value)
          setTyped(term === value.trim() ? value : term)
        }}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
          if (by !== undefined) move(by)
          else if (event.key === 'Enter') entries()[chosen()]?.run()
          else return
          event.preventDefault()
        }}
      />
      <div id="palette" role="listbox" aria-label={words.title} class={styles.list}>
        <For each={entries()}>
          {(entry, index) => (
            <div
              id={`palette-${index()}`}
              role="option"
              tabIndex={-1}
              class={styles.entry}
              aria-selected={index() === chosen()}
              onPointerMove={() => setChosen(index())}
              onPointerDown={(event) => {
                event.preventDefault()
                entry.run()
              }}
            >
              <span class={styles.label} title={entry.label}>
                {entry.label}
              </span>
              <span class={styles.kind}>{words.kinds[entry.kind]}</span>
            </div>
          )}
        </For>
      </div>
      <Show when={entries().length === 0}>
        <p class={styles.kind}>{words.empty}</p>
      </Show>
    </Dialog>
  )
}

/** What a model is called says enough; the others are known by their ids. */
const labelOf = ({ kind, id, label }: Found): string =>
  kind === 'model' ? label : `${kind === 'session' ? id : id.slice(0, 8)} ${label}`

function pathOf({ kind, id }: Found): string {
  switch (kind) {
    case 'session':
      return paths.session(id)
    case 'request':
      return paths.request(id)
    case 'payout':
      return paths.payout(id)
    case 'model': {
      const slash = id.indexOf('/')
      return paths.model(id.slice(0, slash), id.slice(slash + 1))
    }
    default:
      return kind satisfies never
  }
}

function actionsOf(go: (path: string) => () => void, props: Parameters<typeof Palette>[0]): readonly Entry[] {
  const act = (label: string, run: () => void): Entry => ({ kind: 'action', label, run })
  const tell = (name: 'node.pause' | 'node.resume') => () => {
    props.onClose()
    void send(name, {})
  }
  return [
    act(words.actions.pause, tell('node.pause')),
    act(words.actions.resume, tell('node.resume')),
    act(words.actions.withdraw, go(paths.withdraw)),
    act(words.actions.sweep, go(paths.withdraw)),
    act(words.actions.import, go(paths.modelsImport)),
    act(words.actions.upstream, go(paths.section('upstream'))),
    act(words.actions.mint, go(paths.section('mints'))),
    act(words.actions.words, go(paths.section('backup'))),
    act(words.actions.password, () => {
      props.onClose()
      props.onPassword()
    }),
  ]
}
