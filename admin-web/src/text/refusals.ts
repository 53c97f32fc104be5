/** Why the node said no, one sentence for each of its codes: what did not happen, the money, what comes next (D-084). */
import type { RefusalCode } from '../../../core/admin/refusals'
import { amountParts, count, momentText, timeText } from '../format'

/** What came with the code; it has crossed a network, so nothing is taken for granted. */
export type Numbers = Readonly<Record<string, unknown>>
type Sentences = Readonly<Record<RefusalCode, (numbers: Numbers) => string>>

/** Exact sat in a sentence: `4,212.480` or `4,212`. */
function sat(msat: unknown): string {
  const { sign, whole, fraction } = amountParts(Number(msat ?? 0), 'sat', undefined)
  return `${sign}${whole}${fraction}`
}
const number = (value: unknown): string => count(Number(value ?? 0))

const ofMoney = {
  'above-available': ({ availableMsat }) =>
    typeof availableMsat === 'number'
      ? `Not taken: ${sat(availableMsat)} sat of this key are free. No money moved.`
      : 'Not taken: the key has less than that free. No money moved.',
  'balance-moved': () => 'Not done: the balance changed meanwhile. No money moved; look at it again.',
  'balance-too-low': ({ availableMsat }) =>
    `Not done: ${sat(availableMsat)} sat of this key are free. No money moved; its owner has to top it up.`,
  'below-floor': ({ spendableMsat }) =>
    typeof spendableMsat === 'number'
      ? `Not withdrawn: ${sat(spendableMsat)} sat are yours and free. No money moved.`
      : 'Not done: this would spend money that is owed to customers. No money moved.',
  'books-unbalanced': () => 'The books do not add up: money commands stopped until they do. No money moved.',
  'daily-limit': ({ leftMsat, until }) =>
    until === undefined
      ? 'Not withdrawn: the limit of a day is reached. No money moved; more may leave tomorrow.'
      : `Not withdrawn: ${sat(leftMsat)} sat may still leave today. More may from ${timeText(Number(until))} on. No money moved.`,
  'destination-unusable': () =>
    'Not withdrawn: this is no Lightning address, LNURL or invoice that can be paid. No money moved; look at it again.',
  'fees-exceed-value': () => 'Not done: the fees of the mint would eat the whole amount. No money moved.',
  'invoice-amount-differs': ({ invoiceMsat }) =>
    typeof invoiceMsat === 'number'
      ? `Not withdrawn: the invoice asks for ${sat(invoiceMsat)} sat. No money moved; enter that amount.`
      : 'Not withdrawn: the invoice names no amount. No money moved; ask for one that does.',
  'more-than-unattributed': ({ unattributedMsat }) =>
    `Not released: ${sat(unattributedMsat)} sat there belong to nobody. No money moved; enter at most that much.`,
  'no-coins-for-the-fee': () =>
    'Not made again: you hold no coins at this mint to pay its fee with. No money moved; it can once you do.',
  'partly-collected': () => 'Not done: a part of this token was collected already. No money moved.',
  'refund-being-reclaimed': () => 'Not done: this refund is being taken or made again now. No money moved; look again.',
  'refund-too-young': ({ ageDays, needDays }) =>
    typeof needDays === 'number'
      ? `Not taken: it is ${number(ageDays)} days old, and may be taken from day ${number(needDays)} on. No money moved.`
      : 'Not taken: it is too young. No money moved.',
  'shares-merged': () => 'Not done: money of this mint was put together meanwhile. No money moved; try again.',
  'token-above-input-cap': () =>
    'Not done: its mint takes back so many coins in parts only, and its holder could come between. No money moved.',
  'too-much-by-nostr': ({ maxSat }) =>
    `Not shown: over Nostr a token of at most ${number(maxSat)} sat is shown. Its money is safe; use the HTTP door.`,
} satisfies Partial<Sentences>

