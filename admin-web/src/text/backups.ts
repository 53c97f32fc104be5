/** Words of Settings, Backup (dashboard 4.4). */
import { count } from '../format'

export const backupsText = {
  copies: 'Backups',
  lead: 'A backup counts when it was restored and its sums agree.',
  run: 'Back up now',
  running: 'Backing up…',
  made: 'The backup is made. It is not verified yet.',
  verify: 'Verify',
  verifying: 'Verifying…',
  time: 'Made',
  size: 'Size',
  verified: 'Verified',
  notVerified: 'not verified',
  last: 'Last verified',
  next: (at: string, zone: string) => `Next at ${at}, ${zone}`,
  download: 'Download sealed file',
  downloading: 'Downloading…',
  downloadLead:
    'The file is sealed: only the node’s secret key, which is not in it, opens it. Keep that key elsewhere. The node records that the file left.',
  downloaded: 'The sealed file is saved.',
  empty: 'No backup yet.',
  megabytes: (bytes: number) => `${count(Math.ceil(bytes / 1_000_000))} MB`,
  words: 'Wallet words',
  wordsHelp: 'These words restore the wallet. Shown once per step-up.',
  showWords: 'Show the words',
  wordsShown: 'Write them down now; they are not shown again without a new proof.',
  saved: 'I wrote them down',
  checking: 'Checking…',
  plain: 'This connection is not encrypted. On the node itself, this prints them:',
} as const
