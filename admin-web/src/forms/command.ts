/** One form, one command: its id, whether it is under way, its trouble, its second confirmation (dashboard 6). */
import { createSignal } from 'solid-js'
import { type Answer, type CommandName, type Input, newId, send } from '../client'
import { refusal, type Sentence, sentenceOf } from '../errors'
import type { Proof, Trouble } from '../transport/transport'

export function useCommand<Name extends CommandName>(name: Name, onDone?: (answer: Answer<Name>) => void) {
  // Made when the form opens and kept through retries and double clicks, so that a resend is met as itself.
  let id = newId()
  const [busy, setBusy] = createSignal(false)
  const [trouble, setTrouble] = createSignal<Trouble>()

  async function run(input: Input<Name>, proof?: Proof): Promise<boolean> {
    if (busy()) return false
    setBusy(true)
    setTrouble(undefined)
    const outcome = await send(name, input, { id, proof })
    setBusy(false)
    // A definite answer ends the id; one that may still come keeps it.
    if (outcome.ok || outcome.trouble.kind === 'answered') id = newId()
    if (outcome.ok) onDone?.(outcome.result)
    else setTrouble(outcome.trouble)
    return outcome.ok
  }

  /** The second yes that the node asked for; the code came with its question (R-015, `check`). */
  async function confirm(): Promise<void> {
    const question = waitingYes()
    if (question === undefined || busy()) return
    setBusy(true)
    const outcome = await send('commands.confirm', { code: question.code })
    setBusy(false)
    setTrouble(outcome.ok ? undefined : outcome.trouble)
    if (outcome.ok) onDone?.(outcome.result as Answer<Name>)
  }

  const waitingYes = (): { readonly what: string; readonly code: string } | undefined => {
    const now = trouble()
    if (now?.kind !== 'answered' || now.reason !== 'CONFIRM_REQUIRED' || typeof now.data.code !== 'string')
      return undefined
    return { what: String(now.data.what), code: now.data.code }
  }
  const stepUp = (): readonly string[] | undefined => {
    const now = trouble()
    if (now?.kind !== 'answered' || now.reason !== 'STEP_UP_REQUIRED') return undefined
    return Array.isArray(now.data.how) ? now.data.how.map(String) : []
  }
  const path = (): string | undefined => {
    const now = trouble()
    return now?.kind === 'answered' && typeof now.data.path === 'string' && now.data.path !== ''
      ? now.data.path
      : undefined
  }

  return {
    run,
    confirm,
    busy,
    waitingYes,
    stepUp,
    /** What does not belong to one field. */
    sentence: (): Sentence | undefined => {
      const now = trouble()
      if (now === undefined || waitingYes() !== undefined || stepUp() !== undefined || path() !== undefined)
        return undefined
      return sentenceOf(now)
    },
    /** The node's word on one field; `field` is its name in the command. */
    errorAt(field: string): string | undefined {
      const now = trouble()
      if (now?.kind !== 'answered') return undefined
      if (path()?.split('.')[0] === field) return now.message.replace(`${String(now.data.path)}: `, '')
      return field === 'aliases' && now.data.code === 'alias-taken' ? refusal('alias-taken', now.data) : undefined
    },
    drop: () => setTrouble(undefined),
  }
}
