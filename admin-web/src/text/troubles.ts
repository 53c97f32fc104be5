/** What stands where an action did not work: what did not happen, the money, what comes next (dashboard 6). */
import { plural, timeText } from '../format'

/** How the outside failed, as the node says it (UNAVAILABLE). */
export type TroubleKind = 'rejected' | 'later' | 'unclear'

export const troubleText = {
  lost: (sinceS: number) => `Not sent: no connection since ${timeText(sinceS)}. Nothing happened.`,
  unconfirmed: 'Sent, not confirmed. The node may have done it; do not send it again.',
  signedOut: 'Your sign-in ended. Nothing happened. Sign in again to go on.',
  limited: (waitS: number) =>
    `Too many tries. Nothing happened. The next one counts in ${plural(waitS, 'second', 'seconds')}.`,
  value: (path: string) =>
    path === ''
      ? 'Not done: a value does not fit. Nothing was changed; correct it and try again.'
      : `Not done: the value of ${path} does not fit. Nothing was changed; correct it and try again.`,
  versions: 'Not done: this page and the node are of different versions. Reload the page.',
  bug: 'The node met a state it holds to be impossible and stopped this action. Copy the id and look in the log.',
  role: (need: string) => `This needs the role ${need}. Nothing was changed.`,
  clocks: 'Not done: the clocks of this browser and the node differ too much. Correct the clock and try again.',
  sentBefore: 'Not done: this form was sent before with other values. Close it and open it again.',
  tooFast: 'Not done: too many requests at once. Wait a moment and try again.',
  tooLarge: 'Not done: this is more than one request may carry.',
  stepUp: 'This needs a fresh proof that you own the node. Nothing was changed yet.',
  confirm: (what: string) => `The node asks first: ${what}. Nothing was changed yet.`,
  unknownOutcome: 'The node stopped while it worked on this. It may be done: look before you repeat it.',
  changedMeanwhile: 'Somebody changed the same value meanwhile. Nothing was changed; look at the new value first.',
  locked: 'Remote changes are locked. Nothing was changed. The console of the node ends the lock.',
  /** `sentence` is the node's own, about what it asked outside. */
  outside: {
    rejected: (sentence: string) => `${sentence} Nothing was changed. It will say the same until its cause is mended.`,
    later: (sentence: string) => `${sentence} Nothing was changed. Try again later.`,
    unclear: (sentence: string) => `${sentence} It may have been done: look before you repeat it.`,
  } satisfies Readonly<Record<TroubleKind, (sentence: string) => string>>,
  notRun: 'The node stopped before it did anything. Send it again.',
  gone: (what: string) => `Not done: ${what} is not known to the node any more. Nothing was changed.`,
  thing: 'this',
  otherDoor: 'This works over the HTTP door only. Nothing was changed.',
  /** A code of a node that is newer than this page. */
  newer: 'The node refused this for a reason that this page does not know. Nothing was changed; reload the page.',
}

/** Under a field: why the node does not take its value. */
export const fieldText = {
  atLeast: (least: string) => `At least ${least}.`,
  atMost: (most: string) => `At most ${most}.`,
  longer: (least: string) => `At least ${least} characters.`,
  shorter: (most: string) => `At most ${most} characters.`,
  more: (least: string) => `At least ${least} of them.`,
  fewer: (most: string) => `At most ${most} of them.`,
  unfit: 'The node does not take this value.',
}
