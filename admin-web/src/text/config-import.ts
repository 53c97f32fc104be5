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
  changes: 'Settings that change',
  byHand: 'Left to be done by hand',
  kinds: { setting: 'Setting', upstream: 'Upstream', models: 'Models of', mint: 'Mint', relay: 'Relay' },
  left: {
    unknown: 'This node has no such setting.',
    unfit: 'The value does not fit here.',
    'by-hand': {
      setting: '',
      upstream: 'Add it with its key: no file holds one.',
      models: 'Prices and aliases differ: set them on the Models page.',
      mint: 'Add it once it was tested.',
      relay: 'Set it among the admin relays.',
    },
  },
  apply: (settings: number) => `Apply ${plural(settings, 'setting', 'settings')}`,
  applying: 'Applying…',
  applied: (settings: number) => `${plural(settings, 'setting is', 'settings are')} in force.`,
  appliedLater: (when: string) => `Applied; what is looser, or another sweep address, holds from ${when} on.`,
} as const
