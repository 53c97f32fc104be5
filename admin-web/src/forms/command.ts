/** One form, one command: its id, whether it is under way, its trouble, its second confirmation (dashboard 6). */
import { createSignal } from 'solid-js'
import { type Answer, type CommandName, type Input, newId, send } from '../client'
import { fieldSentence, refusal, type Sentence, sentenceOf } from '../errors'
import type { Proof, Trouble } from '../transport/transport'

type SendOf<Name extends CommandName> = typeof send<Name>

/** `by`: the way it goes where its answer is a file. */
export function useCommand<Name extends CommandName>(
  name: Name,
  onDone?: (answer: Answer<Name>) => void,
  by: SendOf<Name> = send,
) {
  // Made when the form opens and kept through retries and double clicks, so that a resend is met as itself.
  let id = newId()
  const [busy, setBusy] = createSignal(false)
  const [trouble, setTrouble] = createSignal<Trouble>()
  const [wasProved, setWasProved] = createSignal(false)
  /** A code that did not fit; the question it answers stands. */
  const [codeError, setCodeError] = createSignal<string>()

  async function run(
    input: Input<Name>,
    proof?: Proof,
    then: { readonly ifRev?: number; readonly onAnswer?: (answer: Answer<Name>) => void } = {},
  ): Promise<boolean> {
    if (busy()) return false
    setBusy(true)
    setTrouble(undefined)
    setCodeError(undefined)
    setWasProved(proof !== undefined)
    const outcome = await by(name, input, { id, proof, ifRev: then.ifRev })
    setBusy(false)
    // A definite answer ends the id; one that may still come keeps it.
    if (outcome.ok || outcome.trouble.kind === 'answered') id = newId()
    if (outcome.ok) {
      onDone?.(outcome.result)
      then.onAnswer?.(outcome.result)
    } else setTrouble(outcome.trouble)
    return outcome.ok
  }

  /** The second yes that the node asked for; the code came with its question (R-015, `check`). */
  async function confirm(): Promise<void> {
    const code = waitingYes()?.code
    if (code !== undefined) await enterCode(code)
  }

  /** A code that came by a second way; a wrong one leaves the question as it is. */
  async function enterCode(code: string): Promise<void> {
    if (busy()) return
    setBusy(true)
    setCodeError(undefined)
    const outcome = await send('commands.confirm', { code: code.trim().toUpperCase() })
    setBusy(false)
    if (outcome.ok) {
      setTrouble(undefined)
      return onDone?.(outcome.result as Answer<Name>)
    }
    const { trouble: no } = outcome
    if (no.kind === 'answered' && no.data.code === 'code-wrong') setCodeError(refusal('code-wrong'))
    else setTrouble(no)
  }

  const waitingYes = () => withCode(questionIn(trouble()))
  const waitingCode = () => {
    const question = questionIn(trouble())
    return question === undefined || question.code !== undefined ? undefined : question
  }
  return {
    run,
    confirm,
    enterCode,
    busy,
    wasProved,
    codeError,
    waitingYes,
    waitingCode,
    stepUp: () => waysIn(trouble()),
    /** What does not belong to one field. */
    sentence(): Sentence | undefined {
      const now = trouble()
      const isElsewhere = questionIn(now) !== undefined || waysIn(now) !== undefined || pathIn(now) !== undefined
      return now === undefined || isElsewhere ? undefined : sentenceOf(now)
    },
    /** `inner`: the entry of a field that holds a map. */
    errorAt: (field: string, inner?: string) => wordAt(trouble(), field, inner),
    drop: () => setTrouble(undefined),
  }
}

/** The commands of a form, whichever it is. */
export type Command = Omit<ReturnType<typeof useCommand>, 'run'>

type Question = { readonly what: string; readonly code: string | undefined }

/** The node's question before it does what was asked; `code` is there where it guards against slips only. */
function questionIn(trouble: Trouble | undefined): Question | undefined {
  if (trouble?.kind !== 'answered' || trouble.reason !== 'CONFIRM_REQUIRED') return undefined
  const { what, code } = trouble.data
  return { what: String(what), code: typeof code === 'string' ? code : undefined }
}

const withCode = (question: Question | undefined) =>
  question?.code === undefined ? undefined : { what: question.what, code: question.code }

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
function wordAt(trouble: Trouble | undefined, field: string, inner?: string): string | undefined {
  if (trouble?.kind !== 'answered') return undefined
  const path = pathIn(trouble)
  if (inner === undefined ? path?.split('.')[0] === field : path === `${field}.${inner}`) return fieldSentence(trouble)
  return field === 'aliases' && trouble.data.code === 'alias-taken' ? refusal('alias-taken', trouble.data) : undefined
}
