/** Starts the dashboard. The set-up code leaves the address before anything else happens. */
import './theme.css'
import { Router } from '@solidjs/router'
import { createEffect } from 'solid-js'
import { render } from 'solid-js/web'
import { keepSetupCode } from './arrival'
import Frame from './pages/frame'
import { base } from './paths'
import { applyPreferences, density, theme } from './preferences'
import { routes } from './routes'

keepSetupCode()
applyPreferences(location.search)

// A page that the browser kept whole for Back may be older than a sign-out: it is asked for anew (D-079).
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})

const root = document.getElementById('root')
if (root !== null)
  render(() => {
    createEffect(() => {
      theme.value()
      density.value()
      applyPreferences('')
    })
    return (
      <Router base={base} root={Frame}>
        {[...routes]}
      </Router>
    )
  }, root)
