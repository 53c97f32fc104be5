/** One payout: its steps with their times, and what may be done with it now (dashboard 4.5, Payout states). */
import { For, Match, Show, Switch } from 'solid-js'
import { useQuery } from '../client'
import { sentenceOf } from '../errors'
import { PayoutActions } from '../forms/payout-actions'
import { withdrawText } from '../text/withdraw'
import { Age, Amount, AmountsAt, CopyText, Dialog, Facts, Mark, Skeleton, TroubleBox } from '../ui'
import styles from './page.module.css'
import { kindOf, PayoutState } from './payouts'

const words = withdrawText.payouts

export function PayoutDrawer(props: { readonly payout: string; readonly onClose: () => void }) {
  const payout = useQuery('payouts.get', () => ({ payout: props.payout }), { everyMs: 5000 })
  const isMissing = () => {
    const trouble = payout.trouble()
    return trouble?.kind === 'answered' && (trouble.reason === 'NOT_FOUND' || trouble.reason === 'PARAMS')
  }
  return (
    <Dialog drawer title={words.details(props.payout)} onClose={props.onClose}>
      <Switch fallback={<Skeleton lines={6} />}>
        <Match when={isMissing()}>
          <TroubleBox what={words.notFound} />
        </Match>
        <Match when={payout.data()}>
          {(row) => (
            <div class={styles.stack}>
              <div class={styles.cardLine}>
                <strong class={styles.big}>
                  <AmountsAt usdPerBtc={row().usdPerBtc}>
                    <Amount msat={-Math.round(row().sat * 1000)} />
                  </AmountsAt>
                </strong>
                <PayoutState row={row()} />
              </div>
              <Show when={row().state === 'unclear'}>
                <Mark tone="look">{words.unclear}</Mark>
              </Show>
              <PayoutActions row={row()} />
              <Facts
                rows={[
                  [words.kind, kindOf(row().purpose)],
                  [words.to, row().to],
                  [words.mint, row().mint],
                  ...(row().feeSat === undefined
                    ? []
                    : [
                        [
                          words.fee,
                          <AmountsAt usdPerBtc={row().usdPerBtc}>
                            <Amount msat={Math.round((row().feeSat ?? 0) * 1000)} />
                          </AmountsAt>,
                        ] as const,
                      ]),
                  [words.id, <CopyText value={row().payout} name={words.id} />],
                ]}
              />
              <h3 class={styles.keyTitle}>{words.steps}</h3>
              <ol class={styles.steps}>
                <For each={row().steps}>
                  {(step) => (
                    <li>
                      <span class={styles.quiet}>
                        <Age atS={step.at} ago />
                      </span>
                      <span>{step.sentence}</span>
                    </li>
                  )}
                </For>
              </ol>
            </div>
          )}
        </Match>
        <Match when={payout.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={payout.refetch} />}
        </Match>
      </Switch>
    </Dialog>
  )
}
