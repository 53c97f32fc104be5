/** Create Alias: a name and the model that answers to it, from the head of the list or from a row (dashboard 4.3). */
import { createSignal, Show } from 'solid-js'
import { type Answer, isConnected, useQuery } from '../client'
import { cannot } from '../errors'
import { text } from '../text/en'
import { Button, Select, toast } from '../ui'
import { AliasField, aliasProblem } from './aliases'
import { useCommand } from './command'
import { FormButtons, FormShell } from './shell'

type Row = Pick<Answer<'models.list'>['rows'][number], 'upstreamId' | 'upstream' | 'model' | 'aliases' | 'can'>
/** Of the list that is chosen from; a model beyond it has its own row and drawer. */
const mostListed = 500

export function CreateAliasForm(props: {
  /** The model, where one was chosen already. */
  readonly row: Row | undefined
  readonly onDone: () => void
}) {
  const list = useQuery('models.list', () => ({ limit: mostListed, sort: 'model' as const }), { rowKey: 'model' })
  const rows = (): readonly Row[] => (props.row === undefined ? (list.data()?.rows ?? []) : [props.row])
  const keyOf = (row: Row) => `${row.upstreamId} ${row.model}`
  const [chosen, setChosen] = createSignal('')
  const [typed, setTyped] = createSignal('')
  const [problem, setProblem] = createSignal<string>()
  const row = () => rows().find((one) => keyOf(one) === chosen()) ?? rows()[0]
  const isSeveral = () => new Set(rows().map((one) => one.upstreamId)).size > 1
  const set = useCommand('models.setAliases', () => {
    toast(text.models.aliasesSaved(row()?.model ?? ''))
    props.onDone()
  })
  const refused = () => cannot(row()?.can ?? {}, 'setAliases', isConnected())
  const type = (value: string) => {
    setTyped(value)
    setProblem(undefined)
    set.drop()
  }
  const submit = () => {
    const to = row()
    const alias = typed().trim()
    if (to === undefined) return
    setProblem(aliasProblem(alias, to.aliases))
    if (problem() === undefined)
      void set.run({ upstream: to.upstreamId, model: to.model, aliases: [...to.aliases, alias] })
  }
  return (
    <FormShell
      busy={set.busy()}
      trouble={set.errorAt('aliases') === undefined ? set.sentence() : undefined}
      onSubmit={submit}
    >
      <Show when={props.row === undefined}>
        <Select
          label={text.models.id}
          value={chosen()}
          choices={rows().map((one) => ({
            value: keyOf(one),
            label: isSeveral() ? `${one.model} ${text.models.at(one.upstream)}` : one.model,
          }))}
          onChange={setChosen}
        />
      </Show>
      <AliasField value={typed()} onInput={type} error={problem() ?? set.errorAt('aliases')} autofocus />
      <FormButtons>
        <Button type="submit" kind="primary" busy={set.busy() && text.models.saving} refused={refused()}>
          {text.models.createAlias}
        </Button>
      </FormButtons>
    </FormShell>
  )
}
