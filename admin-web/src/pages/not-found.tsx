/** An address that leads nowhere: the path, a near tab, a way back (D-082). */
import { A, useLocation } from '@solidjs/router'
import { nearTab, paths } from '../paths'
import { text } from '../text/en'
import { Button, Empty, Sheet } from '../ui'
import { usePage } from './page'
import styles from './page.module.css'

export default function NotFound() {
  const location = useLocation()
  usePage(() => text.notFound.title)
  const tab = () => nearTab(location.pathname)
  return (
    <Sheet label={text.notFound.title}>
      <Empty title={text.notFound.body(location.pathname)}>
        <div class={styles.row}>
          <A class={styles.link} href={paths[tab()]}>
            {text.notFound.near(text.tabs[tab()])}
          </A>
          <Button onClick={() => history.back()}>{text.notFound.back}</Button>
        </div>
      </Empty>
    </Sheet>
  )
}
