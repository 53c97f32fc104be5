/** The customer's own page: works without the dashboard, keeps the key in this tab's memory only (dashboard 4.10). */
import '../theme.css'
import { createEffect } from 'solid-js'
import { render } from 'solid-js/web'
import { applyPreferences, theme } from '../preferences'
import { CustomerPage } from './page'

applyPreferences(location.search)
const root = document.getElementById('root')
if (root !== null)
  render(() => {
    createEffect(() => {
      theme.value()
      applyPreferences('')
    })
    return <CustomerPage />
  }, root)
