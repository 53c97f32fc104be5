/** Tries a Lightning address: whether it can be paid, and between which amounts; nothing is paid (dashboard 4.4). */
import { createSignal, Show } from 'solid-js'
import { type Answer, isConnected } from '../client'
import { text } from '../text/en'
import { wizardText as words } from '../text/wizard'
import { Button, Mark, TroubleBox } from '../ui'
import { useCommand } from './command'
import styles from './forms.module.css'

type Tested = Answer<'lightning.testAddress'> & { readonly address: string }

export function useAddressTest(address: () => string) {
  const [tested, setTested] = createSignal<Tested>()
  const test = useCommand('lightning.testAddress')
  const wanted = () => address().trim()
  return {
    test,
    /** Of what stands there now; what another address said is no answer to it. */
    result: () => (tested()?.address === wanted() ? tested() : undefined),
    run: () => {
      const asked = wanted()
      setTested(undefined)
      if (asked !== '')
        void test.run({ address: asked }, undefined, { onAnswer: (answer) => setTested({ ...answer, address: asked }) })
    },
  }
}

/** Beside a field that holds the address: the button, and what it learnt. */
export function AddressTest(props: { readonly address: string }) {
  const tries = useAddressTest(() => props.address)
  const refused = () => {
    if (!isConnected()) return text.notConnectedAction
    return props.address.trim() === '' ? words.addressFirst : undefined
  }
  return (
    <div class={styles.tested}>
      <div>
        <Button small busy={tries.test.busy() && words.testing} refused={refused()} onClick={tries.run}>
          {words.test}
        </Button>
      </div>
      <AddressTested of={tries} />
      <Show when={tries.test.sentence()}>{(said) => <TroubleBox what={said().what} id={said().id} />}</Show>
    </div>
  )
}

export function AddressTested(props: { readonly of: ReturnType<typeof useAddressTest> }) {
  return (
    <Show when={props.of.result()}>
      {(result) => (
        <div role="status">
          <Mark tone={result().ok ? 'good' : 'bad'}>{result().sentence}</Mark>
        </div>
      )}
    </Show>
  )
}
