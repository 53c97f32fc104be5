/** What a mint said when it was tried: units, fee and limits, or the sentence that says why not (D-056). */
import { Show } from 'solid-js'
import type { Answer } from '../client'
import { mintTestText as words } from '../text/mint-test'
import { Facts, Mark } from '../ui'
import styles from './forms.module.css'

export type MintTest = Answer<'mints.test'>

export function MintTested(props: { readonly result: MintTest }) {
  return (
    <div class={styles.tested} role="status">
      <Mark tone={props.result.ok ? 'good' : 'bad'}>{props.result.sentence}</Mark>
      <Show when={props.result.info}>
        {(info) => <Facts rows={[[words.name, info().name], ...info().units.flatMap((unit) => ofUnit(unit))]} />}
      </Show>
    </div>
  )

  function ofUnit(unit: string) {
    const { depositLeast, depositMost, payoutLeast, payoutMost } = props.result.limits[unit] ?? {}
    const fee = props.result.info?.feePpk[unit] ?? 0
    return [
      [words.fee(unit), fee === 0 ? words.noFee : words.feePpk(fee)],
      [words.deposit(unit), words.limit(depositLeast, depositMost, unit)],
      [words.payout(unit), words.limit(payoutLeast, payoutMost, unit)],
    ] as const
  }
}
