/** What a payout costs at most and leaves: asked of the node, and said before anything is confirmed (D-062). */
import { createSignal, type JSX, Match, onCleanup, Switch } from 'solid-js'
import { type Answer, ask, type Input, troubleOf } from '../client'
import { refusal, sentenceOf } from '../errors'
import { timeText } from '../format'
import { withdrawText } from '../text/withdraw'
import type { Trouble } from '../transport/transport'
import { Amount, Facts, Mark, TroubleBox, useNow } from '../ui'

type Wish = Input<'payouts.quote'>

/** A form that is left open does not ask the mint for ever: then the quote ends, and whoever looks asks. */
const mostRenewals = 10
/** Whatever the clocks of node and browser say. */
const shortestLifeS = 5

/** A quote lasts as the node said; when it ends it is asked again, the old one standing meanwhile (dashboard 4.5). */
export function useQuote() {
  const now = useNow()
  const [quote, setQuote] = createSignal<Answer<'payouts.quote'>>()
  const [trouble, setTrouble] = createSignal<Trouble>()
  const [busy, setBusy] = createSignal(false)
  /** What was asked last; an answer to anything else is too late. */
  let newest: Wish | undefined
  let end: ReturnType<typeof setTimeout> | undefined
  let renewals = 0
  onCleanup(() => clearTimeout(end))

  async function askFor(wish: Wish): Promise<void> {
    drop()
    newest = wish
    setBusy(true)
    await asked(wish)
    if (newest === wish) setBusy(false)
  }
  async function asked(wish: Wish): Promise<void> {
    const answer = await ask('payouts.quote', wish).catch((error: unknown) => {
      if (newest === wish) setTrouble(troubleOf(error))
      return undefined
    })
    if (newest !== wish) return
    setQuote(answer)
    if (answer !== undefined) end = setTimeout(renew, Math.max(shortestLifeS, answer.expires - now()) * 1000, wish)
  }
  function renew(wish: Wish): void {
    renewals += 1
    if (document.hidden || renewals > mostRenewals) drop()
    else void asked(wish)
  }
  /** What the mint said belongs to the values it was asked for. */
  function drop(): void {
    clearTimeout(end)
    renewals = 0
    newest = undefined
    setQuote(undefined)
    setTrouble(undefined)
    setBusy(false)
  }
  return {
    quote,
    trouble,
    busy,
    askFor,
    drop,
    again: () => (newest === undefined ? undefined : void askFor(newest)),
    /** It is known, and the node would do it. */
    isGood: () => quote() !== undefined && quote()?.refusal === undefined,
  }
}

export function Costs(props: {
  readonly of: ReturnType<typeof useQuote>
  readonly sat: number
  readonly to: JSX.Element
}) {
  return (
    <Switch>
      <Match when={props.of.trouble()}>
        {(trouble) => <TroubleBox {...sentenceOf(trouble())} onRetry={props.of.again} />}
      </Match>
      <Match when={props.of.quote()?.refusal}>{(no) => <Mark tone="bad">{refusalText(no())}</Mark>}</Match>
      <Match when={props.of.quote()}>
        {(quote) => (
          <Facts
            rows={[
              [withdrawText.lightning.amount, <Amount msat={props.sat * 1000} />],
              [withdrawText.payouts.to, props.to],
              [withdrawText.lightning.fee, <Amount msat={quote().feeMaxSat * 1000} />],
              [withdrawText.lightning.after, <Amount msat={quote().mineAfterMsat} />],
              [withdrawText.lightning.until, timeText(quote().expires)],
            ]}
          />
        )}
      </Match>
    </Switch>
  )
}

const refusalText = (no: Readonly<Record<string, unknown>>): string =>
  typeof no.refused === 'string' ? refusal(no.refused, no) : String(no.sentence ?? refusal(''))
