/** All the ways in which an upstream fails before it says anything, and what the client hears (P-08, contract 8.3). */
import type { Behaviour } from './upstream'

export const failures: readonly [string, Behaviour, number][] = [
  ['a closed connection', { fault: 'close-at-once' }, 424],
  ['silence before the headers', { fault: 'hang-before-headers' }, 424],
  ['silence after the headers', { fault: 'hang-after-headers' }, 424],
  ['a cut after the headers', { fault: 'cut-after-headers' }, 424],
  ['an empty 200', { fault: 'empty-200' }, 424],
  ['a page of HTML', { fault: 'html-200' }, 424],
  ['an error in a 200', { fault: 'error-200' }, 424],
  ['a rate limit in a 200', { fault: 'error-200', error: { code: 'rate_limit_exceeded', message: 'slow' } }, 429],
  ['a redirect', { fault: 'redirect' }, 424],
  ['401', { fault: { status: 401 } }, 424],
  ['402', { fault: { status: 402 } }, 424],
  ['403', { fault: { status: 403 } }, 424],
  ['404', { fault: { status: 404 } }, 424],
  ['408', { fault: { status: 408 } }, 424],
  ['429', { fault: { status: 429, headers: { 'retry-after': '7' } } }, 429],
  ['500', { fault: { status: 500 } }, 424],
  ['529', { fault: { status: 529 } }, 424],
  [
    '400',
    {
      fault: {
        status: 400,
        body: {
          error: { message: 'bad for sk-abcdef123456 of org-abc123', type: 'authentication_error', code: 'bad' },
        },
      },
    },
    400,
  ],
  ['413', { fault: { status: 413 } }, 413],
  ['422', { fault: { status: 422 } }, 422],
]
