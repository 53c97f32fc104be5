/** Words every trouble: what did not happen, what about the money, what comes next. The only file that does. */
import type { Reason } from '../../core/admin/envelope'
import { count, plural, satText, timeText } from './format'
import { text } from './text/en'
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
      return { what: `Not sent: no connection since ${timeText(trouble.sinceS)}. Nothing happened.` }
    case 'unconfirmed':
      return {
        what: 'Sent, not confirmed. The node may have done it; do not send it again.',
        id: trouble.id,
      }
    case 'signed-out':
      return { what: 'Your sign-in ended. Nothing happened. Sign in again to go on.' }
    case 'limited':
      return {
        what: `Too many tries. Nothing happened. The next one counts in ${plural(trouble.waitS, 'second', 'seconds')}.`,
      }
    default:
      return trouble satisfies never
  }
}

function answered(reason: Reason, message: string, data: Readonly<Record<string, unknown>>): string {
  switch (reason) {
    case 'PARAMS':
    case 'INVALID':
    case 'PARSE':
      return `Not done: a value does not fit (${message}). Nothing was changed.`
    case 'NO_METHOD':
    case 'UNSUPPORTED_VERSION':
      return 'Not done: this page and the node are of different versions. Reload the page.'
    case 'INTERNAL':
      return 'The node met a state it holds to be impossible and stopped this action. Copy the id and look in the log.'
    case 'FORBIDDEN':
      return `This needs the role ${String(data.need ?? 'owner')}. Nothing was changed.`
    case 'STALE':
    case 'FUTURE':
      return 'Not done: the clocks of this browser and the node differ too much. Correct the clock and try again.'
    case 'ID_CONFLICT':
      return 'Not done: this form was sent before with other values. Close it and open it again.'
    case 'RATE_LIMITED':
      return 'Not done: too many requests at once. Wait a moment and try again.'
    case 'TOO_LARGE':
      return 'Not done: this is more than one request may carry.'
    case 'STEP_UP_REQUIRED':
      return 'This needs a fresh proof that you own the node. Nothing was changed yet.'
    case 'CONFIRM_REQUIRED':
      return String(data.what ?? message)
    case 'OUTCOME_UNKNOWN':
      return 'The node stopped while it worked on this. It may be done: look before you repeat it.'
    case 'REV_MISMATCH':
      return 'Somebody changed the same value meanwhile. Nothing was changed; look at the new value first.'
    case 'LOCKED':
      return 'Remote changes are locked. The console of the node ends the lock.'
    case 'UNAVAILABLE':
      return `${message} Nothing was changed. Try again later.`
    case 'DEVICE_EXPIRED':
      return 'Your sign-in ended. Nothing happened. Sign in again to go on.'
    case 'NOT_RUN':
      return 'The node stopped before it did anything. Send it again.'
    case 'REFUSED':
      return refusal(String(data.code ?? ''), data)
    case 'NOT_FOUND':
      return `Not done: ${String(data.what ?? 'this')} is not known to the node any more.`
    case 'WRONG_DOOR':
      return 'This works over the HTTP door only. Nothing was changed.'
    default:
      return reason satisfies never
  }
}

