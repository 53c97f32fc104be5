/** Words of the node's state at the foot of every section of Settings (dashboard 4.4, Node state). */
import { plural } from '../format'

const none = 'No request is running.'

export const nodeStateText = {
  title: 'Node state',
  states: {
    running: 'Selling',
    paused: 'Paused: nothing is sold',
    draining: 'Draining: no deposits, balances may be spent and refunded',
    locked: 'Locked: the console ends it',
  },
  running: (requests: number) => (requests === 0 ? none : `${plural(requests, 'request is', 'requests are')} running.`),
  pause: 'Pause selling',
  paused: 'Selling is paused. Running requests finish.',
  resume: 'Resume selling',
  resumed: 'The node sells again.',
  drain: 'Drain…',
  drainTitle: 'Drain this node?',
  drainLead: 'No deposits and no new keys from now on. Customers may spend what they have, and be refunded.',
  drainRunning: (requests: number) =>
    requests === 0
      ? none
      : `${plural(requests, 'running request finishes', 'running requests finish')}; nothing is cut off.`,
  drainName: (name: string) => `Type the name of the node: ${name}`,
  drainNameDiffers: 'This is not the name of the node.',
  drainNote: 'Note',
  drainButton: 'Drain this node',
  drained: 'The node is draining.',
  endDrain: 'Take deposits again',
  drainEnded: 'The node takes deposits again.',
  books: 'Check the books',
  checking: 'Checking…',
  export: 'Export configuration',
  exporting: 'Exporting…',
  exported: 'The configuration is saved as a file. No secret is in it.',
  file: (name: string) => `${name}-configuration.json`,
  working: 'Working…',
} as const
