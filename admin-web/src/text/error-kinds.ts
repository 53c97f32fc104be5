/** What went wrong with a request, in the words of overview.errors. */
export const errorKinds = {
  empty: 'empty answer',
  'refused-key': 'upstream refused our key',
  'model-missing': 'model missing at upstream',
  'rate-limited': 'rate limited',
  'timed-out': 'timed out',
  unreachable: 'unreachable',
  'upstream-failed': 'upstream failed',
  'bad-answer': 'bad answer',
  rejected: 'rejected',
} as const
