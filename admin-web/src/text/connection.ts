/** Words on how the page stands to the node (dashboard 3). */
import { count } from '../format'

export const connectionText = {
  title: 'Connection',
  opening: 'Connecting',
  live: (ms: number) => `HTTP live ${count(ms)} ms`,
  polling: (seconds: number) => `polling every ${count(seconds)} s`,
  plain: 'HTTP, not encrypted',
  skew: (seconds: number) => `clock differs by ${count(seconds)} s`,
  lost: (time: string) => `not connected since ${time}`,
  strip: (time: string) =>
    `Not connected to the node since ${time}. What you see is from then; it comes back by itself.`,
  retry: 'Try now',
  open: (state: string) => `Connection: ${state}`,
  changes: 'Last changes, newest first',
  means: {
    opening: 'The first answer of the node is on its way.',
    live: 'The node sends what changes by itself, and each answer takes about so long.',
    polling:
      'Something between this browser and the node lets no live stream through, so the page asks again and again. Everything works, only later.',
    plain:
      'Everyone on the way can read what you see and send. On a network of others, use HTTPS, the onion address or a tunnel.',
    skewed: 'The clocks of this machine and the node differ. Ages are shown by the clock of the node.',
    lost: 'Nothing can be changed now. The page tries again by itself, at most 15 s apart.',
  },
} as const
