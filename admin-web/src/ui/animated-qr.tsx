/** A long text as QR codes one after the other; with reduced motion, or paused, one steps by hand (dashboard 6). */
import { createEffect, createMemo, createSignal, onCleanup, Show } from 'solid-js'
import { qrText } from '../text/qr'
import { Button } from './button'
import { QrCode } from './qr'
import styles from './qr.module.css'
import { urParts } from './ur-parts'

const partMs = 250

export function AnimatedQr(props: { readonly text: string; readonly name: string }) {
  const parts = createMemo(() => urParts(props.text))
  const [at, setAt] = createSignal(0)
  const [isPaused, setPaused] = createSignal(matchMedia('(prefers-reduced-motion: reduce)').matches)
  const step = (by: number) => setAt((before) => (before + by + parts().length) % parts().length)
  createEffect(() => {
    if (isPaused()) return
    const timer = setInterval(() => step(1), partMs)
    onCleanup(() => clearInterval(timer))
  })
  return (
    <div class={styles.animated}>
      <QrCode text={parts()[at() % parts().length] ?? ''} name={props.name} />
      <p class={styles.lead}>{qrText.lead}</p>
      <div class={styles.steps}>
        <span class={styles.part}>{qrText.part(at() + 1, parts().length)}</span>
        <Button small onClick={() => setPaused(!isPaused())}>
          {isPaused() ? qrText.goOn : qrText.pause}
        </Button>
        <Show when={isPaused()}>
          <Button small onClick={() => step(-1)}>
            {qrText.previous}
          </Button>
          <Button small onClick={() => step(1)}>
            {qrText.next}
          </Button>
        </Show>
      </div>
    </div>
  )
}
