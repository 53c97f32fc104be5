/** Words of the import of a configuration: what would change, and what is left to be done by hand (dashboard 4.4). */
import { plural } from '../format'

export const configImportText = {
  open: 'Import configuration…',
  title: 'Import a configuration',
  lead: 'A file that Export configuration wrote, of this node or of another one. Nothing is saved before you applied it.',
  file: 'File',
  notJson: 'This file is no exported configuration.',
  compare: 'Show the differences',
  comparing: 'Comparing…',
  nothing: 'Nothing differs: this node is set as the file says.',
  changes: 'What changes',
  byHand: 'Left to be done by hand',
  kinds: { setting: 'Setting', upstream: 'Upstream', model: 'Model', mint: 'Mint', relay: 'Relay' },
  field: (kind: string, name: string, field: string) => `${kind} ${name}, ${field}`,
  left: {
    unknown: 'This node has nothing of that name.',
    later: 'Import the file again once this upstream has its key and its list of models.',
    unfit: 'The value does not fit here.',
    'by-hand': {
      setting: '',
      upstream: 'It has another address here: change it with its key, which no file holds.',
      model: 'So far from the upstream’s price that it is asked once more: set it on the Models page.',
      mint: 'Add it once it was tested.',
      relay: 'Set it among the admin relays.',
    },
  },
  apply: (changes: number) => `Apply ${plural(changes, 'change', 'changes')}`,
  applying: 'Applying…',
  applied: (changes: number) => `${plural(changes, 'change is', 'changes are')} in force.`,
  appliedLater: (when: string) => `Applied; what is looser, or another sweep address, holds from ${when} on.`,
} as const
