/** What stands around every page: nav, head, connection strip, banners, toasts, dialogs over all. */
import { useLocation, useNavigate } from '@solidjs/router'
import { createEffect, createSignal, type JSX, lazy, onCleanup, onMount, Show, Suspense } from 'solid-js'
import { type Answer, connection, forget, refreshAll, signedOut, transport, useQuery } from '../client'
import { PasswordForm } from '../forms/password'
import { SignInForm } from '../forms/sign-in'
import { paths } from '../paths'
import { keys, theme, unit } from '../preferences'
import { startShortcuts } from '../shortcuts'
import { text } from '../text/en'
import { Dialog, Skeleton, setClockOffset, Toasts, toast, UnitsProvider } from '../ui'
import { setZoneName } from '../zone'
import { Banners } from './banners'
import { ConnectionPanel, ConnectionStrip } from './connection'
import { Head } from './head'
import { KeySheet } from './key-sheet'
import { BottomBar, Nav } from './nav'
import { PageContext } from './page'
import styles from './shell.module.css'

/** So long a page is held back for what stands above it. */
const mostWaitMs = 2500
/** Its words are those of every page: a chunk of its own. */
const Palette = lazy(() => import('./palette'))

export function Shell(props: { readonly me: Answer<'me.get'> | undefined; readonly children: JSX.Element }) {
  const navigate = useNavigate()
  const location = useLocation()
  const overview = useQuery('overview.get', () => ({}), { everyMs: 5000 })
  const status = useQuery('node.status', () => ({}), { everyMs: 60_000 })
  const [title, setTitle] = createSignal('')
  const [layer, setLayer] = createSignal<'keys' | 'password' | 'palette' | 'connection'>()
  const name = () => status.data()?.name ?? text.product
  const [hasWaited, setWaited] = createSignal(false)
  /** What stands above the page is known, or late: a page that is seen already is not pushed down (N7). */
  const isSettled = () => hasWaited() || !overview.loading()
  const isBad = () => overview.data()?.banners.some((banner) => banner.level === 'bad') === true

  createEffect(() => {
    document.title = text.title(title() === '' ? text.tabs.overview : title(), name(), isBad())
  })
  createEffect(() => {
    const now = connection()
    if (now.is === 'live' && Math.abs(now.skewS) > 1) setClockOffset(now.skewS)
  })
  createEffect(() => {
    const zone = status.data()?.timeZone
    if (zone !== undefined) setZoneName(zone)
  })
  // After a change of page the reader stands at its heading (dashboard 7).
  createEffect((before: string | undefined) => {
    const tab = location.pathname.split('/')[2] ?? ''
    if (before !== undefined && before !== tab) queueMicrotask(() => document.querySelector('h1')?.focus())
    return tab
  })
  onMount(() =>
    onCleanup(
      startShortcuts({
        areOn: () => keys.value() === 'on',
        go: (tab) => navigate(paths[tab]),
        nextUnit: () => void unit.next(),
        nextTheme: () => void theme.next(),
        showKeys: () => setLayer('keys'),
        find: () => setLayer('palette'),
      }),
    ),
  )
  onMount(() => {
    const timer = setTimeout(() => setWaited(true), mostWaitMs)
    onCleanup(() => clearTimeout(timer))
  })
  async function signOut() {
    await transport.leave()
    forget()
    // A fresh document: nothing that was read stays in memory, and Back finds the sign-in (D-079).
    window.location.replace('/admin/sign-in')
  }
  return (
    <UnitsProvider units={{ unit: unit.value, rate: () => overview.data()?.rate }}>
      <PageContext.Provider value={{ setTitle, overview, status, openPassword: () => setLayer('password') }}>
        <a class={styles.skip} href="#page">
          {text.skip}
        </a>
        <div class={styles.shell}>
          <Nav
            me={props.me}
            status={status.data()}
            publicUrl={overview.data()?.endpoint}
            onPassword={() => setLayer('password')}
            onSignOut={() => void signOut()}
            onKeys={() => setLayer('keys')}
            onConnection={() => setLayer('connection')}
          />
          <div class={styles.column}>
            <Head
              title={title()}
              busy={overview.refreshing()}
              onFind={() => setLayer('palette')}
              onConnection={() => setLayer('connection')}
            />
            <ConnectionStrip />
            <Banners banners={overview.data()?.banners ?? []} onPassword={() => setLayer('password')} />
            <Show when={!isSettled()}>
              <div class={styles.waiting}>
                <Skeleton lines={6} />
              </div>
            </Show>
            <main id="page" class={styles.page} classList={{ [styles.held ?? '']: !isSettled() }}>
              <Suspense fallback={<Skeleton lines={6} />}>{props.children}</Suspense>
            </main>
          </div>
          <BottomBar
            onPassword={() => setLayer('password')}
            onSignOut={() => void signOut()}
            status={status.data()}
            publicUrl={overview.data()?.endpoint}
          />
        </div>
        <Show when={layer() === 'keys'}>
          <KeySheet onClose={() => setLayer(undefined)} />
        </Show>
        <Show when={layer() === 'connection'}>
          <ConnectionPanel onClose={() => setLayer(undefined)} />
        </Show>
        <Show when={layer() === 'palette'}>
          <Suspense>
            <Palette onClose={() => setLayer(undefined)} onPassword={() => setLayer('password')} />
          </Suspense>
        </Show>
        <Show when={layer() === 'password'}>
          <Dialog title={text.password.title} onClose={() => setLayer(undefined)}>
            <p>{text.password.lead}</p>
            <PasswordForm
              onDone={() => {
                setLayer(undefined)
                toast(text.password.done)
              }}
            />
          </Dialog>
        </Show>
        <Show when={signedOut() && props.me !== undefined}>
          <Dialog title={text.ended.title} onClose={() => undefined} fixed>
            <p>{text.ended.body}</p>
            <SignInForm onDone={refreshAll} />
          </Dialog>
        </Show>
        <Toasts />
      </PageContext.Provider>
    </UnitsProvider>
  )
}
