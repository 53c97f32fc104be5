/** The edit drawer of one model, and the import drawer. */
import { Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { AliasForm } from '../forms/aliases'
import { ImportForm } from '../forms/import'
import { AddModelForm } from '../forms/model-add'
import { DescribeForm, FreeForm, LockSwitch, RemoveModel } from '../forms/model-more'
import { MorePricesForm } from '../forms/more-prices'
import { PriceForm } from '../forms/price'
import { TestModelForm } from '../forms/test-model'
import { text } from '../text/en'
import { modelMore } from '../text/model-more'
import { Dialog, Skeleton, TroubleBox } from '../ui'
import { EnableSwitch } from './model-rows'
import styles from './page.module.css'

export function ModelDrawer(props: {
  readonly upstream: string
  readonly model: string
  readonly fees: Answer<'models.list'>['fees'] | undefined
  readonly onClose: () => void
}) {
  const model = useQuery('models.get', () => ({ upstream: props.upstream, model: props.model }), { everyMs: 30_000 })
  const shown = () => {
    const data = model.data()
    return data?.model === props.model ? data : undefined
  }
  const isMissing = () => {
    const trouble = model.trouble()
    return trouble?.kind === 'answered' && trouble.reason === 'NOT_FOUND'
  }
  return (
    <Dialog
      drawer
      title={
        <>
          {props.model}{' '}
          <span class={styles.quiet}>{shown() === undefined ? '' : text.models.at(shown()?.upstream ?? '')}</span>
        </>
      }
      onClose={props.onClose}
    >
      <Switch fallback={<Skeleton lines={5} />}>
        <Match when={isMissing()}>
          <TroubleBox what={text.models.notFound} />
        </Match>
        <Match when={shown()}>
          {(row) => (
            <div class={styles.stack}>
              <div class={styles.switchRow}>
                <div>
                  <strong>{text.models.enabledField}</strong>
                  <p class={styles.quiet}>{text.models.enabledHelp}</p>
                </div>
                <EnableSwitch row={row()} />
              </div>
              <hr class={styles.rule} />
              <h3 class={styles.part}>{text.models.editPricing}</h3>
              <PriceForm row={row()} fees={props.fees} />
              <hr class={styles.rule} />
              <AliasForm row={row()} />
              <hr class={styles.rule} />
              <TestModelForm row={row()} />
              <hr class={styles.rule} />
              <details class={styles.moreFields}>
                <summary>{modelMore.more}</summary>
                <div class={styles.stack}>
                  <MorePricesForm row={row()} />
                  <hr class={styles.rule} />
                  <LockSwitch row={row()} />
                  <hr class={styles.rule} />
                  <FreeForm row={row()} />
                  <hr class={styles.rule} />
                  <DescribeForm row={row()} />
                  <Show when={row().byHand || row().state === 'gone'}>
                    <RemoveModel row={row()} onDone={props.onClose} />
                  </Show>
                </div>
              </details>
            </div>
          )}
        </Match>
        <Match when={model.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={model.refetch} />}
        </Match>
      </Switch>
    </Dialog>
  )
}

export function ImportDrawer(props: {
  readonly upstreams: Answer<'upstreams.list'>['rows']
  readonly chosen: string
  readonly onChoose: (upstream: string) => void
  readonly onClose: () => void
}) {
  return (
    <Dialog drawer title={text.models.importTitle} onClose={props.onClose}>
      <ImportForm upstreams={props.upstreams} chosen={props.chosen} onChoose={props.onChoose} onDone={props.onClose} />
    </Dialog>
  )
}

export function AddModelDialog(props: {
  readonly upstreams: Answer<'upstreams.list'>['rows']
  readonly onClose: () => void
}) {
  return (
    <Dialog title={modelMore.addTitle} onClose={props.onClose}>
      <AddModelForm upstreams={props.upstreams} onDone={props.onClose} />
    </Dialog>
  )
}
