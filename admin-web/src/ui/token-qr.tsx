/** The QR code of a Cashu token; a long one comes in parts, by code of its own that is loaded then (dashboard 6). */
import { lazy, Show, Suspense } from 'solid-js'
import { QrCode } from './qr'

const AnimatedQr = lazy(async () => ({ default: (await import('./animated-qr')).AnimatedQr }))
/** From here on one code is too dense for many cameras. */
const longLetters = 600

export function TokenQr(props: { readonly token: string; readonly name: string }) {
  return (
    <Show when={props.token.length >= longLetters} fallback={<QrCode text={props.token} name={props.name} />}>
      <Suspense>
        <AnimatedQr text={props.token} name={props.name} />
      </Suspense>
    </Show>
  )
}
