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

/** Amounts that moved earlier, whose price of then nobody kept: in USD each says that it is at the price of now. */
const PastContext = createContext(false)
export const PastAmounts = (props: { readonly children: JSX.Element }) => (
  <PastContext.Provider value={true}>{props.children}</PastContext.Provider>
)

/** Amounts of one event, which holds the price of its time (dashboard 3, Units); null: it needed none. */
export function AmountsAt(props: {
  readonly usdPerBtc: string | null
  readonly atS: number
  readonly children: JSX.Element
}) {
  const { unit } = useUnits()
  const rate = () => (props.usdPerBtc === null ? undefined : { usdPerBtc: props.usdPerBtc, at: props.atS })
  return (
    <PastContext.Provider value={false}>
      <UnitsProvider units={{ unit, rate }}>{props.children}</UnitsProvider>
    </PastContext.Provider>
  )
}

/** `bare` leaves the unit out where the column's head names it; `unitName` is what that head says. */
export function Amount(props: { readonly msat: number; readonly bare?: boolean; readonly signed?: boolean }) {
  const units = useUnits()
  const isPast = useContext(PastContext)
  const isConverted = () => units.unit() === 'usd' && units.rate() !== undefined
  const parts = () => amountParts(props.msat, units.unit(), units.rate(), props.signed)
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
      {parts().sign}
      {parts().whole}
      <Show when={parts().fraction !== ''}>
        <span class={styles.fraction}>{parts().fraction}</span>
      </Show>
      <Show when={props.bare !== true && parts().unit !== ''}>
        <span class={styles.unit}> {parts().unit}</span>
      </Show>
      <Show when={isPast && isConverted() && props.bare !== true}>
        <span class={styles.unit}> {text.rateNow}</span>
      </Show>
      <Show when={units.unit() === 'usd' && units.rate() === undefined && props.bare !== true}>
        <span class={styles.unit}> ({text.rateUnknown})</span>
      </Show>
    </data>
  )
}

/** The unit that `bare` amounts are in: for the head of a column; `past` as in PastAmounts. */
export function UnitName(props: { readonly past?: boolean }) {
  const units = useUnits()
  const name = () => {
    if (units.unit() !== 'usd') return text.unit[units.unit()]
    if (units.rate() === undefined) return text.unit.sat
    return props.past === true ? text.usdNow : text.unit.usd
  }
  return <>{name()}</>
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
