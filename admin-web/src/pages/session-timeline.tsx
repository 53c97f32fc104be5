/** Every movement of one key's money with the balance after it; running holds on top, outside the sum (D-029, D-030). */
import { A } from '@solidjs/router'
import { createSignal, For, Show } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { ageText } from '../format'
import { paths } from '../paths'
import { timelineText as words } from '../text/timeline'
import { Age, Amount, AmountsAt, Button, Day, Empty, Mark, Select, type Tone, useUnits } from '../ui'
import { LimitChange } from './limit-change'
import { ListStates } from './list-parts'
import { ExportMenu } from './list-tools'
import styles from './page.module.css'
import timeline from './timeline.module.css'

type Row = Answer<'sessions.timeline'>['rows'][number]
type Kind = Row['kind']
const kinds = Object.keys(words.kinds) as Kind[]
const pageRows = 50
const tones: Readonly<Partial<Record<Kind, Tone>>> = {
  deposit: 'good',
  charge: 'good',
  'refund-failed': 'bad',
  refund: 'working',
  frozen: 'look',
  revoked: 'look',
  ended: 'off',
}

export function SessionTimeline(props: { readonly session: string }) {
  const [kind, setKind] = createSignal('')
  const [cursor, setCursor] = createSignal<string>()
  const units = useUnits()
  const filter = () => {
    const chosen = kinds.find((one) => one === kind())
    return { session: props.session, ...(chosen === undefined ? {} : { kind: chosen }) }
  }
  const list = useQuery(
    'sessions.timeline',
    () => {
      const at = cursor()
      return { ...filter(), limit: pageRows, ...(at === undefined ? {} : { cursor: at }) }
    },
    { everyMs: 5000, rowKey: 'at' },
  )
  return (
    <div class={styles.stack}>
      <div class={styles.filters}>
        <Select
          quiet
          label={words.filter}
          value={kind()}
          choices={[{ value: '', label: words.all }, ...kinds.map((value) => ({ value, label: words.kinds[value] }))]}
          onChange={(value) => {
            setCursor(undefined)
            setKind(value)
          }}
        />
        <span class={styles.tools}>
          <ExportMenu what="timeline" name={words.timeline} filter={filter} />
        </span>
      </div>
      <ListStates
        of={list}
        lines={6}
        isEmpty={(data) => data.rows.length + data.holds.length === 0}
        empty={<Empty title={words.empty} />}
      >
        {(data) => (
          <>
            <ul class={timeline.rows} aria-label={words.timeline}>
              <For each={data().holds}>
                {(hold) => (
                  <li class={timeline.row}>
                    <span class={timeline.when}>{ageText(hold.ageS)}</span>
                    <span>
                      <Mark tone="working">{words.held}</Mark> {hold.model}, {words.running(ageText(hold.ageS))}
                    </span>
                    <span class={timeline.money}>
                      <AmountsAt usdPerBtc={units.rate()?.usdPerBtc ?? null}>
                        <span class={timeline.heldMoney}>
                          (<Amount msat={-hold.heldMsat} bare />)
                        </span>
                      </AmountsAt>
                    </span>
                  </li>
                )}
              </For>
              <For each={data().rows}>{(row) => <Moved row={row} />}</For>
            </ul>
            <div class={styles.filters}>
              <Show when={cursor() !== undefined}>
                <Button small onClick={() => setCursor(undefined)}>
                  {words.newest}
                </Button>
              </Show>
              <Show when={data().next}>
                {(next) => (
                  <Button small onClick={() => setCursor(next())}>
                    {words.older}
                  </Button>
                )}
              </Show>
            </div>
          </>
        )}
      </ListStates>
    </div>
  )
}

/** Where nothing moved no rate is of that time: what was left is worth what it is now. */
const rateOf = ({ msat, usdPerBtc }: Row) => (msat === 0 ? (usdPerBtc ?? undefined) : usdPerBtc)

/** Until when the key works, or what is left on it can be refunded. */
const endOf = ({ facts, changed }: Row): number | undefined => {
  if (changed !== undefined) return undefined
  const atS = facts.refundableUntil ?? facts.expiresAt
  return typeof atS === 'number' ? atS : undefined
}

function Moved(props: { readonly row: Row }) {
  return (
    <li class={timeline.row}>
      <span class={timeline.when}>
        <Age atS={props.row.at} ago />
      </span>
      <span>
        <Mark tone={tones[props.row.kind] ?? 'off'}>{words.kinds[props.row.kind]}</Mark>{' '}
        <span class={timeline.cause}>{props.row.cause}</span>{' '}
        <For each={props.row.changed}>
          {(change) => (
            <span class={timeline.change}>
              <LimitChange change={change} />
            </span>
          )}
        </For>
        <Show when={endOf(props.row)}>
          {(atS) => (
            <span>
              {words.until} <Day atS={atS()} />{' '}
            </span>
          )}
        </Show>
        <Show when={props.row.byName}>
          {(name) => <span class={timeline.left}>{words.by(name(), props.row.door ?? '')}</span>}
        </Show>{' '}
        <Show when={props.row.requestId}>
          {(id) => (
            <A class={styles.link} href={paths.request(id())}>
              {words.opens}
            </A>
          )}
        </Show>
        <Show when={props.row.payout}>
          {(id) => (
            <A class={styles.link} href={paths.payout(id())}>
              {words.payout}
            </A>
          )}
        </Show>
      </span>
      <span class={timeline.money}>
        <AmountsAt usdPerBtc={rateOf(props.row)}>
          <Show when={props.row.msat !== 0}>
            <Amount msat={props.row.msat} bare signed />
          </Show>
          <Show when={props.row.balanceMsat !== undefined}>
            <span class={timeline.left}>
              <Amount msat={props.row.balanceMsat ?? 0} bare />
            </span>
          </Show>
        </AmountsAt>
      </span>
    </li>
  )
}
