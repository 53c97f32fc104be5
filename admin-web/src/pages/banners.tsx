/** What stands wrong, worst first, two unfolded; none can be closed while its cause stands (D-017). */
import { A } from '@solidjs/router'
import { createSignal, For, Show } from 'solid-js'
import type { Answer } from '../client'
import { isConnected } from '../client'
import { useCommand } from '../forms/command'
import { paths } from '../paths'
import { text } from '../text/en'
import { Amount, Button, Mark, type Tone } from '../ui'
import styles from './banners.module.css'

type Banner = Answer<'overview.get'>['banners'][number]
const unfolded = 2
const tones: Readonly<Record<Banner['level'], Tone>> = { bad: 'bad', look: 'look', off: 'off' }

export function Banners(props: { readonly banners: readonly Banner[]; readonly onPassword: () => void }) {
  const [open, setOpen] = createSignal(false)
  const shown = () => (open() ? props.banners : props.banners.slice(0, unfolded))
  const hidden = () => props.banners.length - unfolded
  return (
    <Show when={props.banners.length > 0}>
      <section class={styles.banners} aria-label={text.banner.label}>
        <For each={shown()}>
          {(banner) => (
            <div class={`${styles.banner} ${styles[banner.level]}`} data-banner={banner.kind}>
              <Mark tone={tones[banner.level]}>
                <span class="sr-only">{text.banner[banner.level]}: </span>
                <Show when={banner.msat !== undefined} fallback={banner.text}>
                  {text.banner.negative} <Amount msat={banner.msat ?? 0} />
                </Show>
              </Mark>
              <Cure banner={banner} onPassword={props.onPassword} />
            </div>
          )}
        </For>
        <Show when={hidden() > 0}>
          <button type="button" class={styles.fold} aria-expanded={open()} onClick={() => setOpen(!open())}>
            {open() ? text.banner.fewer : text.banner.more(hidden())}
          </button>
        </Show>
      </section>
    </Show>
  )
}

/** One action; pages that do not exist yet are not linked. */
function Cure(props: { readonly banner: Banner; readonly onPassword: () => void }) {
  const resume = useCommand('node.resume')
  return (
    <>
      <Show when={props.banner.action === 'security'}>
        <Button small onClick={props.onPassword}>
          {text.banner.password}
        </Button>
      </Show>
      <Show when={props.banner.action === 'resume'}>
        <Button
          small
          busy={resume.busy() && text.loading}
          refused={isConnected() ? undefined : text.notConnectedAction}
          onClick={() => void resume.run({})}
        >
          {text.banner.resume}
        </Button>
      </Show>
      <Show when={resume.sentence()}>{(trouble) => <span>{trouble().what}</span>}</Show>
      <Show when={props.banner.action === 'models'}>
        <A href={paths.models}>{text.banner.models}</A>
      </Show>
      <Show when={props.banner.action === 'overview'}>
        <A href={paths.overview}>{text.banner.overview}</A>
      </Show>
    </>
  )
}
