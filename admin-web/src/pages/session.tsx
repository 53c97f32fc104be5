/** One session: its sums and where they come from, its limits, its own name (View Details, first part). */
import { A } from '@solidjs/router'
import { For, Match, Show, Switch } from 'solid-js'
import { type Answer, useQuery } from '../client'
import { sentenceOf } from '../errors'
import { count } from '../format'
import { RenameForm } from '../forms/rename'
import { paths } from '../paths'
import { text } from '../text/en'
import { timelineText as words } from '../text/timeline'
import { Age, Amount, CopyText, Day, Dialog, Facts, Icon, IconButton, Segment, Skeleton, TroubleBox } from '../ui'
import { useListAddress } from './list-address'
import styles from './page.module.css'
import { SessionActions } from './session-actions'
import { SessionChildren } from './session-children'
import { StateTag } from './session-rows'
import { SessionTimeline } from './session-timeline'

type Session = Answer<'sessions.get'>

export function SessionDrawer(props: {
  readonly hash: string
  readonly onClose: () => void
  readonly onPrevious: (() => void) | undefined
  readonly onNext: (() => void) | undefined
}) {
  const isHash = () => /^[0-9a-f]{12,64}$/.test(props.hash)
  const session = useQuery('sessions.get', () => ({ session: isHash() ? props.hash : '0'.repeat(64) }), {
    everyMs: 5000,
  })
  const isMissing = () => {
    const trouble = session.trouble()
    return trouble?.kind === 'answered' && trouble.reason === 'NOT_FOUND'
  }
  const shown = () => {
    const data = session.data()
    return data?.hash.startsWith(props.hash) === true ? data : undefined
  }
  return (
    <Dialog
      drawer
      title={<span class={styles.mono}>{props.hash.slice(0, 12)}</span>}
      onClose={props.onClose}
      head={
        <>
          <IconButton
            label={text.sessions.previous}
            disabled={props.onPrevious === undefined}
            onClick={() => props.onPrevious?.()}
          >
            <Icon name="left" />
          </IconButton>
          <IconButton label={text.sessions.next} disabled={props.onNext === undefined} onClick={() => props.onNext?.()}>
            <Icon name="right" />
          </IconButton>
        </>
      }
    >
      <Switch fallback={<Skeleton lines={5} />}>
        <Match when={isMissing()}>
          <TroubleBox what={text.sessions.notFound} />
        </Match>
        <Match when={shown()}>{(data) => <Details session={data()} />}</Match>
        <Match when={session.trouble()}>
          {(trouble) => <TroubleBox what={sentenceOf(trouble()).what} onRetry={session.refetch} />}
        </Match>
      </Switch>
    </Dialog>
  )
}

const views = ['timeline', 'children', 'about'] as const

function Details(props: { readonly session: Session }) {
  const address = useListAddress()
  const shownViews = () => views.filter((one) => one !== 'children' || props.session.children.length > 0)
  const view = () => shownViews().find((one) => one === address.read('view')) ?? 'timeline'
  return (
    <div class={styles.stack}>
      <div class={styles.cardLine}>
        <p class={styles.big}>
          <Amount msat={props.session.balanceMsat} />
        </p>
        <StateTag state={props.session.state} />
      </div>
      <p class={styles.summary}>
        <span>
          {text.sessions.reserved} <Amount msat={props.session.heldMsat} />
        </span>
        <span>
          {text.sessions.available} <Amount msat={props.session.availableMsat} />
        </span>
      </p>
      <Why why={props.session.why} />
      <SessionActions session={props.session} />
      <Segment
        label={words.views}
        value={view()}
        choices={shownViews().map((value) => ({ value, label: words[value] }))}
        onChange={(value) => address.write({ view: value === 'timeline' ? undefined : value }, true, true)}
      />
      <Switch>
        <Match when={view() === 'timeline'}>
          <SessionTimeline session={props.session.hash} />
        </Match>
        <Match when={view() === 'children'}>
          <SessionChildren session={props.session} />
        </Match>
        <Match when={view() === 'about'}>
          <About session={props.session} />
        </Match>
      </Switch>
      <A class={styles.link} href={`${paths.requests}?session=${props.session.hash.slice(0, 12)}&range=7d`}>
        {words.requests}
      </A>
    </div>
  )
}

function About(props: { readonly session: Session }) {
  return (
    <div class={styles.stack}>
      <RenameForm row={props.session} />
      <Facts
        rows={[
          [text.sessions.requestsMade, count(props.session.requests)],
          [text.sessions.spent, <Amount today msat={props.session.spentMsat} />],
          [text.sessions.created, <Age atS={props.session.createdAt} ago />],
          [
            text.sessions.used,
            <Show when={props.session.lastUsedAt} fallback={text.never}>
              {(atS) => <Age atS={atS()} ago />}
            </Show>,
          ],
          [text.sessions.expires, <Day atS={props.session.expiresAt} />],
          [text.sessions.origin, text.sessions.origins[props.session.origin] ?? props.session.origin],
          [
            text.sessions.spendingLimit,
            <Show when={props.session.limits.limitMsat} fallback={text.sessions.noLimit}>
              {(msat) => (
                <>
                  <Amount msat={msat()} />
                  <Show when={props.session.limits.period}>{(period) => ` ${text.sessions.period(period())}`}</Show>
                </>
              )}
            </Show>,
          ],
          [text.sessions.refundMint, props.session.refundMint ?? text.unknown],
        ]}
      />
      <div>
        <p class={styles.quiet}>{text.sessions.fullHash}</p>
        <CopyText value={props.session.hash} name={text.sessions.fullHash} />
      </div>
    </div>
  )
}

/** The sum that the balance is, by kind of movement (D-029). */
function Why(props: { readonly why: Session['why'] }) {
  const kinds = () => Object.entries(props.why.byKind).filter(([, msat]) => msat !== 0)
  return (
    <div class={styles.why}>
      <p class={styles.quiet}>{text.sessions.why}</p>
      <For each={kinds()}>
        {([kind, msat]) => (
          <p class={styles.whyLine}>
            <span>{words.kinds[kind as keyof typeof words.kinds] ?? kind}</span>
            <Amount msat={msat} signed today />
          </p>
        )}
      </For>
      <p class={`${styles.whyLine} ${styles.whySum}`}>
        <span>{text.sessions.balance}</span>
        <Amount msat={props.why.balanceMsat} />
      </p>
    </div>
  )
}
