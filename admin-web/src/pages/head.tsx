/** The head of every page: its name, the unit of all amounts; at 360 px the unit turns with one button. */
import { Show } from 'solid-js'
import { unit } from '../preferences'
import { text } from '../text/en'
import { Button, Icon, IconButton, isNarrow, Segment } from '../ui'
import { ConnectionDot } from './connection'
import styles from './shell.module.css'

const units = ['sat', 'msat', 'usd'] as const

export function Head(props: {
  readonly title: string
  readonly busy: boolean
  readonly onFind: () => void
  readonly onConnection: () => void
}) {
  return (
    <header class={styles.head}>
      <h1 tabindex="-1" title={props.title}>
        {props.title}
      </h1>
      <Show
        when={!isNarrow()}
        fallback={
          <>
            <ConnectionDot onOpen={props.onConnection} />
            <IconButton label={text.find} onClick={() => props.onFind()}>
              <Icon name="search" />
            </IconButton>
            <Button small onClick={() => void unit.next()} label={`${text.unit.name}: ${text.unit[unit.value()]}`}>
              {text.unit[unit.value()]}
            </Button>
          </>
        }
      >
        <Segment
          label={text.unit.name}
          value={unit.value()}
          choices={units.map((value) => ({ value, label: text.unit[value] }))}
          onChange={unit.choose}
        />
        <Button small onClick={() => props.onFind()}>
          <Icon name="search" /> {text.find} <kbd>Ctrl K</kbd>
        </Button>
      </Show>
    </header>
  )
}
