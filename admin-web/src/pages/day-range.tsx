/** Two fields of days that stand in the address, with the zone that they are of (D-014). */
import { overviewText as words } from '../text/overview'
import { Field } from '../ui'
import { zoneName } from '../zone'
import type { ListAddress } from './list-address'

export function DayFields(props: { readonly address: ListAddress }) {
  return (
    <>
      <Field
        beside
        label={words.dayFrom(zoneName())}
        type="date"
        value={props.address.read('from')}
        onInput={(from) => props.address.write({ from })}
      />
      <Field
        beside
        label={words.dayTo(zoneName())}
        type="date"
        value={props.address.read('to')}
        onInput={(to) => props.address.write({ to })}
      />
    </>
  )
}
