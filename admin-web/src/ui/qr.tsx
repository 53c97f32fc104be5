/** A QR code drawn here, black on white in both themes with its margin of four modules (dashboard 2, Theme; 6, QR). */
import { createMemo } from 'solid-js'
import { encode } from 'uqr'
import styles from './qr.module.css'

/** Longer texts get less redundancy and more room. */
const longText = 600
/** As wide as this, in whole pixels a module: uneven modules cost a reader more than a few pixels of size. */
const widestPx = 320
const leastPx = 3

export function QrCode(props: { readonly text: string; readonly name: string }) {
  const code = createMemo(() => {
    const { data, size } = encode(props.text, { ecc: props.text.length > longText ? 'L' : 'M', border: 4 })
    const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
    return { path, size, px: size * Math.max(leastPx, Math.floor(widestPx / size)) }
  })
  return (
    <svg
      class={styles.qr}
      width={code().px}
      height={code().px}
      viewBox={`0 0 ${code().size} ${code().size}`}
      role="img"
      aria-label={props.name}
    >
      <rect class={styles.ground} width="100%" height="100%" />
      <path class={styles.modules} d={code().path} />
    </svg>
  )
}
