/** The only place that prints money: in the reader's unit, exact msat on hover and focus. */
import { type Accessor, createContext, type JSX, Show, useContext } from 'solid-js'
import { amountParts, exactText, priceText, type Rate, type Unit } from '../format'
import { text } from '../text/en'
import styles from './amount.module.css'

export type Units = { readonly unit: Accessor<Unit>; readonly rate: Accessor<Rate | undefined> }
/** Outside the shell nobody chose a unit. */
const satOnly: Units = { unit: () => 'sat', rate: () => undefined }
const UnitsContext = createContext<Units>()

export function UnitsProvider(props: { readonly units: Units; readonly children: JSX.Element }) {
  return <UnitsContext.Provider value={props.units}>{props.children}</UnitsContext.Provider>
}

export const useUnits = (): Units => useContext(UnitsContext) ?? satOnly

/** `bare` leaves the unit out where the column's head names it; `unitName` is what that head says. */
export function Amount(props: { readonly msat: number; readonly bare?: boolean; readonly signed?: boolean }) {
  const units = useUnits()
  const parts = () => amountParts(props.msat, units.unit(), units.rate())
  return (
    <data
      class={styles.amount}
      classList={{
        [styles.whole ?? '']:
          props.bare === true && units.unit() === 'sat' && parts().fraction === '' && props.msat !== 0,
      }}
      value={props.msat}
      title={exactText(props.msat)}
    >
      <Show when={props.signed === true && props.msat > 0}>+</Show>
      {parts().sign}
      {parts().whole}
      <Show when={parts().fraction !== ''}>
        <span class={styles.fraction}>{parts().fraction}</span>
      </Show>
      <Show when={props.bare !== true && parts().unit !== ''}>
        <span class={styles.unit}> {parts().unit}</span>
      </Show>
      <Show when={units.unit() === 'usd' && units.rate() === undefined && props.bare !== true}>
        <span class={styles.unit}> ({text.rateUnknown})</span>
      </Show>
    </data>
  )
}

/** The unit that `bare` amounts are in: for the head of a column. */
export function UnitName() {
  const units = useUnits()
  return (
    <>
      {units.unit() === 'usd' ? (units.rate() === undefined ? text.unit.sat : text.unit.usd) : text.unit[units.unit()]}
    </>
  )
}

/** A USD price per 1M tokens: two decimals, the exact one on hover (dashboard 4.3). */
export function Price(props: { readonly usd: string | null }) {
  return (
    <Show when={props.usd} fallback={<span class={styles.unit}>{text.models.noPrice}</span>}>
      {(usd) => (
        <data class={styles.amount} value={usd()} title={text.exactly(`$${usd()}`)}>
          {priceText(usd())}
        </data>
      )}
    </Show>
  )
}