const refusals: Readonly<Record<string, (data: Readonly<Record<string, unknown>>) => string>> = {
  'address-not-allowed': () => 'Not done: this address may not be used.',
  'alias-taken': ({ alias }) => `The name ${String(alias)} is taken by another model. Nothing was changed.`,
  'code-expired': () => 'The confirmation came too late. Nothing was changed; save again.',
  'code-unknown': () => 'Nothing waits for a confirmation any more. Save again.',
  'code-wrong': () => 'That confirmation does not fit. Nothing was changed.',
  'diff-unknown': () => 'This preview is too old. Nothing was saved; fetch the list again.',
  'model-unknown': () => 'The upstream has no such model any more. Nothing was changed.',
  'model-unpriced': () => 'A model without a price is not sold. Set a price first.',
  'no-price': () => 'No price yet: set one first.',
  'operator-only': () => 'This needs the role operator.',
  'owner-only': () => 'This needs the role owner.',
  'price-incomplete': () => 'Set both prices, or clear both. Nothing was changed.',
  'price-zero': () => 'A price of 0 would give the model away. Nothing was changed.',
  'above-available': () => 'Not done: the key has less than that available.',
  'already-frozen': () => 'This key is frozen already.',
  'balance-moved': () => 'The balance changed meanwhile. Nothing was changed; look again.',
  'below-floor': (data) =>
    typeof data.spendableMsat === 'number'
      ? `Not withdrawn: ${satText(data.spendableMsat)} sat are yours and free. No money moved.`
      : 'Not done: this would spend money that is owed to customers.',
  'daily-limit': ({ leftMsat, until }) =>
    `Not withdrawn: ${satText(Number(leftMsat ?? 0))} sat may still leave today. More may from ${timeText(Number(until ?? 0))} on. No money moved.`,
  'payout-ended': () => 'It has ended: nothing is left to do.',
  'payout-has-no-token': () => 'It holds no token now.',
  'payout-not-yours': () => 'This is a customer’s payout. Nothing was changed.',
  'refund-too-young': ({ ageDays, needDays }) =>
    typeof needDays === 'number'
      ? `Not taken: it is ${count(Number(ageDays ?? 0))} days old, and may be taken from day ${count(needDays)} on.`
      : 'It is too young to be taken.',
  'books-unbalanced': () => 'The books do not add up: money commands stopped until they do. No money moved.',
  'already-locked': () => 'Its price is locked already.',
  'already-paused': () => 'It is paused already.',
  'not-paused': () => 'It is not paused.',
  'not-locked': () => 'Its price is not locked.',
  'no-own-price': () => 'It follows its upstream already.',
  'model-not-sellable': () => 'This model is not sold at this moment, so it is not tried either.',
  'price-unavailable': () => 'The BTC price is too old. Nothing was tried.',
  'model-known': () => 'This upstream has a model of this id already. Nothing was changed.',
  'model-listed': () => 'The upstream lists this model: switch it off instead.',
  'name-taken': () => 'Another upstream has this name. Nothing was changed.',
  'too-many-keys': () => 'Ten keys are the most. Nothing was changed.',
  'mint-not-empty': (data) =>
    `Not removed: ${satText(Number(data.heldMsat ?? 0))} sat lie there, ${satText(Number(data.owedMsat ?? 0))} sat of them are owed to customers. Drain it first.`,
  'mint-url-invalid': () => 'This is no address of a mint. Nothing was changed.',
  'mint-units-missing': () => 'This mint has none of the units that this node takes. Nothing was changed.',
  'drain-open': () => 'This mint is being drained: it takes no deposits until that has ended.',
  'secret-replaced': () => 'A secret is never kept twice: set it anew instead.',
  'words-differ': () => 'These are not the 3rd and the 9th word. Nothing was confirmed.',
  'test-keys-spent': () => 'Five test keys were made today. Tomorrow there are new ones.',
  'last-owner': () => 'The last owner cannot leave. Nothing was changed.',
  'key-clash': () => 'This is a key of the node itself. It cannot be an operator’s.',
  'date-past': () => 'This date is past. Nothing was changed.',
  'is-child': () => 'A child key has no money of its own. Use its parent.',
  'not-frozen': () => 'This key is not frozen.',
  'session-ended': () => 'This key has ended. Nothing was changed.',
  'session-revoked': () => 'This key is revoked already. Nothing was changed.',
  'session-unknown': () => 'There is no such session any more. Nothing was changed.',
  'too-many-devices': ({ most }) => `${count(Number(most ?? 20))} devices are signed in. End one of them first.`,
}

/** Also the reason beside a control that the node has refused (`can`). */
export const refusal = (code: string, data: Readonly<Record<string, unknown>> = {}): string =>
  refusals[code]?.(data) ?? `The node refused this (${code}). Nothing was changed.`

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

const forCustomers: Readonly<Record<string, (details: Readonly<Record<string, unknown>>) => string>> = {
  unreachable: () => 'The node does not answer. Nothing was done; try again in a moment.',
  invalid_api_key: () => 'This key is not known to this node. Nothing was changed.',
  key_not_found: () => 'This key is not known to this node, or has ended.',
  no_balance_to_refund: () => 'Nothing is left on this key.',
  balance_too_small_to_refund: () => 'Less than 1 sat is left: it stays on the key.',
  refund_ongoing_requests: () => 'A request is running. Nothing was refunded; try again when it has ended.',
  refund_pending: () => 'The refund is under way. Ask again in a moment; nothing is paid twice.',
  refund_unresolved: () => 'The mint has not said yet whether it paid. The money is safe; ask again later.',
  child_key_not_allowed: () => 'A child key cannot do this: use its parent.',
  child_key_refund: () => 'A child key has no money of its own: its parent is refunded.',
  cashu_untrusted_source_mint: ({ accepted_mints: mints }) =>
    `This node does not take tokens of that mint. Your token is untouched. It takes: ${
      Array.isArray(mints) ? mints.join(', ') : text.unknown
    }. Or pay by Lightning.`,
  cashu_token_already_spent: () => 'This token was spent already. Nothing was credited.',
  deposit_pending: () => 'The mint has not answered yet. The money is not lost: send the same token again in a moment.',
  key_expired: () => 'This key has expired: its balance can still be refunded.',
  session_frozen: () => 'The operator froze this key: its balance can still be refunded.',
}

/** What a customer reads; the node's own sentence where there is no better one. */
export const customerSentence = (code: string, message: string, details: Readonly<Record<string, unknown>>): string =>
  forCustomers[code]?.(details) ?? (message === '' ? 'Not done. Try again in a moment.' : `Not done: ${message}.`)