const ofPayouts = {
  'drain-exists': () => 'Not started: this drain has begun already. No money moved twice.',
  'drain-fees': ({ maxFeeMsat, needMsat }) =>
    typeof needMsat === 'number'
      ? `Not drained: the fees may be ${sat(needMsat)} sat, you allow ${sat(maxFeeMsat)}. No money moved; allow more.`
      : 'Not drained: the fees would be more than you allow. No money moved; allow more.',
  'drain-moving': () => 'Not done: a part of this drain is under way. It ends by itself; look again then.',
  'drain-open': () => 'Not done: this mint is being drained, and takes no deposits until that has ended.',
  'drain-over': () => 'Not done: this drain has ended.',
  'drain-target': () =>
    'Not drained: the other mint takes no deposits, or not this unit. No money moved; choose another one.',
  'nothing-to-drain': () => 'Not drained: nothing lies there that can be moved. No money moved.',
  'other-drain': () => 'Not drained: another drain is under way. No money moved; begin this one when it has ended.',
  'payout-ended': () => 'It has ended: nothing is left to do.',
  'payout-exists': () => 'Not done again: this payout has begun already. No money moved twice.',
  'payout-has-no-token': () => 'It holds no token now.',
  'payout-moved-on': () => 'Not done: this payout has gone on meanwhile. Look at how it stands.',
  'payout-not-theirs': () => 'Not done: this is your own payout and no customer’s, or the other way. No money moved.',
  'payout-not-uncollected': () => 'Not done: it was collected or has ended meanwhile. No money moved.',
  'payout-not-yours': () => 'Not shown: this is a customer’s payout. Nothing was changed.',
  'swap-exists': () => 'Not done again: this has begun already. No money moved twice.',
  'swap-moved-on': () => 'Not done: this has gone on meanwhile. Look at how it stands.',
} satisfies Partial<Sentences>

const ofDeposits = {
  'deposit-closed': () => 'Not done: this deposit has ended. No money moved.',
  'deposit-is-a-move': () => 'Not done: this is money moved between your mints, and no deposit. Nothing was changed.',
  'deposit-not-disputed': () => 'Not done: nobody disputes this deposit any more. No money moved.',
  'deposit-open': () => 'Not done: a deposit is under way. No money moved; try again when it has ended.',
  'deposit-renewed': () => 'Not done: this deposit has begun anew. No money moved twice.',
  'token-spent': () => 'Not taken: this token was spent already. No money moved.',
} satisfies Partial<Sentences>

const ofSessions = {
  'already-frozen': () => 'This key is frozen already.',
  'date-past': () => 'Not changed: this date is past. Choose a later one.',
  'expires-by-holder': ({ expiresAt }) =>
    typeof expiresAt === 'number'
      ? `Not extended: the holder of a key lets it expire on ${momentText(expiresAt)}, and no later date of yours counts.`
      : 'Its holder let it expire and asked for the rest: no date opens it again.',
  'is-child': () => 'A child key has no money of its own. Use its parent.',
  'is-one-shot': () => 'A payment for one request has no key: what is left of it is the change of its token.',
  'limit-reached': ({ leftMsat }) =>
    `Not done: ${sat(leftMsat)} sat are left of the spending limit of this key. No money moved.`,
  'not-frozen': () => 'This key is not frozen.',
  'requests-ongoing': () => 'Not done: a request of this key is running. No money moved; try again when it has ended.',
  'session-ended': () => 'This key has ended. Nothing was changed.',
  'session-not-revoked': () => 'Not ended: this key is not revoked. Nothing was changed.',
  'session-revoked': () => 'This key is revoked already. Nothing was changed.',
  'session-unknown': () => 'There is no such session any more. Nothing was changed.',
  'still-refundable': () => 'Not ended: the customer may still take the balance back. No money moved.',
  'too-many-children': ({ most }) =>
    `Not made: a key has at most ${number(most)} child keys. No money moved; end one of them first.`,
} satisfies Partial<Sentences>

const ofModels = {
  'alias-taken': ({ alias }) => `The name ${String(alias)} is taken by another model. Nothing was changed.`,
  'already-locked': () => 'Its price is locked already.',
  'diff-unknown': () => 'This preview is too old. Nothing was saved; fetch the list again.',
  'model-known': () => 'This upstream has a model of this id already. Nothing was changed.',
  'model-listed': () => 'The upstream lists this model: switch it off instead.',
  'model-not-sellable': () => 'This model is not sold at this moment, so it is not tried either. It cost nothing.',
  'model-unknown': () => 'The upstream has no such model any more. Nothing was changed.',
  'model-unpriced': () => 'A model without a price is not sold. Set a price first.',
  'no-own-price': () => 'It follows its upstream already.',
  'no-price': () => 'No price yet: set one first.',
  'not-locked': () => 'Its price is not locked.',
  'price-incomplete': () => 'Set both prices, or clear both. Nothing was changed.',
  'price-unavailable': () => 'The BTC price is too old. Nothing was tried, and it cost nothing.',
  'price-zero': () => 'A price of 0 would give the model away. Nothing was changed.',
} satisfies Partial<Sentences>

