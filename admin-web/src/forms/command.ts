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

  const waitingYes = () => questionIn(trouble())
  return {
    run,
    confirm,
    busy,
    waitingYes,
    stepUp: () => waysIn(trouble()),
    /** What does not belong to one field. */
    sentence(): Sentence | undefined {
      const now = trouble()
      const isElsewhere = questionIn(now) !== undefined || waysIn(now) !== undefined || pathIn(now) !== undefined
      return now === undefined || isElsewhere ? undefined : sentenceOf(now)
    },
    errorAt: (field: string) => wordAt(trouble(), field),
    drop: () => setTrouble(undefined),
  }
}

/** The node's question before it does what was asked. */
function questionIn(trouble: Trouble | undefined): { readonly what: string; readonly code: string } | undefined {
  if (trouble?.kind !== 'answered' || trouble.reason !== 'CONFIRM_REQUIRED') return undefined
  const { what, code } = trouble.data
  return typeof code === 'string' ? { what: String(what), code } : undefined
}

/** How a fresh proof can be given, when one is asked for. */
function waysIn(trouble: Trouble | undefined): readonly string[] | undefined {
  if (trouble?.kind !== 'answered' || trouble.reason !== 'STEP_UP_REQUIRED') return undefined
  return Array.isArray(trouble.data.how) ? trouble.data.how.map(String) : []
}

function pathIn(trouble: Trouble | undefined): string | undefined {
  if (trouble?.kind !== 'answered' || typeof trouble.data.path !== 'string') return undefined
  return trouble.data.path === '' ? undefined : trouble.data.path
}

/** The node's word on one field; `field` is its name in the command. */
function wordAt(trouble: Trouble | undefined, field: string): string | undefined {
  if (trouble?.kind !== 'answered') return undefined
  const path = pathIn(trouble)
  if (path?.split('.')[0] === field) return trouble.message.replace(`${path}: `, '')
  return field === 'aliases' && trouble.data.code === 'alias-taken' ? refusal('alias-taken', trouble.data) : undefined
}
