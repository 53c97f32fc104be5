/** What an operator does to a key without its money: freeze, unfreeze, extend, limits (dashboard 4.2). */
import { createSignal } from 'solid-js'
import type { Answer } from '../client'
import { msatOf, typedSat } from '../format'
import { sessionActions } from '../text/session-actions'
import type { Proof } from '../transport/transport'
import { Field, MoneyField, Select, toast } from '../ui'
import { useCommand } from './command'
import { CommandForm } from './command-form'
import { UntilFields, useUntil } from './until'

type Session = Answer<'sessions.get'>
type Props = { readonly session: Session; readonly onDone: () => void }

/** A reason that the timeline shows; required wherever a key is changed (D-035). */
export function useReason() {
  const [reason, setReason] = createSignal('')
  const [checked, setChecked] = createSignal(false)
  const isShort = () => reason().trim().length < 3
  return {
    reason: () => reason().trim(),
    typed: reason,
    type: setReason,
    /** Whether it may be sent; else the field says what is missing. */
    check(): boolean {
      setChecked(true)
      return !isShort()
    },
    missing: () => checked() && isShort(),
  }
}

export function ReasonField(props: {
  readonly of: ReturnType<typeof useReason>
  readonly error: string | undefined
  readonly autofocus?: boolean
}) {
  return (
    <Field
      label={sessionActions.reason}
      value={props.of.typed()}
      onInput={props.of.type}
      help={sessionActions.reasonHelp}
      error={props.error ?? (props.of.missing() ? sessionActions.reasonHelp : undefined)}
      autofocus={props.autofocus}
    />
  )
}

export function FreezeForm(props: Props & { readonly freeze: boolean }) {
  const words = () => (props.freeze ? sessionActions.freeze : sessionActions.unfreeze)
  const done = () => {
    toast(words().done)
    props.onDone()
  }
  const freeze = useCommand('sessions.freeze', done)
  const unfreeze = useCommand('sessions.unfreeze', done)
  const command = () => (props.freeze ? freeze : unfreeze)
  const why = useReason()
  const submit = (proof?: Proof) => {
    if (why.check()) void command().run({ sessions: [props.session.hash], reason: why.reason() }, proof)
  }
  return (
    <CommandForm of={command()} verb={words().button} onSubmit={submit}>
      <p>{words().lead}</p>
      <ReasonField of={why} error={command().errorAt('reason')} autofocus />
    </CommandForm>
  )
}

export function ExtendForm(props: Props) {
  const words = sessionActions.extend
  const extend = useCommand('sessions.extend', () => {
    toast(words.done)
    props.onDone()
  })
  const why = useReason()
  const end = useUntil(() => props.session.expiresAt)
  const submit = (proof?: Proof) => {
    const until = end.until()
    if (why.check() && until !== undefined)
      void extend.run({ sessions: [props.session.hash], until, reason: why.reason() }, proof)
  }
  return (
    <CommandForm of={extend} verb={words.button} onSubmit={submit}>
      <UntilFields of={end} />
      <ReasonField of={why} error={extend.errorAt('reason')} />
    </CommandForm>
  )
}

export function LimitsForm(props: Props) {
  const words = sessionActions.limits
  const { limitMsat = null, period = null, maxParallel = null } = props.session.limits
  const [limit, setLimit] = createSignal(limitMsat === null ? '' : typedSat(limitMsat))
  const [renewed, setRenewed] = createSignal<string>(period ?? '')
  const [parallel, setParallel] = createSignal(maxParallel === null ? '' : String(maxParallel))
  const set = useCommand('sessions.setLimits', () => {
    toast(words.done)
    props.onDone()
  })
  const why = useReason()
  const most = 1000
  const parallelError = () =>
    parallel().trim() === '' ||
    (/^\d{1,4}$/.test(parallel().trim()) && Number(parallel()) >= 1 && Number(parallel()) <= most)
      ? undefined
      : words.badParallel
  const submit = (proof?: Proof) => {
    const msat = limit().trim() === '' ? null : msatOf(limit())
    if (!why.check() || msat === undefined || parallelError() !== undefined) return
    const wanted = {
      session: props.session.hash,
      limitMsat: msat,
      period: renewed() === '' ? null : (renewed() as 'daily'),
      maxParallel: parallel().trim() === '' ? null : Number(parallel()),
      reason: why.reason(),
    }
    void set.run(wanted, proof)
  }
  return (
    <CommandForm of={set} verb={words.button} onSubmit={submit}>
      <MoneyField
        label={words.limit}
        value={limit()}
        onInput={setLimit}
        help={words.limitHelp}
        error={set.errorAt('limitMsat')}
      />
      <Select
        label={words.period}
        value={renewed()}
        choices={Object.entries(words.periods).map(([value, label]) => ({ value, label }))}
        onChange={setRenewed}
      />
      <Field
        label={words.parallel}
        value={parallel()}
        onInput={setParallel}
        help={words.parallelHelp(most)}
        error={set.errorAt('maxParallel') ?? parallelError()}
      />
      <ReasonField of={why} error={set.errorAt('reason')} />
    </CommandForm>
  )
}
