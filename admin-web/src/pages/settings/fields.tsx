/** The fields of one section, or those that a search finds; what no row of the document names stands under More. */
import { For, Show } from 'solid-js'
import { count, priceText, productText } from '../../format'
import { AddressTest } from '../../forms/lightning-test'
import { fields, type Section, sectionKeys, sectionOf } from '../../text/setting-fields'
import { settingsText as words } from '../../text/settings'
import { CopyText, Empty, Mark, Sheet, useUnits } from '../../ui'
import { usePage } from '../page'
import type { Draft, SettingRow } from './draft'
import { SettingField } from './field'
import styles from './settings.module.css'

type Props = {
  readonly section: Section
  readonly find: string
  readonly rows: readonly SettingRow[]
  readonly draft: Draft
  readonly errorAt: (key: string) => string | undefined
}

export function Fields(props: Props) {
  const found = () => {
    const text = props.find.toLowerCase()
    return props.rows.filter((row) =>
      [row.key, row.name, fields[row.key]?.label, fields[row.key]?.help].some((one) =>
        one?.toLowerCase().includes(text),
      ),
    )
  }
  const named = () =>
    (sectionKeys[props.section] ?? []).flatMap((key) => props.rows.find((row) => row.key === key) ?? [])
  const more = () =>
    props.rows.filter(
      (row) => sectionOf(row.key) === props.section && sectionKeys[props.section]?.includes(row.key) !== true,
    )
  return (
    <Sheet title={props.find === '' ? words.sections[props.section] : words.found(found().length)}>
      <div class={styles.fields}>
        <Show
          when={props.find === ''}
          fallback={
            <For each={found()} fallback={<Empty title={words.noMatch} />}>
              {(row) => <One {...props} row={row} />}
            </For>
          }
        >
          <p class={styles.help}>{words.atOnce}</p>
          <Show when={props.section === 'identity'}>
            <Npub />
          </Show>
          <For each={named()}>
            {(row) => (
              <>
                <One {...props} row={row} />
                <Show when={row.key === 'sweep.address'}>
                  <div class={styles.setting}>
                    <AddressTest address={String(props.draft.value(row))} />
                  </div>
                </Show>
                <Show when={row.key === 'pricing.upstreamFee'}>
                  <WorkedExample rows={props.rows} draft={props.draft} />
                </Show>
              </>
            )}
          </For>
          <Show when={more().length > 0}>
            <details class={styles.more}>
              <summary>{words.more}</summary>
              <div>
                <For each={more()}>{(row) => <One {...props} row={row} />}</For>
              </div>
            </details>
          </Show>
        </Show>
      </div>
    </Sheet>
  )
}

function One(props: Props & { readonly row: SettingRow }) {
  const isFixed = () => {
    const row = props.rows.find((one) => one.key === 'pricing.fixed')
    return row !== undefined && props.draft.value(row) === true
  }
  return (
    <SettingField
      row={props.row}
      draft={props.draft}
      error={props.errorAt(props.row.key)}
      idle={props.row.key === 'pricing.fixedCostSat' && !isFixed() ? words.notFixed : undefined}
    />
  )
}

/** Read only: it changes with the Nsec. */
function Npub() {
  const page = usePage(() => words.sections.identity)
  return (
    <Show when={page.status.data()?.npub}>
      {(npub) => (
        <div class={styles.setting}>
          <strong>{words.npub}</strong>
          <CopyText block value={npub()} name={words.npub} />
          <span class={styles.help}>{words.npubHelp}</span>
        </div>
      )}
    </Show>
  )
}

/** Follows both fees while one types (D-054): an example, not a price. */
function WorkedExample(props: { readonly rows: readonly SettingRow[]; readonly draft: Draft }) {
  const units = useUnits()
  const fee = (key: string): string => {
    const row = props.rows.find((one) => one.key === key)
    return row === undefined ? '1' : String(props.draft.value(row))
  }
  const usd = () => productText('30', fee('pricing.exchangeFee'), fee('pricing.upstreamFee'))
  const sat = () => {
    const rate = units.rate()
    return rate === undefined ? undefined : Math.round((Number(usd()) * 100_000_000) / Number(rate.usdPerBtc))
  }
  return (
    <div class={styles.example} aria-live="polite">
      <strong>{words.workedExample}</strong>
      <Show when={usd()}>
        {(price) => (
          <p>
            {words.example(fee('pricing.exchangeFee'), fee('pricing.upstreamFee'), priceText(price()))}
            <Show when={sat()}>{(amount) => <> ≈ {count(amount())} sat</>}</Show>
          </p>
        )}
      </Show>
      <Show when={Number(fee('pricing.upstreamFee')) < 1}>
        <Mark tone="look">{words.belowCost}</Mark>
      </Show>
    </div>
  )
}
