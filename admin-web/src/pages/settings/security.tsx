/** The ways in: the password, the keys of operators, devices and tokens (dashboard 4.4, Security). */
import { settingsText } from '../../text/settings'
import { usePage } from '../page'
import { Devices, Tokens } from './access'
import { AdminPassword } from './admin-password'
import { Operators } from './operators'

export function Security() {
  usePage(() => settingsText.sections.security)
  return (
    <>
      <AdminPassword />
      <Operators />
      <Devices />
      <Tokens />
    </>
  )
}
