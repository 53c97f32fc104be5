/** From which mint and how much: what every way out begins with, and why not all of it may leave (dashboard 4.5). */
import { createSignal, For } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { count, msatOf } from '../format'
import { withdrawText } from '../text/withdraw'
import { Amount, Select } from '../ui'
import styles from './forms.module.css'

export type Floor = Answer<'withdraw.get'>
type Purse = Floor['perMint'][number]
const keyOf = ({ mint, unit }: Purse) => `${unit} ${mint}`
/** Mint and amount, which both ways out begin with; `whole` units of the purse. */
export function usePurse(floor: () => Floor) {
  const purses = () => floor().perMint.filter(({ mineSat }) => mineSat > 0)
  const [chosen, setChosen] = createSignal<string>()
  const [amount, setAmount] = createSignal('')
  const purse = () => purses().find((one) => keyOf(one) === chosen()) ?? purses()[0]
  const sat = () => {
    const msat = msatOf(amount())
    return msat === undefined || msat === 0 || msat % 1000 !== 0 ? undefined : msat / 1000
  }
  const above = () => {
    const most = purse()?.safeSat ?? 0
    return (sat() ?? 0) > most ? withdrawText.above(count(Math.floor(most))) : undefined
  }
  const fills = () => {
    const most = Math.floor(purse()?.safeSat ?? 0)
    return [
      { label: withdrawText.token.quarter, msat: Math.floor(most / 4) * 1000 },
      { label: withdrawText.token.half, msat: Math.floor(most / 2) * 1000 },
      { label: withdrawText.token.most, msat: most * 1000 },
    ]
  }
  const asked = () => {
    const { mint = '', unit = 'sat' } = purse() ?? {}
    const units = (sat() ?? 0) * (unit === 'msat' ? 1000 : 1)
    return { mint, unit: unit as 'sat' | 'msat', sat: units }
  }
  return { purses, purse, choose: setChosen, amount, setAmount, sat, above, fills, asked }
}

export function MintSelect(props: { readonly of: ReturnType<typeof usePurse>; readonly label: string }) {
  return (
    <Select
      label={props.label}
      value={props.of.purse() === undefined ? '' : keyOf(props.of.purse() as Purse)}
      choices={props.of.purses().map((one) => ({
        value: keyOf(one),
        label: withdrawText.token.choice(
          one.mint,
          one.unit === 'sat' ? '' : one.unit,
          count(Math.floor(one.mineSat)),
          count(Math.floor(one.safeSat)),
        ),
      }))}
      onChange={props.of.choose}
    />
  )
}

/** The owner's part by mint, less what is locked, reserved or kept: why not all of it may leave (D-061). */
export function WhyNotAll(props: { readonly floor: Floor }) {
  const mine = () => props.floor.perMint.reduce((sum, one) => sum + one.mineSat, 0)
  const safe = () => props.floor.perMint.reduce((sum, one) => sum + one.safeSat, 0)
  const parts = () => {
    const { open, fees, keep } = props.floor.why
    const other = mine() - open - fees - keep - safe()
    return [
      [withdrawText.why.total, mine()],
      [withdrawText.why.open, -open],
      [withdrawText.why.fees, -fees],
      [withdrawText.why.keep, -keep],
      [withdrawText.why.other, -other],
      [withdrawText.why.available, safe()],
    ].filter(([, sat], index, all) => sat !== 0 || index === 0 || index === all.length - 1) as [string, number][]
  }
  return (
    <dl class={styles.sum}>
      <For each={parts()}>
        {([label, sat]) => (
          <div>
            <dt>{label}</dt>
            <dd>
              <Amount msat={Math.round(sat * 1000)} />
            </dd>
          </div>
        )}
      </For>
    </dl>
  )
}

export function useFloor() {
  return useQuery('withdraw.get', () => ({}), { everyMs: 10_000 })
}
