/** A value that the node does not know: the word, and why (dashboard 1.3, D-013). */
import { text } from '../text/en'
import styles from './amount.module.css'

export function Unknown(props: { readonly why: string }) {
  return (
    <span class={styles.unit} title={props.why}>
      {text.unknown}
      <span class="sr-only">: {props.why}</span>
    </span>
  )
}
