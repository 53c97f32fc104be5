/** By what Requests can be filtered: each name is one of the query and of the address (dashboard 4.6). */
import { msatOf, typedSat } from '../format'
import { keyHashOf } from '../search-term'
import { logsText } from '../text/logs'
import { requestFilters as words } from '../text/request-filters'
import { choicesOf, type Filter } from './list'

const { requests } = logsText
const mostLetters = 100
const wholeNumber = (value: string, name: string) => (/^\d{1,15}$/.test(value) ? { [name]: Number(value) } : {})

/** A key that is pasted into any of them is hashed before it goes anywhere (D-016). */
const typed = (
  name: 'status' | 'path' | 'model' | 'upstream' | 'session',
  isValue: (term: string) => boolean,
  asks?: Filter['asks'],
): Filter => ({
  name,
  further: true,
  typed: {
    ...words[name],
    kept: (value) => {
      const term = keyHashOf(value) ?? value.trim()
      return isValue(term) ? term : undefined
    },
  },
  ...(asks === undefined ? {} : { asks }),
})

export const requestFilters = (): readonly Filter[] => [
  { name: 'outcome', shown: { label: requests.outcome, choices: choicesOf(requests.outcomes, requests.allOutcomes) } },
  typed(
    'status',
    (term) => /^\d{3}$/.test(term),
    (value) => wholeNumber(value, 'status'),
  ),
  {
    name: 'error',
    further: true,
    shown: { label: words.error.label, choices: choicesOf(words.error.choices, words.error.all) },
  },
  {
    name: 'method',
    further: true,
    shown: { label: words.method.label, choices: choicesOf({ POST: 'POST', GET: 'GET' }, words.method.all) },
  },
  typed('path', (term) => term.startsWith('/')),
  typed('model', isShort),
  typed('upstream', isShort),
  typed('session', (term) => /^[0-9a-f]{12,64}$/.test(term)),
  {
    name: 'minMsat',
    further: true,
    typed: {
      ...words.minMsat,
      isAmount: true,
      kept: (value) => msatOf(value)?.toString(),
      read: (kept) => typedSat(Number(kept)),
    },
    asks: (value) => wholeNumber(value, 'minMsat'),
  },
  {
    name: 'mark',
    further: true,
    shown: { label: words.mark.label, choices: choicesOf(words.mark.choices, words.mark.all) },
  },
  {
    name: 'tests',
    further: true,
    shown: { label: words.tests.label, choices: choicesOf(words.tests.choices, words.tests.none) },
    asks: () => ({ tests: true }),
  },
]

function isShort(term: string): boolean {
  return term.length <= mostLetters
}
