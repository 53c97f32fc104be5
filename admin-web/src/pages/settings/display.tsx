/** How this browser shows things: unit, theme, rows, numbers, weeks, keys (dashboard 4.4, Display). Nothing of it is the node's. */
import { numbers } from '../../numbers'
import { density, keys, numberStyle, theme, unit, weekFrom } from '../../preferences'
import { text } from '../../text/en'
import { settingsText as words } from '../../text/settings'
import { Segment, Sheet } from '../../ui'
import styles from './settings.module.css'

export function Display() {
  return (
    <Sheet title={words.thisBrowser}>
      <div class={styles.fields}>
        <p class={styles.help}>{words.thisBrowserHelp}</p>
        <Choice
          label={text.unit.name}
          of={unit}
          choices={(['sat', 'msat', 'usd'] as const).map((value) => ({ value, label: text.unit[value] }))}
        />
        <Choice
          label={text.theme.name}
          of={theme}
          choices={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: text.theme[value] }))}
        />
        <Choice
          label={text.density.name}
          of={density}
          choices={(['comfortable', 'compact'] as const).map((value) => ({ value, label: text.density[value] }))}
        />
        <Choice
          label={words.numberStyle.name}
          of={numberStyle}
          choices={(['browser', 'point', 'comma', 'space', 'apostrophe'] as const).map((value) => ({
            value,
            label: value === 'browser' ? words.numberStyle.browser : numbers(value).dollars.format(12_345.67),
          }))}
        />
        <Choice
          label={words.week.name}
          of={weekFrom}
          choices={(['monday', 'sunday', 'saturday'] as const).map((value) => ({ value, label: words.week[value] }))}
        />
        <Choice
          label={text.keys.name}
          of={keys}
          choices={(['on', 'off'] as const).map((value) => ({ value, label: text.keys[value] }))}
        />
      </div>
    </Sheet>
  )
}

function Choice<Value extends string>(props: {
  readonly label: string
  readonly of: { readonly value: () => Value; readonly choose: (value: Value) => void }
  readonly choices: readonly { readonly value: Value; readonly label: string }[]
}) {
  return (
    <div class={styles.setting}>
      <strong aria-hidden="true">{props.label}</strong>
      <Segment
        label={props.label}
        value={props.of.value()}
        choices={props.choices}
        onChange={(value) => props.of.choose(value)}
      />
    </div>
  )
}
