/** The part of the Overview that has a range: numbers, charts, models and errors. */

import styles from './overview.module.css'
import { Charts, RangePicker } from './overview-charts'
import { Errors, TopModels } from './overview-lists'
import { Numbers } from './overview-numbers'
import { useRange } from './overview-range'

export default function Business() {
  const range = useRange()
  return (
    <>
      <RangePicker range={range} />
      <Numbers range={range} />
      <div class={styles.business}>
        <div class={styles.charts}>
          <Charts range={range} />
        </div>
        <div class={styles.charts}>
          <TopModels range={range} />
          <Errors range={range} />
        </div>
      </div>
    </>
  )
}
