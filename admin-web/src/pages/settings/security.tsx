/** The ways in: the password, the keys of operators, devices and tokens (dashboard 4.4, Security). */
import { settingsText } from '../../text/settings'
import { Button, Sheet } from '../../ui'
import { usePage } from '../page'
import { Devices, Tokens } from './access'
import { Operators } from './operators'
import styles from './settings.module.css'

const words = settingsText.security

export function Security() {
  const page = usePage(() => settingsText.sections.security)
  return (
    <>
      <Sheet title={words.password} padded>
        <p>{words.passwordHelp}</p>
        <div class={styles.actions}>
          <Button kind="primary" onClick={page.openPassword}>
            {words.setPassword}
          </Button>
        </div>
      </Sheet>
      <Operators />
      <Devices />
      <Tokens />
    </>
  )
}
