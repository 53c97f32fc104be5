/** The chosen rows before one command: what becomes of each, and which of them cannot, with the reason (dashboard 4.2). */
import { For, type JSX, Show } from 'solid-js'
import { isConnected, refreshAll } from '../client'
import { type Can, cannot } from '../errors'
import { listText } from '../text/lists'
import { Mark } from '../ui'
import styles from './forms.module.css'

type Able = { readonly can: Can }

/** Those that the node lets, and the others with its reason; it decides again when it is asked. */
export function sorted<Row extends Able>(rows: readonly Row[], action: string) {
  const reasonOf = (row: Row) => cannot(row.can, action, isConnected())
  return {
    able: rows.filter((row) => reasonOf(row) === undefined),
    unable: rows.flatMap((row) => {
      const why = reasonOf(row)
      return why === undefined ? [] : [{ row, why }]
    }),
  }
}
export type Sorted<Row extends Able> = ReturnType<typeof sorted<Row>>

export function ChosenRows<Row extends Able>(props: {
  readonly of: Sorted<Row>
  readonly label: string
  readonly name: (row: Row) => string
  readonly effect: (row: Row) => JSX.Element
  readonly sum?: JSX.Element
}) {
  return (
    <>
      <Show when={props.of.able.length > 0}>
        <div class={styles.chosen}>
          <table>
            <caption class="sr-only">{props.label}</caption>
            <tbody>
              <For each={props.of.able}>
                {(row) => (
                  <tr>
                    <th scope="row">{props.name(row)}</th>
                    <td>{props.effect(row)}</td>
                  </tr>
                )}
              </For>
            </tbody>
            <Show when={props.sum}>
              <tfoot>
                <tr>
                  <th scope="row">{listText.sum}</th>
                  <td>{props.sum}</td>
                </tr>
              </tfoot>
            </Show>
          </table>
        </div>
      </Show>
      <Show when={props.of.unable.length > 0}>
        <div class={styles.unable}>
          <Mark tone="look">{listText.cannot(props.of.unable.length)}</Mark>
          <ul>
            <For each={props.of.unable}>
              {({ row, why }) => (
                <li>
                  <span class={styles.unableName}>{props.name(row)}</span> {why}
                </li>
              )}
            </For>
          </ul>
        </div>
      </Show>
    </>
  )
}

/** One append or none: who was refused asks anew what changed, so that its row says why. */
export const unlessRefused = async (sent: Promise<boolean>): Promise<void> => {
  if (!(await sent)) refreshAll()
}
