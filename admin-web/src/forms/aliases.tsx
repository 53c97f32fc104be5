/** Alternative names of one model. A name that is taken is refused at the field (D-043). */
import { createSignal, For, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { cannot } from '../errors'
import { text } from '../text/en'
import { Button, Field, Icon, IconButton, toast } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'
import { FormShell } from './shell'

const shape = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/
const most = 20

/** Why a name cannot be one more of these. */
export function aliasProblem(alias: string, aliases: readonly string[]): string | undefined {
  if (!shape.test(alias)) return text.models.aliasShape
  if (aliases.some((one) => one.toLowerCase() === alias.toLowerCase())) return text.models.aliasTwice
  return aliases.length >= most ? text.models.aliasMany : undefined
}

export function AliasForm(props: { readonly row: Answer<'models.get'> }) {
  const [typed, setTyped] = createSignal('')
  const [problem, setProblem] = createSignal<string>()
  const set = useCommand('models.setAliases', () => {
    setTyped('')
    toast(text.models.aliasesSaved(props.row.model))
  })
  const save = (aliases: readonly string[]) =>
    void set.run({ upstream: props.row.upstreamId, model: props.row.model, aliases: [...aliases] })
  function type(value: string) {
    setTyped(value)
    setProblem(undefined)
    set.drop()
  }
  function add() {
    const alias = typed().trim()
    const found = aliasProblem(alias, props.row.aliases)
    if (found === undefined) save([...props.row.aliases, alias])
    else setProblem(found)
  }
  const refused = () => cannot(props.row.can, 'setAliases', isConnected())
  return (
    <FormShell
      busy={set.busy()}
      trouble={set.errorAt('aliases') === undefined ? set.sentence() : undefined}
      onSubmit={add}
    >
      <Show when={props.row.aliases.length > 0}>
        <ul class={styles.aliases} aria-label={text.models.aliases}>
          <For each={props.row.aliases}>
            {(alias) => (
              <li class={styles.alias}>
                {alias}
                <IconButton
                  label={text.models.aliasRemove(alias)}
                  disabled={refused() !== undefined || set.busy()}
                  onClick={() => save(props.row.aliases.filter((one) => one !== alias))}
                >
                  <Icon name="close" />
                </IconButton>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <div class={styles.adder}>
        <AliasField value={typed()} onInput={type} error={problem() ?? set.errorAt('aliases')} />
        <Button type="submit" busy={set.busy() && text.models.saving} refused={refused()}>
          {text.models.createAlias}
        </Button>
      </div>
    </FormShell>
  )
}

export function AliasField(props: {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly error: string | undefined
  readonly autofocus?: boolean
}) {
  return (
    <Field
      label={text.models.aliasField}
      value={props.value}
      onInput={props.onInput}
      help={text.models.aliasHelp}
      error={props.error}
      autofocus={props.autofocus === true}
    />
  )
}
