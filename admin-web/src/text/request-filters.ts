/** Words of the further filters of Requests (dashboard 4.6). */
import { errorKinds } from './error-kinds'

export const requestFilters = {
  status: { label: 'Status', shape: 'Three digits, as 200.' },
  path: { label: 'Path', shape: 'A path begins with /, as /v1/chat/completions.' },
  model: { label: 'Model', shape: 'The id of a model.' },
  upstream: { label: 'Upstream', shape: 'The name of an upstream.' },
  session: { label: 'Session', shape: '12 to 64 hex digits of a hashed key, or the key itself.' },
  minMsat: { label: 'Smallest charge', shape: 'An amount in sat, with at most three decimals.' },
  error: { label: 'Error', all: 'With and without error', choices: { any: 'any error', ...errorKinds } },
  method: { label: 'Method', all: 'All methods' },
  mark: {
    label: 'Mark',
    all: 'With and without mark',
    choices: { estimated: 'estimated', shortfall: 'shortfall' },
  },
  tests: { label: 'Tests', none: 'Without tests', choices: { 1: 'With tests' } },
} as const
