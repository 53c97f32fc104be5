/** Why several controls cannot be used now: each reason stands once under them, and each control points at its own. */
import { type Accessor, createContext, createMemo, createSignal, For, type JSX, onCleanup, useContext } from 'solid-js'
import styles from './reasons.module.css'

type Reason = Accessor<string | undefined>
/** Takes the reason of one control, and answers the id of where it stands. */
type Group = (reason: Reason) => Accessor<string | undefined>
const ReasonGroup = createContext<Group>()
/** Of the controls around; outside of a group each says its reason itself. */
export const useReasons = (): Group | undefined => useContext(ReasonGroup)

let groups = 0

export function Reasons(props: { readonly class?: string | undefined; readonly children: JSX.Element }) {
  groups += 1
  const id = `reasons-${groups}`
  const [all, setAll] = createSignal<readonly Reason[]>([])
  const said = createMemo(() => [...new Set(all().flatMap((one) => one() ?? []))])
  const group: Group = (reason) => {
    setAll((before) => [...before, reason])
    onCleanup(() => setAll((before) => before.filter((one) => one !== reason)))
    return () => {
      const at = said().indexOf(reason() ?? '')
      return at === -1 ? undefined : `${id}-${at}`
    }
  }
  return (
    <div class={styles.group}>
      <div class={props.class}>
        <ReasonGroup.Provider value={group}>{props.children}</ReasonGroup.Provider>
      </div>
      <For each={said()}>
        {(reason, at) => (
          <p id={`${id}-${at()}`} class={styles.reason}>
            {reason}
          </p>
        )}
      </For>
    </div>
  )
}
