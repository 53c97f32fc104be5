/** Settings: sections on the left, one of them on the page; every change is reviewed and in force at once (dashboard 4.4). */
import { A, useBeforeLeave, useParams } from '@solidjs/router'
import { createEffect, createMemo, createSignal, For, type JSX, Match, on, Show, Switch } from 'solid-js'
import { useQuery } from '../../client'
import { sentenceOf } from '../../errors'
import { paths } from '../../paths'
import { type Section, sectionOf, sections } from '../../text/setting-fields'
import { settingsText as words } from '../../text/settings'
import { Button, SearchField, Sheet, Skeleton, TroubleBox } from '../../ui'
import { useListAddress } from '../list-address'
import NotFound from '../not-found'
import { usePage } from '../page'
import { Backups } from './backups'
import { Display } from './display'
import { createDraft } from './draft'
import { Fields } from './fields'
import { HistoryList } from './history'
import { Mints } from './mints'
import { NodeState } from './node-state'
import { ReviewDialog, useSave } from './review'
import { Security } from './security'
import styles from './settings.module.css'
import { Upstreams } from './upstreams'

const isSection = (name: string): name is Section => sections.some((section) => section === name)

export default function Settings() {
  const params = useParams<{ section?: string }>()
  const section = (): Section | undefined => {
    const name = params.section ?? 'upstream'
    return isSection(name) ? name : undefined
  }
  return (
    <Show when={section()} fallback={<NotFound />}>
      {(shown) => <SettingsPage section={shown()} isIndex={params.section === undefined} />}
    </Show>
  )
}

function SettingsPage(props: { readonly section: Section; readonly isIndex: boolean }) {
  const title = () => (props.isIndex ? words.title : words.sections[props.section])
  usePage(title)
  const address = useListAddress()
  const settings = useQuery('settings.get', () => ({}), { everyMs: 60_000, rowKey: 'key' })
  const draft = createDraft(() => settings.data() ?? [])
  const [reviews, setReviews] = createSignal(false)
  const saving = useSave(draft, () => setReviews(false))
  const isBeside = () => draft.changed().some(({ row }) => saving.save.errorAt('changes', row.key) !== undefined)
  const closeReview = () => {
    // A refusal of one value stays beside its field until something else is typed.
    if (!isBeside()) saving.save.drop()
    setReviews(false)
  }
  const typed = createMemo(() => JSON.stringify(draft.changed().map(({ row, value }) => [row.key, value])))
  createEffect(on(typed, saving.save.drop, { defer: true }))
  useBeforeLeave((event) => {
    const to = typeof event.to === 'string' ? event.to : ''
    if (draft.changed().length + draft.wrong() === 0 || to.includes(paths.settings) || event.defaultPrevented) return
    if (!window.confirm(words.leave)) event.preventDefault()
  })
  const inSection = (section: Section) => draft.changed().filter(({ row }) => sectionOf(row.key) === section).length
  const special: Readonly<Partial<Record<Section, () => JSX.Element>>> = {
    upstream: () => <Upstreams />,
    mints: () => <Mints />,
    history: () => (
      <HistoryList
        onRevert={(key, value) => {
          const row = settings.data()?.find((one) => one.key === key)
          if (row === undefined) return
          draft.type(row, value)
          setReviews(true)
        }}
      />
    ),
  }
  return (
    <div class={styles.page} classList={{ [props.isIndex ? (styles.index ?? '') : (styles.inSection ?? '')]: true }}>
      <div class={styles.side}>
        <SearchField label={words.search} value={address.typed()} onInput={address.type} />
        <SectionLinks here={props.section} changes={inSection} />
      </div>
      <div class={styles.body}>
        <A class={styles.back} href={paths.settings}>
          ‹ {words.back}
        </A>
        <Switch
          fallback={
            <Sheet label={words.title} padded>
              <Skeleton lines={6} />
            </Sheet>
          }
        >
          <Match when={address.read('q') === '' && special[props.section]}>{(content) => content()()}</Match>
          <Match when={settings.data()}>
            {(rows) => (
              <Fields
                section={props.section}
                find={address.read('q')}
                rows={rows()}
                draft={draft}
                errorAt={(key) => saving.save.errorAt('changes', key)}
              />
            )}
          </Match>
          <Match when={settings.trouble()}>
            {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={settings.refetch} />}
          </Match>
        </Switch>
        <Show when={address.read('q') === '' && props.section === 'security'}>
          <Security />
        </Show>
        <Show when={address.read('q') === '' && props.section === 'backup'}>
          <Backups at={settings.data()?.find(({ key }) => key === 'backup.at')?.value} />
        </Show>
        <Show when={address.read('q') === '' && props.section === 'display'}>
          <Display />
        </Show>
        <NodeState title={title()} />
        <Show when={draft.changed().length + draft.wrong() > 0}>
          <div class={styles.bar} role="status">
            <span>{words.changes(draft.changed().length)}</span>
            <Button onClick={draft.clear}>{words.discard}</Button>
            <Button
              kind="primary"
              onClick={() => setReviews(true)}
              refused={draft.wrong() > 0 ? words.wrongFields(draft.wrong()) : undefined}
            >
              {words.review}
            </Button>
          </div>
        </Show>
      </div>
      <Show when={reviews() && draft.changed().length > 0}>
        <ReviewDialog draft={draft} saving={saving} onClose={closeReview} />
      </Show>
    </div>
  )
}

function SectionLinks(props: { readonly here: Section; readonly changes: (section: Section) => number }) {
  return (
    <nav aria-label={words.title}>
      <ul class={styles.sections}>
        <For each={sections}>
          {(section) => (
            <li>
              <A
                href={paths.section(section)}
                class={styles.section}
                activeClass=""
                inactiveClass=""
                aria-current={section === props.here ? 'page' : undefined}
              >
                {words.sections[section]}
                <Show when={props.changes(section) > 0}>
                  <span class={styles.count}>{words.changes(props.changes(section))}</span>
                </Show>
              </A>
            </li>
          )}
        </For>
      </ul>
    </nav>
  )
}