const ofUpstreamsAndMints = {
  'address-not-allowed': () =>
    'Not done: no node may ask at this address, or it needs https. Nothing was asked or changed; correct the address.',
  'already-paused': () => 'It is paused already.',
  'keyset-changed': () => 'Not done: the mint changed a keyset that it may not change. No money moved; test the mint.',
  'keyset-not-expired': () => 'Not done: the mint did not call any coins of this keyset expired. No money moved.',
  'loss-differs': ({ waitingMsat }) =>
    `Not done: it is ${sat(waitingMsat)} sat that wait for your word. No money moved; look again and confirm that amount.`,
  'mint-is-searched': () => 'Not resumed: the search for coins there has not ended. No money moved; wait for its end.',
  'mint-known': () => 'Not added: this mint is accepted already. Nothing was changed.',
  'mint-not-empty': ({ heldMsat, owedMsat }) =>
    `Not removed: ${sat(heldMsat)} sat lie there, ${sat(owedMsat)} sat of them are owed to customers. Drain it first.`,
  'mint-units-missing': () => 'This mint has none of the units that this node takes. Nothing was changed.',
  'mint-unknown': () => 'Not done: this mint is not accepted any more. No money moved; choose another one.',
  'mint-url-invalid': () => 'This is no address of a mint. Nothing was changed.',
  'name-taken': () => 'Another upstream has this name. Nothing was changed.',
  'not-paused': () => 'It is not paused.',
  'too-many-keys': () => 'Ten keys are the most. Nothing was changed.',
  'upstream-known': () => 'Not added: there is such an upstream already. Nothing was changed.',
  'upstream-unknown': () => 'There is no such upstream any more. Nothing was changed.',
} satisfies Partial<Sentences>

const ofAccess = {
  'admin-known': () => 'Not added: this key is an operator already. Change its role instead.',
  'admin-unknown': () => 'Not changed: this key is no operator any more.',
  'already-created': () => 'Not done: this node has begun already. Nothing was changed.',
  'code-expired': () => 'The confirmation came too late. Nothing was changed; save again.',
  'code-unknown': () => 'Nothing waits for a confirmation any more. Save again.',
  'code-wrong': () => 'That confirmation does not fit. Nothing was changed.',
  'key-clash': () => 'This is a key of the node itself. It cannot be an operator’s.',
  'last-owner': () => 'The last owner cannot leave. Nothing was changed.',
  'not-a-device': () => 'Not ended: this is no sign-in of a browser. Nothing was changed.',
  'operator-only': () => 'This needs the role operator.',
  'owner-only': () => 'This needs the role owner.',
  'too-many-devices': ({ most }) => `${number(most ?? 20)} devices are signed in. End one of them first.`,
  'too-many-test-keys': ({ until }) =>
    until === undefined
      ? 'Not made: as many test keys as a day has were made today. No money moved; tomorrow there are new ones.'
      : `Not made: the test keys of this day are used up. No money moved; there are new ones from ${timeText(Number(until))} on.`,
  'too-many-tokens': ({ most }) => `Not made: there are ${number(most)} access tokens already. End one of them first.`,
  'viewer-only': () => 'This needs the role viewer.',
  'words-differ': () => 'These are not the 3rd and the 9th word. Nothing was confirmed.',
} satisfies Partial<Sentences>

/** Labels of the settings that bound each other. */
const orderedNames: Readonly<Record<string, string>> = {
  'lightning.minSat': 'Smallest invoice',
  'lightning.maxSat': 'Largest invoice',
  'sweep.thresholdSat': 'Sweep from',
  'sweep.capSat': 'Cap',
}
const orderedName = (key: unknown): string => orderedNames[String(key)] ?? String(key)

const ofCommands = {
  'command-absent': () => 'Not done: the node never heard of this. Nothing was changed; send it again.',
  'command-finished': () => 'Not done again: this has ended already. Look at what it did.',
  'command-known': () => 'Not done again: this was sent before. Look at what it did.',
  conflict: () => 'Not done: too much happened at once. Nothing was changed; try again.',
  'cursor-invalid': () => 'This page of the list is not known any more. Go back to its beginning.',
  'filter-invalid': ({ filter }) => `Nothing was exported: the filter ${String(filter)} does not fit. Correct it.`,
  'filter-unknown': ({ filter }) => `Nothing was exported: this list has no filter ${String(filter)}.`,
  'not-ordered': ({ least, most, minSat, maxSat, path }) =>
    String(path).endsWith(String(most))
      ? `Not saved. ${orderedName(most)} is at least ${orderedName(least)}: ${number(minSat)} sat.`
      : `Not saved. ${orderedName(least)} is at most ${orderedName(most)}: ${number(maxSat)} sat.`,
  'not-simulated': () => 'This command cannot be simulated. Nothing was done.',
  'secret-replaced': () => 'A secret is never kept twice: set it anew instead.',
} satisfies Partial<Sentences>

export const refusalText: Sentences = {
  ...ofMoney,
  ...ofPayouts,
  ...ofDeposits,
  ...ofSessions,
  ...ofModels,
  ...ofUpstreamsAndMints,
  ...ofAccess,
  ...ofCommands,
}
