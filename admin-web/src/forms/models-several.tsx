/** Several models at once: switched, locked, or back to their upstream's price (dashboard 4.3). */
import type { Answer } from '../client'
import { text } from '../text/en'
import { modelsSeveral as words } from '../text/models-several'
import type { Proof } from '../transport/transport'
import { toast } from '../ui'
import { ChosenRows, sorted, unlessRefused } from './chosen-rows'
import { useCommand } from './command'
import { CommandForm } from './command-form'

type Row = Answer<'models.list'>['rows'][number]
export const modelsActions = ['enable', 'disable', 'resetPrice', 'lock', 'unlock'] as const
export type ModelsAction = (typeof modelsActions)[number]

export function ModelsForm(props: {
  readonly action: ModelsAction
  readonly rows: readonly Row[]
  readonly onDone: () => void
}) {
  const chosen = () => sorted(props.rows, props.action)
  const said = () => words.actions[props.action]
  const command = useCommand(`models.${props.action}`, ({ changed }) => {
    toast(said().done(changed))
    props.onDone()
  })
  const submit = (proof?: Proof) => {
    const models = chosen().able.map((row) => ({ upstream: row.upstreamId, model: row.model }))
    if (models.length > 0) void unlessRefused(command.run({ models }, proof))
  }
  return (
    <CommandForm
      of={command}
      verb={said().button(chosen().able.length)}
      refused={chosen().able.length === 0 ? words.none : undefined}
      onBack={props.onDone}
      onSubmit={submit}
    >
      <p>{said().lead}</p>
      <ChosenRows
        of={chosen()}
        label={words.rows}
        name={(row) => row.model}
        effect={(row) => text.models.states[row.state]}
      />
    </CommandForm>
  )
}
