/** Decides between a bare page (sign-in, set-up) and the shell, and leads strangers to the sign-in. */
import { type RouteSectionProps, useBeforeLeave, useLocation, useNavigate } from '@solidjs/router'
import { createEffect, type JSX, onCleanup, onMount, Show, Suspense } from 'solid-js'
import { setSignedOut, signedOut, useQuery } from '../client'
import { isSecretShown } from '../forms/shown-once'
import { base, nextPath, paths, signInFrom } from '../paths'
import { text } from '../text/en'
import { startTooltips } from '../ui'
import tooltip from '../ui/tooltip.module.css'
import { Shell } from './shell'

const barePaths: readonly string[] = [`${base}${paths.signIn}`, `${base}${paths.setup}`]

export default function Frame(props: RouteSectionProps) {
  const location = useLocation()
  const isBare = () => barePaths.includes(location.pathname.replace(/\/$/, ''))
  onMount(() => onCleanup(startTooltips(tooltip.tooltip ?? '')))
  useSecretGuard()
  // The router writes its base, after this effect, without the slash that the dashboard's address has (D-001).
  createEffect(() => {
    if (location.pathname.replace(/\/$/, '') === base) setTimeout(slashAtEnd)
  })
  return (
    <Show when={!isBare()} fallback={<Suspense>{props.children}</Suspense>}>
      <Gate>{props.children}</Gate>
    </Show>
  )
}

/** A secret that was not saved is lost with its page, by Back or by closing it: both ask (D-059). */
function useSecretGuard(): void {
  const ask = (event: BeforeUnloadEvent) => {
    if (isSecretShown()) event.preventDefault()
  }
  useBeforeLeave((event) => {
    if (isSecretShown() && !event.defaultPrevented && !window.confirm(text.leaveShownOnce)) event.preventDefault()
  })
  window.addEventListener('beforeunload', ask)
  onCleanup(() => window.removeEventListener('beforeunload', ask))
}

function slashAtEnd(): void {
  if (window.location.pathname === base) history.replaceState(history.state, '', `${base}/${window.location.search}`)
}

/** Nothing is shown to a stranger; one whose sign-in ended keeps the page under a dialog. */
function Gate(props: { readonly children: JSX.Element }) {
  const navigate = useNavigate()
  const me = useQuery('me.get', () => ({}), { everyMs: 60_000 })
  createEffect(() => {
    if (!signedOut() || me.data() !== undefined) return
    const here = nextPath(`${window.location.pathname}${window.location.search}`)
    setSignedOut(false)
    navigate(signInFrom(`${base}${here}`), { replace: true })
  })
  return (
    <Show when={me.data() !== undefined || me.trouble()?.kind !== 'signed-out'}>
      <Shell me={me.data()}>{props.children}</Shell>
    </Show>
  )
}
