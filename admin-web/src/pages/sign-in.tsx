/** The way in. `?next=` leads on to the page that was asked for, if it is one of this dashboard (D-003). */
import { useNavigate, useSearchParams } from '@solidjs/router'
import { createEffect, createSignal } from 'solid-js'
import { refreshAll } from '../client'
import { SignInForm } from '../forms/sign-in'
import { nextPath } from '../paths'
import { text } from '../text/en'
import { BarePage } from './bare-page'

export default function SignIn() {
  const navigate = useNavigate()
  const [search] = useSearchParams<{ next: string }>()
  const [name, setName] = createSignal<string>(text.product)
  createEffect(() => {
    document.title = text.title(text.signIn.title, name(), false)
  })
  return (
    <BarePage name={name()} heading={text.signIn.title}>
      <SignInForm
        onWays={(ways) => setName(ways.name)}
        onDone={() => {
          refreshAll()
          navigate(nextPath(search.next as string | undefined), { replace: true })
        }}
      />
    </BarePage>
  )
}
