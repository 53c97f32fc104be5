/** Words every trouble: what did not happen, what about the money, what comes next. The only file that does. */
import type { Reason } from '../../core/admin/envelope'
import { count } from './format'
import { customerFallback, customerRefusals } from './text/customer-refusals'
import { text } from './text/en'
import { type Numbers, refusalText } from './text/refusals'
import { fieldText, type TroubleKind, troubleText } from './text/troubles'
import type { Entered, Trouble } from './transport/transport'

export type Sentence = {
  readonly what: string
  /** To copy into a search of the log. */
  readonly id?: string
}

/** The sentence of any trouble; exhaustive over kinds and reasons (D-084). */
export function sentenceOf(trouble: Trouble): Sentence {
  switch (trouble.kind) {
    case 'answered':
      return { what: answered(trouble.reason, trouble.message, trouble.data), id: trouble.id }
    case 'lost':
      return { what: troubleText.lost(trouble.sinceS) }
    case 'unconfirmed':
      return { what: troubleText.unconfirmed, id: trouble.id }
    case 'signed-out':
      return { what: troubleText.signedOut }
    case 'limited':
      return { what: troubleText.limited(trouble.waitS) }
    default:
      return trouble satisfies never
  }
}

function answered(reason: Reason, message: string, data: Numbers): string {
  switch (reason) {
    case 'PARAMS':
    case 'INVALID':
    case 'PARSE':
      return troubleText.value(String(data.path ?? ''))
    case 'NO_METHOD':
    case 'UNSUPPORTED_VERSION':
      return troubleText.versions
    case 'INTERNAL':
      return troubleText.bug
    case 'FORBIDDEN':
      return troubleText.role(String(data.need ?? 'owner'))
    case 'STALE':
    case 'FUTURE':
      return troubleText.clocks
    case 'ID_CONFLICT':
      return troubleText.sentBefore
    case 'RATE_LIMITED':
      return troubleText.tooFast
    case 'TOO_LARGE':
      return troubleText.tooLarge
    case 'STEP_UP_REQUIRED':
      return troubleText.stepUp
    case 'CONFIRM_REQUIRED':
      return troubleText.confirm(String(data.what ?? troubleText.thing))
    case 'OUTCOME_UNKNOWN':
      return troubleText.unknownOutcome
    case 'REV_MISMATCH':
      return troubleText.changedMeanwhile
    case 'LOCKED':
      return troubleText.locked
    case 'UNAVAILABLE':
      return (troubleText.outside[data.kind as TroubleKind] ?? troubleText.outside.later)(message)
    case 'DEVICE_EXPIRED':
      return troubleText.signedOut
    case 'NOT_RUN':
      return troubleText.notRun
    case 'REFUSED':
      return refusal(String(data.code ?? ''), data)
    case 'NOT_FOUND':
      return troubleText.gone(String(data.what ?? troubleText.thing))
    case 'WRONG_DOOR':
      return troubleText.otherDoor
    default:
      return reason satisfies never
  }
}

/** Also the reason beside a control that the node has refused (`can`). */
export function refusal(code: string, numbers: Numbers = {}): string {
  const sentences: Readonly<Record<string, (numbers: Numbers) => string>> = refusalText
  return Object.hasOwn(sentences, code) ? (sentences[code]?.(numbers) ?? troubleText.newer) : troubleText.newer
}

/** Under a field: why the node does not take its value. A rule of its own the node words itself. */
export function fieldSentence({ reason, message, data }: Extract<Trouble, { kind: 'answered' }>): string {
  if (reason === 'REFUSED') return refusal(String(data.code ?? ''), data)
  const { code, origin, minimum, maximum } = (data.issue ?? {}) as Issue
  const { least, most } = boundTexts[origin ?? 'number'] ?? numberTexts
  if (code === 'too_small' && minimum !== undefined) return least(boundText(minimum))
  if (code === 'too_big' && maximum !== undefined) return most(boundText(maximum))
  return code === 'custom' ? message.replace(`${String(data.path)}: `, '') : fieldText.unfit
}

/** What zod says of a value that it does not take. */
type Issue = Readonly<Partial<Record<'code' | 'origin', string>> & Partial<Record<'minimum' | 'maximum', number>>>
const boundText = (bound: number): string => (Number.isInteger(bound) ? count(bound) : String(bound))
const numberTexts = { least: fieldText.atLeast, most: fieldText.atMost }
const boundTexts: Readonly<Record<string, typeof numberTexts>> = {
  string: { least: fieldText.longer, most: fieldText.shorter },
  array: { least: fieldText.more, most: fieldText.fewer },
}

export type Can = Readonly<Record<string, { readonly ok: true } | { readonly refused: string }>>

/** Why a row's action is not possible now; undefined when it is. The node decides, this only words it. */
export function cannot(can: Can, action: string, connected: boolean): string | undefined {
  if (!connected) return text.notConnectedAction
  const word = can[action]
  return word !== undefined && 'refused' in word ? refusal(word.refused) : undefined
}

/** Why a sign-in did not work: four different sentences at least (D-078). */
export function signInSentence(
  entered: Exclude<Entered, { ok: true }>,
  way: 'password' | 'extension' | 'setup',
): string {
  switch (entered.why) {
    case 'wrong':
      return { password: text.signIn.wrong, extension: text.signIn.wrongKey, setup: text.signIn.wrongLink }[way]
    case 'not-offered':
      return text.signIn.notOffered
    case 'too-many-devices':
      return text.signIn.full
    case 'unreachable':
      return text.signIn.unreachable
    case 'cancelled':
      return text.signIn.cancelled
    case 'no-extension':
      return text.signIn.noExtension
    case 'paused':
      return text.signIn.paused(entered.waitS)
    default:
      return entered satisfies never
  }
}

/** What a customer reads; the node's own sentence where there is no better one. */
export const customerSentence = (code: string, message: string, details: Numbers): string =>
  customerRefusals[code]?.(details) ?? (message === '' ? customerFallback.plain : customerFallback.because(message))
