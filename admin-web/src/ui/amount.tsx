/** The only place that prints money: in the reader's unit, exact msat on hover and focus. */
import { type Accessor, createContext, type JSX, Show, useContext } from 'solid-js'
import { amountParts, exactText, priceText, type Rate, type Unit } from '../format'
import { text } from '../text/en'
import styles from './amount.module.css'

export type Units = {
  readonly unit: Accessor<Unit>
  readonly rate: Accessor<Rate | undefined>
  /** Each row has a rate of its own: whether it is known, no head of a column can say. */
  readonly isPast?: Accessor<boolean>
}
/** Outside the shell nobody chose a unit. */
const satOnly: Units = { unit: () => 'sat', rate: () => undefined }
const UnitsContext = createContext<Units>()

export function UnitsProvider(props: { readonly units: Units; readonly children: JSX.Element }) {
  return <UnitsContext.Provider value={props.units}>{props.children}</UnitsContext.Provider>
}

export const useUnits = (): Units => useContext(UnitsContext) ?? satOnly

/**
 * Amounts of one event, at the rate of its time (dashboard 3, Units); null: nobody knew it, and each amount says so;
 * undefined: they are of now, as what stands around them.
 */
export function AmountsAt(props: { readonly usdPerBtc: string | null | undefined; readonly children: JSX.Element }) {
  const around = useUnits()
  const isPast = () => props.usdPerBtc !== undefined
  const rate = () => {
    const { usdPerBtc } = props
    if (usdPerBtc === undefined) return around.rate()
    return usdPerBtc === null ? undefined : { usdPerBtc }
  }
  return <UnitsProvider units={{ unit: around.unit, rate, isPast }}>{props.children}</UnitsProvider>
}

/**
 * `bare` leaves the unit out where the column's head names it; `UnitName` is what that head says. `today`: a sum over
 * many moments, which in USD says that it is at the rate of now.
 */
export function Amount(props: {
  readonly msat: number
  readonly bare?: boolean
  readonly signed?: boolean
  readonly today?: boolean
}) {
  const units = useUnits()
  const isUnknown = () => units.unit() === 'usd' && units.rate() === undefined
  const isBare = () => props.bare === true && !(isUnknown() && units.isPast?.() === true)
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
      <Show when={!isBare() && parts().unit !== ''}>
        <span class={styles.unit}> {parts().unit}</span>
      </Show>
      <Show when={props.today === true && !isBare() && units.unit() === 'usd' && !isUnknown()}>
        <span class={styles.unit}> {text.rateNow}</span>
      </Show>
      <Show when={isUnknown() && !isBare()}>
        <span class={styles.unit}> ({text.rateUnknown})</span>
      </Show>
    </data>
  )
}

/**
 * The unit that `bare` amounts are in: for the head of a column; `past`: each row has a rate of its own (AmountsAt);
 * `today`: they are sums over many moments, at the rate of now.
 */
export function UnitName(props: { readonly past?: boolean; readonly today?: boolean }) {
  const units = useUnits()
  const name = () => {
    if (units.unit() !== 'usd') return text.unit[units.unit()]
    if (props.past === true) return text.usdThen
    if (units.rate() === undefined) return text.unit.sat
    return props.today === true ? `${text.unit.usd} ${text.rateNow}` : text.unit.usd
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
