/** Own line icons on a grid of 16, stroke 1.5, always beside a word or a name. */
import styles from './icon.module.css'

const shapes = {
  overview: 'M2.5 13.5V9M6.2 13.5V5M9.8 13.5V7.5M13.5 13.5v-11',
  sessions: 'M5.5 9.5a3 3 0 1 1 2.6-1.5L13.5 8v2.5M11 8v2',
  models: 'M8 1.8 13.6 5v6L8 14.2 2.4 11V5zM2.4 5 8 8.2 13.6 5M8 8.2v6',
  settings: 'M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 2.8v3.4M6 9.8v3.4',
  withdraw: 'M8 10.5v-8m-3 3 3-3 3 3M2.5 9.5v4h11v-4',
  logs: 'M2.5 3.5h11M2.5 6.5h7M2.5 9.5h11M2.5 12.5h5',
  close: 'm3.5 3.5 9 9m0-9-9 9',
  down: 'm4 6 4 4 4-4',
  left: 'm10 3.5-4.5 4.5 4.5 4.5',
  right: 'm6 3.5 4.5 4.5-4.5 4.5',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm3.3-1.2 3.2 3.2',
  copy: 'M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  key: 'M10.3 9.2a3.5 3.5 0 1 0-3.4-2.7L2.5 11v2.5H5l.5-1.5 1.5-.5.4-1.4z',
  leave: 'M6.5 2.5h-4v11h4M6 8h7.5m-3-3 3 3-3 3',
  add: 'M8 3v10M3 8h10',
  up: 'm4 10 4-4 4 4',
} as const
export type IconName = keyof typeof shapes

export function Icon(props: { readonly name: IconName }) {
  return (
    <svg class={styles.icon} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[props.name]} />
    </svg>
  )
}
