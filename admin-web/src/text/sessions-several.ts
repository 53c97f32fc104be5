/** Words of what several keys are told at once (dashboard 4.2, Bulk). */
import { plural } from '../format'

const keys = (chosen: number) => plural(chosen, 'key', 'keys')

export const sessionsSeveral = {
  rows: 'The chosen keys',
  none: 'None of the chosen keys can.',
  titles: {
    freeze: 'Freeze the chosen keys?',
    unfreeze: 'Unfreeze the chosen keys?',
    extend: 'Extend the chosen keys',
    revoke: 'Revoke the chosen keys?',
  },
  freeze: {
    button: (chosen: number) => `Freeze ${keys(chosen)}`,
    done: (changed: number) => `${keys(changed)} frozen.`,
  },
  unfreeze: {
    button: (chosen: number) => `Unfreeze ${keys(chosen)}`,
    done: (changed: number) => `${keys(changed)} unfrozen.`,
  },
  extend: {
    button: (chosen: number) => `Extend ${keys(chosen)}`,
    done: (changed: number) => `${keys(changed)} extended.`,
  },
  revoke: {
    lead: 'These keys end at once; running requests settle first. Child keys end too.',
    button: (chosen: number) => `Revoke ${keys(chosen)}`,
    typeSum: 'Type the sum',
    typeHelp: (sum: string) => `${sum} sat are available on them.`,
    notSum: 'This is not the sum. Nothing was sent.',
    done: 'The keys are revoked.',
    taken: (sum: string) => `The keys are revoked; ${sum} sat became yours.`,
  },
} as const
