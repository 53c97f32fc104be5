/** Several keys at once: each with what becomes of it, and those that cannot with their reason (dashboard 4.2, Bulk). */
import { createSignal, Match, Switch } from 'solid-js'
import type { Answer } from '../client'
import { msatOf, satText } from '../format'
import { sessionActions } from '../text/session-actions'
import { sessionsSeveral as words } from '../text/sessions-several'
import type { Proof } from '../transport/transport'
import { Amount, Day, Field, toast } from '../ui'
import { BalanceChoice, useBalanceChoice } from './balance-choice'
import { ChosenRows, type Sorted, sorted, unlessRefused } from './chosen-rows'
import { useCommand } from './command'
import { CommandForm } from './command-form'
import { ReasonField, useReason } from './session-actions'
import { UntilFields, useUntil } from './until'

type Row = Answer<'sessions.list'>['rows'][number]
export type SessionsAction = 'freeze' | 'unfreeze' | 'extend' | 'revoke'
type Props = { readonly rows: readonly Row[]; readonly onDone: () => void }

export function SessionsForm(props: Props & { readonly action: SessionsAction }) {
  const chosen = () => sorted(props.rows, props.action)
  return (
    <Switch fallback={<FreezeSeveral {...props} of={chosen()} freeze={props.action === 'freeze'} />}>
      <Match when={props.action === 'extend'}>
        <ExtendSeveral {...props} of={chosen()} />
      </Match>
      <Match when={props.action === 'revoke'}>
        <RevokeSeveral {...props} of={chosen()} />
      </Match>
    </Switch>
  )
}

type Several = Props & { readonly of: Sorted<Row> }
const hashes = (of: Sorted<Row>): string[] => of.able.map((row) => row.key12)
const nameOf = (row: Row): string => (row.label === '' ? row.key12 : `${row.key12} ${row.label}`)
const noneLeft = (of: Sorted<Row>): string | undefined => (of.able.length === 0 ? words.none : undefined)
const sumOf = (of: Sorted<Row>): number => of.able.reduce((sum, row) => sum + row.availableMsat, 0)

function FreezeSeveral(props: Several & { readonly freeze: boolean }) {
  const said = () => (props.freeze ? words.freeze : words.unfreeze)
  const done = (keys: number) => {
    toast(said().done(keys))
    props.onDone()
  }
  const freeze = useCommand('sessions.freeze', ({ frozen }) => done(frozen))
  const unfreeze = useCommand('sessions.unfreeze', ({ unfrozen }) => done(unfrozen))
  const command = () => (props.freeze ? freeze : unfreeze)
  const why = useReason()
  const submit = (proof?: Proof) => {
    if (why.check()) void unlessRefused(command().run({ sessions: hashes(props.of), reason: why.reason() }, proof))
  }
  return (
    <CommandForm
      of={command()}
      verb={said().button(props.of.able.length)}
      refused={noneLeft(props.of)}
      onSubmit={submit}
    >
      <p>{(props.freeze ? sessionActions.freeze : sessionActions.unfreeze).lead}</p>
      <ChosenRows
        of={props.of}
        label={words.rows}
        name={nameOf}
        effect={(row) => <Amount msat={row.balanceMsat} />}
        sum={<Amount msat={props.of.able.reduce((sum, row) => sum + row.balanceMsat, 0)} />}
      />
      <ReasonField of={why} error={command().errorAt('reason')} autofocus />
    </CommandForm>
  )
}

function ExtendSeveral(props: Several) {
  const extend = useCommand('sessions.extend', ({ changed }) => {
    toast(words.extend.done(changed))
    props.onDone()
  })
  const why = useReason()
  // One end for all of them, from now: each row shows what it was and what it becomes.
  const end = useUntil(() => undefined)
  const submit = (proof?: Proof) => {
    const until = end.until()
    if (why.check() && until !== undefined)
      void unlessRefused(extend.run({ sessions: hashes(props.of), until, reason: why.reason() }, proof))
  }
  return (
    <CommandForm
      of={extend}
      verb={words.extend.button(props.of.able.length)}
      refused={noneLeft(props.of)}
      onSubmit={submit}
    >
      <UntilFields of={end} />
      <ChosenRows
        of={props.of}
        label={words.rows}
        name={nameOf}
        effect={(row) => (
          <>
            <Day atS={row.expiresAt} /> → <Day atS={end.until() ?? undefined} />
          </>
        )}
      />
      <ReasonField of={why} error={extend.errorAt('reason')} />
    </CommandForm>
  )
}

/** The sum is typed by hand: a hundred balances must not go by one slip. */
function RevokeSeveral(props: Several) {
  const [typed, setTyped] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const why = useReason()
  const revoke = useCommand('sessions.revoke', ({ releasedMsat }) => {
    toast(releasedMsat > 0 ? words.revoke.taken(satText(releasedMsat)) : words.revoke.done)
    props.onDone()
  })
  const isEmpty = () => props.of.able.every((row) => row.balanceMsat === 0)
  const balance = useBalanceChoice(isEmpty)
  const isSum = () => isEmpty() || msatOf(typed()) === sumOf(props.of)
  const submit = (proof?: Proof) => {
    setChecked(true)
    const wanted = balance.check()
    if (why.check() && isSum() && wanted !== undefined)
      void unlessRefused(revoke.run({ sessions: hashes(props.of), reason: why.reason(), ...wanted }, proof))
  }
  const verb = () =>
    balance.takes() ? sessionActions.revoke.take(satText(sumOf(props.of))) : words.revoke.button(props.of.able.length)
  return (
    <CommandForm of={revoke} verb={verb()} danger onBack={props.onDone} refused={noneLeft(props.of)} onSubmit={submit}>
      <p>{words.revoke.lead}</p>
      <ChosenRows
        of={props.of}
        label={words.rows}
        name={nameOf}
        effect={(row) => <Amount msat={row.availableMsat} />}
        sum={<Amount msat={sumOf(props.of)} />}
      />
      <BalanceChoice of={balance} availableMsat={sumOf(props.of)} />
      <Field
        label={words.revoke.typeSum}
        suffix="sat"
        inputMode="decimal"
        value={typed()}
        onInput={setTyped}
        help={words.revoke.typeHelp(satText(sumOf(props.of)))}
        error={checked() && !isSum() ? words.revoke.notSum : undefined}
      />
      <ReasonField of={why} error={revoke.errorAt('reason')} />
    </CommandForm>
  )
}
