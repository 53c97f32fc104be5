/** One limit of a key that an operator moved: what it was and what it is, each in its unit (D-035). */
import { Match, Show, Switch } from 'solid-js'
import type { Answer } from '../client'
import { count } from '../format'
import { timelineText as words } from '../text/timeline'
import { Amount, Day } from '../ui'

type Change = NonNullable<Answer<'sessions.timeline'>['rows'][number]['changed']>[number]

export function LimitChange(props: { readonly change: Change }) {
  const of = () => words.changes[props.change.what]
  return (
    <span>
      {of().name} <Limit what={props.change.what} value={props.change.before} /> {words.becomes}{' '}
      <Limit what={props.change.what} value={props.change.after} />{' '}
    </span>
  )
}

function Limit(props: { readonly what: Change['what']; readonly value: Change['after'] }) {
  const value = () => props.value ?? undefined
  const number = () => Number(props.value)
  return (
    <Show when={value() !== undefined} fallback={words.changes[props.what].none}>
      <Switch fallback={props.value}>
        <Match when={props.what === 'limitMsat'}>
          <Amount msat={number()} />
        </Match>
        <Match when={props.what === 'maxParallel'}>{count(number())}</Match>
        <Match when={props.what === 'expiresAt'}>
          <Day atS={number()} />
        </Match>
      </Switch>
    </Show>
  )
}
