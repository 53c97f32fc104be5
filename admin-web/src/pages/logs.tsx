/** Node log: what the node says of itself, by level, text and time, live (dashboard 4.6). */
import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import type { Answer } from '../client'
import { paths } from '../paths'
import { logsText as words } from '../text/logs'
import { Age, CopyText, Mark, type Tone } from '../ui'
import { choicesOf, useList } from './list'
import { ListFilters } from './list-parts'
import { ListTools } from './list-tools'
import styles from './logs.module.css'
import { LogRows, LogsFrame, useLogs } from './logs-frame'
import { usePage } from './page'
import pageStyles from './page.module.css'

type Line = Answer<'logs.list'>['rows'][number]
const levels = ['error', 'warn', 'info', 'debug'] as const
type Level = (typeof levels)[number]
const tones: Readonly<Record<string, Tone>> = { error: 'bad', warn: 'look', info: 'good', debug: 'off' }

export default function NodeLog() {
  usePage(() => words.title)
  const logs = useLogs()
  const level = (): Level => levels.find((one) => one === logs.address.read('level')) ?? 'info'
  const list = useList('logs.list', {
    address: logs.address,
    pageRows: 100,
    filters: () => [
      { name: 'outcome', shown: { label: words.outcome, choices: choicesOf(words.outcomes, words.allLines) } },
    ],
    search: 'text',
    more: () => ({ level: level(), ...logs.window() }),
    everyMs: logs.everyMs(2000),
    rowKey: 'at',
  })
  return (
    <LogsFrame
      here="node"
      logs={logs}
      search={words.search}
      filters={<ListFilters of={list} />}
      tools={<ListTools export={{ what: 'logs', name: words.tabs.node, filter: list.filter }} />}
    >
      <fieldset class={styles.levels}>
        <legend class={styles.levelFilter}>{words.levelFilter}</legend>
        <For each={levels}>
          {(one) => (
            <button
              type="button"
              class={styles.level}
              aria-pressed={levels.indexOf(one) <= levels.indexOf(level())}
              onClick={() => logs.address.write({ level: one })}
            >
              <Mark tone={tones[one] ?? 'off'}>
                {words.levelButton(words.levels[one], list.data()?.counts[one] ?? 0)}
              </Mark>
            </button>
          )}
        </For>
      </fieldset>
      <LogRows logs={logs} list={list} keyOf={keyOf} label={words.tabs.node} empty={words.empty}>
        {(rows) => (
          <ul class={styles.lines} aria-label={words.tabs.node}>
            <For each={rows()}>{(line) => <LogLine line={line} />}</For>
          </ul>
        )}
      </LogRows>
    </LogsFrame>
  )
}

const keyOf = (line: Line): string => `${line.at} ${line.message} ${JSON.stringify(line.fields)}`
const fieldsOf = (line: Line): readonly (readonly [string, string])[] =>
  typeof line.fields === 'object' && line.fields !== null
    ? Object.entries(line.fields).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ])
    : []

export function LogLine(props: { readonly line: Line }) {
  const entry = () => words.entries[props.line.message]
  const session = () => fieldsOf(props.line).find(([key]) => key === 'key' || key === 'session')?.[1]
  return (
    <li class={styles.line} data-row>
      <span class={styles.when}>
        <Age atS={Math.floor(props.line.at / 1000)} ago />
      </span>
      <Mark tone={tones[props.line.level] ?? 'off'}>
        <span class="sr-only">{words.levels[props.line.level as Level] ?? props.line.level}: </span>
        {props.line.message}
      </Mark>
      <span class={styles.fields}>
        <For each={fieldsOf(props.line)}>
          {([key, value]) => (
            <span>
              <span class={styles.name}>{key}</span> {value}
            </span>
          )}
        </For>
      </span>
      <span class={styles.end}>
        <Show when={props.line.requestId}>
          {(id) => (
            <Show
              when={props.line.traced}
              fallback={<CopyText value={id()} shown={id().slice(0, 8)} name={words.trace.id} />}
            >
              <A class={pageStyles.link} href={paths.request(id())}>
                {id().slice(0, 8)}
              </A>
            </Show>
          )}
        </Show>
        <Show when={entry()}>
          {(known) => (
            <details class={styles.what}>
              <summary>{words.what}</summary>
              <p>
                {known().meaning}{' '}
                <A class={pageStyles.link} href={cureOf(known().to, session())}>
                  {linkOf(known(), session())}
                </A>
              </p>
            </details>
          )}
        </Show>
        <CopyText value={JSON.stringify(props.line)} shown="" name={words.copyJson} />
      </span>
    </li>
  )
}

const key12Of = (session: string): string => session.replace('session-', '').slice(0, 12)

const linkOf = ({ link, to }: { readonly link: string; readonly to: string }, session: string | undefined): string =>
  to === 'session' && session !== undefined ? words.itsSession(key12Of(session)) : link

/** The place that cures it (D-068). */
function cureOf(to: string, session: string | undefined): string {
  if (to === 'upstream') return paths.section('upstream')
  if (to === 'money') return paths.money
  return session === undefined ? paths.sessions : paths.session(key12Of(session))
}
